//! A day on the venue's clocks, from midnight to midnight. It must not know what happened on it.

use jiff::{civil::Date, tz::TimeZone};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
