//! Owns the floor of the staff, one table's page, and what a customer is told of their table.
//! It must not know when a table is free.

use askama::Template;

use super::Shell;
use crate::locale::Locale;

/// A table on the floor.
#[derive(Clone, Debug)]
pub struct TileView {
    /// What stands on it.
    pub number: u32,
    /// What people call it; may be empty.
    pub name: String,
    /// How many sit there; 0 where nobody said.
    pub seats: u32,
    /// What it is now: free, occupied, assigned, closed.
    pub state: &'static str,
    /// The same in the reader's language.
    pub label: &'static str,
    /// The tickets of the orders that have it.
    pub tickets: Vec<String>,
    /// Since when, ms since 1970; 0 where that says nothing.
    pub since_ms: u64,
    /// Its sensor has fallen silent.
    pub silent: bool,
    /// What it is was said by staff.
    pub by_hand: bool,
}

/// The fragment at `/floor/board`; equal data give equal bytes, so it can carry an ETag.
#[derive(Template)]
#[template(path = "floor_board.html")]
pub struct FloorBoard {
    /// The reader's language.
    pub locale: Locale,
    /// Every table, by number.
    pub tables: Vec<TileView>,
    /// How many are free.
    pub free: usize,
    /// How many orders wait for one.
    pub waiting: usize,
}

/// The page at `/floor`.
#[derive(Template)]
#[template(path = "floor.html")]
pub struct FloorView {
    /// The frame.
    pub shell: Shell,
    /// The board as it stands now.
    pub board: FloorBoard,
    /// The reader says which tables there are.
    pub manages: bool,
    /// What was typed before: number, name, seats.
    pub typed: [String; 3],
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// An assignment of the past, or the present one.
#[derive(Clone, Debug)]
pub struct PastView {
    /// The order's ticket.
    pub ticket: String,
    /// From when, on the venue's clocks.
    pub from: String,
    /// Until when; empty while it goes on.
    pub until: String,
    /// Why it ended, in the reader's language.
    pub why: String,
}

/// The page at `/floor/{id}`.
#[derive(Template)]
#[template(path = "floor_table.html")]
pub struct TablePage {
    /// The frame.
    pub shell: Shell,
    /// The table.
    pub table: TileView,
    /// What staff say of it: auto, free, occupied, closed.
    pub hand: &'static str,
    /// Which sensor watches it; empty where none does.
    pub sensor: String,
    /// What it was given to, the newest first.
    pub history: Vec<PastView>,
    /// Where a phone at the table finds the menu.
    pub link: String,
    /// The link as an SVG picture.
    pub picture: String,
    /// The reader says which tables there are.
    pub manages: bool,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// What a customer is told of their table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableNote {
    /// What it is about; empty where there is nothing to tell.
    pub code: &'static str,
    /// The table.
    pub number: u32,
    /// Tables at which they may say that they sit.
    pub choices: Vec<u32>,
}

impl TableNote {
    /// Tells whether there is anything to tell.
    #[must_use]
    pub fn is_told(&self) -> bool {
        !matches!(self.code, "" | "none" | "over")
    }

    /// Returns the sentence, in the reader's language.
    #[must_use]
    pub fn title(&self, locale: &Locale) -> String {
        let number = self.number.to_string();
        locale.t_with(&format!("table.{}", self.code), &[("number", &number)])
    }

    /// Returns what the customer does next, in the reader's language.
    #[must_use]
    pub fn text(&self, locale: &Locale) -> &'static str {
        locale.find(&format!("table.{}_text", self.code)).unwrap_or_default()
    }
}
