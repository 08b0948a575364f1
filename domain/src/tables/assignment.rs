//! Which order has which table: given by the gateway alone, ended by facts.
//!
//! Invariants: one order has one table at most; a table that an open assignment has is given to
//! nobody, which a guard in the batch of the assignment sees to. The edge claims, and the gateway
//! answers each claim once. It must not know who asks, nor how rows are loaded.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::change::Draft;

use super::{
    Hand, Moment, Table,
    occupancy::{self, State},
};
use crate::{catalogue::register, limits, time::Passed};

/// The replicated table of assignments; the id is the order's.
pub const ASSIGNED: &str = "table_assignment";
/// The replicated table of their ends; the id is the order's.
pub const ENDED: &str = "table_end";
/// The replicated table of what the edge claims; the id is the order's.
pub const CLAIMED: &str = "table_claim";
/// The replicated table of claims that got no table; the id is the order's.
pub const REFUSED: &str = "table_refusal";
/// The replicated table of what customers without a table do; the id is the order's.
pub const CHOSEN: &str = "table_choice";

/// Why an order has its table no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Staff said so.
    Staff,
    /// Nobody was there long enough after the order was handed over.
    Left,
    /// The business day ended.
    Closing,
    /// Two lives of a gateway gave the table away, and another order had it first.
    Doubled,
    /// The order was called off.
    Cancelled,
}

impl End {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::Staff, Self::Left, Self::Closing, Self::Doubled, Self::Cancelled];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Left => "left",
            Self::Closing => "closing",
            Self::Doubled => "doubled",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a customer does whom no table was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Waits for the next one that becomes free.
    Wait,
    /// Takes the order away.
    TakeAway,
    /// Sits down at a table, and says at which.
    Seated,
}

impl Choice {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::TakeAway => "take_away",
            Self::Seated => "seated",
        }
    }

    /// Reads it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Wait, Self::TakeAway, Self::Seated].into_iter().find(|c| c.name() == name)
    }
}

/// An order that has a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The order.
    pub order: String,
    /// Its ticket; empty where the order has not arrived.
    pub ticket: String,
    /// The table.
    pub table: u32,
    /// Since when.
    pub at_ms: u64,
    /// When the order was handed over; 0 while it was not.
    pub collected_ms: u64,
    /// The order was called off, and not handed over.
    pub is_cancelled: bool,
}

/// An order that waits for a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The order.
    pub order: String,
    /// The table that it would like; none is any.
    pub wished: Option<u32>,
    /// It is the edge's claim, which is answered in any case.
    pub is_claim: bool,
    /// The customer sits there already, so that no other table will do.
    pub is_seated: bool,
}

/// A floor as one store sees it.
#[derive(Debug, Clone, Default)]
pub struct Floor {
    /// The tables that there are, by number.
    pub tables: Vec<Table>,
    /// Who has one, the first that came first.
    pub seats: Vec<Seat>,
    /// Tables whose sensors have fallen silent here.
    pub silent: Vec<u32>,
}

impl Floor {
    /// Finds a table.
    #[must_use]
    pub fn table(&self, number: u32) -> Option<&Table> {
        self.tables.iter().find(|table| table.number == number && !table.removed)
    }

    /// Returns the assignments of a table that are not over; of a table that was given away twice
    /// both are shown until the gateway has ended one.
    #[must_use]
    pub fn seats_at(&self, table: &Table, at: &Moment) -> Vec<&Seat> {
        let here = self.seats.iter().filter(|seat| seat.table == table.number);
        here.filter(|seat| matches!(self.over(seat, at), None | Some(End::Doubled))).collect()
    }

    /// Says what a table is.
    #[must_use]
    pub fn state(&self, table: &Table, at: &Moment) -> State {
        occupancy::state(table, &self.seats_at(table, at), at)
    }

    /// Says why an assignment is over; none while it is not.
    #[must_use]
    pub fn over(&self, seat: &Seat, at: &Moment) -> Option<End> {
        if seat.at_ms < at.day_ms {
            return Some(End::Closing);
        }
        if seat.is_cancelled {
            return Some(End::Cancelled);
        }
        let first = self.seats.iter().find(|other| other.table == seat.table);
        if first.is_some_and(|first| first.order != seat.order && first.at_ms >= at.day_ms) {
            return Some(End::Doubled);
        }
        let table = self.tables.iter().find(|table| table.number == seat.table)?;
        let is = &table.presence;
        let is_watched = !is.sensor.is_empty() && !self.silent.contains(&table.number);
        let is_kept = table.hand == Hand::Occupied && table.hand_ms >= at.day_ms;
        if seat.collected_ms == 0 || is.occupied || is_kept || !is_watched {
            return None;
        }
        let since_ms = is.since_ms.max(seat.collected_ms);
        let ends_ms = since_ms.saturating_add(limits::TABLE_LEFT_AFTER_MS);
        (at.time.has_passed(ends_ms) == Passed::Yes).then_some(End::Left)
    }

    /// Writes the ends that are due.
    #[must_use]
    pub fn ends(&self, at: &Moment) -> Vec<Draft> {
        let due = |seat: &Seat| self.over(seat, at).map(|why| end(&seat.order, why, at));
        self.seats.iter().filter_map(due).collect()
    }

    /// Chooses a table for an order: the one that it would like, else the first that is free, else,
    /// for who has lost that to somebody, one that others will hardly choose in the same moment.
    ///
    /// Whoever asks for a table by its number sits there, or is about to: the sensor sees them.
    #[must_use]
    pub fn choose(
        &self,
        wished: Option<u32>,
        (order, lost): (&str, u32),
        at: &Moment,
    ) -> Option<u32> {
        let wished = wished.and_then(|number| self.takes(number, at));
        let is_free = |table: &&Table| self.state(table, at) == State::Free;
        let free: Vec<&Table> =
            self.tables.iter().filter(|table| !table.removed).filter(is_free).collect();
        // An order's id is drawn from a digest: any part of it is as good as chance.
        let spread = order.bytes().map(usize::from).sum::<usize>();
        let place = if lost == 0 { 0 } else { spread.checked_rem(free.len()).unwrap_or_default() };
        wished.or_else(|| free.get(place).map(|table| table.number))
    }

    /// Tells whether a table can be had by whoever sits there.
    fn takes(&self, number: u32, at: &Moment) -> Option<u32> {
        let state = self.state(self.table(number)?, at);
        matches!(state, State::Free | State::Occupied).then_some(number)
    }

    /// Decides what is due: ends, and an answer for who waits, so much of it at once.
    #[must_use]
    pub fn tend(&mut self, waiting: &[Waiting], at: &Moment) -> Tended {
        let over: Vec<(String, End)> = self
            .seats
            .iter()
            .filter_map(|seat| Some((seat.order.clone(), self.over(seat, at)?)))
            .take(limits::TABLES_TENDED)
            .collect();
        let mut tended = Tended::default();
        tended.drafts.extend(over.iter().map(|(order, why)| end(order, *why, at)));
        self.seats.retain(|seat| !over.iter().any(|(order, _)| *order == seat.order));
        for one in waiting.iter().take(limits::TABLES_TENDED) {
            if let Some(table) = self.choose_for(one, at) {
                tended.drafts.push(assign(&one.order, table, at));
                tended.given.push((one.order.clone(), table));
                self.seats.push(Seat {
                    order: one.order.clone(),
                    ticket: String::new(),
                    table,
                    at_ms: at.time.now_ms,
                    collected_ms: 0,
                    is_cancelled: false,
                });
            } else if one.is_claim {
                tended.drafts.push(refuse(&one.order, at));
            }
        }
        tended
    }

    /// Chooses a table for an order that waits; none while there is none.
    #[must_use]
    pub fn choose_for(&self, waiting: &Waiting, at: &Moment) -> Option<u32> {
        match waiting.is_seated {
            true => waiting.wished.and_then(|number| self.takes(number, at)),
            false => self.choose(waiting.wished, (&waiting.order, 0), at),
        }
    }
}

/// What is due on a floor by itself.
#[derive(Debug, Default)]
pub struct Tended {
    /// Ends, assignments and refusals.
    pub drafts: Vec<Draft>,
    /// Who got which table.
    pub given: Vec<(String, u32)>,
}

/// Gives a table to an order.
#[must_use]
pub fn assign(order: &str, table: u32, at: &Moment) -> Draft {
    register(ASSIGNED, order, "", json!({"table_number": table, "at_ms": at.time.now_ms}))
}

/// Ends an assignment.
#[must_use]
pub fn end(order: &str, why: End, at: &Moment) -> Draft {
    register(ENDED, order, "", json!({"reason": why.name(), "at_ms": at.time.now_ms}))
}

/// Claims a table at the gateway; 0 is any.
#[must_use]
pub fn claim(order: &str, wished: Option<u32>, at: &Moment) -> Draft {
    let wished = wished.unwrap_or_default();
    register(CLAIMED, order, "", json!({"wished": wished, "at_ms": at.time.now_ms}))
}

/// Answers a claim that no table is free.
#[must_use]
pub fn refuse(order: &str, at: &Moment) -> Draft {
    register(REFUSED, order, "", json!({"reason": "none_free", "at_ms": at.time.now_ms}))
}

/// Keeps what a customer without a table does.
#[must_use]
pub fn choose(order: &str, choice: Choice, table: Option<u32>, at: &Moment) -> Draft {
    let fields = json!({
        "choice": choice.name(),
        "wished": table.unwrap_or_default(),
        "at_ms": at.time.now_ms,
    });
    register(CHOSEN, order, "choice", fields)
}
