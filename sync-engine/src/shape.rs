//! How tables are declared: name, stream and merge shape. Declaring one is a few lines of data.
//!
//! Owns the vocabulary; the SQL that follows from it is in `fold`. It must not know any table.
//!
//! Every replicated table has the primary key `(venue, id)`. A register keeps stamp and writer per
//! group of fields that belong together, in `<group>_stamp` and `<group>_writer`; a fact keeps
//! those of its first writing, in `stamp` and `writer`. A set's member is a fact that may be
//! removed: `removed_stamp` and `removed_writer` say when and by whom. [`MEMBER_SQL`] tells members
//! from what is left of others.
//!
//! A field that is added to a table later stands in a group of its own: a row that was written
//! before it must not speak of it.

use crate::id::{StreamId, is_name};

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
    /// Members that come and go, each with an id that is never used again: a removal takes away
    /// what its writer saw, so what somebody adds at the same time stays.
    Set(&'static [Column]),
    /// A set whose members have places, see [`crate::sequence`].
    Sequence(&'static [Column]),
    /// Totals per writer, see [`crate::counter`]; each only grows.
    Counter,
}

/// Which of two writings of one group stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wins {
    /// The one with the higher stamp.
    Last,
    /// The one with the lower stamp.
    First,
    /// The one with the higher values.
    Most,
}

/// The condition under which a row of a set is one of its members.
pub const MEMBER_SQL: &str = "stamp > 0 AND removed_stamp = 0";
/// The register with which a member of a set is removed.
pub const REMOVED: &str = "removed";
/// The register that says where a member of a sequence stands.
pub const PLACE: &str = "place";
/// The column that says where a member of a sequence stands.
pub const POSITION: &str = "position";

const REMOVAL: Group = Group { name: REMOVED, columns: &[] };
const STANDING: Group = Group { name: PLACE, columns: &[text(POSITION)] };
const TOTALS: Group =
    Group { name: "", columns: &[text("counter"), integer("plus"), integer("minus")] };

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
    /// Returns the groups of fields that merge apart; what is written once has no name.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        let once = |columns| Group { name: "", columns };
        match self.shape {
            Shape::Register(groups) => groups.to_vec(),
            Shape::Fact(columns) => vec![once(columns)],
            Shape::Set(columns) => vec![once(columns), REMOVAL],
            Shape::Sequence(columns) => vec![once(columns), STANDING, REMOVAL],
            Shape::Counter => vec![TOTALS],
        }
    }

    /// Tells which of two writings of a group stays.
    #[must_use]
    pub fn wins(&self, group: &Group) -> Wins {
        match self.shape {
            Shape::Register(_) => Wins::Last,
            Shape::Counter => Wins::Most,
            Shape::Fact(_) | Shape::Set(_) | Shape::Sequence(_) if group.name.is_empty() => {
                Wins::First
            }
            Shape::Fact(_) | Shape::Set(_) | Shape::Sequence(_) => Wins::Last,
        }
    }

    /// Tells whether its rows may go: it is a set or a sequence.
    #[must_use]
    pub const fn has_members(&self) -> bool {
        matches!(self.shape, Shape::Set(_) | Shape::Sequence(_))
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

    /// Lists the tables of a stream in declaration order.
    pub fn of_stream<'a>(&self, stream: &'a StreamId) -> impl Iterator<Item = &'static Table> + 'a {
        self.tables.iter().filter(|table| table.purpose == stream.purpose.as_str())
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
            let is_register = matches!(table.shape, Shape::Register(_));
            let groups_sound = table.groups().iter().all(|group| {
                (is_name(group.name) || (group.name.is_empty() && !is_register))
                    && group.columns.iter().all(|column| is_name(column.name))
            });
            is_name(table.name) && is_name(table.purpose) && groups_sound
        })
    }
}
