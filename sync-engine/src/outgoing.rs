//! What a peer gets of one stream: changes from the log, or rows where the log is gone.
//!
//! It says which query to run and takes its rows, until there is nothing more to ask. It must not
//! run queries, nor know how messages travel.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::json;

use crate::{
    Rejection, change_columns,
    held::{Held, Known},
    id::{StreamId, Writer},
    limits,
    message::{Page, Part, Place, Room, Upto},
    row::{self, Row},
    shape::{Schema, Table},
    snapshot::{self, Taking},
    stamp::Hlc,
    statement::Statement,
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

/// What is still in the log, by the writer's number and the stamp.
const UNSETTLED_SQL: &str = "SELECT c.writer AS number, printf('%016x', c.effective) AS stamp \
     FROM stream_writer v JOIN change_log c ON c.writer = v.id AND c.seq > v.floor \
     WHERE v.stream = ?1";

/// Who gets it, which decides what a snapshot may promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Towards {
    /// The hub sends to whoever asks: what the hub holds is settled.
    Asker,
    /// The asking side sends to the hub: what is still in the log must reach the hub as changes,
    /// because only the hub says by which stamps everyone merges.
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
    /// What of the rows the log will tell; by writer and stamp.
    unsettled: BTreeSet<(i64, Hlc)>,
    is_full: bool,
}

#[derive(Debug)]
enum Query<'a> {
    Log(&'a Vector),
    Unsettled,
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
        if place.is_none() && !is_far && !taking.owed && held.reaches_back_to(peer) {
            let todo = VecDeque::from([Query::Log(peer)]);
            let unsettled = BTreeSet::new();
            return Self { stream, held, todo, snapshot: None, unsettled, is_full: false };
        }
        let upto = match (place, towards) {
            (Some(place), _) => place.upto.clone(),
            (None, Towards::Asker) => Upto { have, tips: held.tips() },
            (None, Towards::Hub) => held.floor(),
        };
        let tables = snapshot::tables_from(schema, stream, place);
        let rows = tables.into_iter().map(|(table, after)| Query::Rows(table, after));
        let first = (towards == Towards::Hub).then_some(Query::Unsettled);
        let todo = first.into_iter().chain(rows).collect();
        let snapshot = Some((upto, place.cloned()));
        Self { stream, held, todo, snapshot, unsettled: BTreeSet::new(), is_full: false }
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
                Some(Statement::new(UNSETTLED_SQL, vec![self.stream.to_string().into()]))
            }
            Query::Rows(table, after) => {
                Some(snapshot::rows_query(table, self.stream, after, limit))
            }
        }
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
            Some(Query::Log(_)) => {
                let changes = rows.iter().map(row::change).collect::<Result<Vec<_>, _>>()?;
                let (changes, left_out) = room.fill(changes);
                part.changes = changes;
                self.is_full = left_out;
            }
            Some(Query::Unsettled) => {
                let pair = |row| {
                    let number = row::number(row, "number")? as i64;
                    Ok((number, row::stamp(row, "stamp")?))
                };
                self.unsettled = rows.iter().map(pair).collect::<Result<_, Rejection>>()?;
            }
            Some(Query::Rows(table, _)) => self.take_rows(table, rows, room, part)?,
        }
        if let Some((upto, last)) = self.snapshot.as_ref()
            && (self.is_full || self.todo.is_empty())
        {
            let next = last.clone().filter(|_| self.is_full);
            part.page = Some(Page { upto: upto.clone(), next });
        }
        Ok(())
    }

    fn take_rows(
        &mut self,
        table: &'static Table,
        rows: &[Row],
        room: &mut Room,
        part: &mut Part,
    ) -> Result<(), Rejection> {
        let Some((upto, last)) = self.snapshot.as_mut() else { return Ok(()) };
        let writers: BTreeMap<i64, &Writer> =
            self.held.writers.iter().map(|(writer, known)| (known.number, writer)).collect();
        let asked = room.changes + 1;
        for row in rows {
            let changes = snapshot::changes_of(table, row, &writers, &self.unsettled)?;
            let fits = changes.iter().all(|change| room.takes(change));
            // The first row of a message always travels, or the snapshot would never end.
            if !fits && !part.rows.is_empty() {
                self.is_full = true;
                return Ok(());
            }
            part.rows.extend(changes);
            let id = row::text(row, "id")?.to_owned();
            *last = Some(Place { upto: upto.clone(), table: table.name.to_owned(), id });
        }
        if let Some(Place { id, .. }) = last.as_ref().filter(|_| rows.len() >= asked) {
            // Rows that say nothing took no room: the table may go on.
            self.todo.push_front(Query::Rows(table, id.clone()));
        }
        Ok(())
    }

    /// Tells whether more is waiting than fits; after a snapshot the log goes on.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        self.is_full || self.snapshot.is_some()
    }
}
