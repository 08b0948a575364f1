//! Changes from elsewhere: what of them is new, and the one batch that takes it in.
//!
//! Deciding is pure: the vector held and the changes sent go in, a [`Plan`] comes out. Taking the
//! same changes in again, or in part, changes nothing. It must not load, run or send anything.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::{
    Rejection,
    change::Change,
    fold::{self, Selection},
    id::{StreamId, Writer},
    limits,
    shape::Schema,
    stamp::Hlc,
    statement::{Batch, Expect, Statement},
    vector::Vector,
};

const VECTOR_SQL: &str = "INSERT INTO stream_vector (stream, replica, generation, seq) \
     VALUES (?1, ?2, ?3, CAST(?4 AS INTEGER)) \
     ON CONFLICT (stream, replica, generation) DO UPDATE SET seq = excluded.seq \
     WHERE stream_vector.seq = ?5";

const LOG_SQL: &str = "INSERT INTO change_log (stream, replica, generation, seq, claimed, \
     effective, table_name, entity, register, payload) \
     SELECT ?1, j.value->>'replica', j.value->>'generation', j.value->>'seq', \
     j.value->>'claimed', j.value->>'effective', j.value->>'table', j.value->>'entity', \
     coalesce(j.value->>'register', ''), j.value->'payload' FROM json_each(?2) j WHERE true";

const OBSERVE_SQL: &str = "UPDATE hybrid_clock SET \
     counter = CASE WHEN ?2 > ms THEN CAST(?3 AS INTEGER) \
     WHEN ?2 = ms THEN max(counter, CAST(?3 AS INTEGER)) ELSE counter END, \
     ms = max(ms, CAST(?2 AS INTEGER)) WHERE venue = ?1";

const RANGES_FROM: &str = "json_each(?3) r CROSS JOIN change_log c";

const RANGES_SQL: &str = "c.stream = ?2 \
     AND c.replica = r.value->>'replica' AND c.generation = r.value->>'generation' \
     AND c.seq BETWEEN r.value->>'from' AND r.value->>'to'";

/// What is new in a message, ready to become a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The new changes, by writer and seq.
    pub changes: Vec<Change>,
    /// Per writer the seq held before and after.
    pub advances: BTreeMap<Writer, (u64, u64)>,
}

/// Decides what of the sent changes is new to a store that holds `have`.
///
/// The hub hands in how late a stamp may be: what lies beyond gets that stamp, once and for all.
///
/// # Errors
/// Refuses malformed changes, gaps, and changes of our own present life that we do not hold: the
/// store was restored and must start a new life first.
pub fn plan(
    have: &Vector,
    own: &Writer,
    sent: &[Change],
    clamp_ms: Option<u64>,
) -> Result<Plan, Rejection> {
    if sent.len() > limits::CHANGES_PER_MESSAGE {
        return Err(Rejection::BatchTooLarge);
    }
    let mut sorted: BTreeMap<(&Writer, u64), &Change> = BTreeMap::new();
    for change in sent {
        change.check()?;
        sorted.insert((&change.writer, change.seq), change);
    }
    let mut plan = Plan::default();
    for ((writer, seq), change) in sorted {
        let held = have.seq(writer);
        if seq <= held {
            continue;
        }
        if writer == own {
            return Err(Rejection::RebaseRequired);
        }
        let advance = plan.advances.entry(writer.clone()).or_insert((held, held));
        if seq != advance.1 + 1 {
            return Err(Rejection::SeqGap);
        }
        advance.1 = seq;
        // What this very store wrote in an earlier life comes back as it was.
        let foreign = writer.replica != own.replica;
        plan.changes.push(clamped(change, clamp_ms.filter(|_| foreign)));
    }
    Ok(plan)
}

fn clamped(change: &Change, clamp_ms: Option<u64>) -> Change {
    let mut change = change.clone();
    if let (Some(limit_ms), Ok(stamp)) = (clamp_ms, Hlc::parse(&change.effective)) {
        change.effective = stamp.at_most(limit_ms).to_string();
    }
    change
}

impl Plan {
    /// Builds the batch; it aborts as a whole when another worker took the same changes in first.
    #[must_use]
    pub fn batch(&self, schema: &Schema, stream: &StreamId) -> Batch {
        if self.changes.is_empty() {
            return Vec::new();
        }
        let name = stream.to_string();
        let mut batch = Vec::new();
        for (writer, (before, after)) in &self.advances {
            let params = vec![
                name.as_str().into(),
                writer.replica.as_str().into(),
                writer.generation.as_str().into(),
                (*after as i64).into(),
                (*before as i64).into(),
            ];
            batch.push(Statement::exactly(1, VECTOR_SQL, params));
        }
        let rows = json!(self.changes).to_string();
        let params = vec![name.as_str().into(), rows.into()];
        batch.push(Statement::exactly(self.changes.len() as u64, LOG_SQL, params));
        batch.push(self.observe(stream));
        self.fold(&mut batch, schema, stream);
        batch
    }

    /// Our clock passes every stamp that we have seen: what is written here next is newer.
    fn observe(&self, stream: &StreamId) -> Statement {
        let highest = self.changes.iter().filter_map(|c| Hlc::parse(&c.effective).ok()).max();
        let seen = highest.unwrap_or(Hlc { ms: 0, counter: 0 });
        let params = vec![
            stream.venue.as_str().into(),
            (seen.ms as i64).into(),
            i64::from(seen.counter).into(),
        ];
        Statement::exactly(1, OBSERVE_SQL, params)
    }

    /// Changes for tables that this build does not know stay in the log, for the build that does.
    fn fold(&self, batch: &mut Batch, schema: &Schema, stream: &StreamId) {
        let ranges: Vec<_> = self
            .advances
            .iter()
            .map(|(writer, (before, after))| {
                json!({
                    "replica": writer.replica,
                    "generation": writer.generation,
                    "from": before + 1,
                    "to": after,
                })
            })
            .collect();
        let selection = Selection {
            from: RANGES_FROM,
            condition: RANGES_SQL,
            params: vec![stream.to_string().into(), json!(ranges).to_string().into()],
        };
        let targets: BTreeSet<(&str, &str)> =
            self.changes.iter().map(|c| (c.table.as_str(), c.register.as_str())).collect();
        for (table, register) in targets {
            let known = schema.table(table).filter(|t| t.purpose == stream.purpose.as_str());
            let venue = stream.venue.as_str();
            let statement =
                known.and_then(|t| fold::statement(venue, t, register, &selection, Expect::Any));
            batch.extend(statement);
        }
    }
}
