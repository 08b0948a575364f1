//! Answers of the store, kept for as long as nobody writes to it.
//!
//! A venue's screens ask the same again and again, and most of the time nothing has changed. Every
//! look asks SQLite itself whether anybody has committed since, this process or another one: what
//! is answered from here is what the file says now. It must not know what was asked.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use app::ports::Row;
use rusqlite::Connection;
use sync_engine::statement::Statement;

use crate::limits;

/// What the store held when something was read; it changes with every commit of anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version(i64);

/// The answers, and a connection that never writes: it alone tells versions apart.
pub(super) struct Memory {
    inner: Mutex<Inner>,
}

struct Inner {
    witness: Connection,
    version: Option<Version>,
    answers: HashMap<Vec<Statement>, Vec<Vec<Row>>>,
    bytes: usize,
}

impl Memory {
    pub(super) fn new(witness: Connection) -> Self {
        let (version, answers) = (None, HashMap::new());
        Self { inner: Mutex::new(Inner { witness, version, answers, bytes: 0 }) }
    }

    /// Returns the answer if it is known, and the version under which another may be kept.
    pub(super) fn find(&self, queries: &[Statement]) -> (Option<Version>, Option<Vec<Vec<Row>>>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let version = inner.now();
        if version.is_none() || version != inner.version {
            inner.forget();
            inner.version = version;
        }
        (version, inner.answers.get(queries).cloned())
    }

    /// Keeps what was read after the store was seen at a version: what is newer than that is never
    /// found, for the version has gone by then.
    pub(super) fn keep(&self, seen: Version, queries: &[Statement], found: &[Vec<Row>]) {
        let bytes = weight(queries, found);
        if bytes > limits::MEMORY_ANSWER_BYTES {
            return;
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.version != Some(seen) {
            return;
        }
        if inner.bytes + bytes > limits::MEMORY_BYTES {
            inner.forget();
        }
        if inner.answers.insert(queries.to_vec(), found.to_vec()).is_none() {
            inner.bytes += bytes;
        }
    }

    /// Forgets everything: what was erased is not kept here either.
    pub(super) fn forget(&self) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).forget();
    }
}

impl Inner {
    /// A witness that cannot tell is no reason to fail: then nothing is known.
    fn now(&self) -> Option<Version> {
        let mut asked = self.witness.prepare_cached("PRAGMA data_version").ok()?;
        asked.query_row([], |row| row.get(0)).ok().map(Version)
    }

    fn forget(&mut self) {
        self.answers = HashMap::new();
        self.bytes = 0;
    }
}

/// About what an answer takes in memory.
fn weight(queries: &[Statement], found: &[Vec<Row>]) -> usize {
    let cell = |value: &serde_json::Value| value.as_str().map_or(0, str::len) + limits::CELL_BYTES;
    let row = |row: &Row| row.iter().map(|(name, value)| name.len() + cell(value)).sum::<usize>();
    let asked: usize = queries.iter().map(|query| query.sql.len() + limits::CELL_BYTES).sum();
    asked + found.iter().flatten().map(row).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(folder: &std::path::Path) -> Connection {
        let connection = Connection::open(folder.join("relais.db")).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection
    }

    fn question(name: &str) -> Vec<Statement> {
        vec![Statement::new("SELECT n FROM kept WHERE name = ?1", vec![name.into()])]
    }

    fn answer(n: usize) -> Vec<Vec<Row>> {
        vec![vec![Row::from_iter([("n".to_owned(), "x".repeat(n).into())])]]
    }

    #[test]
    fn an_answer_is_known_until_anybody_commits() {
        let folder = tempfile::tempdir().unwrap();
        let somebody = connection(folder.path());
        somebody.execute_batch("CREATE TABLE kept (name TEXT, n INTEGER)").unwrap();
        let memory = Memory::new(connection(folder.path()));
        let (seen, known) = memory.find(&question("a"));
        assert_eq!(known, None);
        memory.keep(seen.unwrap(), &question("a"), &answer(1));
        assert_eq!(memory.find(&question("a")), (seen, Some(answer(1))));
        assert_eq!(memory.find(&question("b")), (seen, None));
        somebody.execute_batch("INSERT INTO kept VALUES ('a', 1)").unwrap();
        let (later, known) = memory.find(&question("a"));
        assert_eq!(known, None);
        assert_ne!(later, seen);
        // Whoever began to read before the commit brings too late what they found.
        memory.keep(seen.unwrap(), &question("a"), &answer(1));
        assert_eq!(memory.find(&question("a")), (later, None));
    }

    #[test]
    fn what_is_kept_has_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::new(connection(folder.path()));
        let seen = memory.find(&question("a")).0.unwrap();
        memory.keep(seen, &question("huge"), &answer(limits::MEMORY_ANSWER_BYTES));
        assert_eq!(memory.find(&question("huge")).1, None);
        let most = limits::MEMORY_ANSWER_BYTES / 2;
        for n in 0..2 * limits::MEMORY_BYTES / most {
            memory.keep(seen, &question(&n.to_string()), &answer(most));
            assert!(memory.inner.lock().unwrap().bytes <= limits::MEMORY_BYTES);
        }
        assert_eq!(memory.find(&question("0")).1, None);
        memory.forget();
        assert_eq!(memory.inner.lock().unwrap().bytes, 0);
    }
}
