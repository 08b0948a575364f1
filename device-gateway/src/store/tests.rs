//! Tests of the store on real files.

use app::migrations::{self, MIGRATIONS};

use super::*;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("relais.db")).unwrap()
}

fn put(series: &str, last: i64) -> Statement {
    let sql = "INSERT INTO number_series (series, last) VALUES (?1, ?2)";
    Statement::exactly(1, sql, vec![series.into(), last.into()])
}

async fn count(store: &Store) -> i64 {
    let query = Statement::new("SELECT count(*) AS n FROM number_series", Vec::new());
    store.read(&[query]).await.unwrap()[0][0]["n"].as_i64().unwrap()
}

#[test]
fn writes_that_wait_together_each_succeed_or_fail_alone() {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = Arc::new(open(folder.path()));
        migrations::apply(store.as_ref()).await.unwrap();
        let tasks: Vec<_> = (0..64)
            .map(|n| {
                let store = Arc::clone(&store);
                // Every second write asks for a key that the one before it takes as well.
                let batch = vec![put(&format!("s{n}"), n), put(&format!("t{}", n / 2), n)];
                tokio::spawn(async move { store.commit(&batch).await })
            })
            .collect();
        let mut done = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => done += 1,
                Err(fault) => assert_eq!(fault, CommitFault::Conflict),
            }
        }
        assert_eq!(done, 32);
        assert_eq!(count(&store).await, 64);
    });
}

#[test]
fn what_was_committed_is_there_after_the_store_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = open(folder.path());
        migrations::apply(&store).await.unwrap();
        store.commit(&[put("kept", 1)]).await.unwrap();
        drop(store);
        let again = open(folder.path());
        migrations::apply(&again).await.unwrap();
        assert_eq!(count(&again).await, 1);
    });
}

#[test]
fn a_corrupt_file_is_moved_aside_and_never_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("relais.db");
    let damaged = b"SQLite format 3\0 and then nothing that makes sense".repeat(100);
    std::fs::write(&file, &damaged).unwrap();
    runtime().block_on(async {
        let store = open(folder.path());
        migrations::apply(&store).await.unwrap();
        assert_eq!(count(&store).await, 0);
    });
    assert_eq!(std::fs::read(folder.path().join("relais.corrupt-1")).unwrap(), damaged);
}

#[test]
fn a_store_of_a_newer_build_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = open(folder.path());
        migrations::apply(&store).await.unwrap();
        let newer = "INSERT INTO schema_migration (name) VALUES ('9999_from_the_future.sql')";
        store.commit(&[Statement::exactly(1, newer, Vec::new())]).await.unwrap();
        let refused = migrations::apply(&store).await.unwrap_err();
        assert!(refused.detail.contains("newer than this build"), "{refused}");
    });
}

#[test]
fn every_migration_splits_into_statements() {
    for (name, text) in MIGRATIONS {
        let statements: Vec<String> = migrations::statements(text).collect();
        assert!(!statements.is_empty(), "{name}");
        assert!(statements.iter().all(|sql| !sql.contains("--")), "{name}");
        let database = Connection::open_in_memory().unwrap();
        for sql in statements {
            database.execute_batch(&sql).unwrap_or_else(|error| panic!("{name}: {error}: {sql}"));
        }
    }
}

#[test]
fn the_disk_is_synced_before_a_write_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let connection = connect(&folder.path().join("relais.db"), Medium::DISK).unwrap();
    let pragma = |name: &str| -> String {
        let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(pragma("journal_mode"), "wal");
    assert_eq!(pragma("synchronous"), "2", "FULL");
}

#[test]
fn a_disk_at_fault_is_a_passing_fault_of_the_whole_group_and_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let writer = connect(&folder.path().join("relais.db"), Medium::DISK).unwrap();
    writer.execute_batch("CREATE TABLE number_series (series TEXT, last INTEGER)").unwrap();
    let large = |n: i64| vec![put(&"x".repeat(50_000), n)];
    let pages: i64 = writer.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    writer.pragma_update(None, "max_page_count", pages).unwrap();
    let ailing = AtomicBool::new(false);
    let said = write_group(&writer, &[vec![put("small", 1)], large(2), large(3)], &ailing);
    assert_eq!(said.len(), 3);
    for outcome in said {
        let Err(CommitFault::Fault(fault)) = outcome else { panic!("{outcome:?}") };
        assert!(fault.retryable && fault.detail.contains("disk"), "{fault:?}");
    }
    assert!(ailing.load(Ordering::Relaxed) && writer.is_autocommit());
    writer.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    assert_eq!(write_group(&writer, &[large(4)], &ailing), [Ok(())]);
    assert!(!ailing.load(Ordering::Relaxed));
    let kept: i64 =
        writer.query_row("SELECT count(*) FROM number_series", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 1, "nothing of the group that failed");
}

#[test]
fn whoever_wrote_reads_it_at_once_and_so_does_another_process() {
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let store = Arc::new(open(folder.path()));
        migrations::apply(store.as_ref()).await.unwrap();
        let other = Arc::new(Store::beside(&folder.path().join("relais.db")).unwrap());
        let tasks: Vec<_> = (0..32)
            .map(|n| {
                let (store, other) = (Arc::clone(&store), Arc::clone(&other));
                tokio::spawn(async move {
                    for m in 0..8 {
                        let before = (count(&store).await, count(&other).await);
                        store.commit(&[put(&format!("{n}-{m}"), m)]).await.unwrap();
                        let after = (count(&store).await, count(&other).await);
                        assert!(after.0 > before.0 && after.1 > before.1, "{before:?} {after:?}");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!((count(&store).await, count(&other).await), (256, 256));
    });
}
