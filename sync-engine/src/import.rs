//! Changes from elsewhere: what of them is new, and the one batch that takes it in.
//!
//! Deciding is pure: what is held and the changes sent go in, a [`Plan`] comes out. Taking the same
//! changes in again, or in part, changes nothing. It must not load, run or send anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Rejection,
    change::Change,
    fold::{self, Entry, Numbers, Rule},
    held::Held,
    id::{StreamId, Writer},
    limits,
    shape::Schema,
    stamp::Hlc,
    statement::{Batch, Expect, Statement, Value},
};

const KNOWN_SQL: &str = "UPDATE stream_writer SET seq = ?2, tip = ?4 WHERE id = ?1 AND seq = ?3";

/// Two workers that meet the same new number collide here, and the second decides again.
const NEW_SQL: &str = "INSERT INTO stream_writer (id, stream, replica, generation, seq, tip) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

const LOG_SQL: &str = "INSERT INTO change_log (writer, seq, claimed, effective, table_name, \
     entity, register, payload) \
     SELECT r.p0, r.p1, r.p2, r.p3, r.p4, r.p5, r.p6, r.p7 FROM %ROWS% WHERE true";

const ASIDE_SQL: &str = "INSERT INTO set_aside (writer, seq, reason, at_ms) \
     SELECT r.p0, r.p1, r.p2, ?1 FROM %ROWS% WHERE true ON CONFLICT (writer, seq) DO NOTHING";

const OBSERVE_SQL: &str = "UPDATE hybrid_clock SET \
     counter = CASE WHEN ?2 > ms THEN ?3 WHEN ?2 = ms THEN max(counter, ?3) ELSE counter END, \
     ms = max(ms, ?2) WHERE venue = ?1";

/// What is new in a message, ready to become a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan<'a> {
    /// The new changes, by writer and seq.
    pub entries: Vec<Entry<'a>>,
    /// Those of them that are kept in the log and not folded, with the reason, by their place.
    pub aside: BTreeMap<usize, String>,
    /// Per writer the seq held before and after.
    pub advances: BTreeMap<&'a Writer, (u64, u64)>,
    /// Writers of which nothing was known before.
    strangers: BTreeSet<&'a Writer>,
    numbers: Numbers,
}

/// Decides what of the sent changes is new to a store that holds this much.
///
/// Writers that are new here get numbers, and are in `held` from then on.
///
/// The hub hands in how late a stamp may be: what lies beyond gets that stamp, once and for all. A
/// limit never lies before what the hub has seen, also when its clock has gone back.
///
/// A change that is malformed in itself is set aside: it is kept in the log, and not folded. One
/// that no message could carry on, or after which no clock could go on, would stop everybody's
/// stream instead of its sender's.
///
/// Of a writer under whose last seq another change is held, nothing is taken: two stores write one
/// life, as a copied disk and its original do. What is held tells the sender, who begins a new one.
///
/// # Errors
/// Refuses gaps, what cannot be carried on, more writers than a vector may name, and changes of our
/// own present life that we do not hold: the store was restored and must start a new life first.
pub fn plan<'a>(
    held: &mut Held,
    own: &Writer,
    sent: &'a [Change],
    limit_ms: Option<u64>,
) -> Result<Plan<'a>, Rejection> {
    if sent.len() > limits::CHANGES_PER_MESSAGE {
        return Err(Rejection::BatchTooLarge);
    }
    let mut plan = Plan::default();
    let mut forked = BTreeSet::new();
    for change in in_order(sent) {
        if change.seq == 0 || change.seq > limits::INTEGER_MAX as u64 {
            return Err(Rejection::InvalidField("seq"));
        }
        let before = held.seq(&change.writer);
        if held.differs_at_tip(change) {
            forked.insert(&change.writer);
        }
        if change.seq <= before || forked.contains(&change.writer) {
            continue;
        }
        if &change.writer == own {
            return Err(Rejection::RebaseRequired);
        }
        let advance = plan.advances.entry(&change.writer).or_insert((before, before));
        match change.seq.cmp(&(advance.1 + 1)) {
            // The same change twice in one message.
            std::cmp::Ordering::Less => continue,
            std::cmp::Ordering::Greater => return Err(Rejection::SeqGap),
            std::cmp::Ordering::Equal => advance.1 = change.seq,
        }
        // One bad record never blocks a queue: the next change would be a gap without it.
        if let Err(rejection) = change.check() {
            change.check_carried()?;
            plan.aside.insert(plan.entries.len(), rejection.to_string());
        }
        plan.entries.push(Entry { change, effective: lowered(change, held, own, limit_ms) });
    }
    plan.strangers = held.meet(plan.advances.keys().copied())?;
    plan.numbers = held.numbers();
    Ok(plan)
}

/// Messages carry changes in order; only a peer that does not pays for the sorting.
fn in_order(sent: &[Change]) -> Vec<&Change> {
    let mut changes: Vec<&Change> = sent.iter().collect();
    let key = |change: &&Change| (change.writer.clone(), change.seq);
    let sorted = changes.is_sorted_by(|a, b| (&a.writer, a.seq) <= (&b.writer, b.seq));
    if !sorted {
        changes.sort_by_cached_key(key);
    }
    changes
}

fn lowered(change: &Change, held: &Held, own: &Writer, limit_ms: Option<u64>) -> Hlc {
    match limit_ms {
        // What this very store wrote in an earlier life comes back as it was.
        Some(limit_ms) if change.writer.replica != own.replica => {
            // Past all that was seen: whoever wrote this may have seen it too.
            change.at_most(limit_ms.max(held.clock_ms + 1))
        }
        _ => change.effective,
    }
}

impl Plan<'_> {
    /// Builds the batch; it aborts as a whole when another worker took the same changes in first.
    #[must_use]
    pub fn batch(&self, schema: &Schema, stream: &StreamId, now_ms: u64) -> Batch {
        if self.entries.is_empty() {
            return Vec::new();
        }
        let mut batch = Vec::new();
        for (writer, (before, after)) in &self.advances {
            batch.push(self.advance(stream, writer, *before, *after));
        }
        let rows = self.entries.iter().map(|entry| self.log_row(entry)).collect();
        let expect = Expect::Exactly(self.entries.len() as u64);
        batch.push(Statement { sql: LOG_SQL.to_owned(), params: Vec::new(), expect, rows });
        batch.push(observe(stream, &self.entries));
        let sound = self.entries.iter().enumerate().filter(|(n, _)| !self.aside.contains_key(n));
        let sound: Vec<Entry<'_>> = sound.map(|(_, entry)| *entry).collect();
        batch.extend(fold_all(schema, stream, (&self.numbers, Rule::Merge), &sound));
        batch.extend(self.set_aside(now_ms));
        batch
    }

    fn set_aside(&self, now_ms: u64) -> Option<Statement> {
        let row = |(place, reason): (&usize, &String)| {
            let change = self.entries.get(*place)?.change;
            let number = self.numbers.get(&change.writer).copied()?;
            Some(vec![number.into(), (change.seq as i64).into(), reason.as_str().into()])
        };
        let rows: Vec<_> = self.aside.iter().filter_map(row).collect();
        let params = vec![(now_ms as i64).into()];
        (!rows.is_empty()).then(|| Statement { rows, ..Statement::new(ASIDE_SQL, params) })
    }

    fn advance(&self, stream: &StreamId, writer: &Writer, before: u64, after: u64) -> Statement {
        let number = self.numbers.get(writer).copied().unwrap_or_default();
        let last = |entry: &&Entry<'_>| &entry.change.writer == writer;
        let last = self.entries.iter().rev().find(last);
        let tip = last.map(|entry| entry.change.digest()).unwrap_or_default();
        if !self.strangers.contains(writer) {
            let seqs = [(after as i64).into(), (before as i64).into()];
            let params = [vec![number.into()], seqs.to_vec(), vec![tip.into()]].concat();
            return Statement::exactly(1, KNOWN_SQL, params);
        }
        let params = vec![
            number.into(),
            stream.to_string().into(),
            writer.replica.as_str().into(),
            writer.generation.as_str().into(),
            (after as i64).into(),
            tip.into(),
        ];
        Statement::exactly(1, NEW_SQL, params)
    }

    fn log_row(&self, entry: &Entry<'_>) -> Vec<Value> {
        let change = entry.change;
        let number = self.numbers.get(&change.writer).copied().unwrap_or_default();
        vec![
            number.into(),
            (change.seq as i64).into(),
            Value::Wide(change.claimed.bits()),
            Value::Wide(entry.effective.bits()),
            change.table.as_str().into(),
            change.entity.as_str().into(),
            change.register.as_str().into(),
            serde_json::to_string(&change.payload).unwrap_or_default().into(),
        ]
    }
}

/// Our clock passes every stamp that we have seen: what is written here next is newer.
pub(crate) fn observe(stream: &StreamId, entries: &[Entry<'_>]) -> Statement {
    let seen = entries.iter().map(|entry| entry.effective).max().unwrap_or_default();
    let params =
        vec![stream.venue.as_str().into(), (seen.ms as i64).into(), i64::from(seen.counter).into()];
    Statement::exactly(1, OBSERVE_SQL, params)
}

/// Changes for tables that this build does not know stay in the log, for the build that does.
pub(crate) fn fold_all(
    schema: &Schema,
    stream: &StreamId,
    (numbers, rule): (&Numbers, Rule<'_>),
    entries: &[Entry<'_>],
) -> Batch {
    let tables: BTreeSet<&str> = entries.iter().map(|e| e.change.table.as_str()).collect();
    let known = tables.into_iter().filter_map(|name| schema.table(name));
    known
        .filter(|table| table.purpose == stream.purpose.as_str())
        .filter_map(|table| {
            let of_table = entries.iter().filter(|entry| entry.change.table == table.name);
            fold::from_entries(stream.venue.as_str(), (table, rule), numbers, of_table)
        })
        .collect()
}
