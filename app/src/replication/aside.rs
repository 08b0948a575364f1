//! Changes that were set aside: counting them, and trying them again.
//!
//! It must not know why a change could not be folded; the reason is told as it was met.

use std::collections::BTreeSet;

use domain::{people::mark::is_marked, schema::SCHEMA};
use sync_engine::{
    change::Change,
    change_columns,
    fold::{self, Selection},
    id::{StreamId, VenueId, Writer},
    message::Refused,
    row,
    statement::{Batch, Expect, Statement},
};

use crate::{
    host::Host,
    limits::ASIDE_AT_ONCE,
    metered::Metered,
    people::mark::{Judge, REASONS},
    ports::CommitFault,
    problem::Problem,
    replication::unreadable,
    rows::{integer, text},
};

const LIST_SQL: &str = concat!(
    "SELECT a.writer AS number, a.reason AS reason, a.at_ms AS at_ms, ",
    change_columns!(),
    " FROM set_aside a JOIN stream_writer v ON v.id = a.writer \
     JOIN change_log c ON c.writer = a.writer AND c.seq = a.seq \
     WHERE v.stream IN (SELECT value FROM json_each(?1)) ORDER BY a.tries, a.at_ms, a.seq LIMIT ?2"
);

const ONE_FROM: &str = "change_log c";
const ONE_SQL: &str = "c.writer = ?2 AND c.seq = ?3";
const AGAIN_SQL: &str = "UPDATE set_aside SET tries = tries + 1 WHERE writer = ?1 AND seq = ?2";
const DONE_SQL: &str = "DELETE FROM set_aside WHERE writer = ?1 AND seq = ?2";

/// One change that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// The change.
    pub change: Change,
    /// Why it could not be folded.
    pub reason: String,
    /// Since when it waits.
    pub at_ms: i64,
    number: i64,
}

/// Lists the changes of a venue that wait, those tried least first, so many at most.
///
/// # Errors
/// Fails when the database does.
pub async fn list(db: &Metered, venue: &VenueId) -> Result<Vec<Aside>, Problem> {
    let streams: Vec<String> =
        SCHEMA.purposes().iter().map(|purpose| format!("{venue}/{purpose}")).collect();
    let params = vec![serde_json::json!(streams).to_string().into(), ASIDE_AT_ONCE.into()];
    let rows = db.rows(Statement::new(LIST_SQL, params)).await?;
    let read = |row| {
        Ok(Aside {
            change: row::change(row).map_err(unreadable)?,
            reason: text(row, "reason")?,
            at_ms: integer(row, "at_ms")?,
            number: integer(row, "number")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Finds which of these changes of a stream are set aside because nobody may believe them.
///
/// # Errors
/// Fails when the database does.
pub async fn refused(
    db: &Metered,
    stream: &StreamId,
    changes: &[Change],
) -> Result<Vec<Refused>, Problem> {
    if !changes.iter().any(|change| is_marked(&change.table)) {
        return Ok(Vec::new());
    }
    let sql = "SELECT v.replica AS replica, v.generation AS generation, a.seq AS seq \
         FROM set_aside a JOIN stream_writer v ON v.id = a.writer \
         WHERE v.stream = ?1 AND a.reason IN (SELECT value FROM json_each(?2))";
    let params = vec![stream.to_string().into(), serde_json::json!(REASONS).to_string().into()];
    let sent: BTreeSet<(&Writer, u64)> =
        changes.iter().map(|change| (&change.writer, change.seq)).collect();
    let mut refused = Vec::new();
    for row in db.rows(Statement::new(sql, params)).await? {
        let writer = Writer::parse(&text(&row, "replica")?, &text(&row, "generation")?)?;
        let seq = integer(&row, "seq")?.unsigned_abs();
        if sent.contains(&(&writer, seq)) {
            refused.push(Refused { writer, seq });
        }
    }
    Ok(refused)
}

/// Tries to fold what waits; returns how many changes are no longer set aside.
///
/// # Errors
/// Fails when the database does; a change that is refused again goes on waiting.
pub async fn retry(host: &Host, db: &Metered, venue: &VenueId) -> Result<usize, Problem> {
    let mut done = 0;
    let waiting = list(db, venue).await?;
    let changes: Vec<&Change> = waiting.iter().map(|aside| &aside.change).collect();
    let judge = Judge::of(host, db, venue, &changes).await?;
    // Who is no home cannot tell whether the home would believe it now.
    let may_be = |aside: &Aside| match &judge {
        Some(judge) => judge.refuses(&aside.change).is_none(),
        None => !REASONS.contains(&aside.reason.as_str()),
    };
    for aside in &waiting {
        let change = &aside.change;
        let place = vec![aside.number.into(), (change.seq as i64).into()];
        let known = SCHEMA.table(&change.table);
        let known = known.filter(|_| change.check().is_ok() && may_be(aside));
        let Some(table) = known else {
            db.commit(&[Statement::new(AGAIN_SQL, place)]).await?;
            continue;
        };
        let params = place.clone();
        let selection = Selection { from: ONE_FROM, condition: ONE_SQL, params };
        let batch: Batch = vec![
            fold::from_log(venue.as_str(), table, &selection, Expect::Any),
            Statement::new(DONE_SQL, place.clone()),
        ];
        match db.commit(&batch).await {
            Ok(()) => done += 1,
            Err(CommitFault::Fault(fault)) if fault.retryable => return Err(fault.into()),
            // Refused again: those that were tried less come first the next time.
            Err(_) => db.commit(&[Statement::new(AGAIN_SQL, place)]).await?,
        }
    }
    Ok(done)
}
