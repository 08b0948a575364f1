//! A replica on a file that runs the engine's statements and messages, as a host does.
//!
//! It must not merge anything itself.

use std::path::Path;

use rusqlite::{
    Connection,
    types::{ToSqlOutput, ValueRef},
};
use serde_json::{Map, Value as Json};
use sync_engine::{
    append::{self, Pen},
    change::Draft,
    held::{self, Held},
    id::{Purpose, StreamId, VenueId, Writer},
    import, limits,
    message::{Part, Response, Room},
    outgoing::{Outgoing, Towards},
    retention,
    row::Row,
    shape::{Group, Schema, Shape, Table, integer, text},
    snapshot::{self, Taking},
    statement::{Expect, Statement, Value},
    vector::Vector,
};

use crate::plain;

/// The four fields are four registers.
pub const SCHEMA: Schema = Schema {
    tables: &[Table {
        name: "orders",
        purpose: "orders",
        shape: Shape::Register(&[
            Group { name: "a", columns: &[text("status")] },
            Group { name: "b", columns: &[integer("total")] },
            Group { name: "c", columns: &[integer("updated")] },
            Group { name: "d", columns: &[text("note")] },
        ]),
    }],
};

const TABLE: &str = "CREATE TABLE orders (venue TEXT NOT NULL, id TEXT NOT NULL, \
     status TEXT NOT NULL DEFAULT '', total INTEGER NOT NULL DEFAULT 0, \
     updated INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', \
     a_stamp INTEGER NOT NULL DEFAULT 0, a_writer INTEGER NOT NULL DEFAULT 0, \
     b_stamp INTEGER NOT NULL DEFAULT 0, b_writer INTEGER NOT NULL DEFAULT 0, \
     c_stamp INTEGER NOT NULL DEFAULT 0, c_writer INTEGER NOT NULL DEFAULT 0, \
     d_stamp INTEGER NOT NULL DEFAULT 0, d_writer INTEGER NOT NULL DEFAULT 0, \
     PRIMARY KEY (venue, id)) STRICT, WITHOUT ROWID";

/// One replica.
pub struct Replica {
    /// Its store.
    pub db: Connection,
    /// As whom it writes.
    pub writer: Writer,
    venue: VenueId,
    stream: StreamId,
    purpose: Purpose,
    hub: bool,
}

impl Replica {
    /// Opens an empty store; `hub` says whether it answers or asks.
    pub fn new(folder: &Path, synchronous: &str, name: &str, generation: &str, hub: bool) -> Self {
        let db = plain::open(&folder.join(format!("{name}.db")), synchronous);
        let core = include_str!("../../../schemas/sql/migrations/0001_foundation.sql");
        db.execute_batch(core).unwrap();
        db.execute_batch(TABLE).unwrap();
        let writer = Writer::parse(name, generation).unwrap();
        let venue = VenueId::parse("chakri").unwrap();
        let purpose = Purpose::parse("orders").unwrap();
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        db.execute("INSERT INTO hybrid_clock VALUES ('chakri', 0, 0)", []).unwrap();
        let open = "INSERT INTO local_venue VALUES ('chakri', ?1, ?2, '')";
        db.execute(open, [name, generation]).unwrap();
        let open = "INSERT INTO stream_writer (stream, replica, generation, seq) \
             VALUES (?1, ?2, ?3, 0)";
        db.execute(open, [stream.to_string().as_str(), name, generation]).unwrap();
        Self { db, writer, venue, stream, purpose, hub }
    }

    /// Writes drafts locally, a hundred a batch, ten batches a transaction, as group commit does.
    pub fn write(&self, drafts: &[Draft], now_ms: u64) {
        for group in drafts.chunks(10 * limits::DRAFTS_PER_WRITE) {
            self.db.execute_batch("BEGIN IMMEDIATE").unwrap();
            for batch in group.chunks(limits::DRAFTS_PER_WRITE) {
                let pen = Pen { venue: self.venue.clone(), writer: self.writer.clone(), now_ms };
                self.run(&append::batch(&SCHEMA, &pen, batch).unwrap());
            }
            self.db.execute_batch("COMMIT").unwrap();
        }
    }

    /// Returns what is held.
    pub fn held(&self) -> Held {
        let mut held = Held::read(&self.rows(&held::query(&self.stream))).unwrap();
        held.add_own_tip(&self.rows(&held::own_tip_query(&self.stream))).unwrap();
        held
    }

    /// Returns what is held, as it is told.
    pub fn have(&self) -> Vector {
        self.held().vector()
    }

    /// Gathers what a peer that holds this much lacks; tells whether more is waiting.
    pub fn share(&self, peer: Option<&Vector>, asked: &Part, name: &str) -> (Part, bool) {
        let held = self.held();
        let taking = self.taking(name);
        let resume = taking.place.clone();
        let mut part = Part { have: held.vector(), tips: held.tips(), resume, ..Part::default() };
        let Some(peer) = peer else { return (part, false) };
        let mut room = Room::default();
        let towards = if self.hub { Towards::Asker } else { Towards::Hub };
        let way = (towards, asked.resume.as_ref(), &taking);
        let mut outgoing = Outgoing::new(&SCHEMA, &self.stream, &held, peer, way);
        while let Some(query) = outgoing.query(&room) {
            outgoing.take(&self.rows(&query), &mut room, &mut part).unwrap();
        }
        (part, outgoing.has_more())
    }

    /// Takes in what a part brings; returns how many changes and rows were new to the log or sent.
    pub fn take_in(&self, part: &Part, name: &str, now_ms: u64) -> usize {
        let mut held = Held::read(&self.rows(&held::query(&self.stream))).unwrap();
        let limit_ms = self.hub.then_some(now_ms + limits::CLOCK_AHEAD_MS);
        let (batch, count) = if let Some(page) = &part.page {
            let from = (&mut held, name, &self.taking(name));
            let batch = snapshot::take_in(&SCHEMA, &self.stream, from, page, part).unwrap();
            (batch, part.rows.len())
        } else {
            let plan = import::plan(&mut held, &self.writer, &part.changes, limit_ms).unwrap();
            (plan.batch(&SCHEMA, &self.stream, now_ms), plan.entries.len())
        };
        if !batch.is_empty() {
            self.db.execute_batch("BEGIN IMMEDIATE").unwrap();
            self.run(&batch);
            self.db.execute_batch("COMMIT").unwrap();
        }
        count
    }

    fn taking(&self, name: &str) -> Taking {
        snapshot::read_taking(&self.rows(&snapshot::taking_query(&self.stream, name)))
    }

    /// Forgets what this peer has.
    pub fn reap(&self, peer: &Vector) {
        let reap = retention::decide(&self.held(), std::slice::from_ref(peer), 0).unwrap();
        let batch = reap.batch(&SCHEMA, &self.stream, &self.rows(&reap.query())).unwrap();
        self.db.execute_batch("BEGIN IMMEDIATE").unwrap();
        self.run(&batch);
        self.db.execute_batch("COMMIT").unwrap();
    }

    /// Wraps a part as an answer.
    pub fn response(&self, part: Part, more: bool, now_ms: u64) -> Response {
        Response {
            protocol: limits::PROTOCOL,
            capabilities: Vec::new(),
            writer: self.writer.clone(),
            epoch: sync_engine::epoch::FIRST,
            now_ms,
            stamps: String::new(),
            streams: [(self.purpose.clone(), part)].into(),
            more,
            extra: Map::new(),
        }
    }

    /// Returns the table with stamps and the names of writers: equal text, equal data.
    pub fn content(&self) -> Vec<String> {
        let sql = "SELECT id || status || total || updated || note || a_stamp || b_stamp \
             || c_stamp || d_stamp || (SELECT replica FROM stream_writer w WHERE w.id = a_writer) \
             FROM orders ORDER BY id";
        let mut query = self.db.prepare(sql).unwrap();
        let rows = query.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn rows(&self, query: &Statement) -> Vec<Row> {
        let mut prepared = self.db.prepare_cached(&query.sql).unwrap();
        let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
        let params = rusqlite::params_from_iter(query.params.iter().map(bind));
        let mut cursor = prepared.query(params).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = cursor.next().unwrap() {
            let value = |column| match row.get_ref(column).unwrap() {
                ValueRef::Integer(integer) => integer.into(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                _ => Json::Null,
            };
            rows.push(names.iter().enumerate().map(|(n, name)| (name.clone(), value(n))).collect());
        }
        rows
    }

    fn run(&self, batch: &[Statement]) {
        for statement in batch {
            let mut prepared = self.db.prepare_cached(&statement.for_each()).unwrap();
            let mut run = |row: &[Value]| {
                let params = statement.params.iter().chain(row).map(bind);
                prepared.execute(rusqlite::params_from_iter(params)).unwrap() as u64
            };
            let affected = if statement.rows.is_empty() {
                run(&[])
            } else {
                statement.rows.iter().map(|row| run(row)).sum()
            };
            assert!(!matches!(statement.expect, Expect::Exactly(rows) if rows != affected));
        }
    }
}

fn bind(value: &Value) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(match value {
        Value::Null => ValueRef::Null,
        Value::Integer(integer) | Value::Wide(integer) => ValueRef::Integer(*integer),
        Value::Text(text) => ValueRef::Text(text.as_bytes()),
    })
}
