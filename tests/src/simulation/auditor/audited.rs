//! What must hold of the audit: money has its entry, numbers have no gaps, seals say what was
//! written.
//!
//! It asks the product's own check; what that check finds is tested beside it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use app::{
    audit::{
        checker::{self, Depth},
        sealer,
    },
    metered::Metered,
    rows,
};
use domain::audit::check::{Check, Fault};
use sync_engine::id::VenueId;

use crate::simulation::{
    hosts::SimHost,
    tasks::HostId,
    world::{VENUES, World},
};

/// Seals what every store of a venue wrote.
pub(super) fn seal(world: &World) {
    for venue in 0..VENUES.len() {
        for side in world.holders(venue) {
            let app = world.hosts[side].app.clone();
            world.tasks.start(side, async move { drop(sealer::seal_all(&app).await) });
            while world.tasks.step(&world.chance) {}
        }
    }
}

/// A store that was put back may have lost one stream's tail and not the other's.
pub(super) fn eventually_every_payment_has_its_entry(
    side: &SimHost,
    venue: &str,
) -> Result<(), String> {
    let sql = "SELECT p.order_id AS id FROM payment p WHERE p.venue = ?1 AND NOT EXISTS \
               (SELECT 1 FROM audit_entry e WHERE e.venue = p.venue AND e.act = 'paid' \
               AND e.subject = p.order_id)";
    match side.store.rows(sql, &[venue]).first() {
        Some(row) => {
            Err(format!("eventually_every_payment_has_its_entry: host {}: {row:?}", side.id))
        }
        None => Ok(()),
    }
}

/// Checks every life as this store holds it; returns how many entries are sealed.
pub(super) fn eventually_sealed(
    world: &World,
    (side, venue): (HostId, usize),
    restored: &BTreeSet<HostId>,
) -> Result<u64, String> {
    let mut sealed = 0;
    for check in checked(world, side, VENUES[venue])? {
        // Who was put back, or copied, may have written under a number twice before it noticed, and
        // may have lost what only it had.
        let is_lawful = |fault: Fault| {
            !restored.is_empty() && !matches!(fault, Fault::Altered | Fault::SealAltered)
        };
        if let Some(found) = check.findings.iter().find(|finding| !is_lawful(finding.fault)) {
            return Err(format!("eventually_sealed: host {side}: {found:?} in {:?}", check.life));
        }
        sealed += u64::try_from(check.sealed).unwrap_or_default();
    }
    Ok(sealed)
}

fn checked(world: &World, side: HostId, venue: &str) -> Result<Vec<Check>, String> {
    let outcome = Arc::new(Mutex::new(Err("nothing happened".to_owned())));
    let (slot, app) = (Arc::clone(&outcome), world.hosts[side].app.clone());
    let id = VenueId::parse(venue).map_err(|error| error.to_string())?;
    world.tasks.start(side, async move {
        let db = Metered::new(app.database.clone(), u32::MAX);
        let checks = match rows::venue::by_id(&db, &id).await {
            Ok(Some(here)) => checker::check(&db, &here, Depth::Whole).await,
            Ok(None) => Ok(Vec::new()),
            Err(fault) => Err(fault),
        };
        let checks = checks.map_err(|fault| fault.detail);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = checks;
    });
    while world.tasks.step(&world.chance) {}
    let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).clone();
    outcome.map_err(|why| format!("eventually_sealed: host {side}: {why}"))
}
