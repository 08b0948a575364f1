//! What must hold of a lease in the moment that a write takes effect.
//!
//! Each guard writes this store's own row to itself, and finds it only where the condition holds:
//! otherwise the whole batch is undone. It must not decide what is asked for.

use super::{
    Issue, Spend,
    ledger::{GRANTED_SQL, LOST_SQL, RETURNED_SQL, SPENT_SQL},
};
use crate::{
    id::{VenueId, Writer},
    statement::{Statement, Value},
};

/// Not more than there is goes out of the owner's hands.
pub(super) fn issue(venue: &VenueId, issuer: &Writer, ask: &Issue) -> Statement {
    let more = vec![ask.amount.into(), ask.total.into()];
    let condition = format!("{GRANTED_SQL} + ?5 <= ?6");
    // The right stands where the sum looks for it, and the life after it.
    guard(&condition, (venue, ask.right.as_str(), issuer), more)
}

/// The lease is this life's, is not over, and has enough left; the key is new.
pub(super) fn spend(venue: &VenueId, holder: &Writer, ask: &Spend) -> Statement {
    let condition = format!(
        "EXISTS (SELECT 1 FROM lease l WHERE l.venue = ?1 AND l.id = ?2 \
         AND l.holder = ?3 AND l.holder_generation = ?4 \
         AND NOT {RETURNED_SQL} AND NOT {LOST_SQL} AND {SPENT_SQL} + ?5 <= l.amount) \
         AND NOT EXISTS (SELECT 1 FROM lease_spend k WHERE k.venue = ?1 AND k.spend_key = ?6)"
    );
    let more = vec![ask.amount.into(), ask.key.as_str().into()];
    guard(&condition, (venue, ask.lease.as_str(), holder), more)
}

/// The lease is this life's, is not over, and exactly so much of it is spent.
pub(super) fn give_back(venue: &VenueId, holder: &Writer, lease: &str, spent: i64) -> Statement {
    let condition = format!(
        "EXISTS (SELECT 1 FROM lease l WHERE l.venue = ?1 AND l.id = ?2 \
         AND l.holder = ?3 AND l.holder_generation = ?4 \
         AND NOT {RETURNED_SQL} AND NOT {LOST_SQL} AND {SPENT_SQL} = ?5)"
    );
    guard(&condition, (venue, lease, holder), vec![spent.into()])
}

/// The lease is this issuer's and did not come back.
pub(super) fn declare_lost(venue: &VenueId, issuer: &Writer, lease: &str) -> Statement {
    let condition = format!(
        "EXISTS (SELECT 1 FROM lease l WHERE l.venue = ?1 AND l.id = ?2 \
         AND l.issuer = ?3 AND NOT {RETURNED_SQL})"
    );
    guard(&condition, (venue, lease, issuer), Vec::new())
}

/// `?1` is the venue, `?2` what it is about, `?3` and `?4` the life that must still be the present
/// one; the condition's own parameters follow.
fn guard(
    condition: &str,
    (venue, about, life): (&VenueId, &str, &Writer),
    more: Vec<Value>,
) -> Statement {
    let sql = format!(
        "UPDATE local_venue SET generation = generation \
         WHERE venue = ?1 AND replica = ?3 AND generation = ?4 AND {condition}"
    );
    let life = [life.replica.as_str(), life.generation.as_str()];
    let mut params = vec![venue.as_str().into(), about.into(), life[0].into(), life[1].into()];
    params.extend(more);
    Statement::exactly(1, sql, params)
}
