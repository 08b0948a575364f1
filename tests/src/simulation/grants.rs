//! The judgement of leases: what was granted, what was spent of it, and what comes back.
//!
//! It reads tables; it must not ask the product whether they are right.

use std::sync::{Arc, Mutex, PoisonError};

use sync_engine::lease::Issue;

use super::{
    hosts::SimHost,
    leases::{At, RIGHTS, life, start},
    tasks::HostId,
    world::{EDGE, VENUES, World},
};

const BY_RIGHT_SQL: &str = "SELECT sum(s.amount) AS spent FROM lease_spend s \
     JOIN lease l ON l.venue = s.venue AND l.id = s.lease WHERE s.venue = ?1 AND l.right_name = ?2";
const ODD_SQL: &str = "SELECT s.lease AS lease, l.amount AS amount, sum(s.amount) AS spent, \
     (SELECT r.unspent FROM lease_return r WHERE r.venue = s.venue AND r.id = s.lease) AS unspent \
     FROM lease_spend s LEFT JOIN lease l ON l.venue = s.venue AND l.id = s.lease \
     WHERE s.venue = ?1 GROUP BY s.lease";
const KEY_SQL: &str = "SELECT s.amount AS amount FROM lease_spend s \
     WHERE s.venue = ?1 AND s.spend_key = ?2";

/// Judges the world once both sides of every venue have agreed.
///
/// # Errors
/// Names the first promise that is broken.
pub fn judge(world: &World) -> Result<(), String> {
    {
        let book = world.leases.book();
        if let Some(broken) = book.broken.first() {
            return Err(broken.clone());
        }
        for (venue, name) in VENUES.into_iter().enumerate() {
            for side in world.sides(venue) {
                always_within_the_grant(&world.hosts[side], name)?;
            }
        }
        for ((venue, key), amount) in &book.told {
            for side in world.sides(*venue) {
                let rows = world.hosts[side].store.rows(KEY_SQL, &[VENUES[*venue], key]);
                if rows.len() != 1 || rows[0]["amount"] != *amount {
                    return Err(format!(
                        "eventually_every_spend_is_known: host {side}: {key} of {amount}: {rows:?}"
                    ));
                }
            }
        }
    }
    (0..VENUES.len()).try_for_each(|venue| eventually_what_comes_back_is_issued(world, venue))
}

fn always_within_the_grant(side: &SimHost, venue: &str) -> Result<(), String> {
    for (right, _, total) in RIGHTS {
        let spent = &side.store.rows(BY_RIGHT_SQL, &[venue, right])[0]["spent"];
        if spent.as_i64().unwrap_or_default() > total {
            let why = format!("{venue} {right}: {spent} of {total} spent");
            return Err(format!("always_within_the_grant: host {}: {why}", side.id));
        }
    }
    for row in side.store.rows(ODD_SQL, &[venue]) {
        let number = |name: &str| row[name].as_i64().unwrap_or_default();
        if number("spent") + number("unspent") > number("amount") {
            return Err(format!("always_within_the_lease: host {}: {row:?}", side.id));
        }
    }
    Ok(())
}

/// Everything that is held comes back, and its owner can issue just that again.
fn eventually_what_comes_back_is_issued(world: &World, venue: usize) -> Result<(), String> {
    exchange(world, venue)?;
    let mut back = [0; RIGHTS.len()];
    // A copy that has no life of its own may give nothing back: the lease may be its original's.
    let sure = |side: &HostId| world.is_confirmed(*side, venue) && !world.shares_its_life(*side);
    for side in world.sides(venue).into_iter().filter(sure) {
        for (number, (right, ..)) in RIGHTS.into_iter().enumerate() {
            let returned = run(world, (side, venue), move |desk| async move {
                let mut sum = 0;
                for lease in desk.open().await.held(right).await.map_err(|p| p.code)? {
                    desk.open().await.give_back(&lease.id).await.map_err(|p| p.code)?;
                    sum += lease.left();
                }
                Ok(sum)
            });
            back[number] +=
                returned.map_err(|code| format!("eventually_returned: {right}: {code}"))?;
        }
    }
    exchange(world, venue)?;
    for (number, (right, is_gateways, total)) in RIGHTS.into_iter().enumerate() {
        let amount = back[number];
        if amount == 0 {
            continue;
        }
        let owner = if is_gateways { venue + 1 } else { EDGE };
        let holder = life(&world.hosts[venue + 1], venue);
        let right = right.to_owned();
        let ask = Issue { right: right.clone(), amount, total, holder };
        let told = run(world, (owner, venue), move |desk| async move {
            desk.open().await.issue(&ask).await.map(|_| 0).map_err(|problem| problem.code)
        });
        told.map_err(|code| format!("eventually_issued_again: {right}: {amount}: {code}"))?;
        world.leases.book().tally.issued_again += 1;
    }
    Ok(())
}

/// Both sides exchange in peace until they are confirmed.
fn exchange(world: &World, venue: usize) -> Result<(), String> {
    let outcome = Arc::new(Mutex::new(Err("nothing happened".to_owned())));
    let mut gateways = world.gateways(venue);
    gateways.reverse();
    for gateway in [gateways.clone(), gateways].concat() {
        let mut uplink = world.uplink(gateway);
        let slot = Arc::clone(&outcome);
        world.tasks.start(gateway, async move {
            let mut last = uplink.exchange().await;
            // The first may learn the edge's time.
            if last.is_err() {
                last = uplink.exchange().await;
            }
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = last.map(drop);
        });
        while world.tasks.step(&world.chance) {}
    }
    let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).clone();
    outcome.map_err(|why| format!("eventually_agrees: {}: {why}", VENUES[venue]))
}

/// Runs something at a host's desk to its end while nothing else goes on.
fn run<F, T>(world: &World, at: (HostId, usize), body: F) -> Result<i64, &'static str>
where
    F: FnOnce(At) -> T + Send + 'static,
    T: Future<Output = Result<i64, &'static str>> + Send,
{
    let outcome = Arc::new(Mutex::new(Err("nothing happened")));
    let slot = Arc::clone(&outcome);
    start(world, at, move |desk| async move {
        let told = body(desk).await;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = told;
    });
    while world.tasks.step(&world.chance) {}
    *outcome.lock().unwrap_or_else(PoisonError::into_inner)
}
