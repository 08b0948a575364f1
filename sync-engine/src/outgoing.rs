//! What a peer gets of one stream: changes from the log, or rows where the log is gone.
//!
//! It says which query to run and takes its rows, until there is nothing more to ask. It must not
//! run queries, nor know how messages travel.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::json;

use crate::{
    Rejection,
    change::Change,
    change_columns,
    held::{Held, Known},
    id::{StreamId, Writer},
    limits,
    message::{Page, Part, Place, Room, Upto, Whole},
    row::{self, Row},
    shape::{Schema, Table},
    snapshot::{self, FromLog, Taking},
    statement::{Statement, Value},
    vector::Vector,
};

const BEYOND_SQL: &str = concat!(
    "SELECT ",
    change_columns!(),
    " FROM stream_writer v JOIN change_log c ON c.writer = v.id \
     AND c.seq > coalesce((SELECT p.value FROM json_each(?2) p \
     WHERE p.key = v.replica || '/' || v.generation), 0) WHERE v.stream = ?1 \
     ORDER BY v.replica, v.generation, c.seq LIMIT ?3"
);

/// What the log will tell after the snapshot: which registers, by the writer's number and the
/// stamp. That is what the snapshot does not promise, also where it was begun by a store that had
/// forgotten more and was put back since.
const UNSETTLED_SQL: &str = "SELECT c.writer AS number, \
     printf('%016x', c.effective) AS stamp, c.table_name AS table_name, c.entity AS entity, \
     c.register AS register FROM stream_writer v \
     JOIN change_log c ON c.writer = v.id AND c.seq > coalesce((SELECT p.value \
     FROM json_each(?2) p WHERE p.key = v.replica || '/' || v.generation), 0) \
     WHERE v.stream = ?1";

/// What of sets was set aside: it is known here and has no row.
const ASIDE_SQL: &str = "SELECT c.table_name AS name, c.entity AS entity \
     FROM stream_writer v JOIN set_aside a ON a.writer = v.id \
     JOIN change_log c ON c.writer = a.writer AND c.seq = a.seq WHERE v.stream = ?1";

/// Who gets it, which decides what a snapshot may promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// The hub sends to whoever asks: what the hub holds is settled.
    Asker,
    /// The asking side sends to the hub: what is still in the log must reach the hub as changes,
    /// because only the hub says by which stamps everyone merges. A gateway sends so to its standby
    /// too: what is in its log may be lowered yet.
    Hub,
}

/// What goes out of one stream, while it is being gathered.
#[derive(Debug)]
pub struct Outgoing<'a> {
    stream: &'a StreamId,
    held: &'a Held,
    todo: VecDeque<Query<'a>>,
    /// The snapshot that this is a page of: what it promises, and how far it has come.
    snapshot: Option<(Upto, Option<Place>)>,
    /// What of the rows the log will tell.
    unsettled: FromLog,
    /// What was set aside, by table and id.
    aside: BTreeSet<(String, String)>,
    /// The stretches of sets that this page brings whole.
    whole: Vec<Whole>,
    is_full: bool,
}

#[derive(Debug)]
enum Query<'a> {
    Log(&'a Vector),
    Unsettled,
    Aside,
    Rows(&'static Table, String),
}

impl<'a> Outgoing<'a> {
    /// Decides what a peer that holds this much gets; `place` is where its snapshot goes on.
    ///
    /// Who is owed our rows gets them first.
    #[must_use]
    pub fn new(
        schema: &Schema,
        stream: &'a StreamId,
        held: &'a Held,
        peer: &'a Vector,
        (towards, place, taking): (Towards, Option<&Place>, &Taking),
    ) -> Self {
        let have = held.vector();
        // A snapshot of a state that this store does not have begins anew.
        let place = place.filter(|place| have.covers(&place.upto.have));
        let lacks = |(writer, known): (&Writer, &Known)| known.seq.saturating_sub(peer.seq(writer));
        let lacking: u64 = held.writers.iter().map(lacks).sum();
        let is_far = towards == Towards::Asker && lacking > limits::CHANGES_PER_SNAPSHOT;
        let mut outgoing = Self {
            stream,
            held,
            todo: VecDeque::new(),
            snapshot: None,
            unsettled: FromLog::default(),
            aside: BTreeSet::new(),
            whole: Vec::new(),
            is_full: false,
        };
        if place.is_none() && !is_far && !taking.owed && held.reaches_back_to(peer) {
            outgoing.todo.push_back(Query::Log(peer));
            return outgoing;
        }
        let upto = match (place, towards) {
            (Some(place), _) => place.upto.clone(),
            (None, Towards::Asker) => Upto { have, tips: held.tips() },
            (None, Towards::Hub) => held.floor(),
        };
        if towards == Towards::Hub {
            outgoing.todo.push_back(Query::Unsettled);
        }
        if schema.of_stream(stream).any(Table::has_members) {
            outgoing.todo.push_back(Query::Aside);
        }
        let tables = snapshot::tables_from(schema, stream, place);
        outgoing.todo.extend(tables.into_iter().map(|(table, after)| Query::Rows(table, after)));
        outgoing.snapshot = Some((upto, place.cloned()));
        outgoing
    }

    /// Returns the next query; none when everything is gathered or the message is full.
    #[must_use]
    pub fn query(&self, room: &Room) -> Option<Statement> {
        // One more than fits tells whether there is more.
        let limit = room.changes + 1;
        match self.todo.front().filter(|_| !self.is_full)? {
            Query::Log(peer) => {
                let params = vec![
                    self.stream.to_string().into(),
                    json!(peer).to_string().into(),
                    (limit as i64).into(),
                ];
                Some(Statement::new(BEYOND_SQL, params))
            }
            Query::Unsettled => {
                let upto = self.snapshot.as_ref().map(|(upto, _)| json!(upto.have).to_string());
                let upto = upto.unwrap_or_else(|| "{}".to_owned());
                let params = [self.named(), vec![upto.into()]].concat();
                Some(Statement::new(UNSETTLED_SQL, params))
            }
            Query::Aside => Some(Statement::new(ASIDE_SQL, self.named())),
            Query::Rows(table, after) => {
                Some(snapshot::rows_query(table, self.stream, after, limit))
            }
        }
    }

    fn named(&self) -> Vec<Value> {
        vec![self.stream.to_string().into()]
    }

    /// Takes the rows of the query; what they say goes into the part, as far as there is room.
    ///
    /// # Errors
    /// Names the column that cannot be read.
    pub fn take(
        &mut self,
        rows: &[Row],
        room: &mut Room,
        part: &mut Part,
    ) -> Result<(), Rejection> {
        match self.todo.pop_front() {
            None => {}
            Some(Query::Log(peer)) => {
                let changes = rows.iter().map(row::change).collect::<Result<Vec<_>, _>>()?;
                let count = changes.len();
                let (changes, left_out) = room.fill(without_gaps(changes, peer));
                self.is_full = left_out || changes.len() < count;
                part.changes = changes;
            }
            Some(Query::Unsettled) => {
                for row in rows {
                    let by = (row::number(row, "number")? as i64, row::stamp(row, "stamp")?);
                    let text = |name| row::text(row, name);
                    let named = (text("table_name")?, text("entity")?, text("register")?);
                    self.unsettled.note(by, named);
                }
            }
            Some(Query::Aside) => {
                let pair = |row| {
                    let name = row::text(row, "name")?.to_owned();
                    Ok((name, row::text(row, "entity")?.to_owned()))
                };
                self.aside = rows.iter().map(pair).collect::<Result<_, Rejection>>()?;
            }
            Some(Query::Rows(table, after)) => {
                self.take_rows((table, after), rows, room, part)?;
            }
        }
        if let Some((upto, last)) = self.snapshot.as_ref()
            && (self.is_full || self.todo.is_empty())
        {
            let next = last.clone().filter(|_| self.is_full);
            let whole = std::mem::take(&mut self.whole);
            part.page = Some(Page { upto: upto.clone(), next, whole });
        }
        Ok(())
    }

    fn take_rows(
        &mut self,
        (table, after): (&'static Table, String),
        rows: &[Row],
        room: &mut Room,
        part: &mut Part,
    ) -> Result<(), Rejection> {
        let Some((upto, last)) = self.snapshot.as_mut() else { return Ok(()) };
        let mut kept = Vec::new();
        let mut until = None;
        let writers: BTreeMap<i64, &Writer> =
            self.held.writers.iter().map(|(writer, known)| (known.number, writer)).collect();
        let asked = room.changes + 1;
        for row in rows {
            let changes = snapshot::changes_of(table, row, &writers, &self.unsettled)?;
            let fits = changes.iter().all(|change| room.takes(change));
            // The first row of a message always travels, or the snapshot would never end.
            if !fits && !part.rows.is_empty() {
                self.is_full = true;
                break;
            }
            let id = row::text(row, "id")?.to_owned();
            if changes.is_empty() && table.has_members() {
                kept.push(id.clone());
            }
            until = Some(id.clone());
            part.rows.extend(changes);
            *last = Some(Place { upto: upto.clone(), table: table.name.to_owned(), id });
            if kept.len() >= limits::KEPT_PER_STRETCH {
                self.is_full = true;
                break;
            }
        }
        let goes_on = !self.is_full && rows.len() >= asked;
        if let Some(id) = until.as_ref().filter(|_| goes_on) {
            // Rows that say nothing took no room: the table may go on.
            self.todo.push_front(Query::Rows(table, id.clone()));
        }
        let is_end = !self.is_full && !goes_on;
        if table.has_members() && (is_end || until.is_some()) {
            let until = until.filter(|_| !is_end);
            let in_it = |id: &String| *id > after && until.as_ref().is_none_or(|end| id <= end);
            let aside = self.aside.iter().filter(|(name, _)| name == table.name);
            kept.extend(aside.map(|(_, id)| id.clone()).filter(in_it));
            let fits = kept.len() <= 2 * limits::KEPT_PER_STRETCH
                && self.whole.len() < limits::STRETCHES_PER_PAGE;
            // A stretch that is not told to be whole replaces nothing.
            if fits {
                self.whole.push(Whole { table: table.name.to_owned(), after, until, kept });
            }
        }
        Ok(())
    }

    /// Tells whether more is waiting than fits; after a snapshot the log goes on.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.is_full || self.snapshot.is_some()
    }
}

/// Leaves out what does not go on from what the peer has: the log was reaped while it was read.
fn without_gaps(mut changes: Vec<Change>, peer: &Vector) -> Vec<Change> {
    let mut last: Option<(Writer, u64)> = None;
    changes.retain(|change| {
        let before = match &last {
            Some((writer, seq)) if *writer == change.writer => *seq,
            _ => peer.seq(&change.writer),
        };
        let goes_on = change.seq == before + 1;
        last = Some((change.writer.clone(), if goes_on { change.seq } else { before }));
        goes_on
    });
    changes
}
