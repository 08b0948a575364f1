//! Rows that stamps are taken from or given to: after the hub lowered some, and after a new life.
//!
//! What a row holds stays in it under its new label; then the log is folded over it once more, so
//! that whatever wins by the new stamps does. It must not know why; it is told which changes.

use serde_json::json;

use crate::{
    fold::{self, Numbers, Selection},
    id::{StreamId, Writer},
    message::Lowered,
    shape::{Group, Schema, Table},
    statement::{Batch, Expect, Statement, Value},
};

/// The told changes as they stand in the log: which writer, which entity, the stamp before, after.
const TOLD_SQL: &str = "(SELECT c.entity AS entity, c.writer AS writer, c.effective AS before, \
     t.value->>'stamp' AS after FROM json_each(?2) t CROSS JOIN change_log c \
     WHERE c.writer = t.value->>'writer' AND c.seq = t.value->>'seq') n";

const LOWER_SQL: &str = "UPDATE change_log SET effective = t.value->>'stamp' FROM json_each(?1) t \
     WHERE change_log.writer = t.value->>'writer' AND change_log.seq = t.value->>'seq'";

/// The log of a stream, writer by writer.
pub(crate) const LOG_FROM: &str = "stream_writer v CROSS JOIN change_log c";
/// What a snapshot has told since stands in the rows: of the log only what is above it counts.
const TOUCHED_SQL: &str = "v.stream = ?2 AND c.writer = v.id AND c.seq > v.floor \
     AND c.entity IN (SELECT n.entity \
     FROM json_each(?3) t CROSS JOIN change_log n \
     WHERE n.writer = t.value->>'writer' AND n.seq = t.value->>'seq') \
     AND NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.writer = c.writer AND a.seq = c.seq)";

const MOVED_SQL: &str = "v.stream = ?2 AND c.writer = v.id AND c.seq > v.floor \
     AND c.entity IN (SELECT n.entity \
     FROM stream_writer m CROSS JOIN change_log n \
     WHERE m.stream = ?2 AND m.replica = ?3 AND m.generation = ?4 AND n.writer = m.id) \
     AND NOT EXISTS (SELECT 1 FROM set_aside a WHERE a.writer = c.writer AND a.seq = c.seq)";

/// Builds the statements that record lowered stamps and fold the rows that they touch.
#[must_use]
pub fn lower(schema: &Schema, stream: &StreamId, numbers: &Numbers, lowered: &[Lowered]) -> Batch {
    let told: Vec<_> = lowered
        .iter()
        .filter_map(|told| {
            let writer = numbers.get(&told.writer)?;
            Some(json!({"writer": writer, "seq": told.seq, "stamp": told.effective.bits()}))
        })
        .collect();
    let told = Value::from(json!(told).to_string());
    let venue = stream.venue.as_str();
    let mut batch = Batch::new();
    for (table, group) in groups_of(schema, stream) {
        let sql = format!(
            "UPDATE {name} SET {stamp} = n.after FROM {TOLD_SQL} WHERE {name}.venue = ?1 \
             AND {name}.id = n.entity AND {name}.{writer} = n.writer AND {name}.{stamp} = n.before",
            name = table.name,
            stamp = group.stamp_column(),
            writer = group.writer_column(),
        );
        batch.push(Statement::new(sql, vec![venue.into(), told.clone()]));
    }
    batch.push(Statement::new(LOWER_SQL, vec![told.clone()]));
    let params = vec![stream.to_string().into(), told];
    let selection = Selection { from: LOG_FROM, condition: TOUCHED_SQL, params };
    batch.extend(fold_tables(schema, stream, &selection));
    batch
}

/// Builds the statements that give rows to a life whose changes were another's before.
///
/// Which rows those are is asked inside the batch: nothing that is written meanwhile is missed.
#[must_use]
pub fn life(schema: &Schema, stream: &StreamId, old: &Writer, new: &Writer) -> Batch {
    let venue = stream.venue.as_str();
    let life = vec![
        stream.to_string().into(),
        new.replica.as_str().into(),
        new.generation.as_str().into(),
    ];
    let before = vec![old.replica.as_str().into(), old.generation.as_str().into()];
    let named = [vec![venue.into()], life.clone(), before].concat();
    let mut batch = Batch::new();
    for (table, group) in groups_of(schema, stream) {
        let number = |replica: &str, generation: &str| {
            format!(
                "(SELECT w.id FROM stream_writer w WHERE w.stream = ?2 \
                 AND w.replica = {replica} AND w.generation = {generation})"
            )
        };
        let sql = format!(
            "UPDATE {name} SET {writer} = {new} WHERE venue = ?1 AND {writer} = {old} \
             AND {stamp} IN (SELECT c.effective FROM change_log c WHERE c.writer = {new})",
            name = table.name,
            writer = group.writer_column(),
            stamp = group.stamp_column(),
            new = number("?3", "?4"),
            old = number("?5", "?6"),
        );
        batch.push(Statement::new(sql, named.clone()));
    }
    let selection = Selection { from: LOG_FROM, condition: MOVED_SQL, params: life };
    batch.extend(fold_tables(schema, stream, &selection));
    batch
}

fn groups_of(schema: &Schema, stream: &StreamId) -> Vec<(&'static Table, Group)> {
    let tables = schema.of_stream(stream);
    tables.flat_map(|table| table.groups().into_iter().map(move |group| (table, group))).collect()
}

fn fold_tables(schema: &Schema, stream: &StreamId, selection: &Selection) -> Batch {
    let venue = stream.venue.as_str();
    schema
        .of_stream(stream)
        .map(|table| fold::from_log(venue, table, selection, Expect::Any))
        .collect()
}
