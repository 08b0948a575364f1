//! The keys of a gateway or a standby where it asks: one more is given out when it enrols again,
//! and those that were lost to somebody end.
//!
//! Which hold is `domain::device::replica`'s to say. The row stays on this host: what a replica
//! replicates must not decide about its own keys.

use axum::http::StatusCode;
use domain::device::{Device, replica::Keys};
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    api::setup::GATEWAY, call::Call, device::Claim, ports::CommitFault, problem::Problem,
    rows::device::Found,
};

/// Refuses a key that has ended, and notes the first use of another.
///
/// # Errors
/// Says that the key has ended.
pub async fn admit(call: &Call, (claim, keys): (&Claim, &Keys)) -> Result<(), Problem> {
    let now_ms = call.app.clock.now_ms();
    if !keys.takes(claim.version, now_ms) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "device_key_ended"));
    }
    let Some(using) = keys.using(claim.version, now_ms) else { return Ok(()) };
    match call.db.commit(&[kept(&claim.venue, &claim.device, (keys, &using))]).await {
        // Whoever was first noted it.
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

/// Decides which key a replica gets that enrols, and what keeps that; `known` is one that was
/// enrolled before, whose present key its machine may still use.
pub fn issue(venue: &VenueId, device: &str, known: Option<&Found>) -> (u32, Option<Statement>) {
    let Some(found) = known else { return (Keys::default().newest, None) };
    let next = found.keys.next();
    (next.newest, Some(kept(venue, device, (&found.keys, &next))))
}

/// Makes the statement that ends every key of a replica; with a gateway's, what PINs and devices of
/// the venue are bound to ends as well.
pub fn lose(venue: &VenueId, device: &Device, keys: &Keys) -> (u32, Statement) {
    let mut lost = keys.lost();
    if device.id != GATEWAY {
        lost.shared = keys.shared;
    }
    (lost.newest, kept(venue, &device.id, (keys, &lost)))
}

fn kept(venue: &VenueId, device: &str, (before, after): (&Keys, &Keys)) -> Statement {
    let sql = "INSERT INTO replica_key (venue, device, first, newest, used, used_ms, shared) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (venue, device) DO UPDATE SET \
         first = excluded.first, newest = excluded.newest, used = excluded.used, \
         used_ms = excluded.used_ms, shared = excluded.shared \
         WHERE (replica_key.first, replica_key.newest, replica_key.used) = (?8, ?9, ?10)";
    let number = |number: u32| i64::from(number).into();
    let params = vec![
        venue.as_str().into(),
        device.into(),
        number(after.first),
        number(after.newest),
        number(after.used),
        (after.used_ms as i64).into(),
        number(after.shared),
        number(before.first),
        number(before.newest),
        number(before.used),
    ];
    Statement::exactly(1, sql, params)
}
