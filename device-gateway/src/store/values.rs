//! Values on their way into SQLite and out of it.
//!
//! It must not know which statements they belong to.

use app::ports::Fault;
use rusqlite::types::{ToSqlOutput, ValueRef};
use sync_engine::{
    limits::INTEGER_MAX,
    statement::{Statement, Value},
};

/// Refuses parameters that some host would change.
pub(super) fn refuse_unsafe(statements: &[Statement]) -> Result<(), Fault> {
    if statements.iter().flat_map(|statement| &statement.params).all(Value::is_safe) {
        Ok(())
    } else {
        Err(Fault::lasting("an integer lies beyond 2^53"))
    }
}

/// Binds a parameter without copying it.
pub(super) fn bind(value: &Value) -> ToSqlOutput<'_> {
    let value = match value {
        Value::Null => ValueRef::Null,
        Value::Integer(integer) | Value::Wide(integer) => ValueRef::Integer(*integer),
        Value::Text(text) => ValueRef::Text(text.as_bytes()),
    };
    ToSqlOutput::Borrowed(value)
}

/// Reads a value as a query returned it.
pub(super) fn json(value: ValueRef<'_>) -> Result<serde_json::Value, Fault> {
    match value {
        ValueRef::Null => Ok(serde_json::Value::Null),
        ValueRef::Integer(integer) if integer.unsigned_abs() > INTEGER_MAX.unsigned_abs() => {
            Err(Fault::lasting("an integer lies beyond 2^53"))
        }
        ValueRef::Integer(integer) => Ok(integer.into()),
        ValueRef::Text(text) => Ok(String::from_utf8_lossy(text).into_owned().into()),
        ValueRef::Real(_) | ValueRef::Blob(_) => {
            Err(Fault::lasting("a column holds neither integer nor text"))
        }
    }
}
