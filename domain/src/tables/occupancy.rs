//! What a table is now: a pure fold of what its sensor said, what staff said, who has it, and when.
//!
//! Motion proves that somebody is there; no motion proves nothing at once. So a table becomes free
//! by minutes without motion, by staff, or by the next day, and never by one missed signal.

use serde::Serialize;

use super::{Hand, Moment, Table, assignment::Seat};
use crate::{limits, time::Passed};

/// What a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It may be given to somebody.
    Free,
    /// Somebody sits there, or did a moment ago.
    Occupied,
    /// An order has it.
    Assigned,
    /// Nobody is to sit there.
    Closed,
}

impl State {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Occupied => "occupied",
            Self::Assigned => "assigned",
            Self::Closed => "closed",
        }
    }
}

/// Says what a table is; `seats` are the orders that have it and are not over.
#[must_use]
pub fn state(table: &Table, seats: &[&Seat], at: &Moment) -> State {
    if !seats.is_empty() {
        return State::Assigned;
    }
    if table.hand == Hand::Closed {
        return State::Closed;
    }
    if is_occupied(table, at) { State::Occupied } else { State::Free }
}

/// Tells whether somebody sits there, as far as anybody can say.
#[must_use]
pub fn is_occupied(table: &Table, at: &Moment) -> bool {
    let is = &table.presence;
    if table.hand_ms >= at.day_ms {
        match table.hand {
            Hand::Occupied => return true,
            // Staff saw nobody: what the sensor said before does not count, a later guest does.
            Hand::Free if is.since_ms <= table.hand_ms => return false,
            Hand::Free | Hand::Auto | Hand::Closed => {}
        }
    }
    // Nobody stays over night: that is a sensor which no longer tells.
    if is.sensor.is_empty() || is.since_ms < at.day_ms {
        return false;
    }
    is.occupied
        || at.time.has_passed(is.since_ms.saturating_add(limits::TABLE_FREE_AFTER_MS))
            != Passed::Yes
}
