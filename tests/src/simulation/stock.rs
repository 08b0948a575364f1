//! A product that is counted at every venue: who sells it, and that no more is sold than there is.
//!
//! It reads answers and rows; it must not repeat a rule of the product to predict what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::access::Role;
use serde_json::{Value as Json, json};

use super::{
    asking::ask,
    auditor::Ledger,
    basket::{Basket, PRODUCTS},
    hosts::SimHost,
    slots,
    tasks::HostId,
    world::{EDGE, VENUES, World},
};

/// What is counted, and so few of it that it runs out.
const PRODUCT: &str = PRODUCTS[2].0;
const COUNTED: usize = 12;

const IS_COUNTED_SQL: &str = "SELECT id FROM stock_count WHERE venue = ?1 AND product = ?2";
/// What was there in all.
const THERE_SQL: &str = "SELECT (SELECT coalesce(sum(c.base), 0) FROM stock_count c \
     WHERE c.venue = ?1 AND c.product = ?2) - (SELECT coalesce(sum(m.pieces), 0) \
     FROM stock_move m WHERE m.venue = ?1 AND m.product = ?2 AND m.why <> 'sold') AS pieces";
/// What each order took, on site and from leases.
const TAKEN_SQL: &str = "SELECT m.id AS id, m.pieces AS pieces, 0 AS web FROM stock_move m \
     WHERE m.venue = ?1 AND m.product = ?2 AND m.why = 'sold' UNION ALL \
     SELECT s.spend_key, s.amount, 1 FROM lease_spend s JOIN lease l ON l.venue = s.venue \
     AND l.id = s.lease WHERE s.venue = ?1 AND l.right_name = 'stock/' || ?2";
/// What is out of the gateway's hands and not sold.
const UNSOLD_SQL: &str = "SELECT (SELECT coalesce(sum(l.amount), 0) FROM lease l \
     WHERE l.venue = ?1 AND l.right_name = 'stock/' || ?2) \
     - (SELECT coalesce(sum(r.unspent), 0) FROM lease_return r JOIN lease l ON l.venue = r.venue \
     AND l.id = r.id WHERE l.venue = ?1 AND l.right_name = 'stock/' || ?2) \
     - (SELECT coalesce(sum(s.amount), 0) FROM lease_spend s JOIN lease l ON l.venue = s.venue \
     AND l.id = s.lease WHERE l.venue = ?1 AND l.right_name = 'stock/' || ?2) AS pieces";
const ORDERS_SQL: &str = "SELECT o.id AS id, sum(j.value->>'quantity') AS pieces \
     FROM customer_order o, json_each(o.lines) j WHERE o.venue = ?1 \
     AND j.value->>'product' = ?2 GROUP BY o.id";
/// Orders that took of it since the last count, were called off and not handed over, and gave
/// nothing back.
const OWED_SQL: &str = "SELECT o.id AS id FROM customer_order o JOIN order_event e \
     ON e.venue = o.venue AND e.order_id = o.id AND e.kind = 'cancelled' \
     JOIN stock_count c ON c.venue = o.venue AND c.product = ?2 AND c.epoch = \
     (SELECT max(n.epoch) FROM stock_count n WHERE n.venue = ?1 AND n.product = ?2) \
     WHERE o.venue = ?1 AND (EXISTS (SELECT 1 FROM stock_move m WHERE m.venue = o.venue \
     AND m.id = o.id || '/' || ?2 AND m.epoch = c.epoch) OR c.at_ms < o.placed_ms \
     AND EXISTS (SELECT 1 FROM lease_spend s WHERE s.venue = o.venue \
     AND s.spend_key > o.id || '/' || ?2 AND s.spend_key < o.id || '/' || ?2 || '0')) \
     AND NOT EXISTS (SELECT 1 FROM order_event e WHERE e.venue = o.venue AND e.order_id = o.id \
     AND e.kind IN ('collected', 'delivered')) AND NOT EXISTS (SELECT 1 FROM stock_move b \
     WHERE b.venue = o.venue AND b.id = o.id || '/' || ?2 || '/back')";

/// What was asked of what is counted.
#[derive(Debug, Clone, Default)]
pub struct Stock {
    /// Orders that were asked of a host which knew of a count, by venue.
    counted: Arc<Mutex<BTreeSet<(usize, String)>>>,
    /// Venues of which a store was put back or copied: what it forgot may be sold again.
    forgave: Arc<Mutex<BTreeSet<usize>>>,
}

/// How much was taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders that took of it on site.
    pub on_site: u64,
    /// Orders that took of it on the web.
    pub on_the_web: u64,
    /// Venues that sold all of it, but what the web held.
    pub ran_out: u64,
}

impl Tally {
    /// Adds another run's counts.
    pub const fn add(&mut self, other: Self) {
        self.on_site += other.on_site;
        self.on_the_web += other.on_the_web;
        self.ran_out += other.ran_out;
    }
}

impl Stock {
    fn counted(&self) -> MutexGuard<'_, BTreeSet<(usize, String)>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forgave(&self) -> MutexGuard<'_, BTreeSet<usize>> {
        self.forgave.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether a store of the venue was put back or copied.
    pub fn is_forgiven(&self, venue: usize) -> bool {
        self.forgave().contains(&venue)
    }

    /// Notes that a store was put back, is gone, or runs in a second machine.
    pub fn forget(&self, world: &World, host: HostId) {
        self.forgave().extend(world.venues_of(host));
    }

    /// Notes an order that is asked of a host which knows that the product is counted.
    pub fn asked(&self, world: &World, basket: &Basket) {
        if is_counted(world, basket.host, basket.venue) {
            self.counted().insert((basket.venue, basket.order()));
        }
    }

    /// Looks whether every order took what it holds, and nobody sold more than there was.
    ///
    /// # Errors
    /// Names the order, or the venue.
    pub fn judge(&self, world: &World) -> Result<Tally, String> {
        let mut tally = Tally::default();
        for (venue, name) in VENUES.into_iter().enumerate() {
            tally.add(happened(&world.hosts[EDGE], name));
            if self.forgave().contains(&venue) {
                continue;
            }
            for side in world.holders(venue).into_iter().map(|side| &world.hosts[side]) {
                if let Some(row) = side.store.rows(OWED_SQL, &[name, PRODUCT]).first() {
                    return Err(format!("always_puts_back: {} at {}", row["id"], side.id));
                }
                let taken = taken(side, name);
                for row in side.store.rows(ORDERS_SQL, &[name, PRODUCT]) {
                    let id = row["id"].as_str().unwrap_or_default().to_owned();
                    let took = taken.get(&id).map_or(0, |(pieces, _)| *pieces);
                    let is_counted = self.counted().contains(&(venue, id.clone()));
                    if (is_counted || took > 0) && Some(took) != row["pieces"].as_i64() {
                        return Err(format!("always_takes_what_it_sells: {id} took {took}"));
                    }
                }
                let sold: i64 = taken.values().map(|(pieces, _)| *pieces).sum();
                let (there, unsold) = (one(side, THERE_SQL, name), one(side, UNSOLD_SQL, name));
                if sold + unsold > there {
                    let what = format!("{there}, {sold} are sold and {unsold} leased");
                    return Err(format!(
                        "always_sells_what_is_there: {name} at {}: {what}",
                        side.id
                    ));
                }
            }
        }
        Ok(tally)
    }
}

/// Counts what was sold, also where a store was put back.
fn happened(edge: &SimHost, venue: &str) -> Tally {
    let taken = taken(edge, venue);
    let on_the_web = taken.values().filter(|(_, is_web)| *is_web).count() as u64;
    let out = taken.values().map(|(pieces, _)| *pieces).sum::<i64>() + one(edge, UNSOLD_SQL, venue);
    let there = one(edge, THERE_SQL, venue);
    let ran_out = u64::from(there > 0 && out >= there);
    Tally { on_site: taken.len() as u64 - on_the_web, on_the_web, ran_out }
}

/// Returns what each order took, and whether it did on the web.
fn taken(side: &SimHost, venue: &str) -> BTreeMap<String, (i64, bool)> {
    let mut taken: BTreeMap<String, (i64, bool)> = BTreeMap::new();
    for row in side.store.rows(TAKEN_SQL, &[venue, PRODUCT]) {
        // The key is the order's, the product's, and the part's.
        let key = row["id"].as_str().unwrap_or_default();
        let order = key.split_once(&format!("/{PRODUCT}")).map_or(key, |(order, _)| order);
        let entry = taken.entry(order.to_owned()).or_default();
        entry.0 += row["pieces"].as_i64().unwrap_or_default();
        entry.1 = row["web"] == 1;
    }
    taken
}

fn one(side: &SimHost, sql: &str, venue: &str) -> i64 {
    let rows = side.store.rows(sql, &[venue, PRODUCT]);
    rows.first().and_then(|row| row["pieces"].as_i64()).unwrap_or_default()
}

/// Tells whether a host knows that the product is counted.
fn is_counted(world: &World, host: HostId, venue: usize) -> bool {
    !world.hosts[host].store.rows(IS_COUNTED_SQL, &[VENUES[venue], PRODUCT]).is_empty()
}

/// Every venue counts, at first.
pub fn begin(world: &World, ledger: &Ledger) {
    for venue in 0..VENUES.len() {
        slots::step(world, ledger.clone());
        change(world, (venue, count()), ledger.clone());
    }
}

fn count() -> Json {
    json!({"counted": COUNTED, "web_percent": 60})
}

/// Staff count the product once, and later say now and then that some came or spoilt.
pub fn step(world: &World, ledger: Ledger) {
    slots::step(world, ledger.clone());
    let venue = world.chance.below(VENUES.len());
    let body = match world.chance.below(3) {
        _ if !is_counted(world, venue + 1, venue) => count(),
        0 => return bring(world, venue, ledger),
        1 => wasted(1),
        _ => return,
    };
    change(world, (venue, body), ledger);
}

/// Some more of it comes, where it is counted.
pub fn bring(world: &World, venue: usize, ledger: Ledger) {
    if is_counted(world, venue + 1, venue) {
        let pieces = 1 + world.chance.below(3);
        change(world, (venue, json!({"why": "delivered", "pieces": pieces})), ledger);
    }
}

/// Some of it spoils, while others sell it: orders take turns by their numbers, staff do not.
pub fn spoil(world: &World, venue: usize, ledger: Ledger) {
    if is_counted(world, venue + 1, venue) {
        change(world, (venue, wasted(1 + world.chance.below(2))), ledger);
    }
}

fn wasted(pieces: usize) -> Json {
    json!({"why": "waste", "pieces": pieces})
}

fn change(world: &World, (venue, body): (usize, Json), ledger: Ledger) {
    let number = venue + 1;
    let host = world.hosts[number].clone();
    world.tasks.start(number, async move {
        ledger.asked();
        let path = format!("/api/stock/{PRODUCT}");
        let (status, answer) = ask(&host, venue, Some(Role::Counter), "POST", &path, body).await;
        // None may be left to spoil.
        let is_empty = answer["error"]["subject"] == json!(["pieces"]);
        ledger.answered(if is_empty { 200 } else { status }, &answer);
    });
}
