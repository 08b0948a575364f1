//! Days on the venue's clocks: from midnight to midnight, and the business day. It must not know
//! what happened on one.

use jiff::{civil::Date, tz::TimeZone};

use super::business_day;
use crate::limits;

/// Returns the first moment of a day such as `2026-11-21` and the first one after it; none where
/// that is no day. An unknown time zone counts as UTC.
#[must_use]
pub fn day_ms(time_zone: &str, day: &str) -> Option<(i64, i64)> {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let date: Date = day.parse().ok()?;
    let begins = |date: Date| {
        let start = date.to_zoned(zone.clone()).ok()?;
        Some(start.timestamp().as_millisecond())
    };
    Some((begins(date)?, begins(date.tomorrow().ok()?)?))
}

/// Returns the first moment of a business day and the first one after it; none where that is no
/// day. An unknown time zone counts as UTC.
#[must_use]
pub fn business_day_ms(time_zone: &str, day: &str) -> Option<(i64, i64)> {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let date: Date = day.parse().ok()?;
    let hour = i8::try_from(limits::DAY_START_HOUR).ok()?;
    let begins = |date: Date| {
        let start = date.at(hour, 0, 0, 0).to_zoned(zone.clone()).ok()?;
        Some(start.timestamp().as_millisecond())
    };
    Some((begins(date)?, begins(date.tomorrow().ok()?)?))
}

/// Returns the day so many days before.
#[must_use]
pub fn days_before(day: &str, days: i64) -> Option<String> {
    let date: Date = day.parse().ok()?;
    date.checked_sub(jiff::Span::new().try_days(days).ok()?).ok().map(|date| date.to_string())
}

/// A day as a calendar shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarDay {
    /// 1 for Monday to 7 for Sunday.
    pub weekday: i8,
    /// The day of the month.
    pub day: i8,
    /// 1 for January to 12 for December.
    pub month: i8,
    /// The year.
    pub year: i16,
}

/// Returns what a calendar shows of a day such as `2026-11-21`; none where that is no day.
#[must_use]
pub fn calendar(day: &str) -> Option<CalendarDay> {
    let date: Date = day.parse().ok()?;
    let weekday = date.weekday().to_monday_one_offset();
    Some(CalendarDay { weekday, day: date.day(), month: date.month(), year: date.year() })
}

/// Returns when the business day began in which a moment lies.
#[must_use]
pub fn begun_ms(time_zone: &str, now_ms: u64) -> u64 {
    let day = business_day_ms(time_zone, &business_day(time_zone, now_ms));
    let begun = day.and_then(|(from, _)| u64::try_from(from).ok());
    begun.unwrap_or_default().min(now_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_day_began_at_five_whatever_the_clocks_did_at_night() {
        let (midnight_ms, hour) = (1_795_215_600_000, 3_600_000);
        for (zone, now_ms, expected) in [
            ("Europe/Brussels", midnight_ms, midnight_ms - 19 * hour),
            ("Europe/Brussels", midnight_ms + 5 * hour, midnight_ms + 5 * hour),
            ("Europe/Brussels", midnight_ms + 28 * hour, midnight_ms + 5 * hour),
            // The morning on which the clocks have skipped an hour: 05:00 is 03:00 UTC.
            ("Europe/Brussels", 1_774_753_200_000, 1_774_753_200_000),
            ("nowhere", 7 * hour, 5 * hour),
            ("UTC", 0, 0),
        ] {
            assert_eq!(begun_ms(zone, now_ms), expected, "{zone} {now_ms}");
        }
    }

    #[test]
    fn a_calendar_knows_a_day_s_weekday() {
        for (day, expected) in [
            ("2026-11-21", Some((6, 21, 11, 2026))),
            ("2026-11-22", Some((7, 22, 11, 2026))),
            ("2028-02-29", Some((2, 29, 2, 2028))),
            ("2026-02-29", None),
            ("", None),
        ] {
            let found = calendar(day).map(|on| (on.weekday, on.day, on.month, on.year));
            assert_eq!(found, expected, "{day}");
        }
    }

    #[test]
    fn a_day_is_as_long_as_the_venue_s_clocks_say() {
        let hour = 3_600_000;
        for (zone, day, hours) in [
            ("Europe/Brussels", "2026-11-21", 24),
            ("Europe/Brussels", "2026-10-25", 25),
            ("Europe/Brussels", "2026-03-29", 23),
            ("nowhere", "2026-11-21", 24),
        ] {
            let (from, until) = day_ms(zone, day).expect("it is a day");
            assert_eq!((until - from) / hour, hours, "{zone} {day}");
        }
        assert_eq!(day_ms("Europe/Brussels", "2026-11-21").map(|d| d.0), Some(1_795_215_600_000));
        for day in ["", "2026-02-30", "9999-12-31", "today", "2026-11-21T25:00"] {
            assert_eq!(day_ms("UTC", day), None, "{day}");
        }
    }

    #[test]
    fn a_business_day_ends_where_the_next_begins() {
        for day in ["2026-11-21", "2026-10-25", "2026-03-29"] {
            let (from, until) = business_day_ms("Europe/Brussels", day).expect("it is a day");
            let name = |at: i64| crate::venue::business_day("Europe/Brussels", at as u64);
            assert_eq!((name(from), name(until - 1)), (day.to_owned(), day.to_owned()));
            assert_eq!(days_before(&name(until), 1).as_deref(), Some(day));
            assert_ne!(name(from - 1), day);
        }
        assert_eq!(business_day_ms("UTC", "tomorrow"), None);
        assert_eq!(days_before("2026-03-01", 1).as_deref(), Some("2026-02-28"));
    }
}
