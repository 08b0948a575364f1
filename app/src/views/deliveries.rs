//! Owns the courier's pages: what is to be brought, and one order at the door.
//! It must not know who may bring what.

use askama::Template;

use super::{Shell, State, TicketView};
use crate::locale::Locale;

/// An order that is brought.
#[derive(Clone, Debug)]
pub struct RideView {
    /// The order.
    pub ticket: TicketView,
    /// Whoever looks has it with them.
    pub is_own: bool,
}

/// The fragment at `/deliveries/board`; equal data give equal bytes, so it can carry an ETag.
#[derive(Template)]
#[template(path = "deliveries_board.html")]
pub struct DeliveriesBoard {
    /// The reader's language.
    pub locale: Locale,
    /// What waits for a courier, the oldest first.
    pub ready: Vec<RideView>,
    /// What is on its way, the oldest first.
    pub left: Vec<RideView>,
    /// The line to the edge is cut.
    pub is_cut: bool,
    /// This page is served on site: customers look at another one.
    pub on_site: bool,
    /// A courier can be made up.
    pub simulates: bool,
}

/// The page at `/deliveries`.
#[derive(Template)]
#[template(path = "deliveries.html")]
pub struct DeliveriesView {
    /// The frame.
    pub shell: Shell,
    /// The board as it stands now.
    pub board: DeliveriesBoard,
}

/// The page at `/deliveries/{id}`.
#[derive(Template)]
#[template(path = "delivery.html")]
pub struct DeliveryView {
    /// The frame.
    pub shell: Shell,
    /// The order.
    pub ticket: TicketView,
    /// How far it is.
    pub state: State,
    /// It is paid.
    pub is_paid: bool,
    /// This host keeps pictures.
    pub takes_photos: bool,
    /// Who received it; may be empty.
    pub receiver: String,
    /// There is a picture of where it stands.
    pub has_photo: bool,
    /// What was typed before.
    pub typed: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}
