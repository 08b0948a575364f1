//! Siblings: what several people wrote into one register at the same time, kept until one of them
//! has seen the others.
//!
//! The register itself merges as ever, so everybody sees one value and the same. Beside it each
//! edit adds its value to a set and removes those that its author saw: whatever is left beside the
//! newest is what somebody wrote without knowing of it. It must not know what is edited.

use serde_json::{Map, Value as Json, json};

use crate::{
    change::Draft,
    id::VenueId,
    set,
    shape::{Column, MEMBER_SQL, Shape, Table, json as json_column, text},
    statement::Statement,
};

const NAME: &str = "sibling";
const COLUMNS: &[Column] = &[text("edited"), json_column("fields")];

/// Declares the set of siblings of a stream's registers.
#[must_use]
pub const fn table(purpose: &'static str) -> Table {
    Table { name: NAME, purpose, shape: Shape::Set(COLUMNS) }
}

/// Names a register of a row.
#[must_use]
pub fn name(table: &str, entity: &str, register: &str) -> String {
    format!("{table}/{entity}/{register}")
}

/// Builds the query of what stands side by side in a register, the value that counts first; with
/// one row there was no disagreement.
#[must_use]
pub fn query(venue: &VenueId, edited: &str) -> Statement {
    let sql = format!(
        "SELECT t.id AS id, t.fields AS fields FROM {NAME} t JOIN stream_writer w \
         ON w.id = t.writer WHERE t.venue = ?1 AND t.edited = ?2 AND {MEMBER_SQL} \
         ORDER BY t.stamp DESC, w.replica || '/' || w.generation DESC LIMIT 100"
    );
    Statement::new(sql, vec![venue.as_str().into(), edited.into()])
}

/// Returns an edit with what it leaves beside the register; `seen` are the ids of the siblings that
/// its author was shown, `id` is new.
#[must_use]
pub fn edit(draft: Draft, seen: &[String], id: String) -> Vec<Draft> {
    let fields = [
        ("edited", json!(name(draft.table, &draft.entity, draft.register))),
        ("fields", Json::Object(draft.payload.clone())),
    ];
    let fields: Map<_, _> = fields.into_iter().map(|(name, v)| (name.to_owned(), v)).collect();
    let removals = seen.iter().map(|id| set::remove(NAME, id.clone()));
    [draft, set::add(NAME, id, fields)].into_iter().chain(removals).collect()
}
