//! How far an order is: facts that move it on, and their fold.
//!
//! Each kind of fact is counted: the kitchen may call an order back that it had called out, and
//! call it out again. Counts only grow, so whatever arrives in any order folds into one state. It
//! must not know money.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;
use sync_engine::change::Draft;

use super::Order;
use crate::{Rejection, catalogue::register, limits};

/// Where an order stands; only a recall takes it back, from ready to preparing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for its payment.
    Placed,
    /// Waits for the kitchen.
    Paid,
    /// The kitchen works on it.
    Preparing,
    /// Waits for the customer.
    Ready,
    /// A courier has it.
    OnItsWay,
    /// Handed over.
    Collected,
    /// Handed over where it was brought to.
    Delivered,
}

/// What can happen to an order beside its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// The kitchen has begun.
    Preparing,
    /// The kitchen is done.
    Ready,
    /// The kitchen was not done after all.
    Recalled,
    /// The customer has it.
    Collected,
    /// A courier has taken it along.
    Left,
    /// The courier has handed it over.
    Delivered,
}

impl Event {
    const ALL: [Self; 6] = [
        Self::Preparing,
        Self::Ready,
        Self::Recalled,
        Self::Collected,
        Self::Left,
        Self::Delivered,
    ];

    /// Returns the name under which it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Recalled => "recalled",
            Self::Collected => "collected",
            Self::Left => "left",
            Self::Delivered => "delivered",
        }
    }

    /// Reads the stored name; unknown ones belong to newer builds.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}

/// How often each thing has happened to an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Happened(BTreeMap<Event, u32>);

impl Happened {
    /// Notes that something happened once more.
    pub fn add(&mut self, event: Event) {
        *self.0.entry(event).or_default() += 1;
    }

    /// Returns how often it happened.
    #[must_use]
    pub fn count(&self, event: Event) -> u32 {
        self.0.get(&event).copied().unwrap_or(0)
    }

    /// Returns how much happened in all: it only grows.
    #[must_use]
    pub fn all(&self) -> u32 {
        self.0.values().sum()
    }

    fn has(&self, event: Event) -> bool {
        self.count(event) > 0
    }
}

impl FromIterator<Event> for Happened {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        let mut happened = Self::default();
        events.into_iter().for_each(|event| happened.add(event));
        happened
    }
}

impl Order {
    /// Folds what happened into a state.
    #[must_use]
    pub fn state(&self) -> State {
        let happened = &self.happened;
        if happened.has(Event::Delivered) {
            State::Delivered
        } else if happened.has(Event::Collected) {
            State::Collected
        } else if happened.has(Event::Left) {
            State::OnItsWay
        } else if happened.count(Event::Ready) > happened.count(Event::Recalled) {
            State::Ready
        } else if happened.all() > 0 {
            State::Preparing
        } else if self.is_paid() {
            State::Paid
        } else {
            State::Placed
        }
    }

    /// Returns how much is known of it: whoever has seen a number never sees a lower one.
    #[must_use]
    pub fn revision(&self) -> u32 {
        self.happened.all() + u32::from(self.is_paid())
    }
}

/// Says that the kitchen has begun.
///
/// # Errors
/// Refuses an order that is not paid.
pub fn prepare(order: &Order, now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    match order.state() {
        State::Placed => Err(Rejection::NotPaid),
        State::Paid => Ok(vec![happens(order, Event::Preparing, now_ms)]),
        _ => Ok(Vec::new()),
    }
}

/// Says that the kitchen is done.
///
/// # Errors
/// Refuses an order that is not paid.
pub fn ready(order: &Order, now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    match order.state() {
        State::Placed => Err(Rejection::NotPaid),
        State::Paid | State::Preparing => Ok(vec![happens(order, Event::Ready, now_ms)]),
        _ => Ok(Vec::new()),
    }
}

/// Calls an order back that was called out: the kitchen is not done after all.
///
/// # Errors
/// Refuses an order that the customer has, and one that was called back too often.
pub fn recall(order: &Order, now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    match order.state() {
        State::Placed => Err(Rejection::NotPaid),
        State::Paid | State::Preparing => Ok(Vec::new()),
        State::Ready if order.happened.count(Event::Recalled) >= limits::RECALLS_MAX => {
            Err(Rejection::NotRecallable)
        }
        State::Ready => Ok(vec![happens(order, Event::Recalled, now_ms)]),
        State::OnItsWay | State::Collected | State::Delivered => Err(Rejection::NotRecallable),
    }
}

/// Says that the customer has the order.
///
/// # Errors
/// Refuses an order that is not ready, and one that a courier has.
pub fn collect(order: &Order, now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    match order.state() {
        State::Placed => Err(Rejection::NotPaid),
        State::Paid | State::Preparing => Err(Rejection::NotReady),
        State::Ready => Ok(vec![happens(order, Event::Collected, now_ms)]),
        State::OnItsWay => Err(Rejection::WithCourier),
        State::Collected | State::Delivered => Ok(Vec::new()),
    }
}

/// Says that one line is done, or not after all.
///
/// # Errors
/// Refuses a line that the order does not have, and an order that the kitchen does not have.
pub fn tick(
    order: &Order,
    (line, done): (usize, bool),
    now_ms: u64,
) -> Result<Vec<Draft>, Rejection> {
    if line >= order.lines.len() {
        return Err(Rejection::InvalidField("line"));
    }
    let begun = match order.state() {
        State::Placed => return Err(Rejection::NotPaid),
        State::Paid | State::Preparing => prepare(order, now_ms)?,
        _ => return Err(Rejection::NotInKitchen),
    };
    let fields = json!({"order_id": order.id, "line": line, "done": i64::from(done)});
    let ticked = register("kitchen_line", &format!("{}/{line}", order.id), "tick", fields);
    Ok([vec![ticked], begun].concat())
}

/// The first of a kind is keyed by it alone, the next ones by their number: two screens that take
/// the same step take one.
pub(super) fn happens(order: &Order, event: Event, now_ms: u64) -> Draft {
    let name = event.name();
    let fields = json!({"order_id": order.id, "kind": name, "at_ms": now_ms});
    let id = match order.happened.count(event) {
        0 => format!("{}/{name}", order.id),
        before => format!("{}/{name}/{}", order.id, before + 1),
    };
    register("order_event", &id, "", fields)
}
