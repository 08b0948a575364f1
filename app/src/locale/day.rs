//! Writes days and moments for people: `sam. 21 nov. 2026`. Files, scripts and fields of forms keep
//! `2026-11-21`. It must not know what happened on a day.

use domain::venue::{day::calendar, local_time};

use super::Locale;

impl Locale {
    /// Writes a day such as `2026-11-21` with its weekday, as this language does; what is no day
    /// is returned as it is.
    pub fn day(self, day: &str) -> String {
        let Some(on) = calendar(day) else { return day.to_owned() };
        let number = if on.day == 1 { self.t("date.first") } else { &on.day.to_string() };
        let weekday = format!("date.weekday_{}", on.weekday);
        let month = format!("date.month_{}", on.month);
        let year = on.year.to_string();
        let values = [("weekday", self.t(&weekday)), ("month", self.t(&month))];
        let values = [values, [("day", number), ("year", &year)]].concat();
        self.t_with("date.day", &values)
    }

    /// Writes a moment on the venue's clocks: its day and its time, as this language does.
    pub fn moment(self, time_zone: &str, at_ms: u64) -> String {
        let local = local_time(time_zone, at_ms);
        let Some((day, time)) = local.split_once(' ') else { return local };
        self.t_with("date.moment", &[("day", &self.day(day)), ("time", time)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_its_reader_writes_it() {
        for (day, fr, nl, en) in [
            ("2026-11-21", "sam. 21 nov. 2026", "za 21 nov 2026", "Sat 21 Nov 2026"),
            ("2026-03-01", "dim. 1er mars 2026", "zo 1 mrt 2026", "Sun 1 Mar 2026"),
            ("2028-02-29", "mar. 29 févr. 2028", "di 29 feb 2028", "Tue 29 Feb 2028"),
            ("2026-02-30", "2026-02-30", "2026-02-30", "2026-02-30"),
            ("", "", "", ""),
        ] {
            assert_eq!(Locale::ALL.map(|locale| locale.day(day)), [fr, nl, en], "{day}");
        }
    }

    #[test]
    fn a_moment_is_written_on_the_venue_s_clocks() {
        let midnight_ms = 1_795_215_600_000;
        for (locale, zone, expected) in [
            (Locale::Fr, "Europe/Brussels", "sam. 21 nov. 2026, 00:00"),
            (Locale::Nl, "Europe/Brussels", "za 21 nov 2026, 00:00"),
            (Locale::En, "UTC", "Fri 20 Nov 2026, 23:00"),
        ] {
            assert_eq!(locale.moment(zone, midnight_ms), expected);
        }
        assert_eq!(Locale::Fr.moment("UTC", u64::MAX), "");
    }

    #[test]
    fn every_weekday_and_month_has_its_name() {
        for month in 1..=12 {
            for day in 1..=7 {
                let written = Locale::Fr.day(&format!("2026-{month:02}-{day:02}"));
                assert!(!written.contains("date."), "{written}");
            }
        }
    }
}
