//! The store's side of an audit: reading rows to compare, merging and mending them.
//!
//! It must not know when an audit is due.

use std::collections::BTreeSet;

use domain::schema::SCHEMA;
use sync_engine::{
    Rejection, audit,
    change::Change,
    held::{self, Held},
    id::{Purpose, StreamId, VenueId},
    limits::ROWS_PER_AUDIT,
    message::{Audit, Part},
    statement::Batch,
};

use crate::{
    call::Here, metered::Metered, ports::CommitFault, problem::Problem, replication::unreadable,
};

/// Some rows as one side has them, and what that side holds at the same moment.
pub struct Bucket {
    /// Which rows they are, and their digest.
    pub audit: Audit,
    /// What they say.
    pub rows: Vec<Change>,
    /// What the stream holds.
    pub held: Held,
}

/// Reads a bucket: the rows up to its end, or so many when that is not known yet.
///
/// Rows that travel are no more than a message carries: where they differ beyond that, the next
/// round of audits comes by again.
///
/// # Errors
/// Refuses a table that is not one of the stream's, and fails when the database does.
pub async fn read(db: &Metered, stream: &StreamId, asked: &Audit) -> Result<Bucket, Problem> {
    let table = SCHEMA.table(&asked.table).filter(|t| t.purpose == stream.purpose.as_str());
    let table = table.ok_or(Rejection::InvalidField("table"))?;
    // What somebody else's end leaves out is not read whole: a bucket has a limit.
    let limit = if asked.until.is_some() { 2 * ROWS_PER_AUDIT } else { ROWS_PER_AUDIT };
    let queries = [held::query(stream), audit::rows_query(table, stream, asked, limit)];
    let found = db.read(&queries).await?;
    let [held, rows] = found.as_slice() else {
        return Err(Problem::internal("a read returned another number of results"));
    };
    let held = Held::read(held).map_err(unreadable)?;
    let mut changes = audit::changes(table, &held, rows).map_err(unreadable)?;
    let mut until = asked.until.clone().or(audit::end(rows, limit).map_err(unreadable)?);
    if asked.mend || asked.until.is_none() {
        let (fitting, is_all) = audit::fitting(changes);
        changes = fitting;
        if asked.until.is_none() && !is_all {
            until = changes.last().map(|change| change.entity.clone());
        }
    }
    let audit = Audit { until, digest: audit::digest(&changes), ..asked.clone() };
    Ok(Bucket { audit, rows: changes, held })
}

/// Answering side: says how it has the rows; nothing while the two sides do not hold the same,
/// because then their rows may differ, and nothing of a table that only a newer build knows.
///
/// The hub, which says how late a stamp may be, merges the rows that came with the audit first. A
/// gateway takes over only registers that it has nothing of, for its next audit to bring to the
/// hub: of the rest its standby may know stamps that were lowered since.
///
/// # Errors
/// Refuses malformed rows, and fails when the database does.
pub async fn answer(
    db: &Metered,
    venue: &VenueId,
    (purpose, asked): (&Purpose, &Part),
    limit_ms: Option<u64>,
) -> Result<Option<Bucket>, Problem> {
    let Some(audit) = &asked.audit else { return Ok(None) };
    if SCHEMA.table(&audit.table).is_none() {
        return Ok(None);
    }
    let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
    let mut bucket = read(db, &stream, audit).await?;
    if bucket.held.vector() != asked.have {
        return Ok(None);
    }
    if !audit.mend {
        bucket.rows.clear();
        return Ok(Some(bucket));
    }
    tracing::error!(venue = %venue, table = audit.table, "rows differed and were mended");
    let known: BTreeSet<(&str, &str)> = bucket.rows.iter().flat_map(registers).collect();
    let is_new = |row: &&Change| registers(row).any(|register| !known.contains(&register));
    let is_wanted = |row: &&Change| limit_ms.is_some() || is_new(row);
    let rows: Vec<Change> = asked.rows.iter().filter(is_wanted).cloned().collect();
    let limit_ms = limit_ms.unwrap_or(u64::MAX);
    let merged = audit::merge(&SCHEMA, &stream, &mut bucket.held, &rows, limit_ms)?;
    commit(db, &merged).await?;
    read(db, &stream, audit).await.map(Some)
}

/// Returns the registers that a row's change tells of.
fn registers(row: &Change) -> impl Iterator<Item = (&str, &str)> {
    row.register.split(',').map(|register| (row.entity.as_str(), register))
}

/// Gateway: makes its rows what the hub says.
///
/// # Errors
/// Refuses malformed rows, and fails when the database does.
pub async fn force(
    db: &Metered,
    here: &Here,
    (purpose, mut held): (&Purpose, Held),
    rows: &[Change],
) -> Result<(), Problem> {
    let stream = StreamId { venue: here.venue.id.clone(), purpose: purpose.clone() };
    let batch = audit::force(&SCHEMA, &stream, (&mut held, &here.writer), rows)?;
    commit(db, &batch).await
}

async fn commit(db: &Metered, batch: &Batch) -> Result<(), Problem> {
    match db.commit(batch).await {
        // Somebody wrote meanwhile: the next round of audits comes by again.
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}
