//! A kitchen at every venue that takes on so much per slot: no slot is ever over its limit, every
//! order takes what it says, and gives it back when it is called off.
//!
//! It reads rows and must not repeat a rule of the product to predict what happens.

use std::collections::BTreeMap;

use domain::access::Role;
use serde_json::json;

use super::{
    asking::ask,
    auditor::Ledger,
    hosts::SimHost,
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

/// Orders that were called off, not handed over, and gave nothing back to their slot.
const OWED_SQL: &str = "SELECT o.id AS id FROM customer_order o WHERE o.venue = ?1 \
     AND o.slot_weight > 0 AND EXISTS (SELECT 1 FROM order_event e WHERE e.venue = o.venue \
     AND e.order_id = o.id AND e.kind = 'cancelled') \
     AND NOT EXISTS (SELECT 1 FROM order_event e WHERE e.venue = o.venue AND e.order_id = o.id \
     AND e.kind IN ('collected', 'delivered')) \
     AND NOT EXISTS (SELECT 1 FROM slot_take t WHERE t.venue = o.venue AND t.id = o.id || '/back')";

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
        tally.add(happened(&world.hosts[EDGE], name));
        // A store that was put back or copied forgot what it gave out.
        if world.stock.is_forgiven(venue) {
            continue;
        }
        for side in world.holders(venue).into_iter().map(|side| &world.hosts[side]) {
            if let Some(row) = side.store.rows(OWED_SQL, &[name]).first() {
                return Err(format!("always_gives_a_slot_back: {} at {}", row["id"], side.id));
            }
            let taken = taken(side, name);
            for row in side.store.rows(ORDERS_SQL, &[name]) {
                let id = row["id"].as_str().unwrap_or_default();
                let says = (row["slot_ms"].as_i64(), row["weight"].as_i64());
                let took = taken.get(id).map_or((0, 0), |took| (took.slot_ms, took.weight));
                if says != (Some(took.0), Some(took.1)) {
                    return Err(format!("always_takes_the_slot_it_says: {id} took {took:?}"));
                }
            }
            if let Some((slot, weight)) = slots(side, name).iter().find(|(_, all)| **all > LIMIT) {
                let at = &side.id;
                return Err(format!(
                    "always_keeps_slots_within_their_limit: {slot} {weight} at {at}"
                ));
            }
        }
    }
    Ok(tally)
}

/// What an order took.
#[derive(Default)]
struct Took {
    slot_ms: i64,
    weight: i64,
    is_web: bool,
}

/// Counts what was taken, also where a store was put back.
fn happened(edge: &SimHost, venue: &str) -> Tally {
    let taken = taken(edge, venue);
    let on_the_web = taken.values().filter(|took| took.is_web).count() as u64;
    let full = slots(edge, venue).values().filter(|weight| **weight == LIMIT).count() as u64;
    Tally { on_site: taken.len() as u64 - on_the_web, on_the_web, full }
}

/// Returns what each order took.
fn taken(side: &SimHost, venue: &str) -> BTreeMap<String, Took> {
    let mut taken: BTreeMap<String, Took> = BTreeMap::new();
    for row in side.store.rows(TAKEN_SQL, &[venue]) {
        let key = row["id"].as_str().unwrap_or_default();
        let order = key.split_once("/slot").map_or(key, |(order, _)| order);
        let took = taken.entry(order.to_owned()).or_default();
        took.slot_ms = row["slot_ms"].as_i64().unwrap_or_default();
        took.weight += row["weight"].as_i64().unwrap_or_default();
        took.is_web = row["web"] == 1;
    }
    taken
}

/// Adds up what is taken of each slot and has not gone back.
fn slots(side: &SimHost, venue: &str) -> BTreeMap<i64, i64> {
    let mut slots: BTreeMap<i64, i64> = BTreeMap::new();
    for row in side.store.rows(ORDERS_SQL, &[venue]) {
        if row["back"] == 0 {
            let weight = row["weight"].as_i64().unwrap_or_default();
            *slots.entry(row["slot_ms"].as_i64().unwrap_or_default()).or_default() += weight;
        }
    }
    slots
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
