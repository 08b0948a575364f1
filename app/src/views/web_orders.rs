//! What the page of orders from the web shows. It must not know how a pause is kept.

use askama::Template;

use super::{Shell, TicketView};

/// An order that waits to be promised, on the counter's board.
#[derive(Clone, Debug)]
pub struct WaitingView {
    /// The order.
    pub ticket: TicketView,
    /// The edge was asked.
    pub asked: bool,
    /// It has not answered for so long that staff may decide themselves.
    pub doubt: bool,
}

/// The page at `/web-orders`.
#[derive(Template)]
#[template(path = "web_orders.html")]
pub struct WebOrdersView {
    /// The frame.
    pub shell: Shell,
    /// Why none are taken now; none where they are.
    pub paused: Option<String>,
    /// Staff have said so.
    pub by_staff: bool,
    /// Staff accept each of them.
    pub staff_accept: bool,
    /// So long the gateway may be silent.
    pub silent_minutes: u64,
    /// How long a slot of the kitchen is, what it takes, and which part of it the web gets.
    pub slot_minutes: u64,
    /// What a slot takes; 0 where there is no limit.
    pub limit: i64,
    /// Which part of a slot the web gets, in per cent.
    pub web_percent: i64,
    /// What products weigh, one a line.
    pub weights: String,
    /// Whoever looks may change that.
    pub may_set: bool,
    /// What was typed as a reason.
    pub reason: String,
    /// What was sent is kept.
    pub saved: bool,
    /// What was wrong with what was sent.
    pub error: Option<String>,
}
