//! What a store holds, as it is compared and as it is shown when two sides differ.
//!
//! It must not judge.

use app::ports::Row;
use serde_json::Value as Json;

use crate::simulation::hosts::SimHost;

/// Returns a table's rows with the names of their writers, whose numbers are each store's own.
pub(super) fn content(side: &SimHost, table: &str, venue: &str) -> Vec<Row> {
    // A change that moved into a new life may be known from the old one too: which of the two wrote
    // the row is then nobody's business.
    let named = "SELECT id, replica AS name FROM stream_writer";
    let writers = side.store.rows(named, &[]);
    let name_of = |number: &Json| {
        let found = writers.iter().find(|writer| writer["id"] == *number);
        found.map_or_else(|| number.clone(), |writer| writer["name"].clone())
    };
    let sql = format!("SELECT * FROM {table} WHERE venue = ?1 ORDER BY id");
    let mut rows = side.store.rows(&sql, &[venue]);
    for row in &mut rows {
        let columns = row.iter_mut().filter(|(name, _)| name.ends_with("writer"));
        columns.for_each(|(_, number)| *number = name_of(number));
    }
    rows
}

/// Returns what a side's log and table say of one row, to read when two sides differ.
pub(in crate::simulation) fn log_of(side: &SimHost, venue: &str, id: &str) -> String {
    let sql = "SELECT replica || ' ' || generation || ' ' || c.seq || ' ' || claimed || ' ' || \
               effective || ' ' || register AS line FROM change_log c \
               JOIN stream_writer v ON v.id = c.writer \
               WHERE stream LIKE ?1 AND entity = ?2 ORDER BY effective";
    let mut rows = side.store.rows(sql, &[&format!("{venue}/%"), id]);
    let writers = "SELECT stream || ' ' || replica || ' ' || generation || ' ' || seq || \
                   ' above ' || floor AS line FROM stream_writer WHERE stream LIKE ?1 ORDER BY id";
    rows.extend(side.store.rows(writers, &[&format!("{venue}/%")]));
    let lines = rows.iter().filter_map(|row| row["line"].as_str());
    lines.collect::<Vec<_>>().join("\n")
}
