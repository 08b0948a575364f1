//! How rows become values: the queries of each concept and the reading of what they return.
//!
//! One file per concept. Rows come from our own folds; one that does not read is a fault, not the
//! caller's mistake, and a list goes on without it. It must not decide anything.

pub mod audit;
pub mod capacity;
pub mod catalogue;
pub mod closing;
pub mod delivery;
pub mod device;
pub mod history;
pub mod kitchen;
pub mod lan;
pub mod loyalty;
pub mod menu;
pub mod order;
pub mod outbox;
pub mod own_orders;
pub mod pricing;
pub mod printing;
pub mod stock;
pub mod sync;
pub mod tables;
pub mod trust;
pub mod undone;
pub mod venue;
pub mod web;

use serde::de::DeserializeOwned;

use crate::ports::{Fault, Row};

/// Reads a text column.
///
/// # Errors
/// Fails when the column is missing or holds something else.
pub fn text(row: &Row, name: &str) -> Result<String, Fault> {
    let value = row.get(name).and_then(|value| value.as_str());
    value.map(str::to_owned).ok_or_else(|| unreadable(name))
}

/// Reads an integer column.
///
/// # Errors
/// Fails when the column is missing or holds something else.
pub fn integer(row: &Row, name: &str) -> Result<i64, Fault> {
    row.get(name).and_then(serde_json::Value::as_i64).ok_or_else(|| unreadable(name))
}

/// Reads an integer column that counts few things.
///
/// # Errors
/// Fails when the column is missing or holds something else.
pub fn small(row: &Row, name: &str) -> Result<u32, Fault> {
    u32::try_from(integer(row, name)?).map_err(|_| unreadable(name))
}

/// Reads a column that holds JSON as text; `null` is an empty value, as the fold writes for a field
/// that a change left out.
///
/// # Errors
/// Fails when the column is missing or its JSON has another form.
pub fn json<T: DeserializeOwned + Default>(row: &Row, name: &str) -> Result<T, Fault> {
    let value: Option<T> = serde_json::from_str(&text(row, name)?).map_err(|_| unreadable(name))?;
    Ok(value.unwrap_or_default())
}

/// Reads a list; a row that cannot be read is logged and left out: one odd record must not take
/// everything else from the screens.
pub fn readable<T>(what: &str, rows: &[Row], read: fn(&Row) -> Result<T, Fault>) -> Vec<T> {
    let read = |row| match read(row) {
        Ok(value) => Some(value),
        Err(fault) => {
            let id = text(row, "id").unwrap_or_default();
            tracing::error!(what, id, detail = %fault.detail, "a row was left out");
            None
        }
    };
    rows.iter().filter_map(read).collect()
}

fn unreadable(name: &str) -> Fault {
    Fault::lasting(format!("column {name} cannot be read"))
}
