//! Owns the counter's screen: orders to be paid and orders to hand over.
//! It must not know how a payment is booked.

use askama::Template;

use super::{Shell, TicketView};
use crate::locale::Locale;

/// The fragment at `/counter/board`; equal data give equal bytes, so it can carry an ETag.
#[derive(Template)]
#[template(path = "counter_board.html")]
pub struct CounterBoard {
    /// The reader's language.
    pub locale: Locale,
    /// Orders to be paid, the oldest first.
    pub to_pay: Vec<TicketView>,
    /// Orders that the kitchen works on, the oldest first; shown small.
    pub preparing: Vec<TicketView>,
    /// Orders to hand over, the oldest first.
    pub ready: Vec<TicketView>,
}

/// The page at `/counter`.
#[derive(Template)]
#[template(path = "counter.html")]
pub struct CounterView {
    /// The frame.
    pub shell: Shell,
    /// Staff switch here by PIN.
    pub switches: bool,
    /// The board as it stands now.
    pub board: CounterBoard,
}
