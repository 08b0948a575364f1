//! When the venue is open, as customers read it. It must not know where it is shown.

use domain::venue::{
    Venue,
    hours::{Hours, Moment},
};

use crate::{
    locale::Locale,
    views::{DayLine, OpeningView},
};

/// How often a page that nobody touches asks again; what staff change shows by then.
const AGAIN_S: u32 = 300;
const DAYS: [&str; 7] = [
    "opening.day_1",
    "opening.day_2",
    "opening.day_3",
    "opening.day_4",
    "opening.day_5",
    "opening.day_6",
    "opening.day_7",
];

/// Tells it at a moment; a clock that shows no time closes nothing.
#[must_use]
pub fn view(hours: &Hours, venue: &Venue, locale: Locale, now_ms: u64) -> OpeningView {
    let Some(now) = Moment::at(&venue.time_zone, now_ms) else { return OpeningView::default() };
    if hours.opening.is_empty() {
        return OpeningView::default();
    }
    let closed = !hours.is_open(now);
    let turn = hours.turn(now);
    let days = hours.week();
    let line = |(index, spans): (usize, &Vec<(u16, u16)>)| DayLine {
        name: day_name(locale, index),
        spans: spans.iter().map(|(from, until)| span(*from, *until)).collect(),
        today: index + 1 == usize::from(now.weekday),
    };
    let sentence = turn.map(|turn| {
        let day = day_name(locale, usize::from(turn.at.weekday).saturating_sub(1));
        let key = match (closed, turn.days) {
            (false, _) => "opening.until",
            (true, 0) => "opening.opens_today",
            (true, 1) => "opening.opens_tomorrow",
            (true, _) => "opening.opens_on",
        };
        locale.t_with(key, &[("time", &time(turn.at.minute)), ("day", day)])
    });
    OpeningView {
        closed,
        turns: sentence.unwrap_or_default(),
        week: days.iter().enumerate().map(line).collect(),
        turns_s: turn.map_or(0, |turn| u32::from(turn.minutes) * 60),
    }
}

/// Returns in how many seconds a page that tells the hours is out of date.
#[must_use]
pub fn again_s(opening: &OpeningView) -> u32 {
    match opening.turns_s {
        0 => AGAIN_S,
        turns_s => turns_s.min(AGAIN_S),
    }
}

/// Returns the name of a day of the week; 0 is Monday.
#[must_use]
pub fn day_name(locale: Locale, index: usize) -> &'static str {
    DAYS.get(index).and_then(|key| locale.find(key)).unwrap_or_default()
}

/// Writes a minute of the day; what lies behind midnight counts from there.
#[must_use]
pub fn time(minute: u16) -> String {
    let minute = minute % (24 * 60);
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn span(from: u16, until: u16) -> String {
    format!("{}–{}", time(from), time(until))
}

#[cfg(test)]
mod tests {
    use domain::venue::{hours::Window, module::Modules};
    use sync_engine::id::VenueId;

    use super::*;

    #[test]
    fn a_closed_venue_says_when_it_opens_in_the_reader_s_words() {
        let venue = Venue {
            id: VenueId::parse("chakri").expect("it is an id"),
            name: String::new(),
            time_zone: "Europe/Brussels".to_owned(),
            languages: Vec::new(),
            modules: Modules::default(),
        };
        let window =
            |days: &[u8]| Window { days: days.to_vec(), from_minute: 690, until_minute: 1_500 };
        let hours = Hours { opening: vec![window(&[5, 6])], parts: Vec::new() };
        // 2026-11-21 00:00 in Brussels, a Saturday.
        let midnight_ms = 1_795_215_600_000;
        for (hour, closed, told) in [
            (0, false, "Open until 01:00."),
            (1, true, "Opens today at 11:30."),
            (12, false, "Open until 01:00."),
            (25, true, "Opens on Friday at 11:30."),
        ] {
            let now_ms = midnight_ms + hour * 3_600_000;
            let told_now = view(&hours, &venue, Locale::En, now_ms);
            assert_eq!((told_now.closed, told_now.turns.as_str()), (closed, told), "{hour}");
        }
        let friday = view(&hours, &venue, Locale::Fr, midnight_ms - 20 * 3_600_000);
        assert_eq!(friday.week.iter().filter(|day| day.today).count(), 1);
        assert!(friday.week[4].today && friday.week[3].spans.is_empty());
        assert_eq!(friday.week[4].spans, ["11:30–01:00"]);
        let thursday = view(&hours, &venue, Locale::En, midnight_ms - 30 * 3_600_000);
        assert_eq!(thursday.turns, "Opens tomorrow at 11:30.");
        let always = view(&Hours::default(), &venue, Locale::En, midnight_ms);
        assert!(!always.closed && always.week.is_empty());
        assert_eq!((again_s(&always), again_s(&friday)), (300, 300));
    }
}
