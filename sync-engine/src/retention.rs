//! What of the log may go: changes that every peer has.
//!
//! The digest of the last one that goes is kept: by it, two histories under one name are told
//! apart. Changes of tables that this build does not know stay, for the build that does; so do
//! lowered stamps for a while, for a peer that is put back to a time when it did not know them.
//! With the last change of a removed member goes what is left of its row: every peer knows that it
//! is removed, unless a snapshot is going on. This must not know who the peers are, only what they
//! hold.

use serde_json::json;

use crate::{
    Rejection, change_columns,
    held::Held,
    id::{StreamId, Writer},
    limits,
    row::{self, Row},
    shape::Schema,
    statement::{Batch, Statement, Value},
    vector::Vector,
};

/// Changes by their writer's number and seq.
pub(crate) const AT_SQL: &str = concat!(
    "SELECT v.id AS number, ",
    change_columns!(),
    " FROM json_each(?1) f CROSS JOIN stream_writer v ON v.id = f.value->>0 \
     CROSS JOIN change_log c ON c.writer = v.id AND c.seq = f.value->>1"
);

const REAP_SQL: &str = "DELETE FROM change_log WHERE writer = ?1 AND seq <= ?2 \
     AND table_name IN (SELECT value FROM json_each(?3)) \
     AND (effective = claimed OR seq <= ?2 - ?4) AND NOT EXISTS (SELECT 1 FROM set_aside a \
     WHERE a.writer = change_log.writer AND a.seq = change_log.seq)";

/// What was added and removed, and of which the log tells nothing any more. What a snapshot brought
/// that has not ended, no log ever told: an older change would add it again.
const BURY_SQL: &str = "DELETE FROM %TABLE% WHERE venue = ?1 AND stamp > 0 AND removed_stamp > 0 \
     AND id NOT IN (SELECT c.entity FROM stream_writer v CROSS JOIN change_log c \
     ON c.writer = v.id WHERE v.stream = ?2 AND c.table_name = '%TABLE%') \
     AND NOT EXISTS (SELECT 1 FROM snapshot_place o WHERE o.stream = ?2)";

const FLOOR_SQL: &str =
    "UPDATE stream_writer SET floor = ?2, floor_tip = ?3 WHERE id = ?1 AND floor < ?2";

const DOUBT_SQL: &str = "UPDATE peer_vector SET seq = ?4 \
     WHERE stream = ?1 AND replica = ?2 AND generation = ?3 AND seq > ?4";

/// Builds the statement after which no peer counts as holding more of a writer than this: what it
/// holds beyond is of another history than what stands here from now on, and the log has to wait.
#[must_use]
pub fn doubt(stream: &StreamId, writer: &Writer, seq: u64) -> Statement {
    let params = vec![
        stream.to_string().into(),
        writer.replica.as_str().into(),
        writer.generation.as_str().into(),
        (seq as i64).into(),
    ];
    Statement::new(DOUBT_SQL, params)
}

/// Up to where each writer's log may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reap(Vec<(i64, u64)>);

/// Decides what every peer has, of so many writers at a time; none while that is less than so many
/// changes. Without a peer nothing goes.
#[must_use]
pub fn decide(held: &Held, peers: &[Vector], at_least: u64) -> Option<Reap> {
    if peers.is_empty() {
        return None;
    }
    let mut gains = Vec::new();
    for (writer, known) in &held.writers {
        let acknowledged = peers.iter().map(|peer| peer.seq(writer)).min().unwrap_or_default();
        // The last change that all have stays: its digest is what peers compare.
        let floor = acknowledged.min(known.seq).saturating_sub(1);
        // A snapshot promises everything below the floor, and no row shows what is set aside.
        let shown = known.aside.map_or(floor, |aside| aside - 1);
        let floor = floor.min(shown.max(floor.saturating_sub(limits::ASIDE_WAITS)));
        if floor > known.floor {
            gains.push((floor - known.floor, known.number, floor));
        }
    }
    // Each costs statements, of which a request has so many: the others have their turn next.
    gains.sort_unstable_by(|a, b| b.cmp(a));
    gains.truncate(limits::WRITERS_PER_REAP);
    let count: u64 = gains.iter().map(|(gain, _, _)| gain).sum();
    let floors = gains.into_iter().map(|(_, number, floor)| (number, floor)).collect();
    (count > 0 && count >= at_least).then_some(Reap(floors))
}

impl Reap {
    /// Builds the query of the last change of each writer that goes.
    #[must_use]
    pub fn query(&self) -> Statement {
        Statement::new(AT_SQL, vec![json!(self.0).to_string().into()])
    }

    /// Builds the batch, with what the query returned.
    ///
    /// # Errors
    /// Names the column that cannot be read.
    pub fn batch(
        &self,
        schema: &Schema,
        stream: &StreamId,
        last: &[Row],
    ) -> Result<Batch, Rejection> {
        let tables: Vec<&str> = schema.tables.iter().map(|table| table.name).collect();
        let tables: Value = json!(tables).to_string().into();
        let mut batch = Batch::new();
        for row in last {
            let number = row::number(row, "number")? as i64;
            let change = row::change(row)?;
            let until = [number.into(), (change.seq as i64).into()];
            let more = [tables.clone(), limits::LOWERED_KEPT.into()];
            let reap = [until.as_slice(), &more].concat();
            let floor = [until.as_slice(), &[change.digest().into()]].concat();
            batch.push(Statement::new(REAP_SQL, reap));
            batch.push(Statement::new(FLOOR_SQL, floor));
        }
        for table in schema.of_stream(stream).filter(|table| table.has_members()) {
            let params = vec![stream.venue.as_str().into(), stream.to_string().into()];
            batch.push(Statement::new(BURY_SQL.replace("%TABLE%", table.name), params));
        }
        Ok(batch)
    }
}
