//! The database as one request sees it: counted and checked.
//!
//! Every host gets D1's limits, so that what passes on one passes on all. It must not know which
//! adapter is beneath, nor what the statements say.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use sync_engine::statement::{Expect, Statement, Value};

use crate::{
    limits,
    ports::{CommitFault, Database, Fault, Row},
};

/// A database with a budget of queries.
#[derive(Clone)]
pub struct Metered {
    inner: Arc<dyn Database>,
    left: Arc<AtomicU32>,
}

impl Metered {
    /// Gives the request this many queries.
    #[must_use]
    pub fn new(inner: Arc<dyn Database>, queries: u32) -> Self {
        Self { inner, left: Arc::new(AtomicU32::new(queries)) }
    }

    /// Runs queries against one consistent state.
    ///
    /// # Errors
    /// Fails when a limit is passed or the database cannot answer.
    pub async fn read(&self, queries: &[Statement]) -> Result<Vec<Vec<Row>>, Fault> {
        self.admit(queries)?;
        self.inner.read(queries).await
    }

    /// Runs one query.
    ///
    /// # Errors
    /// Fails when a limit is passed or the database cannot answer.
    pub async fn rows(&self, query: Statement) -> Result<Vec<Row>, Fault> {
        Ok(self.read(&[query]).await?.pop().unwrap_or_default())
    }

    /// Runs the statements as one transaction.
    ///
    /// # Errors
    /// Fails when a limit is passed, an expectation is not met, or the database cannot answer.
    pub async fn commit(&self, batch: &[Statement]) -> Result<(), CommitFault> {
        self.admit(batch)?;
        self.inner.commit(batch).await
    }

    /// Leaves no trace of what was deleted, as far as the platform allows.
    ///
    /// # Errors
    /// Fails when the database does; what was deleted is deleted all the same.
    pub async fn scrub(&self) -> Result<(), Fault> {
        self.inner.scrub().await
    }

    fn admit(&self, statements: &[Statement]) -> Result<(), Fault> {
        statements.iter().try_for_each(check)?;
        // An expected row count costs a second statement where the host needs a guard for it.
        let cost: u32 = statements
            .iter()
            .map(|s| if matches!(s.expect, Expect::Exactly(_)) { 2 } else { 1 })
            .sum();
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(cost));
        taken.map(drop).map_err(|left| {
            Fault::lasting(format!("query budget passed: {cost} asked for, {left} left"))
        })
    }
}

/// Checks one statement against the limits of the strictest host.
///
/// # Errors
/// Names the limit that is passed.
pub fn check(statement: &Statement) -> Result<(), Fault> {
    if statement.params.len() > limits::PARAMETERS {
        return Err(Fault::lasting("a statement takes at most 100 parameters"));
    }
    if statement.sql.len() > limits::STATEMENT_BYTES {
        return Err(Fault::lasting("a statement has at most 100,000 bytes"));
    }
    // One host would run a second statement, another ignores it, a third refuses it.
    if statement.sql.contains(';') {
        return Err(Fault::lasting("a text holds one statement, without a semicolon"));
    }
    check_rows(&statement.rows)?;
    for value in &statement.params {
        match value {
            Value::Wide(_) => return Err(Fault::lasting("only rows carry integers of 63 bits")),
            integer if !integer.is_safe() => {
                return Err(Fault::lasting("an integer lies beyond 2^53"));
            }
            Value::Text(text) if text.len() > limits::VALUE_BYTES => {
                return Err(Fault::lasting("a value has at most 2,000,000 bytes"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Where rows travel as one text, that text has a limit as well: quotes, commas and what has to be
/// escaped are counted in.
fn check_rows(rows: &[Vec<Value>]) -> Result<(), Fault> {
    let weight = |value: &Value| match value {
        Value::Text(text) => {
            text.len() + text.bytes().filter(|b| b"\"\\\n".contains(b)).count() + 3
        }
        _ => 21,
    };
    let bytes: usize = rows.iter().flatten().map(weight).sum();
    if bytes > limits::VALUE_BYTES {
        return Err(Fault::lasting("a statement's rows have at most 2,000,000 bytes"));
    }
    Ok(())
}
