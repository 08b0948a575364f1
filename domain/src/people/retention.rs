//! How long the account of somebody who does not come any more is kept.
//!
//! They are told a month before it goes; nobody is erased unwarned. Whoever works somewhere or
//! administers the host stays. It must not know where accounts are kept.

use crate::Rejection;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// A month counts as so long.
const MONTH_MS: u64 = 30 * DAY_MS;
/// Between the warning and the end.
const NOTICE_MS: u64 = 30 * DAY_MS;

/// Months without a login after which an account goes; 0 keeps accounts for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months(u32);

impl Default for Months {
    fn default() -> Self {
        Self(36)
    }
}

impl Months {
    const FEWEST: u32 = 6;
    const MOST: u32 = 120;

    /// Takes a number of months.
    ///
    /// # Errors
    /// Refuses fewer than six and more than a hundred and twenty; 0 is for ever.
    pub fn of(months: u32) -> Result<Self, Rejection> {
        let fits = months == 0 || (Self::FEWEST..=Self::MOST).contains(&months);
        if fits { Ok(Self(months)) } else { Err(Rejection::InvalidField("account_months")) }
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Returns the last login after which somebody is neither warned nor erased, and the warning
    /// after which there is still time to come back; nothing where accounts are kept for ever.
    ///
    /// A clock that stands at its beginning finds nobody who has been away.
    #[must_use]
    pub const fn bounds(self, now_ms: u64) -> Option<Bounds> {
        if self.0 == 0 {
            return None;
        }
        let kept_ms = self.0 as u64 * MONTH_MS;
        Some(Bounds {
            seen_ms: now_ms.saturating_sub(kept_ms - NOTICE_MS),
            warned_ms: now_ms.saturating_sub(NOTICE_MS),
        })
    }
}

/// Before which times somebody has been away for long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Whoever was seen before it is warned.
    pub seen_ms: u64,
    /// Whoever was warned before it, and did not come back, goes.
    pub warned_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_comes_a_month_before_the_end() {
        let now_ms = 1_000 * DAY_MS;
        let bounds = Months::of(12).unwrap().bounds(now_ms).unwrap();
        assert_eq!(bounds.seen_ms, now_ms - 330 * DAY_MS);
        assert_eq!(bounds.warned_ms, now_ms - 30 * DAY_MS);
        assert_eq!(Months::of(0).unwrap().bounds(now_ms), None);
        let early = Months::default().bounds(5).unwrap();
        assert_eq!((early.seen_ms, early.warned_ms), (0, 0));
        for odd in [1, 5, 121, u32::MAX] {
            assert!(Months::of(odd).is_err(), "{odd}");
        }
    }
}
