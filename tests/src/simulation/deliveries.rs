//! Couriers at both sides, who take along what others take along too, and what must hold of it.
//!
//! It reads stores and answers; it must not repeat a rule of the product to predict what happens.

use app::ports::Row;
use domain::access::Role;
use serde_json::json;

use super::{asking::ask, auditor::Ledger, basket::Basket, hosts::SimHost, world::World};

const STEPS: [&str; 5] = ["paid", "ready", "left", "position", "delivered"];

/// Facts of couriers and who says so, each without the other.
const ALONE_SQL: &str = "SELECT e.id AS id, 'nobody did it' AS what FROM order_event e \
     WHERE e.venue = ?1 AND e.kind IN ('left', 'delivered') AND NOT EXISTS \
     (SELECT 1 FROM delivery_step d WHERE d.venue = e.venue AND d.id = e.id AND d.courier <> '') \
     UNION ALL SELECT d.id, 'it did not happen' FROM delivery_step d WHERE d.venue = ?1 \
     AND NOT EXISTS (SELECT 1 FROM order_event e WHERE e.venue = d.venue AND e.id = d.id) \
     UNION ALL SELECT e.id, 'twice' FROM order_event e WHERE e.venue = ?1 \
     AND e.kind IN ('left', 'delivered') AND e.id <> e.order_id || '/' || e.kind \
     UNION ALL SELECT e.id, 'nobody brings it' FROM order_event e JOIN customer_order o \
     ON o.venue = e.venue AND o.id = e.order_id WHERE e.venue = ?1 \
     AND e.kind IN ('left', 'delivered') AND o.mode <> 'delivery' \
     UNION ALL SELECT p.order_id, 'its courier is still looked for' FROM courier_position p \
     JOIN order_event e ON e.venue = p.venue AND e.order_id = p.order_id \
     WHERE p.venue = ?1 AND e.kind IN ('collected', 'delivered', 'cancelled')";

/// Somebody brings an order on by a step or two, at either side.
pub(super) fn step(world: &World, baskets: &[Basket], ledger: &Ledger) {
    let brought = |b: &&Basket| b.is_brought() && ledger.is_placed(&b.order());
    let placed: Vec<&Basket> = baskets.iter().filter(brought).collect();
    if placed.is_empty() {
        return;
    }
    let basket = (*world.chance.pick(&placed)).clone();
    let number = world.side(basket.venue, 400);
    let first = world.chance.below(STEPS.len());
    let (host, ledger) = (world.hosts[number].clone(), ledger.clone());
    world.tasks.start(number, async move {
        for step in STEPS.iter().skip(first).take(3) {
            ledger.asked();
            let floor = ledger.floor(&basket.order(), number);
            let (of, role) = match *step {
                "paid" | "ready" => ("orders", Role::Counter),
                _ => ("deliveries", Role::Courier),
            };
            let body = match *step {
                "paid" => json!({"means": "cash"}),
                "position" => json!({"latitude_e6": 50_840_000, "longitude_e6": 4_355_000}),
                "delivered" => json!({"name": "Ann"}),
                _ => json!({}),
            };
            let path = format!("/api/{of}/{}/{step}", basket.order());
            let (status, answer) = ask(&host, basket.venue, Some(role), "POST", &path, body).await;
            ledger.step_answered(&basket.order(), number, (step, floor), status, &answer);
        }
    });
}

/// Each departure and each hand-over happened once, by somebody.
///
/// # Errors
/// Names the first that did not.
pub(super) fn always_brought_by_somebody(
    side: &SimHost,
    venue: &str,
    was_restored: bool,
) -> Result<(), String> {
    // Who did it travels in another stream: a store that was put back may lose one of the two.
    let is_odd = |row: &&Row| !was_restored || row["what"] != "nobody did it";
    match side.store.rows(ALONE_SQL, &[venue]).iter().find(is_odd) {
        Some(row) => Err(format!("always_brought_by_somebody: host {}: {row:?}", side.id)),
        None => Ok(()),
    }
}

/// Counts what was handed over at the edge.
pub(super) fn delivered(world: &World) -> u64 {
    let sql = "SELECT id FROM order_event WHERE kind = 'delivered'";
    world.hosts[super::world::EDGE].store.rows(sql, &[]).len() as u64
}
