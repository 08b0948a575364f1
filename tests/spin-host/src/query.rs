//! One statement on one connection: a blocking thread that hands its rows over as they are read.
//!
//! It knows SQLite and channels; it must not know that a guest sits at the other end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::types::{Value as Stored, ValueRef};
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;

use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};
use crate::limits::ROWS_QUEUED_MAX;

/// A connection that a running statement and the guest's handle share.
pub(crate) type Shared = Arc<Mutex<rusqlite::Connection>>;

/// A statement that is running: its columns, its rows as they come, and how it ended.
pub(crate) struct Running {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: mpsc::Receiver<RowResult>,
    pub(crate) outcome: oneshot::Receiver<Result<(), Error>>,
}

/// Locks a connection; a statement that panicked leaves nothing half done in it.
pub(crate) fn lock(connection: &Shared) -> MutexGuard<'_, rusqlite::Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a statement and returns as soon as its columns are known.
///
/// An error of the statement never fails this call: as in Spin it arrives through `outcome`, with
/// no columns and no rows before it.
pub(crate) async fn start(connection: Shared, sql: String, parameters: Vec<Value>) -> Running {
    let (columns_tx, columns_rx) = oneshot::channel();
    let (rows_tx, rows) = mpsc::channel(ROWS_QUEUED_MAX);
    let (outcome_tx, outcome) = oneshot::channel();
    tokio::spawn(async move {
        let sender = rows_tx.clone();
        let work =
            spawn_blocking(move || run(&lock(&connection), &sql, parameters, columns_tx, &sender));
        let ended = match work.await {
            Ok(ended) => ended.map_err(|error| Error::Io(error.to_string())),
            Err(error) => Err(Error::Io(error.to_string())),
        };
        // Spin forgives up to a handful of rows that nobody takes, and hangs on the next one. All
        // places free means that every row was taken, an error that nobody reads any longer.
        let _ = rows_tx.reserve_many(ROWS_QUEUED_MAX).await;
        drop(rows_tx);
        let _ = outcome_tx.send(ended);
    });
    Running { columns: columns_rx.await.unwrap_or_default(), rows, outcome }
}

/// Runs the first statement of `sql`; text after it is ignored without a word, as Spin does.
fn run(
    connection: &rusqlite::Connection,
    sql: &str,
    parameters: Vec<Value>,
    columns: oneshot::Sender<Vec<String>>,
    rows: &mpsc::Sender<RowResult>,
) -> rusqlite::Result<()> {
    let Some(mut statement) = rusqlite::Batch::new(connection, sql).next()? else {
        return Ok(());
    };
    let names = statement.column_names().map(str::to_owned).collect::<Vec<_>>();
    let count = names.len();
    // Nobody waits for the columns of a call that was given up.
    let _ = columns.send(names);
    let mut found =
        statement.query(rusqlite::params_from_iter(parameters.into_iter().map(stored)))?;
    while let Some(row) = found.next()? {
        let values = (0..count)
            .map(|index| read(index, row.get_ref(index)?))
            .collect::<rusqlite::Result<Vec<_>>>()?;
        if rows.blocking_send(RowResult { values }).is_err() {
            // The reader left: what the statement changes was changed before its first row.
            break;
        }
    }
    Ok(())
}

fn stored(value: Value) -> Stored {
    match value {
        Value::Integer(integer) => Stored::Integer(integer),
        Value::Real(real) => Stored::Real(real),
        Value::Text(text) => Stored::Text(text),
        Value::Blob(bytes) => Stored::Blob(bytes),
        Value::Null => Stored::Null,
    }
}

fn read(index: usize, value: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => Value::Integer(integer),
        ValueRef::Real(real) => Value::Real(real),
        ValueRef::Text(bytes) => Value::Text(
            std::str::from_utf8(bytes)
                .map_err(|error| rusqlite::Error::Utf8Error(index, error))?
                .to_owned(),
        ),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}
