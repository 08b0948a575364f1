//! When a venue takes orders, and what the parts of its day are.
//!
//! A window belongs to the weekday on which it begins and may reach into the next. It must not know
//! what is served when.

use std::collections::BTreeSet;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{
    change::Draft,
    id::{VenueId, is_name},
};

use crate::{
    catalogue::{Texts, register, texts_fit},
    limits,
};

const DAY_MINUTES: u16 = 24 * 60;

/// A stretch of time on some weekdays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The weekdays on which it begins: 1 is Monday, 7 is Sunday.
    pub days: Vec<u8>,
    /// When it begins, in minutes since midnight on the venue's clocks.
    pub from_minute: u16,
    /// When it is over, counted from the same midnight; after the next one it is more than 1440.
    pub until_minute: u16,
}

/// A named part of the day, such as lunch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayPart {
    /// Its id, unique in the venue.
    pub id: String,
    /// Its name.
    pub name: Texts,
    /// When it is.
    pub windows: Vec<Window>,
}

/// A venue's hours; without any it is always open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// When orders are taken.
    #[serde(default)]
    pub opening: Vec<Window>,
    /// The parts of the day.
    #[serde(default)]
    pub parts: Vec<DayPart>,
}

/// A moment on the venue's clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: u8,
    /// Minutes since midnight.
    pub minute: u16,
}

impl Moment {
    /// Reads a moment on the venue's clocks; an unknown zone counts as UTC.
    #[must_use]
    pub fn at(time_zone: &str, now_ms: u64) -> Option<Self> {
        let at = Timestamp::from_millisecond(i64::try_from(now_ms).ok()?).ok()?;
        let local = at.to_zoned(TimeZone::get(time_zone).unwrap_or(TimeZone::UTC));
        let weekday = u8::try_from(local.weekday().to_monday_one_offset()).ok()?;
        let minute = u16::try_from(local.hour()).ok()? * 60 + u16::try_from(local.minute()).ok()?;
        Some(Self { weekday, minute })
    }
}

impl Window {
    fn holds(&self, at: Moment) -> bool {
        let yesterday = if at.weekday == 1 { 7 } else { at.weekday - 1 };
        let within = |minute: u16| (self.from_minute..self.until_minute).contains(&minute);
        (self.days.contains(&at.weekday) && within(at.minute))
            || (self.days.contains(&yesterday) && within(at.minute + DAY_MINUTES))
    }

    fn is_sound(&self) -> bool {
        let distinct: BTreeSet<&u8> = self.days.iter().collect();
        let day = |day: &u8| (1..=7).contains(day);
        distinct.len() == self.days.len()
            && self.days.iter().all(day)
            && self.from_minute < DAY_MINUTES
            && self.from_minute < self.until_minute
            && self.until_minute <= 2 * DAY_MINUTES
    }
}

impl Hours {
    /// Tells whether orders are taken; without opening hours always.
    #[must_use]
    pub fn is_open(&self, at: Moment) -> bool {
        self.opening.is_empty() || self.opening.iter().any(|window| window.holds(at))
    }

    /// Returns the ids of the parts of the day that it is not.
    #[must_use]
    pub fn off(&self, at: Moment) -> BTreeSet<String> {
        let is_off = |part: &&DayPart| !part.windows.iter().any(|window| window.holds(at));
        self.parts.iter().filter(is_off).map(|part| part.id.clone()).collect()
    }

    /// Finds a part of the day.
    #[must_use]
    pub fn part(&self, id: &str) -> Option<&DayPart> {
        self.parts.iter().find(|part| part.id == id)
    }

    /// Lists what is wrong with them.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        let few = |windows: &[Window]| windows.len() <= limits::WINDOWS_MAX;
        let sound = |windows: &[Window]| few(windows) && windows.iter().all(Window::is_sound);
        if !sound(&self.opening) {
            found.push("the opening hours do not fit".to_owned());
        }
        if self.parts.len() > limits::DAY_PARTS_MAX {
            found.push("the day has too many parts".to_owned());
        }
        for (index, part) in self.parts.iter().enumerate() {
            let twice = self.parts.iter().take(index).any(|other| other.id == part.id);
            let named = is_name(&part.id) && texts_fit(&part.name, limits::NAME_CHARS, true);
            if twice || !named || !sound(&part.windows) {
                found.push(format!("the part {} of the day does not fit", part.id));
            }
        }
        found
    }

    /// Writes them.
    #[must_use]
    pub fn draft(&self, venue: &VenueId) -> Draft {
        register("venue", venue.as_str(), "hours", json!({"hours": self}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &[u8], from_minute: u16, until_minute: u16) -> Window {
        Window { days: days.to_vec(), from_minute, until_minute }
    }

    fn part(id: &str, windows: Vec<Window>) -> DayPart {
        let name = [("fr".to_owned(), id.to_owned())].into_iter().collect();
        DayPart { id: id.to_owned(), name, windows }
    }

    #[test]
    fn a_window_holds_from_its_first_minute_to_before_its_last_also_past_midnight() {
        let lunch = window(&[1, 5], 690, 870);
        let late = window(&[7], 1_320, 1_560);
        for (window, weekday, minute, holds) in [
            (&lunch, 1, 689, false),
            (&lunch, 1, 690, true),
            (&lunch, 5, 869, true),
            (&lunch, 5, 870, false),
            (&lunch, 2, 700, false),
            (&late, 7, 1_319, false),
            (&late, 7, 1_439, true),
            (&late, 1, 0, true),
            (&late, 1, 119, true),
            (&late, 1, 120, false),
            (&late, 7, 60, false),
        ] {
            let at = Moment { weekday, minute };
            assert_eq!(window.holds(at), holds, "{window:?} {at:?}");
        }
    }

    #[test]
    fn a_venue_without_hours_is_open_and_a_part_without_windows_is_never() {
        let at = Moment { weekday: 3, minute: 600 };
        let mut hours = Hours { parts: vec![part("lunch", Vec::new())], ..Hours::default() };
        assert!(hours.is_open(at) && hours.off(at).contains("lunch"));
        hours.opening = vec![window(&[3], 0, 600)];
        hours.parts = vec![part("lunch", vec![window(&[3], 600, 601)])];
        assert!(!hours.is_open(at) && hours.off(at).is_empty());
    }

    #[test]
    fn the_venue_s_own_clocks_count() {
        // 2026-11-20 23:30 UTC is Saturday in Brussels.
        let at_ms = 1_795_215_600_000 + 30 * 60_000;
        assert_eq!(Moment::at("Europe/Brussels", at_ms), Some(Moment { weekday: 6, minute: 30 }));
        assert_eq!(Moment::at("UTC", at_ms), Some(Moment { weekday: 5, minute: 23 * 60 + 30 }));
        assert_eq!(Moment::at("UTC", u64::MAX), None);
    }

    #[test]
    fn hours_that_cannot_be_are_named() {
        for odd in [
            window(&[0], 0, 60),
            window(&[8], 0, 60),
            window(&[1, 1], 0, 60),
            window(&[1], 60, 60),
            window(&[1], 1_440, 1_500),
            window(&[1], 0, 2_881),
        ] {
            let hours = Hours { opening: vec![odd.clone()], parts: Vec::new() };
            assert_eq!(hours.problems().len(), 1, "{odd:?}");
        }
        let twins = vec![part("lunch", Vec::new()), part("lunch", Vec::new())];
        assert_eq!(Hours { opening: Vec::new(), parts: twins }.problems().len(), 1);
        let odd = vec![part("Midi !", Vec::new())];
        assert_eq!(Hours { opening: Vec::new(), parts: odd }.problems().len(), 1);
    }
}
