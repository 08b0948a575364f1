//! When a venue opens or closes next, and its week at a glance. It must not know how either is
//! told.

use super::hours::{Hours, Moment, Window};

const DAY_MINUTES: u16 = 24 * 60;
const WEEK_MINUTES: u16 = 7 * DAY_MINUTES;

/// The next moment at which a venue opens or closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// When it is.
    pub at: Moment,
    /// How many midnights lie before it.
    pub days: u16,
    /// How many minutes the venue's clocks show until then.
    pub minutes: u16,
}

impl Hours {
    /// Returns when the venue opens, if it is closed, or closes; none where it never does.
    #[must_use]
    pub fn turn(&self, now: Moment) -> Option<Turn> {
        let is_open = self.is_open(now);
        let passed = of_week(now.weekday, now.minute);
        let edges = self.opening.iter().flat_map(|window| {
            let edge =
                |day: &u8| [of_week(*day, window.from_minute), of_week(*day, window.until_minute)];
            window.days.iter().flat_map(edge)
        });
        let minutes = |edge: u16| match (edge + WEEK_MINUTES - passed) % WEEK_MINUTES {
            0 => WEEK_MINUTES,
            ahead => ahead,
        };
        let turns = edges.filter(|edge| self.is_open(moment(*edge)) != is_open);
        let next = turns.min_by_key(|edge| minutes(*edge))?;
        let minutes = minutes(next);
        Some(Turn { at: moment(next), days: (now.minute + minutes) / DAY_MINUTES, minutes })
    }

    /// Returns, from Monday on, from when until when the venue is open in windows that begin on the
    /// day; what overlaps or touches is one.
    #[must_use]
    pub fn week(&self) -> [Vec<(u16, u16)>; 7] {
        [1, 2, 3, 4, 5, 6, 7].map(|day| {
            let on_day = |window: &&Window| window.days.contains(&day);
            let spans = self.opening.iter().filter(on_day);
            let mut spans: Vec<(u16, u16)> =
                spans.map(|window| (window.from_minute, window.until_minute)).collect();
            spans.sort_unstable();
            spans.into_iter().fold(Vec::new(), |mut merged: Vec<(u16, u16)>, (from, until)| {
                match merged.last_mut() {
                    Some(last) if from <= last.1 => last.1 = last.1.max(until),
                    _ => merged.push((from, until)),
                }
                merged
            })
        })
    }
}

fn of_week(weekday: u8, minute: u16) -> u16 {
    (u16::from(weekday.saturating_sub(1)) * DAY_MINUTES + minute) % WEEK_MINUTES
}

fn moment(of_week: u16) -> Moment {
    let day = u8::try_from(of_week / DAY_MINUTES).unwrap_or_default();
    Moment { weekday: day + 1, minute: of_week % DAY_MINUTES }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(windows: &[(&[u8], u16, u16)]) -> Hours {
        let window = |(days, from_minute, until_minute): &(&[u8], u16, u16)| Window {
            days: days.to_vec(),
            from_minute: *from_minute,
            until_minute: *until_minute,
        };
        Hours { opening: windows.iter().map(window).collect(), parts: Vec::new() }
    }

    #[test]
    fn a_closed_venue_tells_when_it_opens_and_an_open_one_when_it_closes() {
        let week = hours(&[(&[1, 2, 5], 690, 870), (&[5], 1_080, 1_560)]);
        for ((weekday, minute), (on, at, days)) in [
            ((1, 0), (1, 690, 0)),
            ((1, 690), (1, 870, 0)),
            ((1, 870), (2, 690, 1)),
            ((2, 900), (5, 690, 3)),
            // Friday evening ends on Saturday, and the next opening is on Monday.
            ((5, 1_080), (6, 120, 1)),
            ((6, 119), (6, 120, 0)),
            ((6, 120), (1, 690, 2)),
            ((7, 1_439), (1, 690, 1)),
        ] {
            let turn = week.turn(Moment { weekday, minute }).expect("it turns");
            let told = (turn.at.weekday, turn.at.minute, turn.days);
            assert_eq!(told, (on, at, days), "{weekday} {minute}");
        }
    }

    #[test]
    fn windows_that_touch_are_no_closing_and_what_never_closes_never_turns() {
        let touching = hours(&[(&[1], 600, 720), (&[1], 720, 800), (&[1], 700, 760)]);
        let turn = touching.turn(Moment { weekday: 1, minute: 650 }).expect("it closes");
        assert_eq!((turn.at.minute, turn.minutes), (800, 150));
        assert_eq!(touching.week()[0], vec![(600, 800)]);
        let once = touching.turn(Moment { weekday: 1, minute: 800 }).expect("it opens");
        assert_eq!((once.days, once.minutes), (7, WEEK_MINUTES - 200));
        for always in [hours(&[]), hours(&[(&[1, 2, 3, 4, 5, 6, 7], 0, 1_440)])] {
            assert_eq!(always.turn(Moment { weekday: 3, minute: 5 }), None);
        }
        // A document may hold days without a window that is ever open.
        assert_eq!(hours(&[(&[], 0, 60)]).turn(Moment { weekday: 3, minute: 5 }), None);
    }
}
