//! Epochs: which of a venue's gateways is the primary, as a number that only grows.
//!
//! Whoever becomes the primary does so in a higher epoch, and every message says the highest that
//! its sender knows. A primary that hears of a higher one than its own was superseded, and sells
//! nothing exclusive from then on. It must not know how somebody becomes the primary.

use crate::{
    Rejection,
    id::VenueId,
    lease::Standing,
    limits,
    row::{self, Row},
    statement::Statement,
};

/// The epoch in which every venue begins.
pub const FIRST: u64 = 1;

const QUERY_SQL: &str = "SELECT seen, own FROM venue_epoch WHERE venue = ?1";

/// Two workers may hear of two epochs at once: the higher one stays.
const RAISE_SQL: &str = "INSERT INTO venue_epoch (venue, seen) VALUES (?1, ?2) \
     ON CONFLICT (venue) DO UPDATE SET seen = excluded.seen \
     WHERE excluded.seen > venue_epoch.seen";

/// What a store knows of a venue's epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epochs {
    /// The highest that anybody told.
    pub seen: u64,
    /// The one in which this store's gateway is the primary; it means nothing elsewhere.
    pub own: u64,
}

impl Default for Epochs {
    fn default() -> Self {
        Self { seen: FIRST, own: FIRST }
    }
}

impl Epochs {
    /// Reads what [`query`] returned; a store that was told nothing has no row.
    ///
    /// # Errors
    /// Names the column that cannot be read.
    pub fn read(rows: &[Row]) -> Result<Self, Rejection> {
        let Some(row) = rows.first() else { return Ok(Self::default()) };
        Ok(Self { seen: row::number(row, "seen")?, own: row::number(row, "own")? })
    }

    /// Tells whether another gateway became the primary after this one.
    #[must_use]
    pub const fn is_superseded(self) -> bool {
        self.seen > self.own
    }

    /// Returns how a primary stands that stood like this by all else: superseded, it is confirmed
    /// by nobody.
    #[must_use]
    pub const fn standing(self, given: Standing) -> Standing {
        if self.is_superseded() { Standing::Unconfirmed } else { given }
    }
}

/// Builds the query of what is known of a venue's epochs.
#[must_use]
pub fn query(venue: &VenueId) -> Statement {
    Statement::new(QUERY_SQL, vec![venue.as_str().into()])
}

/// Builds the statement that keeps an epoch that was heard of, unless a higher one is known.
#[must_use]
pub fn raise(venue: &VenueId, seen: u64) -> Statement {
    Statement::new(RAISE_SQL, vec![venue.as_str().into(), (seen as i64).into()])
}

/// Refuses what no epoch is.
///
/// # Errors
/// Refuses zero, and more than every host can carry.
pub const fn check(epoch: u64) -> Result<(), Rejection> {
    if epoch >= FIRST && epoch <= limits::INTEGER_MAX as u64 {
        return Ok(());
    }
    Err(Rejection::InvalidField("epoch"))
}

/// The epoch of a message that says none.
pub(crate) const fn first() -> u64 {
    FIRST
}

#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references in")
)]
pub(crate) const fn is_first(epoch: &u64) -> bool {
    *epoch == FIRST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_primary_that_nobody_superseded_keeps_its_standing() {
        use Standing::{Confirmed, Unconfirmed};
        for (seen, own, given, expect) in [
            (1, 1, Confirmed, Confirmed),
            (1, 1, Unconfirmed, Unconfirmed),
            (2, 1, Confirmed, Unconfirmed),
            (2, 2, Confirmed, Confirmed),
            (2, 3, Confirmed, Confirmed),
        ] {
            assert_eq!(Epochs { seen, own }.standing(given), expect, "{seen} {own}");
        }
    }

    #[test]
    fn an_epoch_is_a_whole_number_from_one_that_every_host_carries() {
        for (epoch, good) in [(0, false), (1, true), (1 << 53, false), ((1 << 53) - 1, true)] {
            assert_eq!(check(epoch).is_ok(), good, "{epoch}");
        }
    }
}
