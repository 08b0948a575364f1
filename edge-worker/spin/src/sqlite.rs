//! The database on Spin's SQLite: one statement a call, rows drained before the result is awaited.
//!
//! A transaction is BEGIN IMMEDIATE … COMMIT on one connection; a connection that is dropped in
//! between rolls back. It must not know what the statements say.

use std::sync::{Mutex, PoisonError};

use app::ports::{CommitFault, Database, Fault, Pending, Row};
use send_wrapper::SendWrapper;
use serde_json::Value as Json;
use spin_sdk::sqlite::{Connection, Error, Value as SpinValue};
use sync_engine::{
    limits::INTEGER_MAX,
    statement::{Expect, Statement, Value},
};

/// Connections that are kept for the next request; each open one counts against the host's 256.
const KEPT: usize = 8;
/// How often a transaction that met a lock begins again.
const LOCK_TRIES: u32 = 5;

/// Spin's SQLite.
#[derive(Default)]
pub(crate) struct Store {
    // A lock of `std`, never held across an await: a task that waits for another request of its
    // instance, and for nothing of the host, traps the instance.
    idle: Mutex<Vec<SendWrapper<Connection>>>,
}

impl Store {
    /// Switches the write-ahead log on; it stays on.
    pub(crate) async fn prepare(&self) -> Result<(), Fault> {
        let connection = open().await?;
        rows(&connection, &Statement::new("PRAGMA journal_mode = WAL", Vec::new())).await?;
        Ok(())
    }

    async fn connection(&self) -> Result<Connection, Fault> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match kept {
            Some(connection) => Ok(connection.take()),
            None => open().await,
        }
    }

    /// Keeps a connection on which no transaction is open.
    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(SendWrapper::new(connection));
        }
    }

    async fn read_all(&self, queries: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        let connection = self.connection().await?;
        let one_state = queries.len() > 1;
        if one_state {
            run(&connection, "BEGIN").await?;
        }
        let mut found = Vec::with_capacity(queries.len());
        for query in queries {
            found.push(rows(&connection, query).await?);
        }
        if one_state {
            run(&connection, "COMMIT").await?;
        }
        self.keep(connection);
        Ok(found)
    }

    async fn commit_once(&self, batch: &[Statement]) -> Result<(), CommitFault> {
        let connection = self.connection().await?;
        run(&connection, "BEGIN IMMEDIATE").await?;
        for statement in batch {
            // Leaving early drops the connection, and with it the transaction.
            rows_or_conflict(&connection, statement).await?;
            if let Expect::Exactly(expected) = statement.expect
                && connection.changes().await != expected
            {
                return Err(CommitFault::Conflict);
            }
        }
        run(&connection, "COMMIT").await?;
        self.keep(connection);
        Ok(())
    }

    async fn commit_all(&self, batch: &[Statement]) -> Result<(), CommitFault> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.commit_once(batch).await {
                Err(CommitFault::Fault(fault)) if fault.retryable && tries < LOCK_TRIES => {}
                outcome => return outcome,
            }
        }
    }
}

impl Database for Store {
    fn read<'a>(&'a self, queries: &'a [Statement]) -> Pending<'a, Result<Vec<Vec<Row>>, Fault>> {
        Box::pin(SendWrapper::new(async move {
            refuse_unsafe(queries)?;
            self.read_all(queries).await
        }))
    }

    fn commit<'a>(&'a self, batch: &'a [Statement]) -> Pending<'a, Result<(), CommitFault>> {
        Box::pin(SendWrapper::new(async move {
            refuse_unsafe(batch)?;
            if batch.is_empty() {
                return Ok(());
            }
            self.commit_all(batch).await
        }))
    }
}

fn refuse_unsafe(statements: &[Statement]) -> Result<(), Fault> {
    if statements.iter().flat_map(|statement| &statement.params).all(Value::is_safe) {
        Ok(())
    } else {
        Err(Fault::lasting("an integer lies beyond 2^53"))
    }
}

async fn open() -> Result<Connection, Fault> {
    let connection = Connection::open_default().await.map_err(|error| fault(&error))?;
    run(&connection, "PRAGMA foreign_keys = ON").await?;
    Ok(connection)
}

async fn run(connection: &Connection, sql: &str) -> Result<(), Fault> {
    rows(connection, &Statement::new(sql, Vec::new())).await.map(drop)
}

async fn rows(connection: &Connection, statement: &Statement) -> Result<Vec<Row>, Fault> {
    fetch(connection, statement).await.map_err(|error| fault(&error))?
}

async fn rows_or_conflict(
    connection: &Connection,
    statement: &Statement,
) -> Result<(), CommitFault> {
    match fetch(connection, statement).await {
        Ok(found) => Ok(found.map(drop)?),
        Err(error) if error.to_string().contains("constraint failed") => Err(CommitFault::Conflict),
        Err(error) => Err(fault(&error).into()),
    }
}

/// Takes every row first: awaiting the result while rows are left would hang.
async fn fetch(
    connection: &Connection,
    statement: &Statement,
) -> Result<Result<Vec<Row>, Fault>, Error> {
    let statement = statement.in_one();
    let params: Vec<SpinValue> = statement.params.iter().map(bind).collect();
    let mut query = connection.execute(&statement.sql, params).await?;
    let names = query.columns().to_vec();
    let mut found = Ok(Vec::new());
    while let Some(row) = query.next().await {
        found = found.and_then(|mut rows: Vec<Row>| {
            let values = row.values.into_iter().map(json);
            let values = names.iter().cloned().zip(values).map(|(n, v)| v.map(|v| (n, v)));
            rows.push(values.collect::<Result<_, _>>()?);
            Ok(rows)
        });
    }
    query.result().await?;
    Ok(found)
}

fn bind(value: &Value) -> SpinValue {
    match value {
        Value::Null => SpinValue::Null,
        Value::Integer(integer) | Value::Wide(integer) => SpinValue::Integer(*integer),
        Value::Text(text) => SpinValue::Text(text.clone()),
    }
}

fn json(value: SpinValue) -> Result<Json, Fault> {
    match value {
        SpinValue::Null => Ok(Json::Null),
        SpinValue::Integer(integer) if integer.unsigned_abs() > INTEGER_MAX.unsigned_abs() => {
            Err(Fault::lasting("an integer lies beyond 2^53"))
        }
        SpinValue::Integer(integer) => Ok(integer.into()),
        SpinValue::Text(text) => Ok(text.into()),
        SpinValue::Real(_) | SpinValue::Blob(_) => {
            Err(Fault::lasting("a column holds neither integer nor text"))
        }
    }
}

/// Spin tells what went wrong in words only.
fn fault(error: &Error) -> Fault {
    let detail = error.to_string();
    let retryable = detail.contains("database is locked") || detail.contains("database is busy");
    Fault { detail, retryable }
}
