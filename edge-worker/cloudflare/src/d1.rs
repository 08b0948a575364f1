//! The `Database` port on D1.
//!
//! Owns how statements are bound, how a batch is guarded and what D1's error texts mean. `batch()`
//! is D1's only transaction: a read is one batch of queries, a commit one batch of statements with
//! a guard after each that names its row count. It must not know what the statements say.

use app::ports::{CommitFault, Database, Fault, Pending, Row};
use sync_engine::{
    limits::INTEGER_MAX,
    statement::{Expect, Statement, Value},
};
use worker::{
    D1Database, D1PreparedStatement, D1Result, Error, send::SendFuture, wasm_bindgen::JsValue,
};

use crate::cast::with_integer_casts;

/// D1 behind a binding of the Worker.
#[derive(Debug)]
pub struct D1 {
    database: D1Database,
}

impl D1 {
    /// Wraps the binding.
    #[must_use]
    pub const fn new(database: D1Database) -> Self {
        Self { database }
    }

    async fn run(&self, statements: Vec<D1PreparedStatement>) -> Result<Vec<D1Result>, Refusal> {
        self.database.batch(statements).await.map_err(|error| Refusal::new(&error))
    }

    async fn rows(&self, queries: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let bound: Result<Vec<_>, Fault> = queries.iter().map(|query| self.bound(query)).collect();
        let results = self.run(bound?).await.map_err(Refusal::into_fault)?;
        results
            .iter()
            .map(D1Result::results::<Row>)
            .collect::<worker::Result<_>>()
            .map_err(|error| Fault::lasting(format!("D1 rows: {error}")))
    }

    async fn commit_whole(&self, batch: &[Statement]) -> Result<(), CommitFault> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut guarded = Vec::with_capacity(batch.len() * 2);
        for statement in batch {
            guarded.push(self.bound(statement)?);
            if let Expect::Exactly(rows) = statement.expect {
                guarded.push(self.database.prepare(guard(rows)));
            }
        }
        self.run(guarded).await.map(drop).map_err(Refusal::into_commit_fault)
    }

    fn bound(&self, statement: &Statement) -> Result<D1PreparedStatement, Fault> {
        let statement = statement.in_one();
        let values: Result<Vec<JsValue>, Fault> = statement.params.iter().map(js_value).collect();
        let prepared = self.database.prepare(with_integer_casts(&statement.sql, &statement.params));
        let bound = prepared.bind(&values?);
        bound.map_err(|error| Fault::lasting(format!("D1 bind: {error}")))
    }
}

impl Database for D1 {
    fn read<'a>(&'a self, queries: &'a [Statement]) -> Pending<'a, Result<Vec<Vec<Row>>, Fault>> {
        Box::pin(SendFuture::new(self.rows(queries)))
    }

    fn commit<'a>(&'a self, batch: &'a [Statement]) -> Pending<'a, Result<(), CommitFault>> {
        Box::pin(SendFuture::new(self.commit_whole(batch)))
    }
}

/// Writes a statement that violates the guard table's CHECK unless the one before it affected so
/// many rows. Where the count is right it writes nothing, and it needs no row in the table.
fn guard(rows: u64) -> String {
    format!("INSERT INTO batch_guard (id, ok) SELECT 1, 0 WHERE changes() <> {rows}")
}

fn js_value(value: &Value) -> Result<JsValue, Fault> {
    match value {
        Value::Null => Ok(JsValue::NULL),
        Value::Text(text) => Ok(JsValue::from_str(text)),
        Value::Wide(_) => Err(Fault::lasting("only rows carry integers of 63 bits")),
        Value::Integer(integer) if integer.unsigned_abs() > INTEGER_MAX.unsigned_abs() => {
            Err(Fault::lasting(format!("{integer} is beyond what D1 carries exactly")))
        }
        // Exact: the magnitude is below 2^53.
        Value::Integer(integer) => Ok(JsValue::from_f64(*integer as f64)),
    }
}

/// What D1 answered instead of running a batch; all it gives is a text.
struct Refusal(String);

/// Failures that D1's documentation calls passing, and those of a busy database.
const PASSING: [&str; 9] = [
    "Network connection lost",
    "caused object to be reset",
    "reset because its code was updated",
    "starting up D1 DB storage",
    "overloaded",
    "internal error",
    "timed out",
    "exceeded timeout",
    "SQLITE_BUSY",
];

impl Refusal {
    fn new(error: &Error) -> Self {
        match error {
            // Its own text leaves out the message and keeps only the cause.
            Error::D1(error) => {
                let error: &worker::js_sys::Error = error.as_ref();
                Self(String::from(error.message()))
            }
            other => Self(other.to_string()),
        }
    }

    fn into_fault(self) -> Fault {
        let text = self.0.to_ascii_lowercase();
        if PASSING.iter().any(|known| text.contains(&known.to_ascii_lowercase())) {
            Fault::passing(self.0)
        } else {
            Fault::lasting(self.0)
        }
    }

    fn into_commit_fault(self) -> CommitFault {
        if self.0.contains("constraint failed") {
            CommitFault::Conflict
        } else {
            CommitFault::Fault(self.into_fault())
        }
    }
}
