//! How sure a host may be of what time it is, and what may be concluded from that.
//!
//! A Pi has no battery clock: after a power cut its time may be years off until somebody tells it
//! better. What expires asks [`Time::has_passed`] and nothing else. It must not read a clock.

use crate::limits::CLOCK_TOLERANCE_MS;

/// What a host knows of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// What the local clock says.
    pub now_ms: u64,
    /// The platform vouches for the local clock: it was synchronised since the host was started.
    pub is_kept: bool,
    /// How far the edge's time lay ahead of the local clock, as a signed answer said since the
    /// start; none where there was no answer yet.
    pub edge_ahead_ms: Option<i64>,
    /// When this build was made: it was not before.
    pub built_ms: u64,
    /// What the edge said the last time, as it was kept; 0 where it never did.
    pub told_ms: u64,
    /// The highest time that any stored stamp bears; a device whose clock was wrong may have
    /// written it.
    pub stamped_ms: u64,
}

/// Whether the local clock may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It is right.
    Certain,
    /// It may be off by any amount, but it is not earlier than this.
    Uncertain {
        /// Milliseconds since 1970.
        floor_ms: u64,
    },
}

/// What time it is, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// What the local clock says.
    pub now_ms: u64,
    /// Whether it may be believed.
    pub certainty: Certainty,
}

/// Whether a moment lies behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// It certainly does.
    Yes,
    /// It certainly does not.
    No,
    /// Nobody here can tell: whoever asks takes the answer that does no harm.
    Unknown,
}

impl Time {
    /// Takes a time whose clock is kept by its platform, as every edge's is.
    #[must_use]
    pub const fn certain(now_ms: u64) -> Self {
        Self { now_ms, certainty: Certainty::Certain }
    }

    /// Judges a local clock.
    ///
    /// What the edge said since the start counts more than anything else, also than stamps: they
    /// may come from a clock that was years ahead. Without it, a clock before the floor is not
    /// believed whatever the platform says.
    #[must_use]
    pub fn judge(known: &Evidence) -> Self {
        let now_ms = known.now_ms;
        let told_ms = known.built_ms.max(known.told_ms);
        let (floor_ms, is_believed) = match known.edge_ahead_ms {
            Some(ahead_ms) => {
                let edge_ms = now_ms.saturating_add_signed(ahead_ms);
                let is_near = ahead_ms.unsigned_abs() <= CLOCK_TOLERANCE_MS;
                (edge_ms.saturating_sub(CLOCK_TOLERANCE_MS).max(known.built_ms), is_near)
            }
            None => (told_ms.max(known.stamped_ms), known.is_kept),
        };
        if is_believed && now_ms >= floor_ms {
            return Self::certain(now_ms);
        }
        Self { now_ms, certainty: Certainty::Uncertain { floor_ms } }
    }

    /// Says whether a moment lies behind: an uncertain clock proves only what the floor does.
    #[must_use]
    pub const fn has_passed(&self, moment_ms: u64) -> Passed {
        match self.certainty {
            Certainty::Certain if self.now_ms > moment_ms => Passed::Yes,
            Certainty::Certain => Passed::No,
            Certainty::Uncertain { floor_ms } if floor_ms > moment_ms => Passed::Yes,
            Certainty::Uncertain { .. } => Passed::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: u64 = 1_000_000_000;
    const NOW: u64 = 2_000_000_000;
    const YEARS: u64 = 500_000_000;

    fn known() -> Evidence {
        Evidence {
            now_ms: NOW,
            is_kept: true,
            edge_ahead_ms: None,
            built_ms: BUILT,
            told_ms: NOW - 9,
            stamped_ms: NOW - 5,
        }
    }

    #[test]
    fn a_clock_is_believed_by_what_is_known_of_it() {
        let tolerance = i64::try_from(CLOCK_TOLERANCE_MS).expect("63 bits");
        let uncertain = |floor_ms| Certainty::Uncertain { floor_ms };
        let certain = Certainty::Certain;
        for (what, known, expected) in [
            ("kept", known(), certain),
            ("not kept", Evidence { is_kept: false, ..known() }, uncertain(NOW - 5)),
            (
                "before the build",
                Evidence { now_ms: BUILT - 1, told_ms: 0, stamped_ms: 0, ..known() },
                uncertain(BUILT),
            ),
            (
                "before what the edge said",
                Evidence { told_ms: NOW + 1, ..known() },
                uncertain(NOW + 1),
            ),
            (
                "before a stamp",
                Evidence { stamped_ms: NOW + YEARS, ..known() },
                uncertain(NOW + YEARS),
            ),
            (
                "the edge agrees",
                Evidence { is_kept: false, edge_ahead_ms: Some(tolerance), ..known() },
                certain,
            ),
            (
                "the edge agrees behind",
                Evidence { is_kept: false, edge_ahead_ms: Some(-tolerance), ..known() },
                certain,
            ),
            (
                "the edge agrees, a stamp was from a wrong clock",
                Evidence {
                    stamped_ms: NOW + YEARS,
                    told_ms: NOW + YEARS,
                    edge_ahead_ms: Some(3),
                    ..known()
                },
                certain,
            ),
            (
                "the edge says later",
                Evidence { edge_ahead_ms: Some(tolerance + 1), ..known() },
                uncertain(NOW + 1),
            ),
            (
                "the edge says five years earlier",
                Evidence {
                    now_ms: NOW + YEARS,
                    stamped_ms: NOW + YEARS,
                    edge_ahead_ms: Some(-i64::try_from(YEARS).expect("63 bits")),
                    ..known()
                },
                uncertain(NOW - CLOCK_TOLERANCE_MS),
            ),
            (
                "nothing known",
                Evidence { now_ms: 0, is_kept: false, told_ms: 0, stamped_ms: 0, ..known() },
                uncertain(BUILT),
            ),
        ] {
            assert_eq!(Time::judge(&known).certainty, expected, "{what}");
        }
    }

    #[test]
    fn an_uncertain_clock_proves_only_what_the_floor_does() {
        let certain = Time::certain(NOW);
        let uncertain =
            |floor_ms| Time { now_ms: NOW, certainty: Certainty::Uncertain { floor_ms } };
        for (time, moment_ms, expected) in [
            (certain, NOW - 1, Passed::Yes),
            (certain, NOW, Passed::No),
            (certain, NOW + 1, Passed::No),
            (uncertain(BUILT), BUILT - 1, Passed::Yes),
            (uncertain(BUILT), BUILT, Passed::Unknown),
            (uncertain(BUILT), NOW - 1, Passed::Unknown),
            (uncertain(BUILT), NOW + YEARS, Passed::Unknown),
            (uncertain(NOW + YEARS), NOW + 1, Passed::Yes),
        ] {
            assert_eq!(time.has_passed(moment_ms), expected, "{time:?} {moment_ms}");
        }
    }
}
