//! The database port on SQLite in memory, with a pause before and after everything it does.
//!
//! A task that dies before the pause has done nothing; one that dies after it has committed and
//! told nobody; one that dies between has run a part of its batch, of which SQLite keeps nothing.
//! It must not know what statements say.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use app::ports::{CommitFault, Database, Fault, Pending, Row};
use rusqlite::{Connection, MAIN_DB, config::DbConfig, types::Value as Sql};
use serde_json::Value as Json;
use sync_engine::statement::{Expect, Statement, Value};

use super::{
    chance::Chance,
    faults::Faults,
    tasks::{Tasks, pause},
};

/// Of a thousand batches so many end in their middle, with the process.
const TORN: usize = 6;
/// Of a thousand batches at the edge so many take effect, and nobody is told.
const UNKNOWN: usize = 12;

/// Of a thousand times that somebody looks at a full disk, it has room again so often.
const CLEARED: usize = 150;

/// Statements that a store keeps prepared: preparing them took half of a run.
const STATEMENT_CACHE: usize = 1_000;

/// A host's store; it outlives the host's crashes.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    conflicts: Arc<AtomicU64>,
    one_by_one: bool,
    trouble: Arc<Trouble>,
    chance: Chance,
    tasks: Tasks,
}

/// What goes wrong with a disk, or on the way to a database.
#[derive(Debug, Default)]
struct Trouble {
    /// Things do go wrong.
    is_rough: AtomicBool,
    /// Nothing can be written just now.
    is_full: AtomicBool,
    torn: AtomicU64,
    unknown: AtomicU64,
    refused: AtomicU64,
}

fn open() -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite opens in memory");
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    let stable = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
    stable.expect("plans can depend on the statement alone, as on a gateway");
    connection
}

impl Store {
    /// Opens an empty store.
    #[must_use]
    pub fn new(one_by_one: bool, chance: &Chance, tasks: &Tasks) -> Self {
        let connection = Arc::new(Mutex::new(open()));
        let (trouble, chance, tasks) = (Arc::default(), chance.clone(), tasks.clone());
        Self { connection, conflicts: Arc::default(), one_by_one, trouble, chance, tasks }
    }

    /// Lets things go wrong from now on.
    pub fn roughen(&self) {
        self.trouble.is_rough.store(true, Ordering::Relaxed);
    }

    /// Lets nothing go wrong any more; tells whether things did before.
    pub fn calm(&self) -> bool {
        self.trouble.is_full.store(false, Ordering::Relaxed);
        self.trouble.is_rough.swap(false, Ordering::Relaxed)
    }

    /// Fills the disk.
    pub fn fill(&self) {
        self.trouble.is_full.store(true, Ordering::Relaxed);
    }

    /// Makes room on a full disk at times.
    pub fn clear_up(&self) {
        if self.trouble.is_full.load(Ordering::Relaxed) && self.chance.happens(CLEARED) {
            self.trouble.is_full.store(false, Ordering::Relaxed);
        }
    }

    /// Adds what went wrong here.
    pub fn add_to(&self, faults: &mut Faults) {
        faults.torn += self.trouble.torn.load(Ordering::Relaxed);
        faults.unknown += self.trouble.unknown.load(Ordering::Relaxed);
        faults.full_disks += self.trouble.refused.load(Ordering::Relaxed);
    }

    fn goes_wrong(&self, per_mille: usize, count: &AtomicU64) -> bool {
        let happens =
            self.trouble.is_rough.load(Ordering::Relaxed) && self.chance.happens(per_mille);
        count.fetch_add(u64::from(happens), Ordering::Relaxed);
        happens
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
        let mut fresh = open();
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
        let mut outcome = batch.iter().try_for_each(|s| execute(&connection, s, self.one_by_one));
        if outcome.is_ok() && self.trouble.is_full.load(Ordering::Relaxed) {
            self.trouble.refused.fetch_add(1, Ordering::Relaxed);
            outcome = Err(Fault::passing("the disk is at fault: it is full").into());
        }
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        connection.execute_batch(end).map_err(|e| fault(&e))?;
        if outcome == Err(CommitFault::Conflict) {
            self.conflicts.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// Runs a part of a batch, and then the power fails: what is found later is what was before.
    fn tear(&self, batch: &[Statement]) {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let torn = connection.unchecked_transaction().expect("a transaction begins");
        let some = batch.iter().take(1 + self.chance.below(batch.len()));
        // Whether a guard would have stopped it makes no difference any more.
        let _ = some.into_iter().try_for_each(|s| execute(&torn, s, self.one_by_one));
        drop(torn);
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
            if self.goes_wrong(TORN, &self.trouble.torn) {
                self.tear(batch);
                self.tasks.die().await;
            }
            let outcome = self.transact(batch);
            pause().await;
            // Between a worker and its database lies a line; a gateway's lies in its own process.
            let is_far = !self.one_by_one && outcome.is_ok();
            if is_far && self.goes_wrong(UNKNOWN, &self.trouble.unknown) {
                return Err(Fault::passing("the line to the database broke").into());
            }
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
