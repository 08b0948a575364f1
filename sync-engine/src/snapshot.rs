//! What a stream holds, row by row, for a peer that lacks what the log no longer tells.
//!
//! A snapshot goes through the declared tables by id, page by page. Its rows are changes without a
//! seq: they merge by their stamps like any other, so a row that is written meanwhile takes no
//! harm, and taking a page in again changes nothing. It must not run the queries.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use crate::{
    Rejection,
    change::Change,
    column,
    fold::Entry,
    held::Held,
    id::{StreamId, Writer},
    import, limits,
    message::{Page, Place},
    row::{self, Row},
    shape::{Schema, Table},
    stamp::Hlc,
    statement::{Batch, Statement},
};

/// Two workers that meet the same new number collide here, and the second decides again.
const MEET_SQL: &str = "INSERT INTO stream_writer (id, stream, replica, generation, seq) \
     VALUES (?1, ?2, ?3, ?4, 0)";

const HOLD_SQL: &str = "UPDATE stream_writer SET seq = ?2, floor = ?2, tip = ?3 \
     WHERE id = ?1 AND seq < ?2";

const PLACE_SQL: &str = "INSERT INTO snapshot_place (peer, stream, place) VALUES (?1, ?2, ?3) \
     ON CONFLICT (stream, peer) DO UPDATE SET place = excluded.place";

/// Builds the statement that ends what was being taken from a peer, or is owed to it.
#[must_use]
pub fn forget_place(stream: &StreamId, peer: &str) -> Statement {
    Statement::new(DONE_SQL, vec![peer.into(), stream.to_string().into()])
}

const DONE_SQL: &str = "DELETE FROM snapshot_place WHERE peer = ?1 AND stream = ?2";

/// Builds the query of how far the snapshot from a peer has come.
#[must_use]
pub fn place_query(stream: &StreamId, peer: &str) -> Statement {
    let sql = "SELECT place FROM snapshot_place WHERE stream = ?1 AND peer = ?2";
    Statement::new(sql, vec![stream.to_string().into(), peer.into()])
}

/// Reads what [`place_query`] returned; what cannot be read counts as nothing: the snapshot begins
/// anew.
#[must_use]
pub fn read_place(rows: &[Row]) -> Option<Place> {
    serde_json::from_str(row::text(rows.first()?, "place").ok()?).ok()
}

/// Returns the tables of a stream that a snapshot has still to go through, with the id after which
/// it goes on in the first of them.
#[must_use]
pub fn tables_from(
    schema: &Schema,
    stream: &StreamId,
    place: Option<&Place>,
) -> Vec<(&'static Table, String)> {
    let of_stream = schema.tables.iter().filter(|t| t.purpose == stream.purpose.as_str());
    let Some(place) = place else {
        return of_stream.map(|table| (table, String::new())).collect();
    };
    let begun = |table: &Table| table.name == place.table;
    let ahead = of_stream.skip_while(|table| !begun(table));
    ahead.map(|t| (t, if begun(t) { place.id.clone() } else { String::new() })).collect()
}

/// Builds the query of the rows of a table after an id.
#[must_use]
pub fn rows_query(table: &Table, stream: &StreamId, after: &str, limit: usize) -> Statement {
    let mut columns = Vec::new();
    for group in table.groups() {
        columns.extend(group.columns.iter().map(|column| format!("t.{}", column.name)));
        let (stamp, writer) = (group.stamp_column(), group.writer_column());
        columns.push(format!("printf('%016x', t.{stamp}) AS {stamp}"));
        columns.push(format!("t.{writer}"));
    }
    let sql = format!(
        "SELECT t.id AS id, {} FROM {} t WHERE t.venue = ?1 AND t.id > ?2 ORDER BY t.id LIMIT ?3",
        columns.join(", "),
        table.name,
    );
    let params = vec![stream.venue.as_str().into(), after.into(), (limit as i64).into()];
    Statement::new(sql, params)
}

/// Turns a row into changes without a seq, one for all registers that were written together, and
/// leaves out what is told from the log.
///
/// # Errors
/// Names what cannot be read of the row.
pub fn changes_of(
    table: &Table,
    row: &Row,
    writers: &BTreeMap<i64, &Writer>,
    from_log: &BTreeSet<(i64, Hlc)>,
) -> Result<Vec<Change>, Rejection> {
    let entity = row::text(row, "id")?;
    let mut changes: Vec<Change> = Vec::new();
    for group in table.groups() {
        let stamp = row.get(&group.stamp_column()).and_then(Json::as_str);
        let stamp = Hlc::parse(stamp.ok_or(Rejection::InvalidField("stamp"))?)?;
        if stamp == Hlc::default() {
            continue;
        }
        let number = row.get(&group.writer_column()).and_then(Json::as_i64).unwrap_or_default();
        if from_log.contains(&(number, stamp)) {
            continue;
        }
        let writer = writers.get(&number).ok_or(Rejection::InvalidField("writer"))?;
        let mut payload = Map::new();
        for column in group.columns {
            let value = row.get(column.name).unwrap_or(&Json::Null);
            column::field(&mut payload, column, value);
        }
        let together = changes.iter_mut().find(|c| c.effective == stamp && c.writer == **writer);
        if let Some(change) = together {
            change.register.push(',');
            change.register.push_str(group.name);
            change.payload.append(&mut payload);
            continue;
        }
        changes.push(Change {
            writer: (*writer).clone(),
            seq: 0,
            claimed: stamp,
            effective: stamp,
            table: table.name.to_owned(),
            entity: entity.to_owned(),
            register: group.name.to_owned(),
            payload,
        });
    }
    Ok(changes)
}

/// Builds the batch that takes a page in; the last page says what is held from then on.
///
/// # Errors
/// Refuses malformed rows.
pub fn take_in(
    schema: &Schema,
    stream: &StreamId,
    (held, peer): (&mut Held, &str),
    page: &Page,
    rows: &[Change],
) -> Result<Batch, Rejection> {
    if rows.len() > limits::CHANGES_PER_MESSAGE {
        return Err(Rejection::BatchTooLarge);
    }
    rows.iter().try_for_each(Change::check)?;
    let entries: Vec<Entry<'_>> =
        rows.iter().map(|change| Entry { change, effective: change.effective }).collect();
    let of_rows = entries.iter().map(|entry| &entry.change.writer);
    let writers = of_rows.chain(page.upto.have.iter().map(|(writer, _)| writer));
    let strangers = held.meet(writers);
    let numbers = held.numbers();
    let number_of = |writer| numbers.get(writer).copied().unwrap_or_default();
    let mut batch = Batch::new();
    for writer in strangers {
        let params = vec![
            number_of(writer).into(),
            stream.to_string().into(),
            writer.replica.as_str().into(),
            writer.generation.as_str().into(),
        ];
        batch.push(Statement::exactly(1, MEET_SQL, params));
    }
    if !entries.is_empty() {
        batch.push(import::observe(stream, &entries));
        batch.extend(import::fold_all(schema, stream, &numbers, &entries));
    }
    let from = [peer.into(), stream.to_string().into()];
    if let Some(next) = &page.next {
        let next = serde_json::json!(next).to_string();
        let params = [from.as_slice(), &[next.into()]].concat();
        batch.push(Statement::exactly(1, PLACE_SQL, params));
    } else {
        batch.push(forget_place(stream, peer));
        for (writer, seq) in page.upto.have.iter() {
            let tip = page.upto.tips.get(&format!("{}/{}", writer.replica, writer.generation));
            let tip = tip.cloned().unwrap_or_default();
            let params = vec![number_of(writer).into(), (seq as i64).into(), tip.into()];
            batch.push(Statement::new(HOLD_SQL, params));
        }
    }
    Ok(batch)
}
