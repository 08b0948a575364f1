//! How far an order is: facts that move it on, and their fold.
//!
//! Each kind of fact is counted: the kitchen may call an order back that it had called out, and
//! call it out again. Counts only grow, so whatever arrives in any order folds into one state. It
//! must not know money.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
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
    /// Called off; what was paid is to be given back.
    Cancelled,
    /// Handed over, which stays so: whoever called it off meanwhile is told.
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
    /// The counter has seen its customer.
    Validated,
    /// It was called off.
    Cancelled,
    /// The customer has it.
    Collected,
    /// A courier has taken it along.
    Left,
    /// The courier has handed it over.
    Delivered,
    /// It is promised.
    Accepted,
    /// Staff on site ask the edge to promise it.
    AcceptAsked,
    /// Staff on site ask the edge to call it off.
    RefuseAsked,
}

impl Event {
    const ALL: [Self; 11] = [
        Self::Preparing,
        Self::Ready,
        Self::Recalled,
        Self::Validated,
        Self::Cancelled,
        Self::Collected,
        Self::Left,
        Self::Delivered,
        Self::Accepted,
        Self::AcceptAsked,
        Self::RefuseAsked,
    ];
    /// What the kitchen says: the first of these says that it has begun.
    const OF_KITCHEN: [Self; 3] = [Self::Preparing, Self::Ready, Self::Recalled];

    /// Returns the name under which it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Recalled => "recalled",
            Self::Validated => "validated",
            Self::Cancelled => "cancelled",
            Self::Collected => "collected",
            Self::Left => "left",
            Self::Delivered => "delivered",
            Self::Accepted => "accepted",
            Self::AcceptAsked => "accept_asked",
            Self::RefuseAsked => "refuse_asked",
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

    pub(super) fn has(&self, event: Event) -> bool {
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
        } else if happened.has(Event::Cancelled) {
            State::Cancelled
        } else if happened.has(Event::Left) {
            State::OnItsWay
        } else if happened.count(Event::Ready) > happened.count(Event::Recalled) {
            State::Ready
        } else if Event::OF_KITCHEN.into_iter().any(|event| happened.has(event)) {
            State::Preparing
        } else if self.is_paid() && !self.waits() {
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

/// Who does something at the counter, where and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who; empty where nobody is signed in.
    pub person: &'a str,
    /// Which replica: two of them may do the same thing apart.
    pub place: &'a str,
    /// When.
    pub at_ms: u64,
}

impl By<'_> {
    /// Writes what happened, under a name of its own in each place.
    pub(super) fn saw(&self, order: &Order, event: Event, reason: &str) -> Draft {
        let name = event.name();
        let fields = fields(order, event, (self, reason));
        register("order_event", &format!("{}/{name}/{}", order.id, self.place), "", fields)
    }
}

pub(super) fn fields(order: &Order, event: Event, (by, reason): (&By<'_>, &str)) -> Value {
    json!({
        "order_id": order.id,
        "kind": event.name(),
        "at_ms": by.at_ms,
        "person": by.person,
        "place": by.place,
        "reason": reason,
    })
}

/// Says that the kitchen has begun.
///
/// # Errors
/// Refuses an order that is not paid.
pub fn prepare(order: &Order, now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    match order.state() {
        State::Placed => Err(Rejection::NotPaid),
        State::Paid => Ok(vec![happens(order, Event::Preparing, now_ms)]),
        State::Cancelled => Err(Rejection::OrderCancelled),
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
        State::Cancelled => Err(Rejection::OrderCancelled),
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
        State::Cancelled => Err(Rejection::OrderCancelled),
        State::OnItsWay | State::Collected | State::Delivered => Err(Rejection::NotRecallable),
    }
}

/// Says that the customer has the order. Each place keeps a fact of its own: where two could not
/// see each other, both hand-overs are there to be seen.
///
/// # Errors
/// Refuses an order that is not ready, and one that a courier has.
pub fn collect(order: &Order, by: &By<'_>) -> Result<Vec<Draft>, Rejection> {
    match order.state() {
        State::Placed => Err(Rejection::NotPaid),
        State::Paid | State::Preparing => Err(Rejection::NotReady),
        State::Cancelled => Err(Rejection::OrderCancelled),
        State::Ready => Ok(vec![by.saw(order, Event::Collected, "")]),
        State::OnItsWay => Err(Rejection::WithCourier),
        State::Collected | State::Delivered => Ok(Vec::new()),
    }
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
