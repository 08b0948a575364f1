//! Owns the pages about orders that somebody has placed: the list, an invoice, and what the venue's
//! customers think.
//! It must not know who may see any of it.

use askama::Template;

use super::{ContactView, LineView, Mode, Shell, State, Sums};

/// One order in somebody's own list.
#[derive(Clone, Debug)]
pub struct OwnOrder {
    /// Its id.
    pub id: String,
    /// The number that was called.
    pub ticket: String,
    /// When it was placed, on the venue's clocks.
    pub placed: String,
    /// How it is taken.
    pub mode: Mode,
    /// How far it is.
    pub state: State,
    /// Its lines.
    pub lines: Vec<LineView>,
    /// Its total, written for the reader.
    pub total: String,
    /// It was had: it can be rated.
    pub can_rate: bool,
    /// One to five; 0 while nobody said.
    pub stars: i64,
    /// What was said; may be empty.
    pub comment: String,
    /// What the venue answers; may be empty.
    pub answer: String,
    /// It can be invoiced here.
    pub can_invoice: bool,
    /// The number of its invoice; may be empty.
    pub invoice: String,
}

impl OwnOrder {
    /// Returns how many stars it has, written.
    pub fn stars_told(&self) -> &'static str {
        match self.stars {
            1 => "1",
            2 => "2",
            3 => "3",
            4 => "4",
            _ => "5",
        }
    }
}

/// The page at `/account/orders`.
#[derive(Template)]
#[template(path = "own_orders.html")]
pub struct OwnOrdersView {
    /// The frame.
    pub shell: Shell,
    /// The newest first.
    pub orders: Vec<OwnOrder>,
    /// From where the list goes on; nothing at its end.
    pub next: Option<String>,
    /// Something was kept.
    pub done: bool,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The page at `/account/orders/{id}/invoice`, to be printed.
#[derive(Template)]
#[template(path = "invoice.html")]
pub struct InvoiceView {
    /// The frame.
    pub shell: Shell,
    /// Its number.
    pub number: String,
    /// When it was made, on the venue's clocks.
    pub at: String,
    /// Who sells: what the venue says of itself, by lines.
    pub seller: Vec<String>,
    /// To whom; may be empty.
    pub billed: String,
    /// The order's ticket.
    pub ticket: String,
    /// When the order was placed.
    pub placed: String,
    /// Its lines.
    pub lines: Vec<LineView>,
    /// What the total is made of beside the lines.
    pub sums: Sums,
    /// By rate: what is due without VAT, written for the reader.
    pub net: Vec<String>,
    /// Its total, written for the reader.
    pub total: String,
}

/// One opinion.
#[derive(Clone, Debug)]
pub struct RatingLine {
    /// Of which order.
    pub order: String,
    /// The number that was called.
    pub ticket: String,
    /// When, on the venue's clocks.
    pub at: String,
    /// One to five.
    pub stars: i64,
    /// What was said; may be empty.
    pub comment: String,
    /// What the venue answers; may be empty.
    pub answer: String,
}

/// The page at `/ratings`.
#[derive(Template)]
#[template(path = "ratings.html")]
pub struct RatingsView {
    /// The frame.
    pub shell: Shell,
    /// The latest first.
    pub ratings: Vec<RatingLine>,
    /// The mean of all, written for the reader; nothing while there is none.
    pub mean: Option<String>,
    /// How many there are.
    pub count: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// An address that somebody keeps.
#[derive(Clone, Debug)]
pub struct AddressLine {
    /// Its id.
    pub id: String,
    /// Where, and the telephone.
    pub contact: ContactView,
}

/// The page at `/account/addresses`.
#[derive(Template)]
#[template(path = "addresses.html")]
pub struct AddressesView {
    /// The frame.
    pub shell: Shell,
    /// The latest first.
    pub addresses: Vec<AddressLine>,
    /// What was typed before: address, postal code, phone.
    pub typed: [String; 3],
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}
