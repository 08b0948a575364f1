//! Checking the audit as it stands in this store: loading lives, and handing them to the check.
//!
//! It must not know what is wrong with an entry: `domain::audit::check` does.

use domain::audit::{
    check::Check,
    seal::{Life, Seal},
};
use sync_engine::id::VenueId;

use crate::{call::Here, limits, metered::Metered, ports::Fault, rows};

/// How far back a check goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// To the first entry of every life.
    Whole,
    /// To the newest seals of each life.
    Newest,
}

/// Checks every life that the audit tells of.
///
/// # Errors
/// Fails when the database does.
pub async fn check(db: &Metered, here: &Here, depth: Depth) -> Result<Vec<Check>, Fault> {
    let mut checks = Vec::new();
    for life in rows::audit::lives(db, &here.venue.id).await? {
        checks.push(check_life(db, here, (life, depth)).await?);
    }
    Ok(checks)
}

async fn check_life(
    db: &Metered,
    here: &Here,
    (life, depth): (Life, Depth),
) -> Result<Check, Fault> {
    let venue = &here.venue.id;
    // Asked first: an act that is written meanwhile is an entry more, and none that is missing.
    let is_own = life == Life::of(&here.writer);
    let given = match is_own {
        true => Some(rows::audit::given(db, venue, &here.writer).await?),
        false => None,
    };
    let after = match depth {
        Depth::Whole => None,
        Depth::Newest => newest(db, venue, &life).await?,
    };
    let mut seal =
        after.as_ref().map_or((0, String::new()), |seal| (seal.number + 1, String::new()));
    let mut check = Check::of(life, after.as_ref());
    loop {
        let behind = (seal.0, seal.1.as_str());
        let seals = rows::audit::seals(db, venue, (&check.life, behind)).await?;
        let Some((id, last)) = seals.last() else { break };
        seal = (last.number, id.clone());
        let seals: Vec<Seal> = seals.into_iter().map(|(_, seal)| seal).collect();
        let until = seals.iter().filter(|seal| seal.is_whole()).map(|seal| seal.last).max();
        let range = (check.last, until.unwrap_or(check.last), 2 * limits::ENTRIES_AT_ONCE);
        let entries = rows::audit::between(db, venue, &check.life, range).await?;
        check.seals(&seals, &entries);
    }
    loop {
        let range = (check.last, sync_engine::limits::INTEGER_MAX, limits::ENTRIES_AT_ONCE);
        let mut entries = rows::audit::between(db, venue, &check.life, range).await?;
        let is_full = entries.len() as i64 == limits::ENTRIES_AT_ONCE;
        // Two entries under one number are seen together.
        if let Some(last) = entries.last().map(|entry| entry.number).filter(|_| is_full) {
            entries.retain(|entry| entry.number < last);
        }
        check.tail(&entries);
        if !is_full || entries.is_empty() {
            break;
        }
    }
    check.end(given);
    Ok(check)
}

/// Returns the seal behind which a check of the newest begins.
async fn newest(db: &Metered, venue: &VenueId, life: &Life) -> Result<Option<Seal>, Fault> {
    let last = rows::audit::last_seal(db, venue, (life, None)).await?;
    let upto = last.map_or(0, |seal| seal.number.saturating_sub(limits::SEALS_CHECKED));
    if upto < 1 {
        return Ok(None);
    }
    rows::audit::last_seal(db, venue, (life, Some(upto))).await
}
