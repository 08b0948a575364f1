//! Power cuts under the gateway's own store: what it acknowledged is there afterwards, whole.
//!
//! Several writers commit batches until the power fails during some operation of the disk; what
//! the cut left is opened again by the same store on the system's own file system. It must not
//! know how the store makes its writes last.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use anyhow::{Context as _, Result, bail};
use app::{
    migrations,
    ports::{CommitFault, Database as _},
};
use relais::store::{Medium, Store};
use sync_engine::statement::{Statement, Value};
use tempfile::TempDir;

use super::{
    books::{self, FILE},
    disk::{Counts, Disk, Mood},
    vfs::Vfs,
};
use crate::simulation::chance::Chance;

/// Batches that a run tries: enough for SQLite to bring its log into the file several times.
const BATCHES: i64 = 500;
/// Cuts of one run at most: also what a cut has left is mended under power that may fail.
const CUTS: usize = 3;
/// Who writes at once.
const WRITERS: usize = 8;
/// Rows of one batch: all of them are there, or none.
const ROWS: i64 = 3;
/// The longest row: long enough to spill over pages.
const ROW_BYTES: usize = 6_000;
/// A run has some ten thousand operations; as many cuts fall among the first hundreds, where the
/// store is made, as among the thousands that follow.
const CUT_BITS: std::ops::Range<usize> = 4..14;

/// What a run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Batches that were acknowledged.
    pub acknowledged: usize,
    /// Batches that were refused.
    pub refused: usize,
    /// What happened to the disk.
    pub counts: Counts,
    /// The promise that is broken, if one is.
    pub broken: Option<String>,
}

/// A store on a simulated disk, and what it has acknowledged.
pub struct Bench {
    folder: TempDir,
    disk: Arc<Disk>,
    vfs: Vfs,
    /// Of the disks before this one.
    counts: Counts,
    chance: Chance,
    next: AtomicI64,
    acknowledged: Mutex<BTreeSet<i64>>,
    refusals: Mutex<Vec<CommitFault>>,
}

/// Runs one seed with a setting of `synchronous`, to the cut and beyond.
///
/// # Errors
/// Fails when the run itself cannot be made.
pub fn cut(seed: u64, synchronous: &str) -> Result<Outcome> {
    let chance = Chance::new(seed);
    let runtime = runtime()?;
    let mut bench = Bench::new(&chance, Some(moment(&chance)))?;
    for cuts_before in 0..=chance.below(CUTS) {
        if cuts_before > 0 {
            bench = bench.again(Some(moment(&chance)))?;
        }
        runtime.block_on(async {
            // The power may fail while the store is opened, and then nobody is promised anything.
            if let Ok(store) = bench.open(synchronous).await {
                bench.write(&store, BATCHES).await;
            }
        });
    }
    bench.end()
}

/// Draws the operation during which the power fails.
fn moment(chance: &Chance) -> u64 {
    let scale = 1 << (CUT_BITS.start + chance.below(CUT_BITS.len()));
    scale + chance.below(scale as usize) as u64
}

/// Returns what async code runs on.
///
/// # Errors
/// Fails when the system gives no threads.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

impl Bench {
    /// Makes a disk in a folder of its own.
    ///
    /// # Errors
    /// Fails when SQLite does not take it.
    pub fn new(chance: &Chance, cut_at: Option<u64>) -> Result<Self> {
        let disk = Arc::new(Disk::new(chance.clone(), cut_at));
        Ok(Self {
            folder: tempfile::tempdir()?,
            vfs: Vfs::new(&disk)?,
            disk,
            counts: Counts::default(),
            chance: chance.clone(),
            next: AtomicI64::new(0),
            acknowledged: Mutex::default(),
            refusals: Mutex::default(),
        })
    }

    /// Returns the disk.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Opens the store as a host does.
    ///
    /// # Errors
    /// Fails when the disk does not let it.
    pub async fn open(&self, synchronous: &str) -> Result<Arc<Store>> {
        let medium = Medium { vfs: Some(self.vfs.name()), synchronous };
        let store = Store::open_on(&self.folder.path().join(FILE), medium);
        let store = store.map_err(anyhow::Error::msg)?;
        migrations::apply(&store).await?;
        match store.commit(&[put("sum", 0)]).await {
            // A store that is opened again has its sum.
            Ok(()) | Err(CommitFault::Conflict) => Ok(Arc::new(store)),
            Err(CommitFault::Fault(fault)) => Err(fault.into()),
        }
    }

    /// Commits batches from several writers at once, each until the power fails.
    pub async fn write(&self, store: &Arc<Store>, batches: i64) {
        let until = self.next.load(Ordering::Relaxed) + batches;
        let writers = (0..WRITERS).map(|_| async {
            loop {
                let number = self.next.fetch_add(1, Ordering::Relaxed);
                if number >= until || self.disk.mood() == Mood::Off {
                    return;
                }
                match store.commit(&self.batch(number)).await {
                    Ok(()) => drop(lock(&self.acknowledged).insert(number)),
                    Err(fault) => lock(&self.refusals).push(fault),
                }
            }
        });
        all_of(writers).await;
        self.next.store(until, Ordering::Relaxed);
    }

    /// Returns the refusals since it was last asked.
    #[must_use]
    pub fn refusals(&self) -> Vec<CommitFault> {
        std::mem::take(&mut lock(&self.refusals))
    }

    /// Returns how many batches were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        lock(&self.acknowledged).len()
    }

    /// Cuts the power and goes on with what is left, on another disk.
    ///
    /// # Errors
    /// Fails when what is left cannot be copied.
    pub fn again(self, cut_at: Option<u64>) -> Result<Self> {
        self.disk.cut()?;
        let disk = Arc::new(Disk::new(self.chance.clone(), cut_at));
        let counts = self.counts.plus(self.disk.counts());
        Ok(Self { folder: self.left()?, vfs: Vfs::new(&disk)?, disk, counts, ..self })
    }

    /// Cuts the power and judges what is left.
    ///
    /// # Errors
    /// Fails when what is left cannot be copied.
    pub fn end(self) -> Result<Outcome> {
        self.disk.cut()?;
        let acknowledged = lock(&self.acknowledged).clone();
        let left = self.left()?;
        let broken = runtime()?.block_on(judge(left.path(), &acknowledged));
        Ok(Outcome {
            acknowledged: acknowledged.len(),
            refused: lock(&self.refusals).len(),
            counts: self.counts.plus(self.disk.counts()),
            broken: broken.err().map(|error| format!("{error:#}")),
        })
    }

    /// Copies what the cut left: the old process still holds its locks. What was in shared memory
    /// may have reached the disk or not; nobody may rely on it.
    fn left(&self) -> Result<TempDir> {
        let left = tempfile::tempdir()?;
        for entry in fs::read_dir(self.folder.path())? {
            let (name, path) = entry.map(|entry| (entry.file_name(), entry.path()))?;
            let is_shared = name.to_string_lossy().ends_with("-shm");
            if is_shared && self.chance.happens(500) {
                continue;
            }
            match fs::copy(path, left.path().join(name)) {
                // The old store's threads are still closing it: the last one takes this file away.
                Err(error) if is_shared && error.kind() == io::ErrorKind::NotFound => {}
                copied => _ = copied?,
            }
        }
        Ok(left)
    }

    fn batch(&self, number: i64) -> Vec<Statement> {
        let row = |part: i64| {
            let filling = "x".repeat(self.chance.below(ROW_BYTES));
            put(&format!("batch/{number}/{part}/{filling}"), number)
        };
        (0..ROWS).map(row).chain([add_to_sum()]).collect()
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn all_of(all: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        all.retain_mut(|one| one.as_mut().poll(context).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}

fn put(series: &str, last: i64) -> Statement {
    let sql = "INSERT INTO number_series (series, last) VALUES (?1, ?2)";
    Statement::exactly(1, sql, vec![series.into(), last.into()])
}

fn add_to_sum() -> Statement {
    let sql = "UPDATE number_series SET last = last + 1 WHERE series = 'sum'";
    Statement::exactly(1, sql, Vec::<Value>::new())
}

async fn judge(folder: &Path, acknowledged: &BTreeSet<i64>) -> Result<()> {
    let file = folder.join(FILE);
    let store = Store::open(&file).map_err(anyhow::Error::msg)?;
    if let Some(aside) = fs::read_dir(folder)?.flatten().find(|entry| is_aside(&entry.path())) {
        bail!("the store took {} for corrupt", aside.path().display());
    }
    migrations::apply(&store).await.context("the store cannot be brought up to this build")?;
    let sql = "SELECT last AS number, count(*) AS rows FROM number_series \
               WHERE series LIKE 'batch/%' GROUP BY last";
    let rows = store.read(&[Statement::new(sql, Vec::new())]).await?;
    let number = |row: &app::ports::Row, name: &str| row[name].as_i64().unwrap_or_default();
    let found: BTreeMap<i64, i64> =
        rows[0].iter().map(|row| (number(row, "number"), number(row, "rows"))).collect();
    if let Some((batch, rows)) = found.iter().find(|(_, rows)| **rows != ROWS) {
        bail!("of batch {batch} there are {rows} rows and not {ROWS}");
    }
    if let Some(batch) = acknowledged.iter().find(|batch| !found.contains_key(batch)) {
        bail!("batch {batch} was acknowledged and is lost");
    }
    let sql = "SELECT coalesce(max(last), 0) AS sum FROM number_series WHERE series = 'sum'";
    let rows = store.read(&[Statement::new(sql, Vec::new())]).await?;
    let sum = number(&rows[0][0], "sum");
    if sum != found.len() as i64 {
        bail!("{} batches are there, and the sum says {sum}", found.len());
    }
    drop(store);
    books::check_file(&file)
}

fn is_aside(path: &Path) -> bool {
    path.to_string_lossy().contains(".corrupt-")
}
