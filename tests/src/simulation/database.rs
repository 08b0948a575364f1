//! The database port on SQLite in memory, with a pause before and after everything it does.
//!
//! A task that dies before the pause has done nothing; one that dies after it has committed and
//! told nobody. It must not know what statements say.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use app::ports::{CommitFault, Database, Fault, Pending, Row};
use rusqlite::{Connection, MAIN_DB, types::Value as Sql};
use serde_json::Value as Json;
use sync_engine::statement::{Expect, Statement, Value};

use super::tasks::pause;

/// A host's store; it outlives the host's crashes.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    conflicts: Arc<AtomicU64>,
}

impl Store {
    /// Opens an empty store.
    #[must_use]
    pub fn new() -> Self {
        let connection = Connection::open_in_memory().expect("SQLite opens in memory");
        Self { connection: Arc::new(Mutex::new(connection)), conflicts: Arc::default() }
    }

    /// Returns how many batches were undone by a guard.
    #[must_use]
    pub fn conflicts(&self) -> u64 {
        self.conflicts.load(Ordering::Relaxed)
    }

    /// Copies the whole store, as an image of its disk.
    #[must_use]
    pub fn image(&self) -> Vec<u8> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.serialize(MAIN_DB).expect("a store in memory can be copied").to_vec()
    }

    /// Puts an image in the place of the store.
    pub fn restore(&self, image: &[u8]) {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = Connection::open_in_memory().expect("SQLite opens in memory");
        fresh.deserialize_read_exact(MAIN_DB, image, image.len(), false).expect("it is an image");
        *connection = fresh;
    }

    /// Returns the rows of a query at once, for the auditor.
    #[must_use]
    pub fn rows(&self, sql: &str, params: &[&str]) -> Vec<Row> {
        let params = params.iter().map(|text| Value::from(*text)).collect();
        self.query(&Statement::new(sql, params)).expect("the auditor's query is sound")
    }

    fn query(&self, query: &Statement) -> Result<Vec<Row>, Fault> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut prepared = connection.prepare_cached(&query.sql).map_err(|e| fault(&e))?;
        let names: Vec<String> = prepared.column_names().map(Into::into).collect();
        let params = rusqlite::params_from_iter(query.params.iter().map(bind));
        let mut cursor = prepared.query(params).map_err(|e| fault(&e))?;
        let mut rows = Vec::new();
        while let Some(row) = cursor.next().map_err(|e| fault(&e))? {
            let value = |number| json(row.get::<_, Sql>(number).expect("the column exists"));
            rows.push(
                names.iter().cloned().enumerate().map(|(n, name)| (name, value(n))).collect(),
            );
        }
        Ok(rows)
    }

    fn transact(&self, batch: &[Statement]) -> Result<(), CommitFault> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.execute_batch("BEGIN IMMEDIATE").map_err(|e| fault(&e))?;
        let outcome = batch.iter().try_for_each(|statement| execute(&connection, statement));
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        connection.execute_batch(end).map_err(|e| fault(&e))?;
        if outcome == Err(CommitFault::Conflict) {
            self.conflicts.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

fn execute(connection: &Connection, statement: &Statement) -> Result<(), CommitFault> {
    let params = rusqlite::params_from_iter(statement.params.iter().map(bind));
    let rows = match connection.prepare_cached(&statement.sql).and_then(|mut p| p.execute(params)) {
        Ok(rows) => rows as u64,
        Err(error) => {
            let violated = rusqlite::ErrorCode::ConstraintViolation;
            return Err(if error.sqlite_error_code() == Some(violated) {
                CommitFault::Conflict
            } else {
                fault(&error).into()
            });
        }
    };
    match statement.expect {
        Expect::Exactly(expected) if expected != rows => Err(CommitFault::Conflict),
        _ => Ok(()),
    }
}

impl Database for Store {
    fn read<'a>(&'a self, queries: &'a [Statement]) -> Pending<'a, Result<Vec<Vec<Row>>, Fault>> {
        Box::pin(async move {
            pause().await;
            let found = queries.iter().map(|query| self.query(query)).collect();
            pause().await;
            found
        })
    }

    fn commit<'a>(&'a self, batch: &'a [Statement]) -> Pending<'a, Result<(), CommitFault>> {
        Box::pin(async move {
            pause().await;
            let outcome = self.transact(batch);
            pause().await;
            outcome
        })
    }
}

fn bind(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Integer(integer) => Sql::Integer(*integer),
        Value::Text(text) => Sql::Text(text.clone()),
    }
}

fn json(value: Sql) -> Json {
    match value {
        Sql::Integer(integer) => integer.into(),
        Sql::Text(text) => text.into(),
        _ => Json::Null,
    }
}

fn fault(error: &rusqlite::Error) -> Fault {
    Fault::lasting(error.to_string())
}
