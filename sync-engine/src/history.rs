//! Two histories under one name, in the hands of others than their author.
//!
//! A store that was restored or copied writes other changes under seqs that were taken, until it
//! hears of it and begins a new life. Meanwhile one peer may have heard the one history and another
//! the other. Then nothing more of that writer is taken from each other, and the asking side takes
//! its branch over as changes of its own: nothing is lost, and what travels twice does no harm. It
//! must not run the batch.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::json;

use crate::{
    Rejection,
    change::Change,
    held::{Held, Known},
    id::{StreamId, Writer},
    message::{Part, Tips},
    refold, retention,
    row::{self, Row},
    shape::Schema,
    statement::{Batch, Statement, Value},
};

/// The writer whose branch is taken over is `v`, we are `n`.
const BOTH_SQL: &str = "stream_writer v JOIN stream_writer n ON n.stream = v.stream \
     AND n.replica = ?4 AND n.generation = ?5 \
     WHERE v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3";

const LOG_SQL: &str = "INSERT INTO change_log (writer, seq, claimed, effective, table_name, \
     entity, register, payload) SELECT b.mine, b.above + c.seq, c.claimed, c.effective, \
     c.table_name, c.entity, c.register, c.payload FROM (SELECT v.id AS theirs, v.floor AS floor, \
     n.id AS mine, n.seq - v.floor AS above FROM %BOTH%) b \
     JOIN change_log c ON c.writer = b.theirs AND c.seq > b.floor";

const ASIDE_SQL: &str = "INSERT INTO set_aside (writer, seq, reason, at_ms, tries) \
     SELECT b.mine, b.above + a.seq, a.reason, a.at_ms, a.tries FROM (SELECT v.id AS theirs, \
     v.floor AS floor, n.id AS mine, n.seq - v.floor AS above FROM %BOTH%) b \
     JOIN set_aside a ON a.writer = b.theirs AND a.seq > b.floor";

/// A life of ours that has ended in the meantime takes nothing over.
const OWN_SQL: &str = "UPDATE stream_writer SET tip = '', seq = seq + \
     (SELECT v.seq - v.floor FROM stream_writer v \
     WHERE v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3) \
     WHERE stream = ?1 AND replica = ?4 AND generation = ?5 AND EXISTS (SELECT 1 \
     FROM local_venue l WHERE l.venue = ?6 AND l.replica = ?4 AND l.generation = ?5)";

const FORGET_SQL: &str = "DELETE FROM %TABLE% WHERE EXISTS (SELECT 1 FROM stream_writer v \
     WHERE v.id = %TABLE%.writer AND %TABLE%.seq > v.floor \
     AND v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3)";

const BACK_SQL: &str = "UPDATE stream_writer SET seq = floor, tip = '', due = ?5 \
     WHERE stream = ?1 AND replica = ?2 AND generation = ?3 AND seq = ?4";

/// What a peer says of other writers, compared with what is held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Writers of whom the peer has another history, and how much of it.
    pub parted: BTreeMap<Writer, u64>,
    /// Of whom the log alone tells: up to where the peer holds them, and by which digest.
    pub unclear: BTreeMap<Writer, (u64, String)>,
}

const DUE_SQL: &str = "UPDATE stream_writer SET due = ?4 \
     WHERE stream = ?1 AND replica = ?2 AND generation = ?3 AND due > ?4";

/// Builds the statements that wait for no more than the asked peer has now: it was put back since
/// it told more, and whoever else still holds that may tell it.
#[must_use]
pub fn wait_for_less(stream: &StreamId, held: &Held, part: &Part) -> Batch {
    let told = |writer: &Writer| part.have.seq(writer);
    let waits = held
        .writers
        .iter()
        .filter(|(writer, known)| known.due > known.seq && told(writer) < known.due);
    waits
        .map(|(writer, _)| {
            let params = vec![
                stream.to_string().into(),
                writer.replica.as_str().into(),
                writer.generation.as_str().into(),
                (told(writer) as i64).into(),
            ];
            Statement::new(DUE_SQL, params)
        })
        .collect()
}

/// Compares what a peer holds of others than us with what is held here.
#[must_use]
pub fn doubts(held: &Held, own: &Writer, part: &Part) -> Doubts {
    let mut doubts = Doubts::default();
    for (writer, seq) in part.have.iter().filter(|(writer, _)| *writer != own) {
        let Some(known) = held.writers.get(writer) else { continue };
        let name = writer.to_string();
        let differs = |ours: &str, theirs: Option<&String>| {
            !ours.is_empty() && theirs.is_some_and(|theirs| theirs != ours)
        };
        let is_parted = match seq.cmp(&known.seq) {
            std::cmp::Ordering::Equal => differs(&known.tip, part.tips.get(&name)),
            std::cmp::Ordering::Less if seq == known.floor => {
                differs(&known.floor_tip, part.tips.get(&name))
            }
            std::cmp::Ordering::Less if seq > known.floor => {
                let tip = part.tips.get(&name);
                doubts.unclear.extend(tip.map(|tip| (writer.clone(), (seq, tip.clone()))));
                false
            }
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Greater => is_off_our_base(known, writer, part),
        };
        if is_parted {
            doubts.parted.insert(writer.clone(), seq);
        }
    }
    doubts
}

/// Tells whether what is sent of a writer goes on from another change than the one held last.
fn is_off_our_base(known: &Known, writer: &Writer, part: &Part) -> bool {
    let first = part.changes.iter().filter(|c| c.writer == *writer).map(|c| c.seq).min();
    let base = part.bases.get(&writer.to_string());
    first == Some(known.seq + 1)
        && !known.tip.is_empty()
        && base.is_some_and(|base| *base != known.tip)
}

/// Returns the changes that go on from what is held, and leaves out those of another history: also
/// those of whom only the peer that is asked tells for now.
#[must_use]
pub fn of_ours<'a>(held: &Held, part: &'a Part, is_asked: bool) -> Cow<'a, [Change]> {
    let writers: BTreeSet<&Writer> = part.changes.iter().map(|change| &change.writer).collect();
    let off = |writer: &&Writer| {
        held.writers.get(*writer).is_some_and(|known| {
            (known.seq < known.due && !is_asked) || is_off_our_base(known, writer, part)
        })
    };
    let off: BTreeSet<&Writer> = writers.into_iter().filter(off).collect();
    if off.is_empty() {
        return Cow::Borrowed(&part.changes);
    }
    part.changes.iter().filter(|change| !off.contains(&change.writer)).cloned().collect()
}

impl Doubts {
    /// Builds the query of what the log says of those that are unclear; none when all is clear.
    #[must_use]
    pub fn query(&self, held: &Held) -> Option<Statement> {
        let at = |(writer, (seq, _)): (&Writer, &(u64, String))| {
            held.writers.get(writer).map(|known| (known.number, *seq))
        };
        at_query(&self.unclear.iter().filter_map(at).collect::<Vec<_>>())
    }

    /// Takes the rows of the query.
    ///
    /// # Errors
    /// Names the column that cannot be read.
    pub fn clear(&mut self, rows: &[Row]) -> Result<(), Rejection> {
        for row in rows {
            let change = row::change(row)?;
            let theirs = self.unclear.get(&change.writer);
            if theirs.is_some_and(|(seq, tip)| *seq == change.seq && *tip != change.digest()) {
                self.parted.insert(change.writer, change.seq);
            }
        }
        Ok(())
    }
}

/// Lists the changes before the first that is sent, of each writer who is not the sender.
fn before<'a>(held: &'a Held, own: &Writer, changes: &'a [Change]) -> Vec<(&'a Known, u64)> {
    let mut firsts: BTreeMap<&Writer, u64> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.writer != *own) {
        let first = firsts.entry(&change.writer).or_insert(change.seq);
        *first = change.seq.min(*first);
    }
    let known = |(writer, first): (&Writer, u64)| Some((held.writers.get(writer)?, first - 1));
    firsts.into_iter().filter(|(_, first)| *first > 1).filter_map(known).collect()
}

/// Builds the query of what stands before the changes that are sent; none when nothing does.
#[must_use]
pub fn bases_query(held: &Held, own: &Writer, changes: &[Change]) -> Option<Statement> {
    let in_log = before(held, own, changes).into_iter().filter(|(known, at)| *at > known.floor);
    at_query(&in_log.map(|(known, at)| (known.number, at)).collect::<Vec<_>>())
}

/// Returns the digests of what stands before the changes that are sent, with the query's rows.
///
/// # Errors
/// Names the column that cannot be read.
pub fn bases(
    held: &Held,
    own: &Writer,
    (changes, rows): (&[Change], &[Row]),
) -> Result<Tips, Rejection> {
    let mut bases = Tips::new();
    let before = before(held, own, changes);
    for (writer, known) in &held.writers {
        let at_floor = before.iter().any(|(k, at)| k.number == known.number && *at == known.floor);
        if at_floor && !known.floor_tip.is_empty() {
            bases.insert(writer.to_string(), known.floor_tip.clone());
        }
    }
    for row in rows {
        let change = row::change(row)?;
        bases.insert(change.writer.to_string(), change.digest());
    }
    Ok(bases)
}

fn at_query(places: &[(i64, u64)]) -> Option<Statement> {
    let places = (!places.is_empty()).then(|| json!(places).to_string())?;
    Some(Statement::new(retention::AT_SQL, vec![places.into()]))
}

/// Builds the batch with which we take our branch of another's history over; what the log has
/// forgotten of it, everybody had.
///
/// It aborts as a whole when that writer has gone on here, or our life has ended, in the meantime.
#[must_use]
pub fn take_over(
    schema: &Schema,
    stream: &StreamId,
    own: &Writer,
    (other, theirs_seq): (&Writer, u64),
    held: &Held,
) -> Batch {
    let theirs: Vec<Value> = vec![
        stream.to_string().into(),
        other.replica.as_str().into(),
        other.generation.as_str().into(),
    ];
    let both = [theirs.clone(), vec![own.replica.as_str().into(), own.generation.as_str().into()]]
        .concat();
    let present = [both.clone(), vec![stream.venue.as_str().into()]].concat();
    let named = |sql: &str| sql.replace("%BOTH%", BOTH_SQL);
    let forget = |table: &str| Statement::new(FORGET_SQL.replace("%TABLE%", table), theirs.clone());
    let (seq, due) = ((held.seq(other) as i64).into(), (theirs_seq as i64).into());
    let floor = held.writers.get(other).map_or(0, |known| known.floor);
    let mut batch = vec![
        Statement::new(named(LOG_SQL), both.clone()),
        Statement::new(named(ASIDE_SQL), both),
        Statement::exactly(1, OWN_SQL, present),
        forget("change_log"),
        forget("set_aside"),
    ];
    batch.extend(refold::life(schema, stream, other, own));
    batch.push(retention::doubt(stream, other, floor));
    batch.push(Statement::exactly(1, BACK_SQL, [theirs, vec![seq, due]].concat()));
    batch
}
