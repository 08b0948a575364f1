//! The rows of what is to be printed, and the settings of printers.
//!
//! A job is claimed by a guarded update before anything is sent. It must not know what is on paper.

use domain::printing::Printing;
use sync_engine::{
    id::VenueId,
    statement::{Statement, Value},
};

use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{
        integer, json,
        order::{COLUMNS_SQL, Found, OVER_SQL, PAID_SQL, READY_SQL, SERVING_SQL, WAITS_SQL, read},
        readable, small, text,
    },
};

/// A job that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// The printer that it is for.
    pub printer: String,
    /// `kitchen`, `receipt` or `test`.
    pub what: String,
    /// The order; empty for a test.
    pub order: String,
    /// In which language it is written.
    pub locale: String,
    /// It may have been printed before.
    pub duplicate: bool,
    /// How often somebody took it.
    pub tries: u32,
    /// When it was made.
    pub made_ms: i64,
}

/// A job that is to be added.
pub struct New<'a> {
    /// Its id: adding it twice adds it once.
    pub id: &'a str,
    /// The printer that it is for.
    pub printer: &'a str,
    /// What is printed.
    pub what: &'a str,
    /// The order; empty for a test.
    pub order: &'a str,
    /// In which language it is written.
    pub locale: &'a str,
    /// It was printed before.
    pub duplicate: bool,
    /// There is nothing to print: it is noted as done.
    pub is_done: bool,
}

/// How a printer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The printer.
    pub printer: String,
    /// How much waits for it.
    pub waiting: u32,
    /// Why, where something went wrong.
    pub last_error: String,
}

fn ms(ms: u64) -> Value {
    Value::Integer(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Loads the settings; settings that cannot be read are none.
///
/// # Errors
/// Fails when the database does.
pub async fn settings(db: &Metered, venue: &VenueId) -> Result<Printing, Fault> {
    let sql = "SELECT printing FROM venue WHERE venue = ?1 AND id = ?1";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let read = |row| json::<Option<Printing>>(row, "printing").ok().flatten();
    Ok(rows.first().and_then(read).unwrap_or_default())
}

/// Adds a job; one of the same id stays as it is.
pub(crate) fn add(venue: &VenueId, new: &New<'_>, now_ms: u64) -> Statement {
    let sql = "INSERT INTO print_job (venue, id, printer, what, order_id, locale, state, \
         duplicate, next_ms, made_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9) \
         ON CONFLICT (venue, id) DO NOTHING";
    let state = if new.is_done { "printed" } else { "waiting" };
    let of = [venue.as_str(), new.id, new.printer, new.what, new.order, new.locale, state];
    let mut params: Vec<Value> = of.into_iter().map(Value::from).collect();
    params.extend([Value::Integer(new.duplicate.into()), ms(now_ms)]);
    Statement::new(sql, params)
}

/// Loads orders that the kitchen has and that a printer has no job for; none that were placed
/// before the printer was added.
///
/// # Errors
/// Fails when the database does.
pub(crate) async fn unprinted(
    db: &Metered,
    venue: &VenueId,
    (printer, since_ms): (&str, u64),
) -> Result<Vec<Found>, Fault> {
    let sql = format!(
        "{COLUMNS_SQL}{SERVING_SQL}{PAID_SQL} AND NOT {WAITS_SQL} AND NOT {READY_SQL} \
         AND NOT {OVER_SQL} \
         AND o.placed_ms >= ?3 AND NOT EXISTS (SELECT 1 FROM print_job j \
         WHERE j.venue = o.venue AND j.id = 'kitchen/' || o.id || '/' || ?2) \
         ORDER BY o.placed_ms, o.id LIMIT ?4"
    );
    let params =
        vec![venue.as_str().into(), printer.into(), ms(since_ms), limits::BOARD_ORDERS.into()];
    Ok(readable("order", &db.rows(Statement::new(sql, params)).await?, read))
}

/// Says that what was claimed and not ended was perhaps printed.
pub(crate) fn unclear(venue: &VenueId, printer: &str, now_ms: u64) -> Statement {
    let sql = "UPDATE print_job SET state = 'waiting', duplicate = 1, next_ms = ?3, \
         last_error = 'unclear' WHERE venue = ?1 AND printer = ?2 AND state = 'claimed'";
    Statement::new(sql, vec![venue.as_str().into(), printer.into(), ms(now_ms)])
}

/// Tells whether something is due for a printer, or was claimed: by who works for it now, or died.
///
/// # Errors
/// Fails when the database does.
pub(crate) async fn has_work(
    db: &Metered,
    venue: &VenueId,
    (printer, now_ms): (&str, u64),
) -> Result<bool, Fault> {
    let sql = "SELECT 1 AS one FROM print_job WHERE venue = ?1 AND printer = ?2 \
         AND (state = 'claimed' OR state = 'waiting' AND next_ms <= ?3) LIMIT 1";
    let params = vec![venue.as_str().into(), printer.into(), ms(now_ms)];
    Ok(!db.rows(Statement::new(sql, params)).await?.is_empty())
}

/// Finds the oldest job that is due for a printer.
///
/// # Errors
/// Fails when the database does.
pub(crate) async fn due(
    db: &Metered,
    venue: &VenueId,
    (printer, now_ms): (&str, u64),
) -> Result<Option<Job>, Fault> {
    let sql = "SELECT id, printer, what, order_id, locale, duplicate, tries, made_ms \
         FROM print_job WHERE venue = ?1 AND state = 'waiting' AND printer = ?2 \
         AND next_ms <= ?3 ORDER BY made_ms, id LIMIT 1";
    let params = vec![venue.as_str().into(), printer.into(), ms(now_ms)];
    let rows = db.rows(Statement::new(sql, params)).await?;
    rows.first().map(job).transpose()
}

/// Takes a job: whoever else took it meanwhile makes this fail.
pub(crate) fn claim(venue: &VenueId, job: &Job) -> Statement {
    let sql = "UPDATE print_job SET state = 'claimed', tries = tries + 1 \
         WHERE venue = ?1 AND id = ?2 AND state = 'waiting' AND tries = ?3";
    let params = vec![venue.as_str().into(), job.id.as_str().into(), i64::from(job.tries).into()];
    Statement::exactly(1, sql, params)
}

/// Ends a job.
pub(crate) fn end(venue: &VenueId, job: &Job, (state, now_ms): (&str, u64)) -> Statement {
    let sql = "UPDATE print_job SET state = ?3, ended_ms = ?4, last_error = '' \
         WHERE venue = ?1 AND id = ?2 AND state = 'claimed'";
    let params = vec![venue.as_str().into(), job.id.as_str().into(), state.into(), ms(now_ms)];
    Statement::new(sql, params)
}

/// Puts off whatever waits for a printer that was not reached; nothing of it was printed.
pub(crate) fn put_off(venue: &VenueId, printer: &str, (error, next_ms): (&str, u64)) -> Statement {
    let sql = "UPDATE print_job SET state = 'waiting', next_ms = max(next_ms, ?4), \
         last_error = ?3 WHERE venue = ?1 AND printer = ?2 AND state IN ('waiting', 'claimed')";
    let params = vec![venue.as_str().into(), printer.into(), error.into(), ms(next_ms)];
    Statement::new(sql, params)
}

/// Counts what was printed of an order, or is to be: the next one is a duplicate where there is.
///
/// # Errors
/// Fails when the database does.
pub(crate) async fn count(
    db: &Metered,
    venue: &VenueId,
    (what, order): (&str, &str),
) -> Result<u32, Fault> {
    let sql = "SELECT count(*) AS count FROM print_job WHERE venue = ?1 \
         AND id >= ?2 || '/' || ?3 || '/' AND id < ?2 || '/' || ?3 || '0'";
    let params = vec![venue.as_str().into(), what.into(), order.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    rows.first().map_or(Ok(0), |row| small(row, "count"))
}

/// Lists printers for which something waits.
///
/// # Errors
/// Fails when the database does.
pub async fn standings(db: &Metered, venue: &VenueId) -> Result<Vec<Standing>, Fault> {
    let sql = "SELECT printer, count(*) AS waiting, max(last_error) AS last_error \
         FROM print_job WHERE venue = ?1 AND state IN ('waiting', 'claimed') \
         GROUP BY printer ORDER BY printer";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let one = |row: &Row| {
        Ok(Standing {
            printer: text(row, "printer")?,
            waiting: small(row, "waiting")?,
            last_error: text(row, "last_error")?,
        })
    };
    Ok(readable("print job", &rows, one))
}

/// Forgets what ended long ago, and what waits for printers that are gone.
pub(crate) fn forget(venue: &VenueId, before_ms: u64) -> Statement {
    let sql = "DELETE FROM print_job WHERE venue = ?1 AND made_ms < ?2";
    Statement::new(sql, vec![venue.as_str().into(), ms(before_ms)])
}

fn job(row: &Row) -> Result<Job, Fault> {
    Ok(Job {
        id: text(row, "id")?,
        printer: text(row, "printer")?,
        what: text(row, "what")?,
        order: text(row, "order_id")?,
        locale: text(row, "locale")?,
        duplicate: integer(row, "duplicate")? != 0,
        tries: small(row, "tries")?,
        made_ms: integer(row, "made_ms")?,
    })
}
