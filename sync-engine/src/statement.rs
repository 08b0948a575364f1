//! SQL as data: what every host's database adapter runs.
//!
//! Owns values, statements with the number of rows that they must affect, and batches. It must not
//! run anything, nor know which database will.

/// One bound parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// An integer; hosts refuse what lies beyond 2^53.
    Integer(i64),
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
            Self::Null | Self::Text(_) => true,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Any number, also none.
    Any,
    /// This many.
    Exactly(u64),
}

/// One SQL statement with its parameters `?1`, `?2`, …
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The text; one statement, no trailing semicolon.
    pub sql: String,
    /// The parameters in order.
    pub params: Vec<Value>,
    /// How many rows it must affect.
    pub expect: Expect,
}

impl Statement {
    /// Makes a statement that may affect any number of rows.
    #[must_use]
    pub fn new(sql: impl Into<String>, params: Vec<Value>) -> Self {
        Self { sql: sql.into(), params, expect: Expect::Any }
    }

    /// Makes a statement that must affect exactly this many rows.
    #[must_use]
    pub fn exactly(rows: u64, sql: impl Into<String>, params: Vec<Value>) -> Self {
        Self { sql: sql.into(), params, expect: Expect::Exactly(rows) }
    }
}

/// Statements that take effect all together or not at all, in order.
pub type Batch = Vec<Statement>;
