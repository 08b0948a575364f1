//! Owns the kitchen's screen, the sold-out switches on it, and the board of numbers in the room;
//! both boards are polled.
//! It must not know money.

use askama::Template;

use super::{Shell, Tick, TicketView};
use crate::locale::Locale;

/// One product's sold-out switch.
#[derive(Clone, Debug)]
pub struct SwitchView {
    /// The product's id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
    /// False while it is sold out.
    pub available: bool,
}

/// Something to be made: a line of an order, or one part of a combo.
#[derive(Clone, Debug)]
pub struct ItemView {
    /// Its name within the order, as it stands in ids of elements.
    pub name_in_order: String,
    /// The line's place.
    pub line: usize,
    /// The part's place.
    pub part: Option<usize>,
    /// How many.
    pub quantity: u32,
    /// Its name in the reader's language.
    pub name: String,
    /// What was chosen and what is left out.
    pub options: Vec<String>,
    /// The customer's word to the kitchen; may be empty.
    pub word: String,
    /// The combo of which it is the first that is shown, with its word.
    pub heading: Option<(String, String)>,
    /// What it contains of the allergens, in a line; may be empty.
    pub allergens: String,
    /// The kitchen has done it.
    pub done: bool,
}

impl ItemView {
    /// Returns what a tick sends.
    pub fn tick(&self, station: &str) -> String {
        let (line, part, done) = (self.line, self.part, !self.done);
        let body =
            serde_json::json!({"line": line, "part": part, "done": done, "station": station});
        body.to_string()
    }
}

/// An order in the kitchen.
#[derive(Clone, Debug)]
pub struct KitchenTicket {
    /// The order.
    pub ticket: TicketView,
    /// What is to be made of it here.
    pub items: Vec<ItemView>,
    /// One station is looked at, and it has done its part.
    pub is_mine_done: bool,
    /// It was not called yet: other stations have something to do.
    pub waits: bool,
    /// Nothing is left to be made, and nobody has called it.
    pub may_call: bool,
    /// Names of the other stations that have something to do; may be empty.
    pub elsewhere: String,
}

/// The fragment at `/kitchen/board`; equal data give equal bytes, so it can carry an ETag.
#[derive(Template)]
#[template(path = "kitchen_board.html")]
pub struct KitchenBoard {
    /// The reader's language.
    pub locale: Locale,
    /// The station that is looked at; empty for all of them.
    pub station: String,
    /// After so many minutes an order should be looked at.
    pub soon_minutes: u32,
    /// After so many minutes an order is late.
    pub late_minutes: u32,
    /// Orders that nobody has begun, the oldest first.
    pub to_prepare: Vec<KitchenTicket>,
    /// Orders that are being prepared, the oldest first.
    pub preparing: Vec<KitchenTicket>,
    /// Orders that wait to be collected, or for other stations, the oldest first.
    pub ready: Vec<KitchenTicket>,
    /// Printers that were not reached, in words.
    pub troubles: Vec<String>,
    /// How long an order took lately, written for the reader.
    pub mean: Option<String>,
    /// Every product, in the menu's order.
    pub switches: Vec<SwitchView>,
}

impl KitchenBoard {
    /// Returns what says that this station has done its part of an order, or not after all.
    pub fn bump(&self, done: bool) -> String {
        serde_json::json!({"station": self.station, "done": done}).to_string()
    }

    /// Returns how many products are sold out.
    pub fn sold_out(&self) -> usize {
        self.switches.iter().filter(|switch| !switch.available).count()
    }
}

/// The page at `/kitchen`.
#[derive(Template)]
#[template(path = "kitchen.html")]
pub struct KitchenView {
    /// The frame.
    pub shell: Shell,
    /// Staff switch here by PIN.
    pub switches: bool,
    /// The stations; none where the kitchen is one.
    pub stations: Vec<Tick>,
    /// The board as it stands now.
    pub board: KitchenBoard,
}

/// The fragment at `/board/numbers`.
#[derive(Template)]
#[template(path = "ready_board.html")]
pub struct ReadyBoard {
    /// The reader's language.
    pub locale: Locale,
    /// Numbers that the kitchen has.
    pub preparing: Vec<String>,
    /// Numbers that are called, the latest first.
    pub ready: Vec<String>,
}

/// The page at `/board`.
#[derive(Template)]
#[template(path = "ready.html")]
pub struct ReadyView {
    /// The frame.
    pub shell: Shell,
    /// The board as it stands now.
    pub board: ReadyBoard,
}
