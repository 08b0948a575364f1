//! Rows folded anew from the log: after the hub lowered stamps, and after a new life began.
//!
//! It must not know why; it is told which rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    fold::{self, Selection},
    id::{StreamId, Writer},
    message::Lowered,
    shape::{Schema, Shape},
    statement::{Batch, Expect, Statement},
};

const LOWER_SQL: &str = "UPDATE change_log SET effective = r.value->>'effective' \
     FROM json_each(?2) r WHERE change_log.stream = ?1 \
     AND change_log.replica = r.value->>'replica' \
     AND change_log.generation = r.value->>'generation' AND change_log.seq = r.value->>'seq'";

const ENTITY_FROM: &str = "json_each(?3) r CROSS JOIN change_log c";
const ENTITY_SQL: &str = "c.stream = ?2 AND c.entity = r.value";

const MOVED_SQL: &str = "c.stream = ?2 AND c.entity IN (SELECT m.entity FROM change_log m \
     WHERE m.stream = ?2 AND m.replica = ?3 AND m.generation = ?4)";

const FORGET_MOVED_SQL: &str = "venue = ?1 AND id IN (SELECT m.entity FROM change_log m \
     WHERE m.stream = ?2 AND m.replica = ?3 AND m.generation = ?4)";

/// Which rows: by table and register, the entities.
pub type Rows = BTreeMap<(String, String), BTreeSet<String>>;

/// Builds the statements that record lowered stamps and fold the rows that they touch.
#[must_use]
pub fn lower(schema: &Schema, stream: &StreamId, lowered: &[Lowered], rows: &Rows) -> Batch {
    let json = serde_json::json!(lowered).to_string();
    let params = vec![stream.to_string().into(), json.into()];
    let mut batch = vec![Statement::new(LOWER_SQL, params)];
    batch.extend(fold_anew(schema, stream, rows));
    batch
}

/// Builds the statements that fold every row anew which a life has a change of.
///
/// Which rows those are is asked inside the batch: nothing that is written meanwhile is missed.
#[must_use]
pub fn life(schema: &Schema, stream: &StreamId, life: &Writer) -> Batch {
    let venue = stream.venue.as_str();
    let selection = Selection {
        from: "change_log c",
        condition: MOVED_SQL,
        params: vec![
            stream.to_string().into(),
            life.replica.as_str().into(),
            life.generation.as_str().into(),
        ],
    };
    let params = [vec![venue.into()], selection.params.clone()].concat();
    let mut batch = Batch::new();
    for table in schema.tables.iter().filter(|t| t.purpose == stream.purpose.as_str()) {
        let name = table.name;
        let registers: Vec<&str> = match table.shape {
            Shape::Register(groups) => groups.iter().map(|group| group.name).collect(),
            Shape::Fact(_) => vec![""],
        };
        for register in registers {
            let forget = match table.shape {
                Shape::Register(_) => {
                    format!("UPDATE {name} SET {register}_stamp = '' WHERE {FORGET_MOVED_SQL}")
                }
                Shape::Fact(_) => format!("DELETE FROM {name} WHERE {FORGET_MOVED_SQL}"),
            };
            batch.push(Statement::new(forget, params.clone()));
            batch.extend(fold::statement(venue, table, register, &selection, Expect::Any));
        }
    }
    batch
}

/// Builds the statements that forget the rows' stamps and fold every change of them again.
#[must_use]
fn fold_anew(schema: &Schema, stream: &StreamId, rows: &Rows) -> Batch {
    let venue = stream.venue.as_str();
    let mut batch = Vec::new();
    for ((table, register), entities) in rows {
        let Some(table) = schema.table(table) else { continue };
        let entities = serde_json::json!(entities).to_string();
        let forget = match table.shape {
            Shape::Register(_) => format!(
                "UPDATE {} SET {register}_stamp = '' WHERE venue = ?1 \
                 AND id IN (SELECT value FROM json_each(?2))",
                table.name
            ),
            Shape::Fact(_) => format!(
                "DELETE FROM {} WHERE venue = ?1 AND id IN (SELECT value FROM json_each(?2))",
                table.name
            ),
        };
        let selection = Selection {
            from: ENTITY_FROM,
            condition: ENTITY_SQL,
            params: vec![stream.to_string().into(), entities.as_str().into()],
        };
        // An undeclared register has no column to forget, and none to fold into.
        if let Some(fold) = fold::statement(venue, table, register, &selection, Expect::Any) {
            batch.push(Statement::new(forget, vec![venue.into(), entities.into()]));
            batch.push(fold);
        }
    }
    batch
}
