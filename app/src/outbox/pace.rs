//! When a mail that could not be sent is tried again, and when it is given up: a pure decision.
//!
//! It must not wait, and knows no clock.

use crate::limits::{MAIL_PAUSES_MS, MAIL_TRIED_MS};

/// A try that failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    /// How many tries there were before it.
    pub(super) tries: i64,
    /// Since when the mail is tried.
    pub(super) since_ms: u64,
    /// Now.
    pub(super) now_ms: u64,
    /// Another try would fail as well.
    pub(super) is_lasting: bool,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another try.
    At {
        /// Milliseconds since 1970.
        at_ms: u64,
    },
    /// Nothing, unless somebody wants it.
    GiveUp,
}

/// Decides what comes after a failure; the lot spreads what failed together.
pub(super) fn after(failure: Failure, lot: u8) -> Next {
    let [.., last_ms] = MAIL_PAUSES_MS;
    let tries = usize::try_from(failure.tries).unwrap_or(usize::MAX);
    let pause_ms = MAIL_PAUSES_MS.get(tries).copied().unwrap_or(last_ms);
    let at_ms = failure.now_ms + pause_ms + pause_ms / 4 * u64::from(lot) / 255;
    if failure.is_lasting || at_ms > failure.since_ms.saturating_add(MAIL_TRIED_MS) {
        Next::GiveUp
    } else {
        Next::At { at_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: u64 = 60_000;

    #[test]
    fn pauses_grow_and_the_mail_is_given_up_after_a_day() {
        let (mut now_ms, mut minutes) = (0, Vec::new());
        for tries in 0.. {
            match after(Failure { tries, since_ms: 0, now_ms, is_lasting: false }, 0) {
                Next::At { at_ms } => now_ms = at_ms,
                Next::GiveUp => break,
            }
            minutes.push(now_ms / MINUTE_MS);
        }
        assert_eq!(minutes, [1, 6, 21, 81, 321, 561, 801, 1_041, 1_281]);
    }

    #[test]
    fn what_failed_together_is_not_tried_together() {
        let failure = Failure { tries: 0, since_ms: 0, now_ms: 0, is_lasting: false };
        assert_eq!(after(failure, 0), Next::At { at_ms: MINUTE_MS });
        assert_eq!(after(failure, 255), Next::At { at_ms: MINUTE_MS * 5 / 4 });
    }

    #[test]
    fn what_no_try_mends_is_given_up_at_once() {
        let failure = Failure { tries: 0, since_ms: 0, now_ms: 0, is_lasting: true };
        assert_eq!(after(failure, 0), Next::GiveUp);
    }
}
