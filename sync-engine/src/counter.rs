//! A counter: everybody adds, also apart, and nobody's addition is lost.
//!
//! Each writer has a row with the totals that it has added and taken away; the value is the sum
//! over all rows. Totals only grow, so the higher ones are the newer ones. It is for estimates: a
//! store that was restored may add to totals that it had already told. What must never be wrong is
//! a sum of facts, or a lease.

use serde_json::{Map, json};

use crate::{
    Rejection,
    change::Draft,
    id::{VenueId, Writer},
    limits::INTEGER_MAX,
    row::{self, Row},
    shape::Table,
    statement::Statement,
};

/// Names the row of a writer.
#[must_use]
pub fn row_id(counter: &str, writer: &Writer) -> String {
    format!("{counter}/{writer}")
}

/// Builds the query of a counter's value, with the totals of one writer.
#[must_use]
pub fn query(table: &Table, venue: &VenueId, counter: &str, writer: &Writer) -> Statement {
    let sql = format!(
        "SELECT coalesce(sum(plus - minus), 0) AS value, \
         coalesce(sum(CASE WHEN id = ?3 THEN plus END), 0) AS plus, \
         coalesce(sum(CASE WHEN id = ?3 THEN minus END), 0) AS minus \
         FROM {} WHERE venue = ?1 AND counter = ?2",
        table.name,
    );
    let params = vec![venue.as_str().into(), counter.into(), row_id(counter, writer).into()];
    Statement::new(sql, params)
}

/// Returns the value that [`query`] found.
///
/// # Errors
/// Names the column that cannot be read.
pub fn value(row: &Row) -> Result<i64, Rejection> {
    row.get("value").and_then(serde_json::Value::as_i64).ok_or(Rejection::InvalidField("value"))
}

/// Returns the draft that adds to a counter, or takes away, with what [`query`] found; none for 0.
///
/// Whoever loses a race against another worker of the same store writes nothing and decides again.
///
/// # Errors
/// Refuses totals that hosts would not carry.
pub fn add(
    table: &'static str,
    counter: &str,
    writer: &Writer,
    (found, by): (&Row, i64),
) -> Result<Option<Draft>, Rejection> {
    let (plus, minus) = (row::number(found, "plus")?, row::number(found, "minus")?);
    let (plus, minus) = match by {
        0 => return Ok(None),
        1.. => (plus.saturating_add(by.unsigned_abs()), minus),
        _ => (plus, minus.saturating_add(by.unsigned_abs())),
    };
    if plus.max(minus) > INTEGER_MAX as u64 {
        return Err(Rejection::InvalidField("counter"));
    }
    let fields = [("counter", json!(counter)), ("plus", json!(plus)), ("minus", json!(minus))];
    let payload: Map<_, _> = fields.into_iter().map(|(name, v)| (name.to_owned(), v)).collect();
    let entity = row_id(counter, writer);
    Ok(Some(Draft { table, entity, register: "", payload, number: None }))
}
