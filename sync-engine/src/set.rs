//! A set: members come and go, and what somebody adds while another removes it stays.
//!
//! A member is a row under an id of its own, drawn when it is added and never used again. Removing
//! it marks that row and no other: an addition that its remover has not seen is another row. What
//! is marked goes once every peer knows of it ([`crate::retention`]). This must not know what the
//! members are.

use serde_json::{Map, Value as Json};

use crate::{change::Draft, shape::REMOVED};

/// Returns the draft that adds a member; its id must be new.
///
/// The write fails when the id was used before.
#[must_use]
pub fn add(table: &'static str, id: String, fields: Map<String, Json>) -> Draft {
    Draft { table, entity: id, register: "", payload: fields, number: None }
}

/// Returns the draft that removes a member; removing it twice is harmless.
#[must_use]
pub fn remove(table: &'static str, id: String) -> Draft {
    Draft { table, entity: id, register: REMOVED, payload: Map::new(), number: None }
}
