//! How a payload's field becomes a column's value, in SQL and in Rust, and back.
//!
//! Both ways must give the same value for the same field: a row that was written here and one that
//! came from elsewhere are compared. It must not know which change wins.

use serde_json::{Map, Value as Json};

use crate::{
    fold::Entry,
    shape::{Column, Group, Kind},
    statement::Value,
};

/// Returns the SQL expression of a column over the log alias `c`.
#[must_use]
pub fn column_sql(column: &Column) -> String {
    let name = column.name;
    match column.kind {
        Kind::Text => format!("coalesce(c.payload->>'{name}', '')"),
        Kind::Integer => {
            format!("coalesce(CAST(c.payload->>'{name}' AS INTEGER), {})", column.unwritten)
        }
        Kind::Json => format!("coalesce(c.payload->'{name}', 'null')"),
    }
}

/// Returns a row in which no group is written: the key, then each group with stamp and writer.
#[must_use]
pub fn empty_row(groups: &[Group], entity: &str) -> Vec<Value> {
    let mut row = vec![Value::from(entity)];
    for group in groups {
        row.extend(group.columns.iter().map(|column| value(column, None)));
        row.extend([Value::Wide(0), Value::Integer(0)]);
    }
    row
}

/// Writes the groups that a change covers into a row.
pub fn fill(row: &mut [Value], groups: &[Group], written: &[bool], entry: &Entry<'_>, number: i64) {
    let mut places = row.iter_mut().skip(1);
    for (group, written) in groups.iter().zip(written) {
        for column in group.columns {
            let Some(place) = places.next() else { return };
            if *written {
                *place = value(column, entry.change.payload.get(column.name));
            }
        }
        let (Some(stamp), Some(writer)) = (places.next(), places.next()) else { return };
        if *written {
            *stamp = Value::Wide(entry.effective.bits());
            *writer = Value::Integer(number);
        }
    }
}

/// Returns the payload's field for a column's value as a query returned it.
///
/// Nothing is said of a JSON column whose text is not JSON.
pub fn field(payload: &mut Map<String, Json>, column: &Column, value: &Json) {
    let json = match (column.kind, value) {
        (Kind::Json, Json::String(text)) => serde_json::from_str(text).ok(),
        (_, value) => Some(value.clone()),
    };
    if let Some(json) = json {
        payload.insert(column.name.to_owned(), json);
    }
}

fn value(column: &Column, field: Option<&Json>) -> Value {
    let field = field.filter(|field| !field.is_null());
    match (column.kind, field) {
        (Kind::Text, None) => Value::Text(String::new()),
        (Kind::Text, Some(field)) => Value::Text(scalar_text(field)),
        (Kind::Integer, None) => Value::Integer(column.unwritten),
        (Kind::Integer, Some(field)) => Value::Integer(integer(field)),
        (Kind::Json, field) => {
            Value::Text(field.map_or_else(|| "null".to_owned(), Json::to_string))
        }
    }
}

/// What SQLite's `->>` gives, stored as text.
fn scalar_text(field: &Json) -> String {
    match field {
        Json::String(text) => text.clone(),
        Json::Bool(flag) => i64::from(*flag).to_string(),
        other => other.to_string(),
    }
}

/// What SQLite's `CAST(… AS INTEGER)` gives: of a text, the number that it begins with.
fn integer(field: &Json) -> i64 {
    match field {
        Json::Number(number) => number.as_i64().unwrap_or_default(),
        Json::Bool(flag) => i64::from(*flag),
        Json::String(text) => leading_integer(text),
        _ => 0,
    }
}

fn leading_integer(text: &str) -> i64 {
    let text = text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1_i128, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut found: i128 = 0;
    for digit in digits.bytes().take_while(u8::is_ascii_digit) {
        found = (found * 10 + i128::from(digit - b'0')).min(i128::from(i64::MAX) + 1);
    }
    let clamped = (sign * found).clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    clamped as i64
}
