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
    one_by_one: bool,
}

impl Store {
    /// Opens an empty store.
    #[must_use]
    pub fn new(one_by_one: bool) -> Self {
        let connection = Connection::open_in_memory().expect("SQLite opens in memory");
        let connection = Arc::new(Mutex::new(connection));
        Self { connection, conflicts: Arc::default(), one_by_one }
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

    /// Changes bytes on the disk behind everybody's back; tells whether there were any.
    #[must_use]
    pub fn rot(&self, sql: &str, params: &[&str]) -> bool {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = connection.execute(sql, rusqlite::params_from_iter(params));
        changed.expect("the statement is sound") > 0
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
        let outcome = batch.iter().try_for_each(|s| execute(&connection, s, self.one_by_one));
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        connection.execute_batch(end).map_err(|e| fault(&e))?;
        if outcome == Err(CommitFault::Conflict) {
            self.conflicts.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }
}

/// The edge runs a statement's rows all at once, a gateway one by one, as the real hosts do.
fn execute(
    connection: &Connection,
    statement: &Statement,
    one_by_one: bool,
) -> Result<(), CommitFault> {
    let run = |sql: &str, params: Vec<&Value>| {
        let params = rusqlite::params_from_iter(params.into_iter().map(bind));
        let mut prepared = connection.prepare_cached(sql).map_err(|e| commit_fault(&e))?;
        prepared.execute(params).map(|rows| rows as u64).map_err(|e| commit_fault(&e))
    };
    let mut affected = 0;
    if one_by_one && !statement.rows.is_empty() {
        let sql = statement.for_each();
        for row in &statement.rows {
            affected += run(&sql, statement.params.iter().chain(row).collect())?;
        }
    } else {
        let statement = statement.in_one();
        affected = run(&statement.sql, statement.params.iter().collect())?;
    }
    match statement.expect {
        Expect::Exactly(expected) if expected != affected => Err(CommitFault::Conflict),
        _ => Ok(()),
    }
}

fn commit_fault(error: &rusqlite::Error) -> CommitFault {
    let violated = rusqlite::ErrorCode::ConstraintViolation;
    if error.sqlite_error_code() == Some(violated) {
        CommitFault::Conflict
    } else {
        fault(error).into()
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
        Value::Integer(integer) | Value::Wide(integer) => Sql::Integer(*integer),
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
