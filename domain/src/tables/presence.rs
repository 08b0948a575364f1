//! What a sensor says of a table: transitions replicate, readings do not.
//!
//! A PIR sensor sees motion and no presence: OCCUPE counts at once, LIBRE after two in a row. The
//! notes are of the store that heard the sensor, and are written so seldom that a card lasts. It
//! must not know over what a sensor speaks.

use serde::Deserialize;
use serde_json::json;
use sync_engine::change::Draft;

use super::{Moment, TABLE, Table};
use crate::{catalogue::register, limits};

/// What a sensor reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Reading {
    /// Nothing moves.
    #[serde(rename = "LIBRE")]
    Free,
    /// Something moves.
    #[serde(rename = "OCCUPE")]
    Occupied,
}

/// What a sensor was last known to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// Somebody was there.
    pub occupied: bool,
    /// Since when; 0 where it was never otherwise.
    pub since_ms: u64,
    /// Which sensor says so; empty where none ever did.
    pub sensor: String,
}

/// What a store remembers of the sensor that it hears.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Note {
    /// When it was noted last that the sensor was heard; 0 is never.
    pub heard_ms: u64,
    /// It has read LIBRE once since it read OCCUPE.
    pub is_quiet: bool,
}

/// What one reading changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// What every replica is told.
    pub transition: Option<Draft>,
    /// What this store remembers instead.
    pub note: Option<Note>,
}

/// Decides what a reading means.
#[must_use]
pub fn heard(
    (table, sensor): (&Table, &str),
    reading: Reading,
    before: Note,
    at: &Moment,
) -> Heard {
    let now_ms = at.time.now_ms;
    let is = &table.presence;
    let is_known = !is.sensor.is_empty();
    let is_quiet = reading == Reading::Free && is.occupied;
    // However quickly a sensor posts, a table turns once in a while only.
    let may_turn = now_ms.abs_diff(is.since_ms) >= limits::TABLE_TURN_MS;
    let turns = match reading {
        // Whoever sits there since before the day began is there today.
        Reading::Occupied => !is.occupied || is.since_ms < at.day_ms,
        Reading::Free => !is_known || (is.occupied && before.is_quiet),
    };
    if turns && may_turn {
        let since_ms = if is_known || reading == Reading::Occupied { now_ms } else { 0 };
        let fields = json!({
            "occupied": i64::from(reading == Reading::Occupied),
            "since_ms": since_ms,
            "sensor": sensor,
        });
        let transition = register(TABLE, &table.number.to_string(), "presence", fields);
        let note = Note { heard_ms: now_ms, is_quiet: false };
        return Heard { transition: Some(transition), note: Some(note) };
    }
    let silent_ms = now_ms.abs_diff(before.heard_ms);
    let is_due = silent_ms >= limits::SENSOR_NOTED_EVERY_MS
        || (is_quiet != before.is_quiet && silent_ms >= limits::TABLE_TURN_MS)
        // The first LIBRE after a turn counts as soon as it is heard.
        || (is_quiet && !before.is_quiet && before.heard_ms == is.since_ms);
    let note = is_due.then_some(Note { heard_ms: now_ms, is_quiet });
    Heard { transition: None, note }
}

/// Tells whether a sensor has fallen silent; one that was never heard here says nothing.
#[must_use]
pub const fn is_silent(note: &Note, now_ms: u64) -> bool {
    let silent_ms = now_ms.abs_diff(note.heard_ms);
    note.heard_ms > 0 && silent_ms >= limits::SENSOR_SILENT_MS + limits::SENSOR_NOTED_EVERY_MS
}
