//! What of the log may go: changes that every peer has.
//!
//! Changes of tables that this build does not know stay, for the build that does. It must not know
//! who the peers are, only what they hold.

use serde_json::json;

use crate::{
    held::Held,
    shape::Schema,
    statement::{Batch, Statement},
    vector::Vector,
};

const REAP_SQL: &str = "DELETE FROM change_log WHERE writer = ?1 AND seq <= ?2 \
     AND table_name IN (SELECT value FROM json_each(?3))";

const FLOOR_SQL: &str = "UPDATE stream_writer SET floor = ?2 WHERE id = ?1 AND floor < ?2";

/// Builds the batch that reaps a stream's log below what all peers hold; empty while that is less
/// than so many changes. Without a peer nothing is reaped.
#[must_use]
pub fn reap(schema: &Schema, held: &Held, peers: &[Vector], at_least: u64) -> Batch {
    if peers.is_empty() {
        return Batch::new();
    }
    let mut batch = Batch::new();
    let mut count = 0;
    let tables: Vec<&str> = schema.tables.iter().map(|table| table.name).collect();
    for (writer, known) in &held.writers {
        let acknowledged = peers.iter().map(|peer| peer.seq(writer)).min().unwrap_or_default();
        // The last change that all have stays: its digest is what peers compare.
        let floor = acknowledged.min(known.seq).saturating_sub(1);
        if floor <= known.floor {
            continue;
        }
        count += floor - known.floor;
        let until = [known.number.into(), (floor as i64).into()];
        let of_tables = [until.as_slice(), &[json!(tables).to_string().into()]].concat();
        batch.push(Statement::new(REAP_SQL, of_tables));
        batch.push(Statement::new(FLOOR_SQL, until.to_vec()));
    }
    if count < at_least { Batch::new() } else { batch }
}
