//! What a store's files say after their process is gone, and whether they agree with themselves.
//!
//! All that the torture suite knows of the schema stands here. It must not know who wrote.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use domain::{schema::SCHEMA, venue::business_day};
use rusqlite::{Connection, OpenFlags, types::ValueRef};
use sync_engine::shape::Table;
use tempfile::TempDir;

/// The store's file, as every native host calls it.
pub(super) const FILE: &str = "relais.db";
/// How orders move on.
pub(super) const STATES: [&str; 4] = ["placed", "paid", "ready", "collected"];

/// Writers whose vector and log differ: a gap, a change too many, or one that nobody counted.
const DISAGREEMENTS: &str = "SELECT v.stream || ' ' || v.replica || ' ' || v.generation, v.seq, \
     v.floor + (SELECT count(*) FROM change_log c WHERE c.writer = v.id AND c.seq > v.floor) \
     AS logged, max(v.floor, (SELECT coalesce(max(c.seq), 0) FROM change_log c \
     WHERE c.writer = v.id)) AS highest \
     FROM stream_writer v WHERE v.seq <> logged OR v.seq <> highest \
     UNION ALL SELECT DISTINCT 'writer ' || c.writer, 0, 1, 1 \
     FROM change_log c WHERE NOT EXISTS (SELECT 1 FROM stream_writer v WHERE v.id = c.writer)";
const VECTOR: &str = "SELECT stream || ' ' || replica || ' ' || generation || ' ' || seq \
     FROM stream_writer WHERE seq > 0 ORDER BY 1";
const ORDERS: &str = "SELECT o.id, o.ticket_origin, o.ticket_number, o.placed_ms, \
     (SELECT count(*) FROM payment p WHERE p.venue = o.venue AND p.order_id = o.id), \
     coalesce((SELECT group_concat(e.kind) FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id), '') FROM customer_order o";

/// An order as the books have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) ticket: String,
    /// How far it has come, as an index into [`STATES`].
    pub(super) state: usize,
}

/// A copy of a store's files, as they were when their process ended.
pub(super) struct Books {
    store: Connection,
    _copy: TempDir,
}

impl Books {
    /// Copies the files of a host that does not run: reading them where they are would tidy up
    /// what the host itself must find.
    pub(super) fn copy(data: &Path) -> Result<Self> {
        let copy = tempfile::tempdir()?;
        for ending in ["", "-wal"] {
            let name = format!("{FILE}{ending}");
            if data.join(&name).exists() {
                fs::copy(data.join(&name), copy.path().join(&name))?;
            }
        }
        Ok(Self { store: open(&copy.path().join(FILE))?, _copy: copy })
    }

    /// Checks the file as SQLite does, and the log against what is counted of it.
    pub(super) fn check(&self) -> Result<()> {
        check(&self.store)?;
        let found = rows(&self.store, DISAGREEMENTS)?;
        if !found.is_empty() {
            bail!("log and vector disagree (seq, logged, highest): {found:?}");
        }
        Ok(())
    }

    /// Returns what it has of every writer.
    pub(super) fn vector(&self) -> Result<Vec<Vec<String>>> {
        rows(&self.store, VECTOR)
    }

    /// Checks that no two orders of a day have one ticket.
    pub(super) fn check_tickets(&self) -> Result<()> {
        let mut tickets = BTreeSet::new();
        let mut query = self.store.prepare(ORDERS)?;
        let all = query.query_map([], |row| {
            Ok((row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
        })?;
        for ticket in all {
            let (origin, number, placed_ms) = ticket?;
            let day = business_day("Europe/Brussels", placed_ms.unsigned_abs());
            if !tickets.insert((origin.clone(), number, day.to_string())) {
                bail!("ticket {origin}-{number:03} was given out twice");
            }
        }
        Ok(())
    }

    /// Returns every order.
    pub(super) fn orders(&self) -> Result<BTreeMap<String, Entry>> {
        let mut query = self.store.prepare(ORDERS)?;
        let all = query.query_map([], |row| {
            let (origin, number): (String, i64) = (row.get(1)?, row.get(2)?);
            let (payments, events): (i64, String) = (row.get(4)?, row.get(5)?);
            let state = match events.as_str() {
                events if events.contains(STATES[3]) => 3,
                events if events.contains(STATES[2]) => 2,
                _ => usize::from(payments > 0),
            };
            Ok((row.get(0)?, Entry { ticket: format!("{origin}-{number:03}"), state }))
        })?;
        Ok(all.collect::<rusqlite::Result<_>>()?)
    }

    /// Compares everything that is replicated.
    pub(super) fn check_equal(&self, other: &Self) -> Result<()> {
        let tables = SCHEMA.tables.iter().map(|table| (table.name, content_of(table)));
        for (name, sql) in tables.chain([("stream_writer", VECTOR.to_owned())]) {
            let [ours, theirs] = [self, other].map(|books| rows(&books.store, &sql));
            let (ours, theirs) = (ours?, theirs?);
            if ours != theirs {
                let differing = ours.iter().zip(&theirs).find(|(a, b)| a != b);
                bail!("{name}: {} rows and {}, first {differing:?}", ours.len(), theirs.len());
            }
        }
        Ok(())
    }
}

/// Selects a table with the names of its writers, whose numbers are each store's own.
fn content_of(table: &Table) -> String {
    let mut columns = vec!["t.venue".to_owned(), "t.id".to_owned()];
    for group in table.groups() {
        columns.extend(group.columns.iter().map(|column| format!("t.{}", column.name)));
        columns.push(format!("t.{}", group.stamp_column()));
        let writer = group.writer_column();
        let name = "w.replica || '/' || w.generation";
        columns.push(format!("(SELECT {name} FROM stream_writer w WHERE w.id = t.{writer})"));
    }
    format!("SELECT {} FROM {} t ORDER BY 1, 2", columns.join(", "), table.name)
}

/// Checks the file as SQLite does.
pub(super) fn check_file(file: &Path) -> Result<()> {
    check(&open(file)?)
}

/// Brings what is in the log of a store that nobody has open into the file itself.
pub(super) fn fold_log(file: &Path) -> Result<()> {
    Ok(open(file)?.pragma_query(None, "wal_checkpoint", |_| Ok(()))?)
}

/// Returns what a running host's store holds, per writer.
pub(super) fn vector(data: &Path) -> Result<Vec<Vec<String>>> {
    rows(&open(&data.join(FILE))?, VECTOR)
}

/// Returns the life in which a store writes.
pub(super) fn life(data: &Path) -> Result<String> {
    let rows = rows(&open(&data.join(FILE))?, "SELECT generation FROM local_venue")?;
    rows.into_iter().flatten().next().context("no venue is open")
}

/// Returns what a running host holds in every replicated table, with what it is stamped with.
pub(super) fn contents(data: &Path) -> Result<Vec<Vec<Vec<String>>>> {
    let store = open(&data.join(FILE))?;
    SCHEMA.tables.iter().map(|table| rows(&store, &content_of(table))).collect()
}

/// Returns the highest time that any stamp of a store bears.
pub(super) fn clock_ms(data: &Path) -> Result<i64> {
    let store = open(&data.join(FILE))?;
    Ok(store.query_row("SELECT max(ms) FROM hybrid_clock", [], |row| row.get(0))?)
}

fn check(store: &Connection) -> Result<()> {
    let found: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if found != "ok" {
        bail!("the file is damaged: {found}");
    }
    Ok(())
}

fn open(file: &Path) -> Result<Connection> {
    let store = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .with_context(|| format!("{} cannot be opened", file.display()))?;
    Ok(store)
}

fn rows(store: &Connection, sql: &str) -> Result<Vec<Vec<String>>> {
    let mut query = store.prepare(sql)?;
    let columns = query.column_count();
    let found = query
        .query_map([], |row| (0..columns).map(|column| row.get_ref(column).map(text)).collect())?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Integer(integer) => integer.to_string(),
        other => format!("{other:?}"),
    }
}
