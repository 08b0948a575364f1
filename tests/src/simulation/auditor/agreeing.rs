//! All sides of a venue exchange in peace, until nobody has anything to tell.
//!
//! It must not know what they tell each other.

use std::sync::{Arc, Mutex, PoisonError};

use super::super::world::{VENUES, World};

/// Exchanges in a row after which a side has told all it had.
const EXCHANGES_MAX: usize = 4;

/// Lets all sides of every venue exchange so many times.
///
/// # Errors
/// Says which sides never agree.
pub(super) fn agree_all(world: &World, (rounds, with_audits): (usize, bool)) -> Result<(), String> {
    (0..VENUES.len()).try_for_each(|venue| agree(world, venue, (rounds, with_audits)))
}

fn agree(world: &World, venue: usize, (rounds, with_audits): (usize, bool)) -> Result<(), String> {
    let outcome = Arc::new(Mutex::new(Err("nothing happened".to_owned())));
    let mut gateways = world.gateways(venue);
    // What the last of them brings, the first must hear of.
    gateways.extend(gateways.len().checked_sub(2).map(|_| venue + 1));
    gateways.push(World::standby(venue));
    for gateway in gateways.repeat(rounds) {
        let mut uplink = match with_audits {
            true => world.uplink(gateway),
            false => world.uplink_without_audits(gateway),
        };
        let slot = Arc::clone(&outcome);
        // The first may learn the edge's time, the next exchanges, the last finds nothing new.
        world.tasks.start(gateway, async move {
            let mut last = uplink.exchange().await;
            for _ in 0..EXCHANGES_MAX {
                // What an exchange brings may leave something to tell: a lease, an answer.
                if last == Ok(false) {
                    break;
                }
                last = uplink.exchange().await;
            }
            if let Ok(moved) = last
                && with_audits
            {
                last = uplink.audit_everything().await.map(|mended| moved || mended > 0);
            }
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = last;
        });
        while world.tasks.step(&world.chance) {}
    }
    let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).clone();
    outcome.map(drop).map_err(|why| format!("eventually_agrees: {}: {why}", VENUES[venue]))
}
