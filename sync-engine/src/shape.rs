//! How tables are declared: name, stream and merge shape. Declaring one is a few lines of data.
//!
//! Owns the vocabulary; the SQL that follows from it is in `fold`. It must not know any table.
//!
//! Every replicated table has the primary key `(venue, id)`. A register keeps stamp and writer per
//! group of fields that belong together, in `<group>_stamp` and `<group>_writer`; a fact keeps
//! those of its first writing, in `stamp` and `writer`.

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
    /// What an integer column holds while nobody has written it.
    pub unwritten: i64,
}

/// What a column holds. There is no float: nothing replicated is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; missing is empty.
    Text,
    /// A whole number; missing is what the column says.
    Integer,
    /// JSON as text; missing is `null`.
    Json,
}

/// Shorthand for a text column.
#[must_use]
pub const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text, unwritten: 0 }
}

/// Shorthand for an integer column.
#[must_use]
pub const fn integer(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer, unwritten: 0 }
}

/// Shorthand for an integer column that does not begin at 0; its SQL default must say the same.
#[must_use]
pub const fn integer_from(name: &'static str, unwritten: i64) -> Column {
    Column { name, kind: Kind::Integer, unwritten }
}

/// Shorthand for a JSON column.
#[must_use]
pub const fn json(name: &'static str) -> Column {
    Column { name, kind: Kind::Json, unwritten: 0 }
}

impl Group {
    /// Names the column of its stamp.
    #[must_use]
    pub fn stamp_column(&self) -> String {
        self.column("stamp")
    }

    /// Names the column of its writer.
    #[must_use]
    pub fn writer_column(&self) -> String {
        self.column("writer")
    }

    fn column(&self, what: &str) -> String {
        if self.name.is_empty() { what.to_owned() } else { format!("{}_{what}", self.name) }
    }
}

impl Table {
    /// Returns the groups of fields that merge apart; a fact is one group without a name.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        match self.shape {
            Shape::Register(groups) => groups.to_vec(),
            Shape::Fact(columns) => vec![Group { name: "", columns }],
        }
    }

    /// Tells whether every register of the list is one of this table's.
    #[must_use]
    pub fn takes(&self, register: &str) -> bool {
        let groups = self.groups();
        register.split(',').all(|name| groups.iter().any(|group| group.name == name))
    }
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
