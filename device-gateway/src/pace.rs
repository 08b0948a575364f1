//! How long the uplink pauses between exchanges: a decision over what the last ones brought.
//!
//! It must not wait, and knows no clock.

use crate::limits;

/// What the last exchanges brought.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Pace {
    quiet: u32,
    failures: u32,
}

impl Pace {
    /// Notes an exchange that succeeded.
    pub(crate) const fn succeeded(&mut self, moved: bool) {
        self.failures = 0;
        self.quiet = if moved { 0 } else { self.quiet.saturating_add(1) };
    }

    /// Notes an exchange that failed.
    pub(crate) const fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// Returns the pause before the next exchange, unless somebody rings.
    pub(crate) fn pause_ms(self, listening: bool) -> u64 {
        if self.failures > 0 {
            return grown(limits::PAUSE_FAILED_MS, self.failures - 1, limits::PAUSE_CUT_MS);
        }
        let limit = if listening { limits::PAUSE_LISTENING_MS } else { limits::PAUSE_IDLE_MS };
        grown(limits::PAUSE_BUSY_MS, self.quiet.saturating_sub(limits::BUSY_ROUNDS), limit)
    }
}

/// Half as long again for each step, up to the limit.
pub(crate) fn grown(first_ms: u64, steps: u32, limit_ms: u64) -> u64 {
    let mut pause_ms = first_ms;
    for _ in 0..steps {
        if pause_ms >= limit_ms {
            break;
        }
        pause_ms = pause_ms.saturating_mul(3) / 2;
    }
    pause_ms.min(limit_ms)
}

/// Between three quarters and all of the pause, so that gateways do not march in step.
pub(crate) fn jittered(pause_ms: u64, lot: u8) -> u64 {
    pause_ms - pause_ms * u64::from(lot) / 1_024
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(moved: &[bool], listening: bool) -> u64 {
        let mut pace = Pace::default();
        moved.iter().for_each(|moved| pace.succeeded(*moved));
        pace.pause_ms(listening)
    }

    #[test]
    fn a_busy_line_is_asked_every_second_and_a_quiet_one_ever_less() {
        let quiet = |rounds| vec![false; rounds];
        assert_eq!(after(&[true], false), 1_000);
        assert_eq!(after(&quiet(8), false), 1_000);
        assert_eq!(after(&quiet(9), false), 1_500);
        assert_eq!(after(&quiet(40), false), 5_000);
        assert_eq!(after(&quiet(40), true), 30_000, "a socket says when there is news");
        assert_eq!(after(&[quiet(40), vec![true]].concat(), true), 1_000);
    }

    #[test]
    fn a_cut_line_is_tried_soon_and_then_every_few_seconds() {
        let mut pace = Pace::default();
        let mut pauses = Vec::new();
        for _ in 0..9 {
            pace.failed();
            pauses.push(pace.pause_ms(true));
        }
        assert_eq!(pauses, [300, 450, 675, 1_012, 1_518, 2_277, 3_415, 5_000, 5_000]);
        pace.succeeded(true);
        assert_eq!(pace.pause_ms(false), 1_000);
    }

    #[test]
    fn jitter_takes_up_to_a_quarter_away() {
        assert_eq!((jittered(1_000, 0), jittered(1_000, 255)), (1_000, 751));
    }
}
