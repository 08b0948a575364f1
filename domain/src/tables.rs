//! Tables of a venue: what one is, who sits there, and which order it is given to.
//!
//! A table is known by its number, so two people who add one number while apart add one table.
//! What a sensor or staff say of it are registers; which order has it is the gateway's alone. It
//! must not know how sensors talk, nor how rows are loaded.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::change::Draft;

use crate::{Rejection, catalogue::register, limits, people::person, time::Time};

pub mod assignment;
pub mod occupancy;
pub mod presence;

/// The replicated table of tables.
pub const TABLE: &str = "dining_table";

/// A moment at a venue, as what is decided of its tables needs it.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// What time it is, and how sure that is.
    pub time: Time,
    /// When the business day began.
    pub day_ms: u64,
}

/// What staff said of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// Nothing: the sensor counts.
    #[default]
    Auto,
    /// Nobody sits there.
    Free,
    /// Somebody does.
    Occupied,
    /// Nobody is to sit there.
    Closed,
}

impl Hand {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Free, Self::Occupied, Self::Closed];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Free => "free",
            Self::Occupied => "occupied",
            Self::Closed => "closed",
        }
    }

    /// Reads it; what only a newer build says counts as nothing.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hand| hand.name() == name)
    }
}

/// A table as its venue knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What stands on it.
    pub number: u32,
    /// What people call it beside; may be empty.
    #[serde(default)]
    pub name: String,
    /// How many sit there.
    #[serde(default)]
    pub seats: u32,
    /// Where it stands on the floor, from the left, in hundredths.
    #[serde(default)]
    pub x: u32,
    /// Where it stands on the floor, from the top, in hundredths.
    #[serde(default)]
    pub y: u32,
    /// It is there no more.
    #[serde(skip)]
    pub removed: bool,
    /// What a sensor says.
    #[serde(skip)]
    pub presence: presence::Presence,
    /// What staff say.
    #[serde(skip)]
    pub hand: Hand,
    /// Since when they say it.
    #[serde(skip)]
    pub hand_ms: u64,
}

impl Table {
    /// Checks what staff or a document say of it.
    ///
    /// # Errors
    /// Names the first field that is out of range.
    pub fn check(&self) -> Result<(), Rejection> {
        if !(1..=limits::TABLE_NUMBER_MAX).contains(&self.number) {
            return Err(Rejection::InvalidField("number"));
        }
        if !self.name.is_empty() && person::name(&self.name).ok().as_ref() != Some(&self.name) {
            return Err(Rejection::InvalidField("name"));
        }
        if self.seats > limits::TABLE_SEATS_MAX {
            return Err(Rejection::InvalidField("seats"));
        }
        if self.x > 100 || self.y > 100 {
            return Err(Rejection::InvalidField("place"));
        }
        Ok(())
    }

    /// Writes what it is.
    #[must_use]
    pub fn identity(&self) -> Draft {
        let fields = json!({
            "name": self.name,
            "seats": self.seats,
            "x": self.x,
            "y": self.y,
            "removed": i64::from(self.removed),
        });
        register(TABLE, &self.number.to_string(), "identity", fields)
    }

    /// Writes what staff say of it.
    #[must_use]
    pub fn said(&self, hand: Hand, by: &str, now_ms: u64) -> Draft {
        let fields = json!({"hand": hand.name(), "hand_by": by, "hand_ms": now_ms});
        register(TABLE, &self.number.to_string(), "hand", fields)
    }
}

/// Reads a table's number, in its one form.
#[must_use]
pub fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let number = text.parse().ok().filter(|_| plain)?;
    (1..=limits::TABLE_NUMBER_MAX).contains(&number).then_some(number)
}

/// Decides a table that is new, or comes back; `known` are those that there are.
///
/// # Errors
/// Refuses a number that stands on another one, and one table too many.
pub fn add(table: &Table, known: &[Table]) -> Result<Draft, Rejection> {
    table.check()?;
    if known.iter().any(|other| other.number == table.number && !other.removed) {
        return Err(Rejection::TableExists(table.number));
    }
    if known.iter().filter(|other| !other.removed).count() >= limits::TABLES_MAX {
        return Err(Rejection::TooManyTables);
    }
    Ok(table.identity())
}

#[cfg(test)]
mod tests;
