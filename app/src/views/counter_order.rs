//! Owns the counter's page of one order: what it is, what happened, what can be taken back.
//! It must not know by which rules.

use askama::Template;

use super::{LineView, Mode, Shell, State, Sums};

/// A line of what happened to an order.
#[derive(Clone, Debug)]
pub struct ToldView {
    /// What, in the reader's language.
    pub what: String,
    /// When.
    pub when: String,
    /// At which replica.
    pub place: String,
    /// Who, where that can be told.
    pub who: String,
    /// Why; may be empty.
    pub reason: String,
}

/// A line that can be given back.
#[derive(Clone, Debug)]
pub struct PiecesView {
    /// Which, from 0 on.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// How many pieces are left to give back.
    pub left: i64,
}

/// The page at `/counter/orders/{id}`.
#[derive(Template)]
#[template(path = "counter_order.html")]
pub struct CounterOrderView {
    /// The frame.
    pub shell: Shell,
    /// The order's id.
    pub id: String,
    /// The number that is called.
    pub ticket: String,
    /// How far it is.
    pub state: State,
    /// How it is taken.
    pub mode: Mode,
    /// When it was placed.
    pub placed: String,
    /// Its lines.
    pub lines: Vec<LineView>,
    /// Its total.
    pub total: String,
    /// What that is made of.
    pub sums: Sums,
    /// What of it is paid.
    pub paid: String,
    /// What of that is back; none where nothing is.
    pub refunded: Option<String>,
    /// What can still be given back; none where nothing can.
    pub left: Option<String>,
    /// What is back, in cents: a form says what its reader saw.
    pub seen_cents: i64,
    /// Lines that can be given back.
    pub pieces: Vec<PiecesView>,
    /// What staff should hear of.
    pub exceptions: Vec<String>,
    /// What happened, the first that came first.
    pub told: Vec<ToldView>,
    /// It can be paid now.
    pub can_pay: bool,
    /// It waits to be promised.
    pub waits: bool,
    /// The edge was asked what becomes of it.
    pub asked: bool,
    /// The edge has not answered for so long that staff may decide themselves.
    pub doubt: bool,
    /// Its customer was not seen yet.
    pub can_validate: bool,
    /// It can be handed over now.
    pub can_hand_over: bool,
    /// It can be called off.
    pub can_cancel: bool,
    /// Whoever looks may give money back.
    pub may_refund: bool,
    /// Whether its receipt and its tickets for the kitchen can be printed here.
    pub prints: (bool, bool),
    /// What was done just now; none where nothing was.
    pub done: Option<String>,
    /// What was refused.
    pub error: Option<String>,
    /// The reason that was typed.
    pub reason: String,
    /// What was typed as an amount before.
    pub amount: String,
}
