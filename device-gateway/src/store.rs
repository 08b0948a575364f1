//! The database on a file: SQLite in WAL mode, one writer, readers beside it.
//!
//! Writes that arrive together share one transaction, each in a savepoint of its own, so they cost
//! one sync of the disk; each is answered only after that sync. It must not know what the
//! statements say.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread,
};

use app::ports::{CommitFault, Database, Fault, Pending, Row};
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
use sync_engine::statement::{Expect, Statement, Value};
use tokio::sync::oneshot;

use crate::limits;

mod faults;
mod memory;
mod readers;
mod values;

use faults::{ails, commit_fault, fault};
use readers::Readers;
use values::{bind, refuse_unsafe};

type WriteAnswer = oneshot::Sender<Result<(), CommitFault>>;

/// Writes the file's header as it is: a transaction that changes nothing proves nothing.
const PROOF: &str = "PRAGMA user_version = 0";

/// What the writer is asked to do.
enum Ask {
    Commit(Vec<Statement>),
    Scrub,
}

/// On what a store is kept, and how sure it makes itself of that.
#[derive(Debug, Clone, Copy)]
pub struct Medium<'a> {
    /// SQLite's name of the file system; none is the system's own.
    pub vfs: Option<&'a str>,
    /// When SQLite waits for the disk.
    pub synchronous: &'a str,
}

impl Medium<'static> {
    /// What venues run on. FULL: what was answered with success is on the disk, also when the
    /// power fails; the torture suite shows that nothing less will do.
    pub const DISK: Self = Self { vfs: None, synchronous: "FULL" };
}

/// A store on disk.
pub struct Store {
    readers: Readers,
    writes: SyncSender<(Ask, WriteAnswer)>,
    /// The disk refused the last write.
    ailing: Arc<AtomicBool>,
}

impl Store {
    /// Opens the file, moving a corrupt one aside, and starts its threads.
    ///
    /// # Errors
    /// Fails when the file cannot be opened or a corrupt one not be moved.
    pub fn open(file: &Path) -> Result<Self, String> {
        Self::open_on(file, Medium::DISK)
    }

    /// Opens a file on another medium: only tests have one.
    ///
    /// # Errors
    /// Fails as [`Store::open`] does.
    pub fn open_on(file: &Path, medium: Medium<'_>) -> Result<Self, String> {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        if let Err(detail) = check(file, medium) {
            let aside = move_aside(file)?;
            tracing::error!(detail, aside = %aside.display(), "the store was corrupt");
        }
        Self::start(file, medium)
    }

    /// Opens the store of a host that may be running: nothing is moved aside under its feet.
    ///
    /// # Errors
    /// Fails when the file cannot be opened.
    pub fn beside(file: &Path) -> Result<Self, String> {
        Self::start(file, Medium::DISK)
    }

    fn start(file: &Path, medium: Medium<'_>) -> Result<Self, String> {
        let (writes, write_queue) = mpsc::sync_channel(limits::WRITE_QUEUE);
        let writer =
            connect(file, medium).map_err(|error| format!("{}: {error}", file.display()))?;
        // Whoever erased somebody just before the power failed finds it done.
        if let Err(fault) = scrub(&writer) {
            tracing::warn!(detail = %fault.detail, "the log of the store stays as it is");
        }
        let ailing = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&ailing);
        named("store-writer", move || write_loop(&writer, &write_queue, &seen))?;
        let readers = Readers::start(|| {
            connect(file, medium).map_err(|error| format!("{}: {error}", file.display()))
        })?;
        Ok(Self { readers, writes, ailing })
    }

    async fn write(&self, ask: Ask) -> Result<(), CommitFault> {
        let (answer, answered) = oneshot::channel();
        self.writes.try_send((ask, answer)).map_err(|e| busy(&e))?;
        answered.await.map_err(|_| Fault::lasting("the writer is gone"))?
    }
}

impl Database for Store {
    fn read<'a>(&'a self, queries: &'a [Statement]) -> Pending<'a, Result<Vec<Vec<Row>>, Fault>> {
        Box::pin(async move {
            refuse_unsafe(queries)?;
            self.readers.read(queries).await
        })
    }

    fn commit<'a>(&'a self, batch: &'a [Statement]) -> Pending<'a, Result<(), CommitFault>> {
        Box::pin(async move {
            refuse_unsafe(batch)?;
            if batch.is_empty() {
                return Ok(());
            }
            self.write(Ask::Commit(batch.to_vec())).await
        })
    }

    fn scrub(&self) -> Pending<'_, Result<(), Fault>> {
        Box::pin(async {
            self.readers.forget();
            self.write(Ask::Scrub).await.map_err(fault_of)
        })
    }

    /// Writes only after a write that failed, so that asking does not wear a sound disk.
    fn writable(&self) -> Pending<'_, Result<(), Fault>> {
        Box::pin(async {
            if !self.ailing.load(Ordering::Relaxed) {
                return Ok(());
            }
            self.write(Ask::Commit(Vec::new())).await.map_err(fault_of)
        })
    }
}

fn fault_of(commit_fault: CommitFault) -> Fault {
    match commit_fault {
        CommitFault::Fault(fault) => fault,
        CommitFault::Conflict => Fault::passing("a write without a guard met one"),
    }
}

/// Starts a thread that whoever looks at the machine knows by its name.
fn named(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map(drop).map_err(|error| format!("no thread for the store: {error}"))
}

fn busy<T>(error: &TrySendError<T>) -> Fault {
    match error {
        TrySendError::Full(_) => Fault::passing("too many requests wait for the store"),
        TrySendError::Disconnected(_) => Fault::lasting("the store is closed"),
    }
}

fn open(file: &Path, medium: Medium<'_>) -> rusqlite::Result<Connection> {
    match medium.vfs {
        None => Connection::open(file),
        Some(vfs) => Connection::open_with_flags_and_vfs(file, OpenFlags::default(), vfs),
    }
}

fn connect(file: &Path, medium: Medium<'_>) -> rusqlite::Result<Connection> {
    let connection = open(file, medium)?;
    connection.set_prepared_statement_cache_capacity(limits::STATEMENT_CACHE);
    // A plan depends on the statement alone: without this, other parameters may have it made anew.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", medium.synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted is written over where its page is written anyway.
    connection.pragma_update(None, "secure_delete", "fast")?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

fn check(file: &Path, medium: Medium<'_>) -> Result<(), String> {
    if !file.exists() {
        return Ok(());
    }
    let found = open(file, medium)
        .and_then(|c| c.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)));
    match found {
        Ok(text) if text == "ok" => Ok(()),
        Ok(text) => Err(text),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Err(error.to_string()),
            // A locked or unreadable file is no reason to put it aside.
            _ => Ok(()),
        },
    }
}

/// Renames the file and its log; nothing is ever deleted.
fn move_aside(file: &Path) -> Result<PathBuf, String> {
    let free = (1..).map(|n| file.with_extension(format!("corrupt-{n}"))).find(|p| !p.exists());
    let aside = free.ok_or("no name is free for the corrupt store")?;
    std::fs::rename(file, &aside).map_err(|error| format!("{}: {error}", file.display()))?;
    for ending in ["-wal", "-shm"] {
        let with = |path: &Path| PathBuf::from(format!("{}{ending}", path.display()));
        if with(file).exists() {
            std::fs::rename(with(file), with(&aside)).map_err(|error| error.to_string())?;
        }
    }
    Ok(aside)
}

fn write_loop(writer: &Connection, queue: &Receiver<(Ask, WriteAnswer)>, ailing: &AtomicBool) {
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        while group.len() < limits::GROUP_COMMIT {
            let Ok(next) = queue.try_recv() else { break };
            group.push(next);
        }
        let (mut batches, mut answers, mut scrubs) = (Vec::new(), Vec::new(), Vec::new());
        for (ask, answer) in group {
            match ask {
                Ask::Commit(batch) => {
                    batches.push(batch);
                    answers.push(answer);
                }
                Ask::Scrub => scrubs.push(answer),
            }
        }
        let outcomes = write_group(writer, &batches, ailing);
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // The write stands whether or not somebody still waits for the answer.
            let _ = answer.send(outcome);
        }
        let outcome = if scrubs.is_empty() { Ok(()) } else { scrub(writer) };
        for answer in scrubs {
            let _ = answer.send(outcome.clone().map_err(CommitFault::Fault));
        }
    }
}

/// Moves the write-ahead log into the file and cuts it to nothing: it holds pages as they were.
fn scrub(writer: &Connection) -> Result<(), Fault> {
    let busy: i64 = writer
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(|error| fault(&error))?;
    if busy == 0 { Ok(()) } else { Err(Fault::passing("a reader kept the log from being cut")) }
}

/// Commits the batches together; when the group itself fails, none of them took effect.
fn write_group(
    writer: &Connection,
    batches: &[Vec<Statement>],
    ailing: &AtomicBool,
) -> Vec<Result<(), CommitFault>> {
    let error = match group(writer, batches, ailing.load(Ordering::Relaxed)) {
        Ok(outcomes) => {
            if ailing.swap(false, Ordering::Relaxed) {
                tracing::info!("the disk takes writes again");
            }
            return outcomes;
        }
        Err(error) => error,
    };
    // Some faults, a full disk among them, have rolled the transaction back already.
    if !writer.is_autocommit()
        && let Err(error) = writer.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "a failed commit could not be rolled back");
    }
    if ails(&error) && !ailing.swap(true, Ordering::Relaxed) {
        tracing::error!(%error, "the disk takes no writes");
    }
    let fault = fault(&error);
    batches.iter().map(|_| Err(fault.clone().into())).collect()
}

fn group(
    writer: &Connection,
    batches: &[Vec<Statement>],
    prove: bool,
) -> rusqlite::Result<Vec<Result<(), CommitFault>>> {
    writer.execute_batch("BEGIN IMMEDIATE")?;
    if prove {
        writer.execute_batch(PROOF)?;
    }
    let outcomes = batches.iter().map(|batch| write(writer, batch)).collect::<Result<_, _>>()?;
    writer.execute_batch("COMMIT")?;
    Ok(outcomes)
}

/// Fails when the whole group must: the disk failed, or the transaction is gone.
fn write(writer: &Connection, batch: &[Statement]) -> rusqlite::Result<Result<(), CommitFault>> {
    writer.execute_batch("SAVEPOINT batch")?;
    let outcome = batch.iter().try_for_each(|statement| execute(writer, statement));
    let outcome = match outcome {
        Err(Failure::Sqlite(error)) if ails(&error) || writer.is_autocommit() => return Err(error),
        Err(Failure::Sqlite(error)) => Err(commit_fault(&error)),
        Err(Failure::Unexpected) => Err(CommitFault::Conflict),
        Ok(()) => Ok(()),
    };
    writer.execute_batch(match outcome {
        Ok(()) => "RELEASE batch",
        Err(_) => "ROLLBACK TO batch; RELEASE batch",
    })?;
    Ok(outcome)
}

/// Why a statement ends its batch.
enum Failure {
    Sqlite(rusqlite::Error),
    /// It affected other rows than it must.
    Unexpected,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn execute(writer: &Connection, statement: &Statement) -> Result<(), Failure> {
    let mut prepared = writer.prepare_cached(&statement.for_each())?;
    let mut run = |row: &[Value]| -> Result<u64, Failure> {
        let params = rusqlite::params_from_iter(statement.params.iter().chain(row).map(bind));
        if prepared.column_count() == 0 {
            return Ok(prepared.execute(params)? as u64);
        }
        let mut cursor = prepared.query(params)?;
        while cursor.next()?.is_some() {}
        Ok(writer.changes())
    };
    let mut affected = 0;
    if statement.rows.is_empty() {
        affected = run(&[])?;
    }
    for row in &statement.rows {
        affected += run(row)?;
    }
    match statement.expect {
        Expect::Exactly(expected) if expected != affected => Err(Failure::Unexpected),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
