//! What somebody asks the history of orders: by days, state, mode and number; page and export ask
//! the same.
//!
//! It must not know how the answer is shown.

use domain::{
    ordering::State,
    venue::{
        business_day,
        day::{business_day_ms, days_before},
    },
};
use serde_json::json;

use crate::{
    call::{Call, query_of},
    limits,
    problem::Problem,
    rows::{
        history::{Wanted, list},
        order::Found,
    },
};

/// Modes as orders keep them.
pub const MODES: [&str; 3] = ["eat_in", "take_away", "delivery"];
/// States as the API tells them.
pub const STATES: [&str; 8] =
    ["placed", "paid", "preparing", "ready", "on_its_way", "cancelled", "collected", "delivered"];

/// The filter as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The first business day; today where nothing was typed.
    pub from: String,
    /// The last one.
    pub until: String,
    /// How it is taken; empty for all.
    pub mode: String,
    /// Where it stands; empty for all.
    pub state: String,
    /// A number such as `K1-017`; empty for all.
    pub ticket: String,
    /// Behind which order, as the page before said it.
    pub after: String,
}

/// Orders, the newest first, and where the next ones begin.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The orders.
    pub orders: Vec<Found>,
    /// What comes behind; none where that is all.
    pub next: Option<String>,
}

/// Business days and the moments between which they lie.
#[derive(Debug, Clone)]
pub struct Span {
    /// The first.
    pub from: String,
    /// The last.
    pub until: String,
    /// From when.
    pub from_ms: i64,
    /// Until when.
    pub until_ms: i64,
}

/// Reads business days, today where nothing was typed.
///
/// # Errors
/// Refuses what is no day, a last day before the first, and too many days.
pub fn span(call: &Call, (from, until): (&str, &str)) -> Result<Span, Problem> {
    let zone = &call.here()?.venue.time_zone;
    let today = business_day(zone, call.app.clock.now_ms());
    let from = if from.is_empty() { &today } else { from };
    let until = if until.is_empty() { &today } else { until };
    let day =
        |day: &str, name| business_day_ms(zone, day).ok_or_else(|| Problem::invalid_field(name));
    let (from_ms, until_ms) = (day(from, "from")?.0, day(until, "until")?.1);
    let earliest = days_before(until, limits::HISTORY_DAYS);
    if until_ms <= from_ms || earliest.is_none_or(|earliest| *from < *earliest) {
        return Err(Problem::invalid_field("from"));
    }
    Ok(Span { from: from.to_owned(), until: until.to_owned(), from_ms, until_ms })
}

impl Filter {
    /// Reads the filter of a request.
    #[must_use]
    pub fn of(call: &Call) -> Self {
        let field = |name| call.query(name).unwrap_or_default().trim().to_owned();
        Self {
            from: field("from"),
            until: field("until"),
            mode: field("mode"),
            state: field("state"),
            ticket: field("ticket").to_uppercase(),
            after: field("after"),
        }
    }

    /// Returns the query of an address that asks the same behind an order.
    #[must_use]
    pub fn query(&self, after: &str) -> String {
        query_of(&[
            ("from", self.from.as_str()),
            ("until", &self.until),
            ("mode", &self.mode),
            ("state", &self.state),
            ("ticket", &self.ticket),
            ("after", after),
        ])
    }

    fn wanted(&self, span: &Span) -> Result<Wanted, Problem> {
        let unknown = Problem::invalid_field;
        if !self.mode.is_empty() && !MODES.contains(&self.mode.as_str()) {
            return Err(unknown("mode"));
        }
        let state = STATES.iter().position(|name| *name == self.state);
        if state.is_none() && !self.state.is_empty() {
            return Err(unknown("state"));
        }
        let (origin, number) = match self.ticket.rsplit_once('-') {
            Some((origin, number)) => {
                let number = number.parse().map_err(|_| unknown("ticket"))?;
                (Some(origin.to_owned()), Some(number))
            }
            None if self.ticket.is_empty() => (None, None),
            None => return Err(unknown("ticket")),
        };
        let before = match self.after.split_once('.') {
            Some((at_ms, id)) => {
                Some((at_ms.parse().map_err(|_| unknown("after"))?, id.to_owned()))
            }
            None if self.after.is_empty() => None,
            None => return Err(unknown("after")),
        };
        Ok(Wanted {
            from_ms: span.from_ms,
            until_ms: span.until_ms,
            mode: Some(self.mode.clone()).filter(|mode| !mode.is_empty()),
            state: state.and_then(|at| ALL.get(at).copied()),
            origin,
            number,
            is_paid: None,
            before,
        })
    }
}

const ALL: [State; 8] = [
    State::Placed,
    State::Paid,
    State::Preparing,
    State::Ready,
    State::OnItsWay,
    State::Cancelled,
    State::Collected,
    State::Delivered,
];

/// Loads what somebody asks for.
///
/// # Errors
/// Refuses a filter that cannot be read, and fails when the database does.
pub async fn find(call: &Call, filter: &Filter, limit: i64) -> Result<Page, Problem> {
    let span = span(call, (&filter.from, &filter.until))?;
    let wanted = filter.wanted(&span)?;
    // One more than is shown tells whether there is more.
    let mut orders = list(&call.db, &call.here()?.venue.id, &wanted, limit + 1).await?;
    let is_more = orders.len() as i64 > limit;
    orders.truncate(usize::try_from(limit).unwrap_or_default());
    let last = orders.last().filter(|_| is_more);
    let next = last.map(|found| format!("{}.{}", found.order.placed_ms, found.order.id));
    Ok(Page { orders, next })
}

/// Returns a state's stable name.
#[must_use]
pub fn state_name(state: State) -> String {
    json!(state).as_str().unwrap_or_default().to_owned()
}
