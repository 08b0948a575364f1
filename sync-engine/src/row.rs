//! Rows as queries return them, read back into what they say.
//!
//! It must not know who ran the query.

use serde_json::{Map, Value as Json};

use crate::{Rejection, change::Change, id::Writer, stamp::Hlc};

/// One row: column name to value.
pub type Row = Map<String, Json>;

/// The columns of a change over a writer `v` and its log row `c`, as [`change`] reads them.
#[macro_export]
macro_rules! change_columns {
    () => {
        "v.replica AS replica, v.generation AS generation, c.seq AS seq, \
         printf('%016x', c.claimed) AS claimed, printf('%016x', c.effective) AS effective, \
         c.table_name AS table_name, c.entity AS entity, c.register AS register, \
         c.payload AS payload"
    };
}

/// Reads a text.
///
/// # Errors
/// Names the column when it holds none.
pub fn text<'a>(row: &'a Row, column: &'static str) -> Result<&'a str, Rejection> {
    row.get(column).and_then(Json::as_str).ok_or(Rejection::InvalidField(column))
}

/// Reads a number that is not negative.
///
/// # Errors
/// Names the column when it holds none.
pub fn number(row: &Row, column: &'static str) -> Result<u64, Rejection> {
    row.get(column).and_then(Json::as_u64).ok_or(Rejection::InvalidField(column))
}

/// Reads a stamp.
///
/// # Errors
/// Names the column when it holds none.
pub fn stamp(row: &Row, column: &'static str) -> Result<Hlc, Rejection> {
    Hlc::parse(text(row, column)?)
}

/// Reads a writer.
///
/// # Errors
/// Names the column that holds no name.
pub fn writer(row: &Row) -> Result<Writer, Rejection> {
    Writer::parse(text(row, "replica")?, text(row, "generation")?)
}

/// Reads a change.
///
/// # Errors
/// Names the column that cannot be read.
pub fn change(row: &Row) -> Result<Change, Rejection> {
    let malformed = Rejection::InvalidField("payload");
    Ok(Change {
        writer: writer(row)?,
        seq: number(row, "seq")?,
        claimed: stamp(row, "claimed")?,
        effective: stamp(row, "effective")?,
        table: text(row, "table_name")?.to_owned(),
        entity: text(row, "entity")?.to_owned(),
        register: text(row, "register")?.to_owned(),
        payload: serde_json::from_str(text(row, "payload")?).map_err(|_| malformed)?,
    })
}
