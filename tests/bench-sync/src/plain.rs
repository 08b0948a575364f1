//! Plain SQLite doing the same blind upserts: the limit.
//!
//! It must not know of stamps.

use std::{path::Path, time::Instant};

use rusqlite::{Connection, params};

use crate::rows::{CELLS, Row};

const UPSERT: &str = "INSERT INTO orders VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE \
     SET status = excluded.status, total = excluded.total, updated = excluded.updated, \
     note = excluded.note";

/// Opens a file as every store here is opened.
pub fn open(file: &Path, synchronous: &str) -> Connection {
    let connection = Connection::open(file).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", synchronous).unwrap();
    connection.set_prepared_statement_cache_capacity(64);
    connection
}

/// Bytes that a store's pages take, without those that are free.
pub fn stored_bytes(connection: &Connection) -> f64 {
    let pragma = |name| -> f64 {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
    };
    (pragma("page_count") - pragma("freelist_count")) * pragma("page_size")
}

/// Measures upserts in transactions of 1,000, new rows and the same again.
pub fn measure(folder: &Path, synchronous: &str, rows: &[Row], note: &mut dyn FnMut(&str, f64)) {
    let connection = open(&folder.join("plain.db"), synchronous);
    let create = "CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT NOT NULL, \
         total INTEGER NOT NULL, updated INTEGER NOT NULL, note TEXT NOT NULL) \
         STRICT, WITHOUT ROWID";
    connection.execute_batch(create).unwrap();
    let cells = (rows.len() * CELLS) as f64;
    for name in ["raw_cells_per_s", "raw_again_cells_per_s"] {
        let started = Instant::now();
        for chunk in rows.chunks(1_000) {
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            let mut upsert = connection.prepare_cached(UPSERT).unwrap();
            for row in chunk {
                let Row { id, status, total, updated, note } = row;
                upsert.execute(params![id, status, total, updated, note]).unwrap();
            }
            drop(upsert);
            connection.execute_batch("COMMIT").unwrap();
        }
        note(name, cells / started.elapsed().as_secs_f64());
    }
    note("raw_stored_bytes", stored_bytes(&connection));
}
