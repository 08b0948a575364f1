//! Staff who call orders off, give money back and close days, at either side, and what must hold of
//! it then.
//!
//! It reads rows and answers; it must not repeat a rule of the product to predict what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use app::ports::Row;
use domain::{access::Role, venue::business_day};
use serde_json::{Value as Json, json};

use super::{
    asking::ask,
    auditor::Ledger,
    hosts::SimHost,
    world::{EDGE, VENUES, World},
};

const ZONE: &str = "Europe/Brussels";
const ROLE: Option<Role> = Some(Role::Counter);
const DAYS_SQL: &str = "SELECT at_ms FROM payment WHERE venue = ?1 \
     UNION SELECT at_ms FROM refund WHERE venue = ?1";
const REPORTS_SQL: &str = "SELECT replica, generation, number, day, totals, before, digest \
     FROM z_report WHERE venue = ?1 ORDER BY replica, generation, number";
/// Whoever wrote a payment took it.
const TAKEN_SQL: &str = "SELECT v.replica AS replica, p.at_ms AS at_ms, p.amount_cents AS cents \
     FROM payment p JOIN stream_writer v ON v.id = p.writer WHERE p.venue = ?1";

/// What of a payment is back by each fact, and what was paid.
const BACK_SQL: &str = "SELECT r.id AS id, r.amount_cents AS amount, r.so_far_cents AS so_far, \
     r.vat AS vat, p.amount_cents AS paid FROM refund r JOIN payment p \
     ON p.venue = r.venue AND p.id = r.payment WHERE r.venue = ?1";
/// What one place gave back of a payment: it sees what it gave itself.
const GIVEN_SQL: &str = "SELECT r.payment AS id, r.place AS place, sum(r.amount_cents) AS given, \
     p.amount_cents AS paid FROM refund r JOIN payment p ON p.venue = r.venue \
     AND p.id = r.payment WHERE r.venue = ?1 GROUP BY r.payment, r.place \
     HAVING given > p.amount_cents";

/// Somebody calls an order off, or gives money back for it.
fn step(world: &World, (venue, order): (usize, String), ledger: Ledger) {
    let number = world.side(venue, 400);
    let host = world.hosts[number].clone();
    let (cancels, closes) = (world.chance.happens(400), world.chance.happens(150));
    let cents = world.chance.happens(500).then(|| 1 + world.chance.below(900));
    world.tasks.start(number, async move {
        let role = ROLE;
        let path = |step: &str| format!("/api/orders/{order}/{step}");
        ledger.asked();
        if closes {
            let (status, answer) = ask(&host, venue, role, "POST", "/api/close", json!({})).await;
            return ledger.answered(status, &answer);
        }
        let floor = ledger.floor(&order, number);
        if cancels {
            let body = json!({"reason": "Gone"});
            let (status, answer) = ask(&host, venue, role, "POST", &path("cancelled"), body).await;
            return ledger.step_answered(&order, number, ("cancelled", floor), status, &answer);
        }
        let shown = format!("/api/orders/{order}");
        let (status, seen) = ask(&host, venue, role, "GET", &shown, json!({})).await;
        ledger.step_answered(&order, number, ("", floor), status, &seen);
        if status != 200 {
            return;
        }
        ledger.asked();
        let seen = &seen["refunded_cents"];
        let body = json!({"seen_cents": seen, "cents": cents, "means": "cash", "reason": "Cold"});
        let (status, answer) = ask(&host, venue, role, "POST", &path("refunded"), body).await;
        ledger.step_answered(&order, number, ("refunded", floor), status, &answer);
    });
}

/// Calls an order off or gives money back, now and then at two sides at once, or while one of them
/// hands the order over.
pub fn take_back(world: &World, order: &(usize, String), ledger: &Ledger) {
    if world.chance.happens(150) {
        return part(world, order.clone(), ledger);
    }
    for _ in 0..1 + usize::from(world.chance.happens(300)) {
        step(world, order.clone(), ledger.clone());
    }
}

/// One side hands an order over, from the money to the counter, while another calls it off.
fn part(world: &World, (venue, order): (usize, String), ledger: &Ledger) {
    let here = world.gateway(venue);
    for (number, steps) in
        [(here, ["paid", "ready", "collected"].as_slice()), (EDGE, &["cancelled"])]
    {
        let (host, order, ledger) = (world.hosts[number].clone(), order.clone(), ledger.clone());
        world.tasks.start(number, async move {
            for step in steps {
                ledger.asked();
                let floor = ledger.floor(&order, number);
                let path = format!("/api/orders/{order}/{step}");
                let body = match *step {
                    "paid" => json!({"means": "cash"}),
                    "cancelled" => json!({"reason": "Gone"}),
                    _ => json!({}),
                };
                let (status, answer) = ask(&host, venue, ROLE, "POST", &path, body).await;
                ledger.step_answered(&order, number, (step, floor), status, &answer);
            }
        });
    }
}

/// Closes every day at every store that writes, so that its reports tell all that it holds.
pub(super) fn close_all(world: &World) {
    for (venue, name) in VENUES.into_iter().enumerate() {
        for side in world.holders(venue) {
            let host = world.hosts[side].clone();
            let paid = host.store.rows(DAYS_SQL, &[name]);
            let at = |row: &Row| row["at_ms"].as_u64().unwrap_or_default();
            let days: BTreeSet<String> =
                paid.iter().map(|row| business_day(ZONE, at(row))).collect();
            world.tasks.start(side, async move {
                for day in days {
                    let body = json!({"day": day});
                    drop(ask(&host, venue, ROLE, "POST", "/api/close", body).await);
                }
            });
            while world.tasks.step(&world.chance) {}
        }
    }
}

/// Counts the reports that a store holds.
pub(super) fn reports(side: &SimHost, venue: &str) -> u64 {
    side.store.rows(REPORTS_SQL, &[venue]).len() as u64
}

/// Looks whether reports of each life are a chain without gaps, and tell what was taken.
///
/// # Errors
/// Names the report, or the day.
pub(super) fn always_chained(side: &SimHost, venue: &str) -> Result<(), String> {
    let mut before: BTreeMap<String, (i64, Json)> = BTreeMap::new();
    let mut told: BTreeMap<(String, String), i64> = BTreeMap::new();
    let reports = side.store.rows(REPORTS_SQL, &[venue]);
    for row in &reports {
        let broken = |what: &str| Err(format!("always_chained: host {}: {what}: {row:?}", side.id));
        let life = format!("{} {}", row["replica"], row["generation"]);
        let (number, digest) = before.remove(&life).unwrap_or((0, json!("")));
        if row["number"] != number + 1 || row["before"] != digest {
            return broken("it does not follow");
        }
        before.insert(life, (number + 1, row["digest"].clone()));
        let totals: Json =
            serde_json::from_str(row["totals"].as_str().unwrap_or_default()).unwrap_or_default();
        let of = |name: &str, field: &str| -> i64 {
            let each = |part: &Json| part[field].as_i64().unwrap_or(i64::MIN / 99);
            match &totals[name] {
                Json::Array(parts) => parts.iter().map(each).sum(),
                parts => parts.as_object().into_iter().flatten().map(|(_, part)| each(part)).sum(),
            }
        };
        let paid = of("paid", "cents");
        if paid != of("vat", "gross_cents") {
            return broken("its rates");
        }
        if of("refunded", "cents") != of("refunded_vat", "gross_cents") {
            return broken("the rates of what was given back");
        }
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        *told.entry((text("replica"), text("day"))).or_default() += paid;
    }
    let mut taken: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in side.store.rows(TAKEN_SQL, &[venue]) {
        let day = business_day(ZONE, row["at_ms"].as_u64().unwrap_or_default());
        let replica = row["replica"].as_str().unwrap_or_default().to_owned();
        *taken.entry((replica, day)).or_default() += row["cents"].as_i64().unwrap_or_default();
    }
    told.retain(|_, cents| *cents != 0);
    taken.retain(|_, cents| *cents != 0);
    if told != taken {
        return Err(format!("eventually_reported: host {}: {told:?} of {taken:?}", side.id));
    }
    Ok(())
}

/// Looks whether what was handed over is told so, whatever was done to it apart.
///
/// # Errors
/// Names the order, and what it is told to be.
pub(super) fn always_shown_as_had(
    world: &World,
    had: impl Iterator<Item = (usize, String)>,
) -> Result<(), String> {
    let wrong = Arc::new(Mutex::new(None));
    for (venue, order) in had {
        for side in world.holders(venue) {
            let (host, wrong) = (world.hosts[side].clone(), Arc::clone(&wrong));
            let path = format!("/api/orders/{order}");
            world.tasks.start(side, async move {
                let (status, told) = ask(&host, venue, ROLE, "GET", &path, json!({})).await;
                let state = told["state"].as_str().unwrap_or_default();
                if status == 200 && !matches!(state, "collected" | "delivered") {
                    let told = format!("always_shown_as_had: host {side}: {path} is {state}");
                    *wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
                }
            });
            while world.tasks.step(&world.chance) {}
        }
    }
    let wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner).take();
    wrong.map_or(Ok(()), Err)
}

/// One place never both hands an order over and calls it off: it sees what it did.
const BOTH_SQL: &str = "SELECT c.order_id AS id, c.place AS place FROM order_event c \
     JOIN order_event h ON h.venue = c.venue AND h.order_id = c.order_id AND h.place = c.place \
     AND h.kind IN ('collected', 'delivered') \
     WHERE c.venue = ?1 AND c.kind = 'cancelled' AND c.place <> ''";

/// Looks whether one place did two things of which one rules the other out.
///
/// # Errors
/// Names the order, and the place.
pub(super) fn always_one_way_at_one_place(side: &SimHost, venue: &str) -> Result<(), String> {
    match side.store.rows(BOTH_SQL, &[venue]).first() {
        Some(row) => Err(format!("always_one_way_at_one_place: host {}: {row:?}", side.id)),
        None => Ok(()),
    }
}

/// Looks whether more is back than was paid, and whether each refund has its VAT.
///
/// # Errors
/// Names the refund.
pub(super) fn always_back_at_most_what_was_paid(
    side: &SimHost,
    venue: &str,
    was_restored: bool,
) -> Result<(), String> {
    for row in side.store.rows(BACK_SQL, &[venue]) {
        let broken = |what: &str| Err(format!("always_back: host {}: {what}: {row:?}", side.id));
        let cents = |name: &str| row[name].as_i64().unwrap_or(i64::MIN);
        if cents("so_far") > cents("paid") || !(1..=cents("so_far")).contains(&cents("amount")) {
            return broken("more than was paid");
        }
        let vat: Vec<Json> =
            serde_json::from_str(row["vat"].as_str().unwrap_or_default()).unwrap_or_default();
        let gross = vat.iter().map(|part| part["gross_cents"].as_i64().unwrap_or(i64::MIN / 99));
        if gross.sum::<i64>() != cents("amount") {
            return broken("its split");
        }
    }
    // Whoever was put back has forgotten what it gave.
    match side.store.rows(GIVEN_SQL, &[venue]).first() {
        Some(row) if !was_restored => Err(format!("always_back_once: host {}: {row:?}", side.id)),
        _ => Ok(()),
    }
}
