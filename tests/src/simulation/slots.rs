//! A kitchen at every venue that takes on so much per slot: no slot is ever over its limit, and
//! every order takes what it says.
//!
//! It reads rows and must not repeat a rule of the product to predict what happens.

use std::collections::BTreeMap;

use domain::access::Role;
use serde_json::json;

use super::{
    asking::ask,
    auditor::Ledger,
    world::{EDGE, VENUES, World},
};

/// So little that slots fill up.
const LIMIT: i64 = 4;

const IS_LIMITED_SQL: &str = "SELECT id FROM venue WHERE venue = ?1 AND capacity <> 'null'";
/// What orders say that they take, without those that were called off.
const ORDERS_SQL: &str = "SELECT o.id AS id, o.slot_ms AS slot_ms, o.slot_weight AS weight, \
     EXISTS (SELECT 1 FROM slot_take t WHERE t.venue = o.venue AND t.id = o.id || '/back') AS back \
     FROM customer_order o WHERE o.venue = ?1 AND o.slot_weight > 0";
/// What each order took, on site and from leases.
const TAKEN_SQL: &str = "SELECT t.id AS id, t.slot_ms AS slot_ms, t.weight AS weight, 0 AS web \
     FROM slot_take t WHERE t.venue = ?1 AND t.weight > 0 UNION ALL \
     SELECT s.spend_key, CAST(substr(l.right_name, 6) AS INTEGER), s.amount, 1 \
     FROM lease_spend s JOIN lease l ON l.venue = s.venue AND l.id = s.lease \
     WHERE s.venue = ?1 AND l.right_name >= 'slot/' AND l.right_name < 'slot0'";

/// How much was taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders that took a slot on site.
    pub on_site: u64,
    /// Orders that took a slot on the web.
    pub on_the_web: u64,
    /// Slots of which nothing is left.
    pub full: u64,
}

impl Tally {
    /// Adds another run's counts.
    pub const fn add(&mut self, other: Self) {
        self.on_site += other.on_site;
        self.on_the_web += other.on_the_web;
        self.full += other.full;
    }
}

/// Looks whether every order took what it says, and no slot is over its limit.
///
/// # Errors
/// Names the order, or the slot.
pub fn judge(world: &World) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for (venue, name) in VENUES.into_iter().enumerate() {
        // A store that was put back or copied forgot what it gave out.
        if world.stock.is_forgiven(venue) {
            continue;
        }
        for side in world.holders(venue).into_iter().map(|side| &world.hosts[side]) {
            let mut taken: BTreeMap<String, (i64, i64)> = BTreeMap::new();
            let mut on_the_web = 0;
            for row in side.store.rows(TAKEN_SQL, &[name]) {
                let key = row["id"].as_str().unwrap_or_default();
                let order = key.split_once("/slot").map_or(key, |(order, _)| order);
                let entry = taken.entry(order.to_owned()).or_default();
                entry.0 = row["slot_ms"].as_i64().unwrap_or_default();
                entry.1 += row["weight"].as_i64().unwrap_or_default();
                on_the_web += u64::from(row["web"] == 1);
            }
            let mut slots: BTreeMap<i64, i64> = BTreeMap::new();
            for row in side.store.rows(ORDERS_SQL, &[name]) {
                let id = row["id"].as_str().unwrap_or_default();
                let says = (row["slot_ms"].as_i64(), row["weight"].as_i64());
                let took = taken.get(id).copied().unwrap_or_default();
                if says != (Some(took.0), Some(took.1)) {
                    return Err(format!("always_takes_the_slot_it_says: {id} took {took:?}"));
                }
                if row["back"] == 0 {
                    *slots.entry(took.0).or_default() += took.1;
                }
            }
            if let Some((slot, weight)) = slots.iter().find(|(_, weight)| **weight > LIMIT) {
                let at = &side.id;
                return Err(format!(
                    "always_keeps_slots_within_their_limit: {slot} {weight} at {at}"
                ));
            }
            if side.id == EDGE {
                tally.on_the_web += on_the_web;
                tally.on_site += taken.len() as u64 - on_the_web.min(taken.len() as u64);
                tally.full += slots.values().filter(|weight| **weight == LIMIT).count() as u64;
            }
        }
    }
    Ok(tally)
}

/// Whoever runs a venue says once how much its kitchen takes on.
pub fn step(world: &World, ledger: Ledger) {
    let venue = world.chance.below(VENUES.len());
    let number = venue + 1;
    let host = world.hosts[number].clone();
    if !host.store.rows(IS_LIMITED_SQL, &[VENUES[venue]]).is_empty() {
        return;
    }
    world.tasks.start(number, async move {
        ledger.asked();
        let body = json!({"limit": LIMIT, "web_percent": 50, "slot_minutes": 15});
        let path = "/api/settings/capacity";
        let (status, answer) = ask(&host, venue, Some(Role::Owner), "PUT", path, body).await;
        ledger.answered(status, &answer);
    });
}
