//! A store in memory that runs the real statements; it holds no merge code of its own.

use rusqlite::{Connection, types::Value as Sql};
use sync_engine::{
    Rejection,
    append::{self, Pen},
    change::{Change, Draft},
    held::{self, Held},
    id::{Purpose, StreamId, VenueId, Writer},
    import, lease,
    message::{Part, Room},
    outgoing::{Outgoing, Towards},
    retention,
    row::Row,
    shape::{Group, Schema, Shape, Table, integer, json, text},
    sibling,
    snapshot::Taking,
    statement::{Expect, Statement, Value},
    vector::Vector,
};

/// Every shape: a register of two groups with siblings, a fact, a set, a sequence, a counter, and
/// the engine's own leases.
pub(crate) const SCHEMA: Schema = Schema {
    tables: &[
        Table {
            name: "dish",
            purpose: "menu",
            shape: Shape::Register(&[
                Group { name: "label", columns: &[text("title"), json("more")] },
                Group { name: "offer", columns: &[integer("cents")] },
            ]),
        },
        Table {
            name: "sale",
            purpose: "till",
            shape: Shape::Fact(&[text("dish"), integer("cents"), integer("number")]),
        },
        sibling::table("menu"),
        Table { name: "tag", purpose: "board", shape: Shape::Set(&[text("word")]) },
        Table { name: "course", purpose: "board", shape: Shape::Sequence(&[text("word")]) },
        Table { name: "tally", purpose: "board", shape: Shape::Counter },
        lease::ISSUED,
        lease::SPENT,
        lease::RETURNED,
        lease::LOST,
    ],
};

const TABLES: &str = "
CREATE TABLE dish (venue TEXT, id TEXT, title TEXT NOT NULL DEFAULT '',
    more TEXT NOT NULL DEFAULT 'null', label_stamp INTEGER NOT NULL DEFAULT 0,
    label_writer INTEGER NOT NULL DEFAULT 0, cents INTEGER NOT NULL DEFAULT 0,
    offer_stamp INTEGER NOT NULL DEFAULT 0, offer_writer INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (venue, id)) STRICT;
CREATE TABLE sale (venue TEXT, id TEXT, dish TEXT NOT NULL, cents INTEGER NOT NULL,
    number INTEGER NOT NULL, stamp INTEGER NOT NULL, writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)) STRICT;
CREATE TABLE tag (venue TEXT, id TEXT, word TEXT NOT NULL,
    stamp INTEGER NOT NULL, writer INTEGER NOT NULL,
    removed_stamp INTEGER NOT NULL, removed_writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)) STRICT;
CREATE TABLE course (venue TEXT, id TEXT, word TEXT NOT NULL,
    stamp INTEGER NOT NULL, writer INTEGER NOT NULL,
    position TEXT NOT NULL, place_stamp INTEGER NOT NULL, place_writer INTEGER NOT NULL,
    removed_stamp INTEGER NOT NULL, removed_writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)) STRICT;
CREATE TABLE tally (venue TEXT, id TEXT, counter TEXT NOT NULL, plus INTEGER NOT NULL,
    minus INTEGER NOT NULL, stamp INTEGER NOT NULL, writer INTEGER NOT NULL,
    PRIMARY KEY (venue, id)) STRICT;";

/// One replica.
pub(crate) struct Store {
    pub(crate) db: Connection,
    /// As whom it writes.
    pub(crate) writer: Writer,
    pub(crate) venue: VenueId,
    /// How late a stamp may be, on the hub.
    pub(crate) clamp_ms: Option<u64>,
    /// Rows of a statement are run one by one, as on some hosts, or all at once, as on others.
    pub(crate) one_by_one: bool,
    /// What its program knows.
    pub(crate) schema: Schema,
}

impl Store {
    /// Opens an empty store.
    pub(crate) fn new(name: &str) -> Self {
        let db = Connection::open_in_memory().expect("SQLite opens in memory");
        let core = include_str!("../../../schemas/sql/migrations/0001_foundation.sql");
        db.set_prepared_statement_cache_capacity(200);
        db.execute_batch(core).expect("the migration runs");
        db.execute_batch(TABLES).expect("the tables are well formed");
        let venue = VenueId::parse("v").expect("a name");
        db.execute("INSERT INTO hybrid_clock VALUES ('v', 0, 0)", []).expect("the clock starts");
        let writer = Writer::parse(name, "g1").expect("names");
        db.execute("INSERT INTO local_venue VALUES ('v', ?1, 'g1', '')", [name]).expect("it opens");
        // Half of the stores are of each kind: what they hold is compared.
        let one_by_one = name.bytes().map(u32::from).sum::<u32>() % 2 == 0;
        let store = Self { db, writer, venue, clamp_ms: None, one_by_one, schema: SCHEMA };
        for purpose in SCHEMA.purposes() {
            store
                .db
                .execute(
                    "INSERT INTO stream_writer (stream, replica, generation, seq) \
                     VALUES (?1, ?2, 'g1', 0)",
                    [format!("v/{purpose}"), name.to_owned()],
                )
                .expect("the stream opens");
        }
        store
    }

    /// Writes drafts locally; tells whether the batch took effect.
    pub(crate) fn write(&self, drafts: &[Draft], now_ms: u64) -> bool {
        let pen = Pen { venue: self.venue.clone(), writer: self.writer.clone(), now_ms };
        self.commit(&append::batch(&self.schema, &pen, drafts).expect("the drafts are sound"))
    }

    /// Takes changes in; returns what the engine said.
    pub(crate) fn take_in(
        &self,
        purpose: &Purpose,
        changes: &[Change],
        _now_ms: u64,
    ) -> Result<(), Rejection> {
        let stream = self.stream(purpose);
        let plan = import::plan(&mut self.held(purpose), &self.writer, changes, self.clamp_ms)?;
        assert!(self.commit(&plan.batch(&self.schema, &stream, 7)), "nobody else writes here");
        Ok(())
    }

    pub(crate) fn stream(&self, purpose: &Purpose) -> StreamId {
        StreamId { venue: self.venue.clone(), purpose: purpose.clone() }
    }

    /// Runs a batch; it takes effect whole or not at all.
    pub(crate) fn commit(&self, batch: &[Statement]) -> bool {
        self.db.execute_batch("BEGIN IMMEDIATE").expect("a transaction begins");
        let sound = batch.iter().all(|statement| {
            let rows = if self.one_by_one { self.each(statement) } else { self.at_once(statement) };
            !matches!(statement.expect, Expect::Exactly(expected) if expected != rows)
        });
        let end = if sound { "COMMIT" } else { "ROLLBACK" };
        self.db.execute_batch(end).expect("the transaction ends");
        sound
    }

    /// As a host does that runs a prepared statement once per row.
    fn each(&self, statement: &Statement) -> u64 {
        let sql = statement.for_each();
        let none = [Vec::new()];
        let rows = if statement.rows.is_empty() { &none[..] } else { &statement.rows };
        let run = |row: &Vec<Value>| {
            let params = rusqlite::params_from_iter(statement.params.iter().chain(row).map(bind));
            let done = self.db.prepare_cached(&sql).and_then(|mut run| run.execute(params));
            done.unwrap_or_else(|error| panic!("{error}: {sql}")) as u64
        };
        rows.iter().map(run).sum()
    }

    /// As a host does that pays for every statement.
    fn at_once(&self, statement: &Statement) -> u64 {
        let statement = statement.in_one();
        let params = rusqlite::params_from_iter(statement.params.iter().map(bind));
        let run = self.db.prepare_cached(&statement.sql);
        let done = run.and_then(|mut run| run.execute(params));
        done.unwrap_or_else(|error| panic!("{error}: {}", statement.sql)) as u64
    }

    /// Runs a query and returns its rows as a host does.
    pub(crate) fn rows(&self, query: &Statement) -> Vec<Row> {
        let mut prepared = self.db.prepare_cached(&query.sql).expect("the query is sound");
        let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
        let params = rusqlite::params_from_iter(query.params.iter().map(bind));
        let mut cursor = prepared.query(params).expect("it runs");
        let mut rows = Vec::new();
        while let Some(row) = cursor.next().expect("a row") {
            let value = |column| match row.get(column).expect("a value") {
                Sql::Integer(integer) => integer.into(),
                Sql::Text(text) => text.into(),
                _ => serde_json::Value::Null,
            };
            rows.push(names.iter().enumerate().map(|(n, name)| (name.clone(), value(n))).collect());
        }
        rows
    }

    /// Returns what is held of a stream.
    pub(crate) fn held(&self, purpose: &Purpose) -> Held {
        Held::read(&self.rows(&held::query(&self.stream(purpose)))).expect("it can be read")
    }

    /// Forgets what every peer has, as a store does from time to time.
    pub(crate) fn reap(&self, purpose: &Purpose, peers: &[Vector]) {
        let Some(reap) = retention::decide(&self.held(purpose), peers, 0) else { return };
        let batch = reap
            .batch(&self.schema, &self.stream(purpose), &self.rows(&reap.query()))
            .expect("it can be read");
        assert!(self.commit(&batch));
    }

    /// Returns what is held of a stream, as it is told.
    pub(crate) fn vector(&self, purpose: &Purpose) -> Vector {
        self.held(purpose).vector()
    }

    /// Returns the log beyond what the peer holds, each writer's in order.
    pub(crate) fn beyond(&self, purpose: &Purpose, have: &Vector) -> Vec<Change> {
        let held = Held { writers: self.held(purpose).writers, ..Held::default() };
        let stream = self.stream(purpose);
        let (mut room, mut part, none) = (Room::default(), Part::default(), Taking::default());
        let mut all =
            Outgoing::new(&self.schema, &stream, &held, have, (Towards::Hub, None, &none));
        while let Some(query) = all.query(&room) {
            all.take(&self.rows(&query), &mut room, &mut part).expect("it can be read");
        }
        assert_eq!(part.page, None, "the log is whole");
        part.changes
    }

    /// Returns both tables as text: equal text, equal data, stamps included.
    pub(crate) fn content(&self) -> String {
        let mut found = String::new();
        for sql in [
            "SELECT d.id, title, more, label_stamp, l.replica, cents, offer_stamp, o.replica \
             FROM dish d LEFT JOIN stream_writer l ON l.id = label_writer \
             LEFT JOIN stream_writer o ON o.id = offer_writer ORDER BY d.id",
            "SELECT s.id, dish, cents, number, stamp, w.replica FROM sale s \
             JOIN stream_writer w ON w.id = writer ORDER BY s.id",
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
}

/// Returns the streams of the schema.
pub(crate) fn purposes() -> impl Iterator<Item = Purpose> {
    SCHEMA.purposes().into_iter().map(|name| Purpose::parse(name).expect("a name"))
}

fn bind(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Integer(integer) | Value::Wide(integer) => Sql::Integer(*integer),
        Value::Text(text) => Sql::Text(text.clone()),
    }
}
