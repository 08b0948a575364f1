//! A local write: drafts become one atomic batch of clock tick, seq, log rows and fold.
//!
//! Seq and the clock's high-water mark are taken inside the batch, under the database's own
//! serialisation, never kept in a worker's memory: any number of stateless workers may write one
//! store at once. It must not run the batch, nor decide what is written.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    Rejection,
    change::{Draft, Number},
    fold::{self, Selection},
    id::{Purpose, StreamId, VenueId, Writer},
    limits,
    shape::Schema,
    statement::{Batch, Expect, Statement, Value},
};

const TICK_SQL: &str = "UPDATE hybrid_clock SET \
     counter = CASE WHEN ?2 > ms OR counter + ?3 > 65535 THEN ?3 - 1 ELSE counter + ?3 END, \
     ms = CASE WHEN ?2 > ms THEN ?2 WHEN counter + ?3 > 65535 THEN ms + 1 ELSE ms END \
     WHERE venue = ?1";

const SEQ_SQL: &str = "UPDATE stream_writer SET seq = seq + ?4 \
     WHERE stream = ?1 AND replica = ?2 AND generation = ?3 AND EXISTS (SELECT 1 \
     FROM local_venue l WHERE l.venue = ?5 AND l.replica = ?2 AND l.generation = ?3)";

const SERIES_SQL: &str = "INSERT INTO number_series (series, last) VALUES (?1, 1) \
     ON CONFLICT (series) DO UPDATE SET last = last + 1";

const TAKEN_SQL: &str = "INSERT INTO number_series (series, last) \
     SELECT ?1 || '/' || r.p0, r.p1 FROM %ROWS% WHERE true \
     ON CONFLICT (series) DO UPDATE SET last = max(last, excluded.last)";

const LOG_SQL: &str = "INSERT INTO change_log (writer, seq, claimed, effective, table_name, \
     entity, register, payload) \
     SELECT v.id, v.seq - ?5 + 1 + j.key, h.ms * 65536 + h.counter - ?7 + 1 + j.key, \
     h.ms * 65536 + h.counter - ?7 + 1 + j.key, \
     j.value->>'table', j.value->>'entity', j.value->>'register', \
     CASE WHEN j.value->>'series' IS NULL THEN j.value->'payload' ELSE \
     json_set(j.value->'payload', '$.' || (j.value->>'field'), \
     (SELECT n.last FROM number_series n WHERE n.series = j.value->>'series')) END \
     FROM stream_writer v, hybrid_clock h, json_each(?6) j \
     WHERE v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3 AND h.venue = ?4";

const OWN_FROM: &str = "stream_writer v CROSS JOIN change_log c";
const OWN_TAIL_SQL: &str = "v.stream = ?2 AND v.replica = ?3 AND v.generation = ?4 \
     AND c.writer = v.id AND c.seq > v.seq - ?5";

/// Who writes, and what time it is there.
#[derive(Debug, Clone)]
pub struct Pen {
    /// The venue whose data are written.
    pub venue: VenueId,
    /// This store's present life.
    pub writer: Writer,
    /// Now, in milliseconds since 1970.
    pub now_ms: u64,
}

/// Builds the batch that writes the drafts.
///
/// A fact that exists already makes the batch abort, and with it everything else in it: the caller
/// loads again and decides again.
///
/// # Errors
/// Refuses drafts for undeclared tables, over the limits, or with numbers that hosts would change.
pub fn batch(schema: &Schema, pen: &Pen, drafts: &[Draft]) -> Result<Batch, Rejection> {
    if drafts.len() > limits::DRAFTS_PER_WRITE {
        return Err(Rejection::BatchTooLarge);
    }
    for draft in drafts {
        draft.check()?;
    }
    let now_ms = pen.now_ms.min(limits::CLOCK_MS_MAX) as i64;
    // Each draft gets a stamp of its own: no writer gives one stamp twice.
    let ticks = (drafts.len() as i64).max(1);
    let tick_params = vec![pen.venue.as_str().into(), now_ms.into(), ticks.into()];
    let mut batch = vec![Statement::exactly(1, TICK_SQL, tick_params)];
    for number in drafts.iter().filter_map(|draft| draft.number.as_ref()) {
        let params = vec![series(pen, number).into()];
        batch.push(Statement::exactly(1, SERIES_SQL, params));
    }
    for purpose in schema.purposes() {
        let in_stream: Vec<&Draft> = drafts
            .iter()
            .filter(|draft| schema.table(draft.table).is_some_and(|t| t.purpose == purpose))
            .collect();
        if !in_stream.is_empty() {
            append_stream(&mut batch, schema, pen, purpose, (&in_stream, ticks))?;
        }
    }
    Ok(batch)
}

fn append_stream(
    batch: &mut Batch,
    schema: &Schema,
    pen: &Pen,
    purpose: &str,
    (drafts, ticks): (&[&Draft], i64),
) -> Result<(), Rejection> {
    let stream = StreamId { venue: pen.venue.clone(), purpose: Purpose::parse(purpose)? };
    let own: [Value; 3] = [
        stream.to_string().into(),
        pen.writer.replica.as_str().into(),
        pen.writer.generation.as_str().into(),
    ];
    let count = drafts.len() as i64;
    let with = |more: &[Value]| own.iter().chain(more).cloned().collect::<Vec<_>>();
    // A life that has ended in the meantime takes no more changes.
    let params = with(&[count.into(), pen.venue.as_str().into()]);
    batch.push(Statement::exactly(1, SEQ_SQL, params));

    let rows: Vec<_> = drafts.iter().map(|draft| draft_json(pen, draft)).collect();
    let rows = serde_json::Value::Array(rows).to_string();
    let params = with(&[pen.venue.as_str().into(), count.into(), rows.into(), ticks.into()]);
    batch.push(Statement::exactly(drafts.len() as u64, LOG_SQL, params));

    let selection =
        Selection { from: OWN_FROM, condition: OWN_TAIL_SQL, params: with(&[count.into()]) };
    let mut folded: Vec<&str> = Vec::new();
    for draft in drafts {
        let table = schema.table(draft.table).ok_or(Rejection::InvalidField("table"))?;
        if !table.takes(draft.register) {
            return Err(Rejection::InvalidField("register"));
        }
        if folded.contains(&draft.table) {
            continue;
        }
        folded.push(draft.table);
        let rows = drafts.iter().filter(|d| d.table == draft.table).count() as u64;
        // The clock has passed every stamp in the store: a write that changes nothing lost a race.
        let expect = Expect::Exactly(rows);
        batch.push(fold::from_log(pen.venue.as_str(), table, &selection, expect));
    }
    Ok(())
}

/// Builds the statement that lets series go on after numbers that are known to be taken; none where
/// there are none.
#[must_use]
pub fn numbers_taken(venue: &VenueId, taken: &BTreeMap<String, i64>) -> Option<Statement> {
    let row = |(series, number): (&String, &i64)| vec![series.as_str().into(), (*number).into()];
    let rows: Vec<_> = taken.iter().map(row).collect();
    let params = vec![venue.as_str().into()];
    (!rows.is_empty()).then(|| Statement { rows, ..Statement::new(TAKEN_SQL, params) })
}

/// One store serves many venues: each has series of its own.
fn series(pen: &Pen, number: &Number) -> String {
    format!("{}/{}", pen.venue, number.series)
}

fn draft_json(pen: &Pen, draft: &Draft) -> serde_json::Value {
    let mut row = json!({
        "table": draft.table,
        "entity": draft.entity,
        "register": draft.register,
        "payload": draft.payload,
    });
    if let (Some(number), Some(fields)) = (&draft.number, row.as_object_mut()) {
        fields.insert("series".to_owned(), series(pen, number).into());
        fields.insert("field".to_owned(), number.field.into());
    }
    row
}
