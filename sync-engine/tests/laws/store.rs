//! A store in memory that runs the real statements; it holds no merge code of its own.

use std::collections::BTreeMap;

use rusqlite::{Connection, types::Value as Sql};
use sync_engine::{
    append::{self, Pen},
    change::{Change, Draft},
    id::{Purpose, StreamId, VenueId, Writer},
    import,
    message::{Part, Request, Response, Room},
    session::{Input, Output, Peer, Session},
    shape::{Group, Schema, Shape, Table, integer, text},
    statement::{Expect, Statement, Value},
    vector::Vector,
};

/// A register of two groups, a fact, and a second stream.
pub(crate) const SCHEMA: Schema = Schema {
    tables: &[
        Table {
            name: "dish",
            purpose: "menu",
            shape: Shape::Register(&[
                Group { name: "label", columns: &[text("title")] },
                Group { name: "offer", columns: &[integer("cents")] },
            ]),
        },
        Table {
            name: "sale",
            purpose: "till",
            shape: Shape::Fact(&[text("dish"), integer("cents"), integer("number")]),
        },
    ],
};

const TABLES: &str = "
CREATE TABLE dish (venue TEXT, id TEXT, title TEXT NOT NULL DEFAULT '',
    label_stamp TEXT NOT NULL DEFAULT '', cents INTEGER NOT NULL DEFAULT 0,
    offer_stamp TEXT NOT NULL DEFAULT '', PRIMARY KEY (venue, id)) STRICT;
CREATE TABLE sale (venue TEXT, id TEXT, dish TEXT NOT NULL, cents INTEGER NOT NULL,
    number INTEGER NOT NULL, stamp TEXT NOT NULL, PRIMARY KEY (venue, id)) STRICT;";

/// One replica.
pub(crate) struct Store {
    db: Connection,
    /// As whom it writes.
    pub(crate) writer: Writer,
    venue: VenueId,
    /// How late a stamp may be, on the hub.
    pub(crate) clamp_ms: Option<u64>,
}

impl Store {
    /// Opens an empty store.
    pub(crate) fn new(name: &str) -> Self {
        let db = Connection::open_in_memory().expect("SQLite opens in memory");
        let core = include_str!("../../../schemas/sql/migrations/0001_foundation.sql");
        db.execute_batch(core).expect("the migration runs");
        db.execute_batch(TABLES).expect("the tables are well formed");
        let venue = VenueId::parse("v").expect("a name");
        db.execute("INSERT INTO hybrid_clock VALUES ('v', 0, 0)", []).expect("the clock starts");
        let writer = Writer::parse(name, "g1").expect("names");
        db.execute("INSERT INTO local_venue VALUES ('v', ?1, 'g1')", [name]).expect("it opens");
        let store = Self { db, writer, venue, clamp_ms: None };
        for purpose in SCHEMA.purposes() {
            store
                .db
                .execute(
                    "INSERT INTO stream_vector VALUES (?1, ?2, 'g1', 0)",
                    [format!("v/{purpose}"), name.to_owned()],
                )
                .expect("the stream opens");
        }
        store
    }

    /// Writes drafts locally; tells whether the batch took effect.
    pub(crate) fn write(&self, drafts: &[Draft], now_ms: u64) -> bool {
        let pen = Pen { venue: self.venue.clone(), writer: self.writer.clone(), now_ms };
        self.commit(&append::batch(&SCHEMA, &pen, drafts).expect("the drafts are sound"))
    }

    /// Takes changes in; returns what the engine said.
    pub(crate) fn take_in(
        &self,
        purpose: &Purpose,
        changes: &[Change],
        _now_ms: u64,
    ) -> Result<(), sync_engine::Rejection> {
        let stream = self.stream(purpose);
        let plan = import::plan(&self.vector(purpose), &self.writer, changes, self.clamp_ms)?;
        assert!(self.commit(&plan.batch(&SCHEMA, &stream)), "nobody else writes here");
        Ok(())
    }

    fn stream(&self, purpose: &Purpose) -> StreamId {
        StreamId { venue: self.venue.clone(), purpose: purpose.clone() }
    }

    /// Runs a batch; it takes effect whole or not at all.
    pub(crate) fn commit(&self, batch: &[Statement]) -> bool {
        self.db.execute_batch("BEGIN IMMEDIATE").expect("a transaction begins");
        let sound = batch.iter().all(|statement| {
            let params = rusqlite::params_from_iter(statement.params.iter().map(bind));
            let rows = self.db.execute(&statement.sql, params);
            let rows = rows.unwrap_or_else(|error| panic!("{error}: {}", statement.sql)) as u64;
            !matches!(statement.expect, Expect::Exactly(expected) if expected != rows)
        });
        let end = if sound { "COMMIT" } else { "ROLLBACK" };
        self.db.execute_batch(end).expect("the transaction ends");
        sound
    }

    /// Returns what is held of a stream.
    pub(crate) fn vector(&self, purpose: &Purpose) -> Vector {
        let sql = "SELECT replica, generation, seq FROM stream_vector WHERE stream = ?1";
        let mut query = self.db.prepare(sql).expect("the query is sound");
        let mut rows = query.query([self.stream(purpose).to_string()]).expect("it runs");
        let mut vector = Vector::default();
        while let Some(row) = rows.next().expect("a row") {
            let (replica, generation): (String, String) =
                (row.get(0).expect("text"), row.get(1).expect("text"));
            let writer = Writer::parse(&replica, &generation).expect("names");
            vector.advance(&writer, row.get::<_, i64>(2).expect("an integer").unsigned_abs());
        }
        vector
    }

    /// Returns the log beyond what the peer holds, each writer's in order.
    pub(crate) fn beyond(&self, purpose: &Purpose, have: &Vector) -> Vec<Change> {
        let sql = "SELECT replica, generation, seq, claimed, effective, table_name, entity, \
                   register, payload FROM change_log WHERE stream = ?1 \
                   ORDER BY replica, generation, seq";
        let mut query = self.db.prepare(sql).expect("the query is sound");
        let mut rows = query.query([self.stream(purpose).to_string()]).expect("it runs");
        let mut changes = Vec::new();
        while let Some(row) = rows.next().expect("a row") {
            let get = |column: usize| row.get::<_, String>(column).expect("text");
            let change = Change {
                writer: Writer::parse(&get(0), &get(1)).expect("names"),
                seq: row.get::<_, i64>(2).expect("an integer").unsigned_abs(),
                claimed: get(3),
                effective: get(4),
                table: get(5),
                entity: get(6),
                register: get(7),
                payload: serde_json::from_str(&get(8)).expect("the payload is JSON"),
            };
            if change.seq > have.seq(&change.writer) {
                changes.push(change);
            }
        }
        changes
    }

    /// Returns both tables as text: equal text, equal data, stamps included.
    pub(crate) fn content(&self) -> String {
        let mut found = String::new();
        for sql in [
            "SELECT id, title, label_stamp, cents, offer_stamp FROM dish ORDER BY id",
            "SELECT id, dish, cents, number, stamp FROM sale ORDER BY id",
        ] {
            let mut query = self.db.prepare(sql).expect("the query is sound");
            let columns = query.column_count();
            let mut rows = query.query([]).expect("it runs");
            while let Some(row) = rows.next().expect("a row") {
                for column in 0..columns {
                    let value: Sql = row.get(column).expect("a value");
                    found.push_str(&format!("{value:?} "));
                }
                found.push('\n');
            }
        }
        found
    }

    /// Answers a message as the edge does.
    pub(crate) fn answer(
        &self,
        request: &Request,
        now_ms: u64,
    ) -> Result<Response, sync_engine::Rejection> {
        request.check(&self.venue)?;
        for (purpose, part) in &request.streams {
            self.take_in(purpose, &part.changes, now_ms)?;
        }
        let peer: Peer =
            request.streams.iter().map(|(p, part)| (p.clone(), part.have.clone())).collect();
        let (streams, more) = self.export(&peer);
        Ok(Response {
            protocol: 1,
            capabilities: Vec::new(),
            writer: self.writer.clone(),
            now_ms,
            streams,
            more,
            extra: serde_json::Map::new(),
        })
    }

    fn export(&self, peer: &Peer) -> (BTreeMap<Purpose, Part>, bool) {
        let mut room = Room { changes: 3, ..Room::default() };
        let mut more = false;
        let streams = purposes()
            .map(|purpose| {
                let beyond = peer.get(&purpose).map(|have| self.beyond(&purpose, have));
                let (changes, left_out) = room.fill(beyond.unwrap_or_default());
                more |= left_out;
                let have = self.vector(&purpose);
                (purpose, Part { have, changes, ..Part::default() })
            })
            .collect();
        (streams, more)
    }

    /// Runs a session with the peer; `lost` says for each message whether its answer is lost.
    pub(crate) fn exchange(
        &self,
        peer: &Self,
        now_ms: u64,
        mut lost: impl FnMut() -> bool,
    ) -> Peer {
        let mut known = Peer::new();
        'session: loop {
            let mut session = Session::new(self.venue.clone(), self.writer.clone(), known.clone());
            while let Some(output) = session.poll() {
                let input = match output {
                    Output::Load { peer } => {
                        let (streams, more) = self.export(&peer);
                        Input::Loaded { streams, more }
                    }
                    Output::Send(request) => {
                        // What travels is text: the wire form must carry everything.
                        let text = serde_json::to_string(&request).expect("it can be written");
                        let request = serde_json::from_str(&text).expect("it can be read");
                        let response = peer.answer(&request, now_ms).expect("the peer accepts");
                        if lost() {
                            continue 'session;
                        }
                        Input::Received(Box::new(response))
                    }
                    Output::Apply(streams) => {
                        for (purpose, part) in &streams {
                            self.take_in(purpose, &part.changes, now_ms).expect("we accept");
                        }
                        Input::Applied
                    }
                    Output::Done { peer, .. } => {
                        known = peer;
                        return known;
                    }
                };
                session.handle(input).expect("the session goes on");
            }
        }
    }
}

/// Returns the streams of the schema.
pub(crate) fn purposes() -> impl Iterator<Item = Purpose> {
    SCHEMA.purposes().into_iter().map(|name| Purpose::parse(name).expect("a name"))
}

fn bind(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Integer(integer) => Sql::Integer(*integer),
        Value::Text(text) => Sql::Text(text.clone()),
    }
}
