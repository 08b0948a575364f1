//! Owns the counter's screen: orders to be paid and orders to hand over.
//! It must not know how a payment is booked.

use askama::Template;

use super::{Shell, TicketView, WaitingView};
use crate::locale::Locale;

/// An order of which staff should hear.
#[derive(Clone, Debug)]
pub struct ExceptionView {
    /// The order's id.
    pub id: String,
    /// Its number.
    pub ticket: String,
    /// What there is to say.
    pub text: String,
}

/// The fragment at `/counter/board`; equal data give equal bytes, so it can carry an ETag.
#[derive(Template)]
#[template(path = "counter_board.html")]
pub struct CounterBoard {
    /// The reader's language.
    pub locale: Locale,
    /// Orders from the web that wait to be promised, the oldest first.
    pub to_accept: Vec<WaitingView>,
    /// Orders to be paid, the oldest first.
    pub to_pay: Vec<TicketView>,
    /// Orders that the kitchen works on, the oldest first; shown small.
    pub preparing: Vec<TicketView>,
    /// Orders to hand over, the oldest first.
    pub ready: Vec<TicketView>,
    /// What no rule puts right, the newest first.
    pub exceptions: Vec<ExceptionView>,
    /// Printers that were not reached, in words.
    pub troubles: Vec<String>,
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
