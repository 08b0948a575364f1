//! What a store does when its program learns of a table that it did not know before.
//!
//! Changes of a table that nobody here knew wait in the log; rows of it that came with a snapshot
//! were passed over. So the log is folded over the new tables, and every peer is asked for the rows
//! of their streams once more. It must not know which program knows what.

use std::collections::BTreeSet;

use serde_json::json;

use crate::{
    fold::{self, Selection},
    id::{Purpose, StreamId, VenueId},
    message::{Place, Upto},
    refold::LOG_FROM,
    shape::{Schema, Table},
    statement::{Batch, Expect, Statement},
};

const OPEN_SQL: &str = "INSERT INTO stream_writer (stream, replica, generation, seq) \
     SELECT ?1, l.replica, l.generation, 0 FROM local_venue l WHERE l.venue = ?2 \
     ON CONFLICT (stream, replica, generation) DO NOTHING";

const LOG_SQL: &str = "v.stream = ?2 AND c.writer = v.id AND NOT EXISTS (SELECT 1 \
     FROM set_aside a WHERE a.writer = c.writer AND a.seq = c.seq)";

/// Whoever takes a snapshot already begins it anew.
const ASK_SQL: &str = "INSERT INTO snapshot_place (peer, stream, place) \
     SELECT DISTINCT p.peer, p.stream, ?2 FROM peer_vector p WHERE p.stream = ?1 \
     ON CONFLICT (stream, peer) DO UPDATE SET place = excluded.place";

const LEARNT_SQL: &str = "UPDATE local_venue SET learnt = ?2 WHERE venue = ?1 AND learnt = ?3";

/// Names all that a schema knows, as a store remembers it.
#[must_use]
pub fn names(schema: &Schema) -> String {
    let named: BTreeSet<String> = schema.tables.iter().flat_map(names_of).collect();
    named.into_iter().collect::<Vec<_>>().join(" ")
}

fn names_of(table: &Table) -> Vec<String> {
    table.groups().iter().map(|group| format!("{}.{}", table.name, group.name)).collect()
}

/// Builds the statements that let a store write a venue's streams; repeating them changes nothing.
#[must_use]
pub fn open(schema: &Schema, venue: &VenueId) -> Batch {
    let purposes = schema.purposes().into_iter().filter_map(|name| Purpose::parse(name).ok());
    let open = |purpose| {
        let stream = StreamId { venue: venue.clone(), purpose };
        Statement::new(OPEN_SQL, vec![stream.to_string().into(), venue.as_str().into()])
    };
    purposes.map(open).collect()
}

/// Builds the batch with which a store that knew `before` learns the rest; it aborts when another
/// worker was first.
#[must_use]
pub fn batch(schema: &Schema, venue: &VenueId, before: &str) -> Batch {
    let known: BTreeSet<&str> = before.split(' ').collect();
    let is_new = |table: &&Table| names_of(table).iter().any(|name| !known.contains(name.as_str()));
    let params = vec![venue.as_str().into(), names(schema).into(), before.into()];
    let mut batch = vec![Statement::exactly(1, LEARNT_SQL, params)];
    batch.extend(open(schema, venue));
    for purpose in schema.purposes().into_iter().filter_map(|name| Purpose::parse(name).ok()) {
        let stream = StreamId { venue: venue.clone(), purpose };
        let mut learnt = schema.of_stream(&stream).filter(is_new).peekable();
        let Some(first) = learnt.peek() else { continue };
        let place =
            Place { upto: Upto::default(), table: first.name.to_owned(), id: String::new() };
        let ask = vec![stream.to_string().into(), json!(place).to_string().into()];
        for table in learnt {
            let params = vec![stream.to_string().into()];
            let selection = Selection { from: LOG_FROM, condition: LOG_SQL, params };
            batch.push(fold::from_log(venue.as_str(), table, &selection, Expect::Any));
        }
        batch.push(Statement::new(ASK_SQL, ask));
    }
    batch
}
