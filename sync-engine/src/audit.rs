//! Comparing what both sides hold, some rows at a time, and mending what differs.
//!
//! Equal vectors promise equal rows. Where a disk, a fault of this program or two restores at an
//! unlucky moment broke that promise, the rows differ: the asking side then sends its own, the hub
//! merges them and answers what they are from now on. What is left of removed members is told
//! then, and not compared: each side buries it in its own time. It must not run the queries.

use sha2::{Digest, Sha256};

use crate::{
    Rejection,
    change::Change,
    fold::{Entry, Rule},
    held::Held,
    id::{StreamId, Writer},
    import, limits,
    message::Audit,
    row::{self, Row},
    seal::hex,
    shape::{MEMBER_SQL, Schema, Table},
    snapshot,
    statement::{Batch, Statement},
};

/// Writes nothing, and only while our own life has written nothing since.
const UNCHANGED_SQL: &str = "UPDATE stream_writer SET seq = seq \
     WHERE stream = ?1 AND replica = ?2 AND generation = ?3 AND seq = ?4";

/// Builds the query of the rows of an audit, or of so many after an id when its end is not known.
#[must_use]
pub fn rows_query(table: &Table, stream: &StreamId, audit: &Audit, limit: usize) -> Statement {
    let mut query = snapshot::rows_query(table, stream, &audit.after, limit);
    let mut condition = String::new();
    if table.has_members() && !audit.mend {
        condition.push_str(&format!(" AND {MEMBER_SQL}"));
    }
    if let Some(until) = &audit.until {
        condition.push_str(" AND t.id <= ?4");
        query.params.push(until.as_str().into());
    }
    query.sql = query.sql.replace(" ORDER BY", &format!("{condition} ORDER BY"));
    query
}

/// Reads the rows of an audit.
///
/// # Errors
/// Names what cannot be read.
pub fn changes(table: &Table, held: &Held, rows: &[Row]) -> Result<Vec<Change>, Rejection> {
    let writers = held.writers.iter().map(|(writer, known)| (known.number, writer)).collect();
    let nothing = snapshot::FromLog::default();
    let mut changes = Vec::new();
    for row in rows {
        changes.extend(snapshot::changes_of(table, row, &writers, &nothing)?);
    }
    Ok(changes)
}

/// Returns where rows end that were cut off at a limit; none when they go to the table's end.
///
/// # Errors
/// Names what cannot be read.
pub fn end(rows: &[Row], limit: usize) -> Result<Option<String>, Rejection> {
    let last = rows.last().filter(|_| rows.len() >= limit);
    last.map(|row| row::text(row, "id").map(str::to_owned)).transpose()
}

/// Keeps of the rows what a message carries, at least the first; tells whether that is all.
///
/// A row's changes stand together, and stay together.
#[must_use]
pub fn fitting(mut rows: Vec<Change>) -> (Vec<Change>, bool) {
    let mut bytes = 0;
    let mut kept = 0;
    for row in rows.chunk_by(|a, b| a.entity == b.entity) {
        bytes += row.iter().map(Change::weight).sum::<usize>();
        if kept > 0 && bytes > limits::PAYLOAD_BYTES_PER_MESSAGE {
            break;
        }
        kept += row.len();
    }
    let is_all = kept == rows.len();
    rows.truncate(kept);
    (rows, is_all)
}

/// Returns a digest of what rows say, who said it and when; the same on every replica.
#[must_use]
pub fn digest(changes: &[Change]) -> String {
    let mut hash = Sha256::new();
    for change in changes {
        hash.update(format!("{} {}\n", change.writer, change.digest()).as_bytes());
    }
    hex(&hash.finalize()).chars().take(32).collect()
}

/// Builds the batch with which the hub merges the rows of a gateway that differ.
///
/// Stamps beyond the limit are lowered; the gateway takes them over with the outcome.
///
/// # Errors
/// Refuses malformed rows.
pub fn merge(
    schema: &Schema,
    stream: &StreamId,
    held: &mut Held,
    rows: &[Change],
    limit_ms: u64,
) -> Result<Batch, Rejection> {
    let limit_ms = limit_ms.max(held.clock_ms);
    take(schema, stream, held, rows, (Rule::Merge, limit_ms))
}

/// Builds the batch with which a gateway's rows become what the hub says, unless it has written
/// since.
///
/// # Errors
/// Refuses malformed rows.
pub fn force(
    schema: &Schema,
    stream: &StreamId,
    (held, own): (&mut Held, &Writer),
    rows: &[Change],
) -> Result<Batch, Rejection> {
    let params = vec![
        stream.to_string().into(),
        own.replica.as_str().into(),
        own.generation.as_str().into(),
        (held.seq(own) as i64).into(),
    ];
    let mut batch = vec![Statement::exactly(1, UNCHANGED_SQL, params)];
    batch.extend(take(schema, stream, held, rows, (Rule::Force, u64::MAX))?);
    Ok(batch)
}

fn take(
    schema: &Schema,
    stream: &StreamId,
    held: &mut Held,
    rows: &[Change],
    (rule, limit_ms): (Rule<'_>, u64),
) -> Result<Batch, Rejection> {
    rows.iter().try_for_each(Change::check_row)?;
    let entry = |change| Entry { change, effective: Change::at_most(change, limit_ms) };
    let entries: Vec<Entry<'_>> = rows.iter().map(entry).collect();
    if entries.is_empty() {
        return Ok(Batch::new());
    }
    let mut batch = snapshot::meet(stream, held, rows.iter().map(|change| &change.writer))?;
    batch.push(import::observe(stream, &entries));
    batch.extend(import::fold_all(schema, stream, (&held.numbers(), rule), &entries));
    Ok(batch)
}
