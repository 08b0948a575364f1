//! How rows become values: the queries of each concept and the reading of what they return.
//!
//! One file per concept. Rows come from our own folds; one that does not read is a fault, not the
//! caller's mistake. It must not decide anything.

pub mod catalogue;
pub mod order;
pub mod venue;

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

/// Reads a column that holds JSON as text.
///
/// # Errors
/// Fails when the column is missing or its JSON has another form.
pub fn json<T: DeserializeOwned>(row: &Row, name: &str) -> Result<T, Fault> {
    serde_json::from_str(&text(row, name)?).map_err(|_| unreadable(name))
}

fn unreadable(name: &str) -> Fault {
    Fault::lasting(format!("column {name} cannot be read"))
}
