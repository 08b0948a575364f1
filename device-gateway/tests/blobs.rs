//! Files on a real store and a real folder, with a clock that is set by hand and a place that fails
//! when it is told to: what is there after each step that can be the last.

#![expect(clippy::unwrap_used, reason = "this is a test: what does not hold panics")]

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use app::{
    App,
    blobs::{BlobId, Coming, Label, Shelf, let_go, put, sweep},
    host::Side,
    limits,
    metered::Metered,
    migrations,
    ports::{Blobs, CommitFault, Fault, Pending},
    problem::Problem,
};
use relais::{disk::Disk, store::Store};
use stage::Hand;
use sync_engine::statement::Statement;

/// The folder, until it is told to fail.
struct Flaky {
    disk: Disk,
    fails: AtomicBool,
    failed: AtomicU64,
}

impl Flaky {
    fn check(&self) -> Result<(), Fault> {
        if !self.fails.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.failed.fetch_add(1, Ordering::Relaxed);
        Err(Fault::passing("told to"))
    }
}

impl Blobs for Flaky {
    fn get<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<Option<Vec<u8>>, Fault>> {
        self.disk.get(id)
    }

    fn put<'a>(&'a self, id: &'a BlobId, bytes: Vec<u8>) -> Pending<'a, Result<(), Fault>> {
        Box::pin(async move {
            self.check()?;
            self.disk.put(id, bytes).await
        })
    }

    fn delete<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<(), Fault>> {
        Box::pin(async move {
            self.check()?;
            self.disk.delete(id).await
        })
    }
}

struct World {
    app: App,
    clock: Arc<Hand>,
    place: Arc<Flaky>,
    folder: PathBuf,
    _data: tempfile::TempDir,
}

const LABEL: Label<'_> = Label { owner: "ann", what: "photo" };

impl World {
    async fn start(room_bytes: u64) -> Self {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("files");
        let disk = Disk::open(&folder).unwrap();
        let place =
            Arc::new(Flaky { disk, fails: AtomicBool::new(false), failed: AtomicU64::new(0) });
        let clock = Arc::<Hand>::default();
        let store = Arc::new(Store::open(&data.path().join("relais.db")).unwrap());
        let app = App {
            clock: clock.clone(),
            blobs: Arc::new(Shelf::new(place.clone(), room_bytes)),
            ..stage::app(store, stage::host(Side::Edge))
        };
        migrations::apply(app.database.as_ref()).await.unwrap();
        Self { app, clock, place, folder, _data: data }
    }

    fn db(&self) -> Metered {
        Metered::new(self.app.database.clone(), u32::MAX)
    }

    async fn put(&self, label: Label<'_>, bytes: &[u8]) -> Result<Coming, Problem> {
        put(&self.app, &self.db(), label, bytes.to_vec()).await
    }

    async fn keep(&self, bytes: &[u8]) -> BlobId {
        let coming = self.put(LABEL, bytes).await.unwrap();
        self.app.database.commit(&[coming.stays()]).await.unwrap();
        coming.id
    }

    async fn commit(&self, statement: Statement) {
        self.app.database.commit(&[statement]).await.unwrap();
    }

    async fn sweep(&self) -> usize {
        sweep(&self.app, limits::BLOBS_AT_ONCE).await.unwrap()
    }

    fn pass(&self, ms: u64) {
        self.clock.pass(ms);
    }

    /// The rows and the files; that both name the same is what nothing may break for long.
    async fn kept(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let sql = "SELECT id FROM blob";
        let rows = self.db().rows(Statement::new(sql, Vec::new())).await.unwrap();
        let rows = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        let files = fs::read_dir(&self.folder).unwrap();
        let files = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        (rows, files)
    }
}

fn ids(ids: &[&BlobId]) -> (BTreeSet<String>, BTreeSet<String>) {
    let ids: BTreeSet<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
    (ids.clone(), ids)
}

#[tokio::test]
async fn bytes_whose_row_never_came_to_stay_are_swept_and_others_are_not() {
    let world = World::start(1_000).await;
    let kept = world.keep(b"kept").await;
    // Whoever put these died before the batch that names them.
    let coming = world.put(LABEL, b"forgotten").await.unwrap();
    assert_eq!(world.sweep().await, 0, "they may still be on their way");
    assert_eq!(world.kept().await, ids(&[&kept, &coming.id]));
    world.pass(limits::BLOB_COMING_MS);
    assert_eq!(world.sweep().await, 1);
    assert_eq!(world.kept().await, ids(&[&kept]));
    let late = world.app.database.commit(&[coming.stays()]).await;
    assert_eq!(late, Err(CommitFault::Conflict), "nothing may name what was swept");
    assert_eq!(world.app.blobs.get(&kept).await.unwrap().unwrap(), b"kept");
}

#[tokio::test]
async fn a_place_that_fails_leaves_a_row_until_it_works_again() {
    let world = World::start(1_000).await;
    let kept = world.keep(b"kept").await;
    world.place.fails.store(true, Ordering::Relaxed);
    assert!(world.put(LABEL, b"never").await.unwrap_err().status.is_server_error());
    world.commit(let_go(kept.as_str())).await;
    assert_eq!(world.sweep().await, 0);
    assert_eq!(world.place.failed.load(Ordering::Relaxed), 2, "both faults happened");
    let (rows, files) = world.kept().await;
    assert_eq!((rows.len(), files.len()), (2, 1), "nothing is forgotten meanwhile");
    world.place.fails.store(false, Ordering::Relaxed);
    assert_eq!(world.sweep().await, 0, "whoever deletes is waited for");
    world.pass(limits::BLOB_COMING_MS);
    assert_eq!(world.sweep().await, 2);
    assert_eq!(world.kept().await, ids(&[]));
}

#[tokio::test]
async fn a_deletion_that_died_before_it_was_noted_is_done_again() {
    let world = World::start(1_000).await;
    let kept = world.keep(b"kept").await;
    world.commit(let_go(kept.as_str())).await;
    world.place.disk.delete(&kept).await.unwrap();
    assert_eq!(world.sweep().await, 1);
    assert_eq!(world.kept().await, ids(&[]));
    assert_eq!(world.keep(b"kept").await, kept, "the same bytes may come again");
}

#[tokio::test]
async fn a_start_clears_away_what_was_half_written_and_nothing_else() {
    let world = World::start(1_000).await;
    let kept = world.keep(b"kept").await;
    let torn = world.folder.join(format!("{}.3.new", BlobId::of(b"torn").as_str()));
    fs::write(&torn, b"to").unwrap();
    let disk = Disk::open(&world.folder).unwrap();
    assert!(!torn.exists());
    assert_eq!(disk.get(&kept).await.unwrap().unwrap(), b"kept");
    assert_eq!(disk.get(&BlobId::of(b"torn")).await.unwrap(), None);
}

#[tokio::test]
async fn bytes_that_went_bad_are_not_given_out() {
    let world = World::start(1_000).await;
    let kept = world.keep(b"kept").await;
    fs::write(world.folder.join(kept.as_str()), b"kepT").unwrap();
    assert!(world.app.blobs.get(&kept).await.unwrap_err().status.is_server_error());
}

#[tokio::test]
async fn room_is_bounded_for_each_owner_and_for_all() {
    let world = World::start(10).await;
    world.keep(b"123456").await;
    let full = world.put(Label { owner: "ben", ..LABEL }, b"12345").await.unwrap_err();
    assert_eq!((full.status.as_u16(), full.code), (409, "no_room"));
    let first = world.put(Label { owner: "ben", ..LABEL }, b"1234").await.unwrap();
    // What only comes takes room as well: two at once do not pass the limit together.
    assert_eq!(world.put(LABEL, b"5").await.unwrap_err().code, "no_room");
    world.commit(let_go(first.id.as_str())).await;
    assert_eq!(world.sweep().await, 1);
    world.keep(b"5678").await;

    let wide = World::start(u64::MAX).await;
    let big = |byte: u8| vec![byte; 1_500_000];
    wide.keep(&big(1)).await;
    assert_eq!(wide.put(LABEL, &big(2)).await.unwrap_err().code, "no_room");
    let other = Label { owner: "ben", ..LABEL };
    let coming = wide.put(other, &big(2)).await.unwrap();
    wide.commit(coming.stays()).await;
    assert_eq!(
        wide.put(other, &vec![3; limits::BLOB_BYTES + 1]).await.unwrap_err().code,
        "no_room"
    );
}

#[tokio::test]
async fn a_person_s_erasure_lets_their_files_go_however_it_comes() {
    let world = World::start(1_000).await;
    let kept = world.keep(b"kept").await;
    let coming = world.put(LABEL, b"coming").await.unwrap();
    let sql = "INSERT INTO erasure (venue, id, at_ms, mark, stamp, writer) \
         VALUES ('v', 'ann', 1, '', 1, 1)";
    world.commit(Statement::new(sql, Vec::new())).await;
    let late = world.app.database.commit(&[coming.stays()]).await;
    assert_eq!(late, Err(CommitFault::Conflict));
    assert_eq!(world.sweep().await, 2);
    assert_eq!((world.kept().await, world.app.blobs.get(&kept).await.unwrap()), (ids(&[]), None));
}

#[test]
fn nothing_but_a_hash_names_a_file() {
    let id = BlobId::of(b"x");
    assert_eq!(BlobId::parse(id.as_str()), Some(id.clone()));
    for text in ["", "..", "../relais.db", &id.as_str().to_uppercase(), &id.as_str()[1..]] {
        assert_eq!(BlobId::parse(text), None, "{text}");
    }
}
