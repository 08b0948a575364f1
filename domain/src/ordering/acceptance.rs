//! A web order before anybody has promised it: it is accepted, or it is called off, once.
//!
//! Where staff accept web orders, an order is the edge's until it writes one fact, under one name
//! for both outcomes: so never both. Staff on site ask by a fact of their own; where the edge does
//! not answer they decide themselves, and what the edge decided meanwhile is merged. It must not
//! know how a venue's setting is kept, nor who may do what.

use sync_engine::change::Draft;

use super::{
    By, Event, Order, State, Told,
    back::{cancel, said},
    progress::fields,
};
use crate::{Rejection, catalogue::register, limits, venue::web};

/// Whether an order is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// Nobody has to: it was promised when it was placed, or is called off.
    Needless,
    /// Nobody has said yet.
    Waiting,
    /// It is promised.
    Accepted,
}

impl Acceptance {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Needless => "none",
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
        }
    }
}

/// What is to become of an order that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It is made.
    Accept,
    /// It is not, for this reason.
    Refuse(&'a str),
}

impl Verdict<'_> {
    const fn asked(self) -> Event {
        match self {
            Self::Accept => Event::AcceptAsked,
            Self::Refuse(_) => Event::RefuseAsked,
        }
    }

    const fn outcome(self) -> Event {
        match self {
            Self::Accept => Event::Accepted,
            Self::Refuse(_) => Event::Cancelled,
        }
    }

    const fn reason(&self) -> &str {
        match self {
            Self::Accept => "",
            Self::Refuse(reason) => reason,
        }
    }
}

/// Who decides about an order that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Court {
    /// The edge, whose order it is.
    Edge,
    /// Staff on site, who ask the edge.
    Site,
    /// Staff on site, whom the edge has not answered.
    Doubt,
}

impl Order {
    /// Says whether it is promised.
    #[must_use]
    pub fn acceptance(&self) -> Acceptance {
        if !self.to_accept || self.happened.has(Event::Cancelled) {
            Acceptance::Needless
        } else if self.happened.has(Event::Accepted) {
            Acceptance::Accepted
        } else {
            Acceptance::Waiting
        }
    }

    /// Tells whether it waits to be promised.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.acceptance() == Acceptance::Waiting
    }

    /// Returns what staff have asked of the edge, the first that came first.
    pub fn asked(&self) -> impl Iterator<Item = &Told> {
        let is_wish = |told: &&Told| matches!(told.event, Event::AcceptAsked | Event::RefuseAsked);
        self.told.iter().filter(is_wish)
    }

    /// Tells whether staff have asked long enough ago to decide themselves.
    #[must_use]
    pub fn is_in_doubt(&self, now_ms: u64) -> bool {
        let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.waits() && self.asked().any(|told| now_ms - told.at_ms >= limits::DOUBT_MS)
    }

    /// Refuses what only an order that is promised may be used for.
    ///
    /// # Errors
    /// Says that nobody has promised it yet.
    pub fn promised(&self) -> Result<(), Rejection> {
        if self.waits() { Err(Rejection::Web(web::Rejection::NotAccepted)) } else { Ok(()) }
    }
}

/// Decides what becomes of an order that waits; of one that is promised nothing does, and one that
/// was called off stays so.
///
/// # Errors
/// Refuses to accept an order that was called off.
pub fn decide(
    order: &Order,
    verdict: Verdict<'_>,
    (court, by): (Court, &By<'_>),
) -> Result<Vec<Draft>, Rejection> {
    if order.state() == State::Cancelled && verdict == Verdict::Accept {
        return Err(Rejection::OrderCancelled);
    }
    if !order.waits() {
        return Ok(Vec::new());
    }
    let is_asked_here =
        order.asked().any(|told| told.event == verdict.asked() && told.place == by.place);
    Ok(match court {
        Court::Edge => vec![decided(order, verdict, by)],
        Court::Doubt if order.is_in_doubt(by.at_ms) => {
            vec![by.saw(order, verdict.outcome(), verdict.reason())]
        }
        Court::Site | Court::Doubt if is_asked_here => Vec::new(),
        Court::Site | Court::Doubt => vec![by.saw(order, verdict.asked(), verdict.reason())],
    })
}

/// Calls an order off for its customer, who may until it is promised.
///
/// # Errors
/// Refuses an order that is promised.
pub fn withdraw(order: &Order, by: &By<'_>) -> Result<Vec<Draft>, Rejection> {
    match (order.state(), order.acceptance()) {
        (State::Cancelled, _) => Ok(Vec::new()),
        (_, Acceptance::Waiting) => Ok(vec![decided(order, Verdict::Refuse(""), by)]),
        _ => Err(Rejection::Web(web::Rejection::Accepted)),
    }
}

/// Does at the edge what staff on site have asked first.
///
/// # Errors
/// Refuses nothing that waits.
pub fn answer(order: &Order, (place, at_ms): (&str, u64)) -> Result<Vec<Draft>, Rejection> {
    let Some(wish) = order.asked().next() else { return Ok(Vec::new()) };
    let verdict = match wish.event {
        Event::AcceptAsked => Verdict::Accept,
        _ => Verdict::Refuse(&wish.reason),
    };
    decide(order, verdict, (Court::Edge, &By { person: &wish.person, place, at_ms }))
}

/// Both outcomes are one fact: whoever writes the second one is too late.
fn decided(order: &Order, verdict: Verdict<'_>, by: &By<'_>) -> Draft {
    let fields = fields(order, verdict.outcome(), (by, verdict.reason()));
    register("order_event", &format!("{}/decided", order.id), "", fields)
}

/// Calls an order off for staff: while it waits that is a verdict, afterwards the gateway's own.
///
/// # Errors
/// Refuses at the edge what is promised, an order that was handed over, and a reason that says
/// nothing.
pub fn call_off(
    order: &Order,
    reason: &str,
    (court, by): (Court, &By<'_>),
) -> Result<Vec<Draft>, Rejection> {
    match order.acceptance() {
        Acceptance::Waiting => decide(order, Verdict::Refuse(said(reason)?), (court, by)),
        Acceptance::Accepted if court == Court::Edge => {
            Err(Rejection::Web(web::Rejection::CancelOnSite))
        }
        _ => cancel(order, reason, by),
    }
}

/// Tells whether what was decided calls an order off.
#[must_use]
pub fn is_called_off(drafts: &[Draft]) -> bool {
    drafts.iter().any(|draft| {
        draft.payload.get("kind").and_then(serde_json::Value::as_str)
            == Some(Event::Cancelled.name())
    })
}
