//! The code of an order: a signed ticket with which its customer comes to the counter.
//!
//! It must not know with which key it is signed, nor who reads it.

use serde_json::json;
use sha2::{Digest, Sha256};
use sync_engine::{change::Draft, id::VenueId};

use super::{By, Event, Order, State, Told};
use crate::{
    Rejection,
    trust::{
        self, Id, Window,
        receipt::Mode as Money,
        ticket::{Due, Ticket},
    },
    venue::{business_day, day::business_day_ms},
};

/// Says what the code of an order says; it holds until the end of its business day.
///
/// # Errors
/// Refuses an order that no ticket can name.
pub fn ticket(
    order: &Order,
    (venue, time_zone): (&VenueId, &str),
    money: Money,
) -> Result<Ticket, trust::Rejection> {
    let from_ms = u64::try_from(order.placed_ms).map_err(|_| trust::Rejection::Malformed)?;
    let last_ms = from_ms.max(u64::try_from(order.wanted_ms).unwrap_or_default());
    let day = business_day_ms(time_zone, &business_day(time_zone, last_ms));
    let until_ms = day.and_then(|(_, end)| u64::try_from(end).ok()).unwrap_or(last_ms);
    Ok(Ticket {
        venue: venue.clone(),
        due: Due {
            order: Id::parse(&order.id)?,
            order_hash: hash(order),
            amount_cents: order.total_cents,
            attempt: 0,
            mode: money,
        },
        call: order.ticket(),
        window: Window { from_ms, until_ms: until_ms.max(from_ms) },
        lines: Vec::new(),
    })
}

/// Returns the id of the order that a ticket names.
#[must_use]
pub fn order_of(ticket: &Ticket) -> String {
    let digits = ticket.due.order.to_string();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// Sees whether a ticket is this order's, as it stands here.
///
/// # Errors
/// Refuses the ticket of an order that was another one when it was signed.
pub fn is_of(ticket: &Ticket, order: &Order) -> Result<(), trust::Rejection> {
    let same = ticket.due.order_hash == hash(order) && ticket.call == order.ticket();
    if same { Ok(()) } else { Err(trust::Rejection::WrongOrder) }
}

/// What never changes of an order, and every build writes alike.
fn hash(order: &Order) -> [u8; 32] {
    let says = json!([
        order.id,
        order.ticket_origin,
        order.ticket_number,
        order.total_cents,
        order.placed_ms,
    ]);
    Sha256::digest(says.to_string().as_bytes()).into()
}

/// Says that the counter has seen the order's customer; in each place it is said once.
///
/// # Errors
/// Refuses an order that was handed over or called off.
pub fn validate(order: &Order, by: &By<'_>) -> Result<Vec<Draft>, Rejection> {
    let is_seen_here =
        order.told.iter().any(|told| told.event == Event::Validated && told.place == by.place);
    match order.state() {
        State::Collected | State::Delivered => Err(already(order)),
        State::Cancelled => Err(Rejection::OrderCancelled),
        _ if is_seen_here => Ok(Vec::new()),
        _ => Ok(vec![by.saw(order, Event::Validated, "")]),
    }
}

/// Hands an order over to whoever shows its ticket: a second time is refused, not forgiven.
///
/// # Errors
/// Refuses an order that is not ready, and one that somebody has: it says where and when.
pub fn hand_over(order: &Order, by: &By<'_>) -> Result<Vec<Draft>, Rejection> {
    match order.state() {
        State::Collected | State::Delivered => Err(already(order)),
        _ => super::collect(order, by),
    }
}

fn already(order: &Order) -> Rejection {
    let is_over = |told: &&Told| matches!(told.event, Event::Collected | Event::Delivered);
    let first = order.told.iter().find(is_over);
    Rejection::AlreadyCollected {
        place: first.map(|told| told.place.clone()).unwrap_or_default(),
        at_ms: first.map(|told| told.at_ms).unwrap_or_default(),
    }
}
