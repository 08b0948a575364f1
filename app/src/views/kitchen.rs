//! Owns the kitchen's screen, the sold-out switches on it, and the board of numbers in the room;
//! both boards are polled.
//! It must not know money.

use askama::Template;

use super::{Shell, TicketView};
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

/// The fragment at `/kitchen/board`; equal data give equal bytes, so it can carry an ETag.
#[derive(Template)]
#[template(path = "kitchen_board.html")]
pub struct KitchenBoard {
    /// The reader's language.
    pub locale: Locale,
    /// Orders that nobody has begun, the oldest first.
    pub to_prepare: Vec<TicketView>,
    /// Orders that are being prepared, the oldest first.
    pub preparing: Vec<TicketView>,
    /// Orders that wait to be collected, the oldest first.
    pub ready: Vec<TicketView>,
    /// How long an order took lately, written for the reader.
    pub mean: Option<String>,
    /// Every product, in the menu's order.
    pub switches: Vec<SwitchView>,
}

impl KitchenBoard {
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
