//! SQL as data: what every host's database adapter runs.
//!
//! Owns values, statements with the number of rows that they must affect, and batches. It must not
//! run anything, nor know which database will.

use std::borrow::Cow;

use serde_json::Value as Json;

/// One bound parameter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// An integer; hosts refuse what lies beyond 2^53.
    Integer(i64),
    /// An integer of up to 63 bits, such as a stamp; only in a statement's rows.
    Wide(i64),
    /// Text; also how many rows travel in one parameter, as JSON for `json_each`.
    Text(String),
}

impl Value {
    /// Tells whether every host carries the value without loss: no integer beyond 2^53.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        match self {
            Self::Integer(integer) => {
                integer.unsigned_abs() <= crate::limits::INTEGER_MAX.unsigned_abs()
            }
            Self::Null | Self::Wide(_) | Self::Text(_) => true,
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Integer(integer) | Self::Wide(integer) => Json::from(*integer),
            Self::Text(text) => Json::from(text.as_str()),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

/// How many rows a statement of a batch must affect, or the whole batch is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expect {
    /// Any number, also none.
    Any,
    /// This many.
    Exactly(u64),
}

/// One SQL statement with its parameters `?1`, `?2`, …
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Statement {
    /// The text; one statement, no trailing semicolon.
    pub sql: String,
    /// The parameters in order.
    pub params: Vec<Value>,
    /// How many rows it must affect.
    pub expect: Expect,
    /// Rows of values of one width, for a text with [`Statement::ROWS`] in the place of a table;
    /// the text reads them as `r.p0`, `r.p1`, …
    pub rows: Vec<Vec<Value>>,
}

impl Statement {
    /// Stands in a text where the rows go.
    pub const ROWS: &str = "%ROWS%";

    /// Makes a statement that may affect any number of rows.
    #[must_use]
    pub fn new(sql: impl Into<String>, params: Vec<Value>) -> Self {
        Self { sql: sql.into(), params, expect: Expect::Any, rows: Vec::new() }
    }

    /// Makes a statement that must affect exactly this many rows.
    #[must_use]
    pub fn exactly(rows: u64, sql: impl Into<String>, params: Vec<Value>) -> Self {
        Self { sql: sql.into(), params, expect: Expect::Exactly(rows), rows: Vec::new() }
    }

    /// Returns the statement with its rows as one more parameter, for hosts that pay per statement.
    #[must_use]
    pub fn in_one(&self) -> Cow<'_, Self> {
        let Some(first) = self.rows.first() else { return Cow::Borrowed(self) };
        // Numbers in JSON stay whole on every host; bound ones do not.
        let places: Vec<String> =
            (0..first.len()).map(|place| format!("value->>{place} AS p{place}")).collect();
        let from =
            format!("(SELECT {} FROM json_each(?{})) r", places.join(", "), self.params.len() + 1);
        let rows = self.rows.iter().map(|row| Json::Array(row.iter().map(Value::json).collect()));
        let mut params = self.params.clone();
        params.push(Json::Array(rows.collect()).to_string().into());
        let sql = self.sql.replace(Self::ROWS, &from);
        Cow::Owned(Self { sql, params, expect: self.expect, rows: Vec::new() })
    }

    /// Returns the text that takes the values of one row after the parameters, to be run once per
    /// row, for hosts that run a prepared statement at little cost.
    #[must_use]
    pub fn for_each(&self) -> Cow<'_, str> {
        let Some(first) = self.rows.first() else { return Cow::Borrowed(&self.sql) };
        let before = self.params.len();
        let places: Vec<String> =
            (0..first.len()).map(|place| format!("?{} AS p{place}", before + place + 1)).collect();
        Cow::Owned(self.sql.replace(Self::ROWS, &format!("(SELECT {}) r", places.join(", "))))
    }
}

/// Statements that take effect all together or not at all, in order.
pub type Batch = Vec<Statement>;
