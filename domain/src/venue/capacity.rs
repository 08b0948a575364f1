//! How much a kitchen takes on per stretch of time, and when something may be wanted.
//!
//! Each order takes its weight from one slot. The gateway owns the slots and leases a part of each
//! to the edge, as it does with stock: so no slot is ever over its limit. It must not know how a
//! lease is spent, nor who orders.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{
    change::Draft,
    id::VenueId,
    shape::{Shape, Table, integer},
};

use super::{
    Venue,
    hours::{Hours, Moment},
};
use crate::{catalogue::register, limits, schema::ORDERS, stock::Shelf};

/// The register of a venue that holds these settings.
pub const REGISTER: &str = "capacity";
/// The replicated table of what orders on site take; the id is the order's.
pub const TAKEN: Table = Table {
    name: "slot_take",
    purpose: ORDERS,
    shape: Shape::Fact(&[integer("slot_ms"), integer("weight"), integer("at_ms")]),
};

const MINUTE_MS: u64 = 60_000;
const USUAL_MINUTES: u64 = 15;
const USUAL_WEB_PERCENT: i64 = 30;
const MINUTES: std::ops::RangeInclusive<u64> = 5..=120;
const LIMIT_MAX: i64 = 10_000;
const WEIGHT_MAX: i64 = 1_000;
/// Products that weigh otherwise than the rest.
const WEIGHTS_MAX: usize = 500;
/// Times that a refusal names.
const OFFERED: usize = 3;

/// A venue's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capacity {
    /// How long a slot is, in minutes.
    pub slot_minutes: u64,
    /// What all orders of a slot may weigh together; 0 where there is no limit.
    pub limit: i64,
    /// What one piece of a product weighs; what is not named weighs 1.
    pub weights: BTreeMap<String, i64>,
    /// Which part of each slot the web may have.
    pub web_percent: i64,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            slot_minutes: USUAL_MINUTES,
            limit: 0,
            weights: BTreeMap::new(),
            web_percent: USUAL_WEB_PERCENT,
        }
    }
}

/// Why an order cannot be ready when it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// That is past, or too far ahead.
    Never,
    /// The venue is closed then; it could be at these times.
    Closed(Vec<u64>),
    /// The kitchen takes no more on then; it could be at these times.
    Full(Vec<u64>),
}

impl Rejection {
    /// Returns the stable code that callers may rely on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Never => "invalid_time",
            Self::Closed(_) => "closed_then",
            Self::Full(_) => "slot_full",
        }
    }

    /// Returns the times at which it could be, in milliseconds since 1970.
    #[must_use]
    pub fn subject(&self) -> Vec<String> {
        match self {
            Self::Never => Vec::new(),
            Self::Closed(times) | Self::Full(times) => times.iter().map(u64::to_string).collect(),
        }
    }
}

/// What is known of the slots that may be wanted now: those of a day.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    /// The venue's settings.
    pub capacity: Capacity,
    /// What of each slot is taken or leased, by when it begins; of the others nothing is.
    pub shelves: BTreeMap<u64, Shelf>,
    /// This is the edge, which has what it holds and nothing else.
    pub is_edge: bool,
}

/// Returns the right that a slot's leases are parts of.
#[must_use]
pub fn right(slot_ms: u64) -> String {
    format!("slot/{slot_ms}")
}

impl Capacity {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn checked(self) -> Result<Self, crate::Rejection> {
        let refuse = |field| Err(crate::Rejection::InvalidField(field));
        // Slots begin alike on every day, whatever its first one is.
        if !MINUTES.contains(&self.slot_minutes) || 24 * 60 % self.slot_minutes != 0 {
            return refuse("slot_minutes");
        }
        if !(0..=LIMIT_MAX).contains(&self.limit) {
            return refuse("limit");
        }
        if !(0..=100).contains(&self.web_percent) {
            return refuse("web_percent");
        }
        let fits = self.weights.values().all(|weight| (0..=WEIGHT_MAX).contains(weight));
        if fits && self.weights.len() <= WEIGHTS_MAX { Ok(self) } else { refuse("weights") }
    }

    /// Writes the settings.
    #[must_use]
    pub fn draft(&self, venue: &VenueId) -> Draft {
        register("venue", venue.as_str(), REGISTER, json!({"capacity": self}))
    }

    /// Returns how long a slot is, in milliseconds.
    #[must_use]
    pub const fn slot_ms(&self) -> u64 {
        self.slot_minutes * MINUTE_MS
    }

    /// Returns when the slot of a moment begins.
    #[must_use]
    pub const fn slot_of(&self, at_ms: u64) -> u64 {
        at_ms - at_ms % self.slot_ms()
    }

    /// Returns what the pieces of an order weigh together.
    #[must_use]
    pub fn weight(&self, pieces: &BTreeMap<String, i64>) -> i64 {
        let weigh = |(product, count): (&String, &i64)| {
            self.weights.get(product).copied().unwrap_or(1).saturating_mul(*count)
        };
        let weight = pieces.iter().map(weigh).fold(0, i64::saturating_add);
        // What is more than a whole slot takes the whole of one.
        if self.limit > 0 { weight.min(self.limit) } else { weight }
    }

    /// Returns a slot of which nothing is taken.
    #[must_use]
    pub fn empty(&self, slot_ms: u64) -> Shelf {
        Shelf {
            product: right(slot_ms),
            tracked: true,
            base: self.limit,
            web_percent: self.web_percent,
            ..Shelf::default()
        }
    }
}

impl Slots {
    /// Returns what a slot still takes here.
    #[must_use]
    pub fn left(&self, slot_ms: u64) -> i64 {
        match self.shelves.get(&slot_ms) {
            _ if self.capacity.limit == 0 => i64::MAX,
            Some(shelf) if self.is_edge => shelf.held,
            Some(shelf) => shelf.left(),
            None if self.is_edge => 0,
            None => self.capacity.limit,
        }
    }

    /// Lists when slots of the next day begin in which the venue is open, the present one first.
    pub fn open<'a>(
        &'a self,
        (hours, venue): (&'a Hours, &'a Venue),
        now_ms: u64,
    ) -> impl Iterator<Item = u64> + 'a {
        let step = self.capacity.slot_ms();
        let first = self.capacity.slot_of(now_ms);
        let count = limits::WANTED_AHEAD_MS / step;
        (0..=count)
            .map(move |number| first + number * step)
            .filter(move |slot_ms| is_open(hours, venue, (*slot_ms).max(now_ms)))
    }

    /// Lists when an order of this weight may be wanted.
    pub fn free<'a>(
        &'a self,
        at: (&'a Hours, &'a Venue),
        (weight, now_ms): (i64, u64),
    ) -> impl Iterator<Item = u64> + 'a {
        self.open(at, now_ms).filter(move |slot_ms| self.left(*slot_ms) >= weight)
    }

    /// Finds the slot of an order: of the time that is wanted, or the earliest that has room.
    ///
    /// # Errors
    /// Refuses a time that is past, too far ahead, closed or full, and names others.
    pub fn find(
        &self,
        at: (&Hours, &Venue),
        wanted_ms: Option<u64>,
        (weight, now_ms): (i64, u64),
    ) -> Result<u64, Rejection> {
        let offered = || {
            let ahead = self.free(at, (weight, now_ms)).filter(|slot_ms| *slot_ms > now_ms);
            ahead.take(OFFERED).collect()
        };
        let Some(wanted_ms) = wanted_ms else {
            let earliest = self.free(at, (weight, now_ms)).next();
            return earliest.ok_or_else(|| Rejection::Full(Vec::new()));
        };
        if wanted_ms <= now_ms || wanted_ms - now_ms > limits::WANTED_AHEAD_MS {
            return Err(Rejection::Never);
        }
        if !is_open(at.0, at.1, wanted_ms) {
            return Err(Rejection::Closed(offered()));
        }
        let slot_ms = self.capacity.slot_of(wanted_ms);
        let has_room = self.left(slot_ms) >= weight;
        if has_room { Ok(slot_ms) } else { Err(Rejection::Full(offered())) }
    }
}

/// Takes an order's weight from a slot on site.
#[must_use]
pub fn take(order: &str, (slot_ms, weight): (u64, i64), at_ms: u64) -> Draft {
    let fields = json!({"slot_ms": slot_ms, "weight": weight, "at_ms": at_ms});
    register(TAKEN.name, order, "", fields)
}

/// Gives back to its slot what an order weighed that was called off.
#[must_use]
pub fn put_back(order: &str, (slot_ms, weight): (u64, i64), at_ms: u64) -> Draft {
    take(&format!("{order}/back"), (slot_ms, -weight), at_ms)
}

/// A clock that shows no time closes nothing.
fn is_open(hours: &Hours, venue: &Venue, at_ms: u64) -> bool {
    Moment::at(&venue.time_zone, at_ms).is_none_or(|at| hours.is_open(at))
}
