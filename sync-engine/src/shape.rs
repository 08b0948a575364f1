//! How tables are declared: name, stream and merge shape. Declaring one is a few lines of data.
//!
//! Owns the vocabulary; the SQL that follows from it is in `fold`. It must not know any table.
//!
//! Every replicated table has the primary key `(venue, id)`. A register keeps one stamp per group
//! of fields that belong together, in `<group>_stamp`; a fact keeps the stamp of its first writing.

use crate::id::is_name;

/// The tables that replicate, declared by the domain.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// All of them.
    pub tables: &'static [Table],
}

/// One replicated table.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its SQL name.
    pub name: &'static str,
    /// The purpose of the stream that carries it.
    pub purpose: &'static str,
    /// How it merges.
    pub shape: Shape,
}

/// How concurrent changes of one row merge.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Per group of fields the change with the highest stamp wins.
    Register(&'static [Group]),
    /// The row is written once; of two writings under one key the first by stamp stays.
    Fact(&'static [Column]),
}

/// Fields that change together.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its name in changes and in the stamp column.
    pub name: &'static str,
    /// Its fields.
    pub columns: &'static [Column],
}

/// One field of a payload and the column that holds it.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name, the same in JSON and in SQL.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds. There is no float: nothing replicated is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; missing is empty.
    Text,
    /// A whole number; missing is 0.
    Integer,
    /// JSON as text; missing is `null`.
    Json,
}

/// Shorthand for a text column.
#[must_use]
pub const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text }
}

/// Shorthand for an integer column.
#[must_use]
pub const fn integer(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer }
}

/// Shorthand for a JSON column.
#[must_use]
pub const fn json(name: &'static str) -> Column {
    Column { name, kind: Kind::Json }
}

impl Schema {
    /// Finds a table by name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&'static Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// Lists the purposes in declaration order, each once.
    #[must_use]
    pub fn purposes(&self) -> Vec<&'static str> {
        let mut purposes = Vec::new();
        for table in self.tables {
            if !purposes.contains(&table.purpose) {
                purposes.push(table.purpose);
            }
        }
        purposes
    }

    /// Tells whether every name can stand in generated SQL; a test calls it once.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.tables.iter().all(|table| {
            let columns_sound = match table.shape {
                Shape::Register(groups) => groups
                    .iter()
                    .all(|g| is_name(g.name) && g.columns.iter().all(|c| is_name(c.name))),
                Shape::Fact(columns) => columns.iter().all(|c| is_name(c.name)),
            };
            is_name(table.name) && is_name(table.purpose) && columns_sound
        })
    }
}
