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
mod progress;

pub use line::{BasketChoice, BasketLine, Line, LineChoice};
pub use progress::{Event, Happened, State, collect, prepare, ready, recall, tick};

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
    pub happened: Happened,
    /// What was paid.
    pub paid_cents: i64,
}

impl Order {
    /// Returns what stands on the ticket.
    #[must_use]
    pub fn ticket(&self) -> String {
        format!("{}-{:03}", self.ticket_origin, self.ticket_number)
    }

    /// Tells whether its price is paid.
    #[must_use]
    pub const fn is_paid(&self) -> bool {
        self.paid_cents >= self.total_cents
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
    if order.is_paid() || order.happened.all() > 0 {
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
