//! An order: placed once, never changed; what happens to it are facts, its state is their fold.
//!
//! Invariants: money is whole cents; the server prices every order itself; paid never turns back
//! to unpaid; a command that has already taken effect succeeds and changes nothing. It must not
//! know who asks, nor how rows are loaded.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{
    change::{Draft, Number},
    seal::{hex, mac},
};

use crate::{
    Rejection,
    catalogue::{Catalogue, register},
    limits, tickets,
};

mod line;

pub use line::{BasketChoice, BasketLine, Line, LineChoice};

/// How the customer takes the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// At a table.
    EatIn,
    /// To go.
    TakeAway,
}

/// What a customer asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basket {
    /// Made once by the customer's device: sending the same basket again orders nothing new.
    pub id: String,
    /// How it is taken.
    pub mode: Mode,
    /// What is wanted.
    pub lines: Vec<BasketLine>,
    /// The total that the customer saw.
    pub total_cents: i64,
    /// The table on which the customer found the menu.
    #[serde(default)]
    pub table: Option<u32>,
}

/// Where an order stands; a later state never turns back into an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its payment.
    Placed,
    /// Waits for the kitchen.
    Paid,
    /// Waits for the customer.
    Ready,
    /// Handed over.
    Collected,
}

/// What can happen to an order beside its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// The kitchen is done.
    Ready,
    /// The customer has it.
    Collected,
}

impl Event {
    /// Returns the name under which it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Collected => "collected",
        }
    }

    /// Reads the stored name; unknown ones belong to newer builds.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Ready, Self::Collected].into_iter().find(|event| event.name() == name)
    }
}

/// How an order was paid at the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// With coins and notes.
    Cash,
    /// At the shop's own terminal.
    Terminal,
}

/// An order with everything that happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// Which series its ticket number belongs to.
    pub ticket_origin: String,
    /// Its number in the series.
    pub ticket_number: i64,
    /// How it is taken; nothing where only a newer build knows the way.
    pub mode: Option<Mode>,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// What it costs.
    pub total_cents: i64,
    /// When it was placed.
    pub placed_ms: i64,
    /// What happened to it.
    pub events: BTreeSet<Event>,
    /// What was paid.
    pub paid_cents: i64,
}

impl Order {
    /// Returns what stands on the ticket.
    #[must_use]
    pub fn ticket(&self) -> String {
        format!("{}-{:03}", self.ticket_origin, self.ticket_number)
    }

    /// Folds what happened into a state: the furthest that any fact proves.
    #[must_use]
    pub fn state(&self) -> State {
        if self.events.contains(&Event::Collected) {
            State::Collected
        } else if self.events.contains(&Event::Ready) {
            State::Ready
        } else if self.paid_cents >= self.total_cents {
            State::Paid
        } else {
            State::Placed
        }
    }
}

/// Where and when an order is placed.
#[derive(Debug, Clone)]
pub struct Place {
    /// The origin of ticket numbers here, such as `K1`.
    pub origin: String,
    /// The business day, which starts the numbers anew.
    pub day: String,
    /// Now.
    pub now_ms: u64,
}

/// Places an order: checks and prices the basket.
///
/// # Errors
/// Refuses whatever the menu does not offer, and a total that is not the price.
pub fn place(catalogue: &Catalogue, basket: &Basket, at: &Place) -> Result<Vec<Draft>, Rejection> {
    if !is_uuid(&basket.id) {
        return Err(Rejection::InvalidOrderId);
    }
    if basket.lines.is_empty() {
        return Err(Rejection::EmptyBasket);
    }
    if basket.lines.len() > limits::LINES_MAX {
        return Err(Rejection::TooManyLines);
    }
    let lines: Vec<Line> =
        basket.lines.iter().map(|line| line::price(catalogue, line)).collect::<Result<_, _>>()?;
    let total_cents: i64 = lines.iter().map(|line| line.unit_cents * line.quantity).sum();
    if total_cents > limits::CENTS_MAX {
        return Err(Rejection::InvalidQuantity);
    }
    if total_cents != basket.total_cents {
        return Err(Rejection::PriceChanged { total_cents });
    }
    let fields = json!({
        "ticket_origin": at.origin,
        "mode": basket.mode,
        "lines": lines,
        "total_cents": total_cents,
        "placed_ms": at.now_ms,
    });
    let mut draft = register("customer_order", &order_id(&at.origin, &basket.id), "", fields);
    let series = tickets::series(&at.origin, &at.day);
    draft.number = Some(Number { field: "ticket_number", series });
    Ok(vec![draft])
}

/// Answers a basket whose id is known already: the same basket again is the same order.
///
/// # Errors
/// Refuses another basket under the same id.
pub fn place_again(order: &Order, basket: &Basket) -> Result<(), Rejection> {
    let same_lines = order.lines.len() == basket.lines.len()
        && order.lines.iter().zip(&basket.lines).all(|(line, wanted)| {
            let chosen: BTreeSet<_> = line.choices.iter().map(|c| (&c.group, &c.choice)).collect();
            let wants: BTreeSet<_> = wanted.choices.iter().map(|c| (&c.group, &c.choice)).collect();
            line.product == wanted.product && line.quantity == wanted.quantity && chosen == wants
        });
    if same_lines && order.mode == Some(basket.mode) && order.total_cents == basket.total_cents {
        Ok(())
    } else {
        Err(Rejection::OrderConflict(order.id.clone()))
    }
}

/// Takes the whole price at the counter; an order that is paid already stays as it is.
///
/// The payment is keyed by the order, so that two tills that cannot see each other count it once.
///
/// # Errors
/// Refuses an order of which a part was paid otherwise.
pub fn pay(order: &Order, means: Means, now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    if order.state() >= State::Paid {
        return Ok(Vec::new());
    }
    if order.paid_cents != 0 {
        return Err(Rejection::NotPayable);
    }
    let fields = json!({
        "order_id": order.id,
        "means": means,
        "amount_cents": order.total_cents,
        "at_ms": now_ms,
    });
    Ok(vec![register("payment", &format!("counter/{}", order.id), "", fields)])
}

/// Says that the kitchen is done.
///
/// # Errors
/// Refuses an order that is not paid.
pub fn ready(order: &Order, now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    match order.state() {
        State::Placed => Err(Rejection::NotPaid),
        State::Paid => Ok(vec![happened(order, Event::Ready, now_ms)]),
        State::Ready | State::Collected => Ok(Vec::new()),
    }
}

/// Says that the customer has the order.
///
/// # Errors
/// Refuses an order that is not ready.
pub fn collect(order: &Order, now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    match order.state() {
        State::Placed => Err(Rejection::NotPaid),
        State::Paid => Err(Rejection::NotReady),
        State::Ready => Ok(vec![happened(order, Event::Collected, now_ms)]),
        State::Collected => Ok(Vec::new()),
    }
}

fn happened(order: &Order, event: Event, now_ms: u64) -> Draft {
    let fields = json!({"order_id": order.id, "kind": event.name(), "at_ms": now_ms});
    register("order_event", &format!("{}/{}", order.id, event.name()), "", fields)
}

/// Returns the order's id: the basket's, bound to where it was placed.
///
/// Edge and gateway may both be handed one id while they cannot see each other; what was ordered
/// here and what was ordered there must never become one order.
#[must_use]
pub fn order_id(origin: &str, basket: &str) -> String {
    let digits: String = hex(&mac(b"order", format!("{origin}/{basket}").as_bytes()));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    // Version 8: a UUID whose bits are ours to choose.
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// Tells whether the text is a UUID in its usual lower-case form.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        })
}

#[cfg(test)]
mod tests;
