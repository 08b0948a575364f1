//! Members who rate what they had and have it invoiced, and what must hold of both.
//!
//! It reads stores and answers; it must not repeat a rule of the product to predict what happens.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Role;
use serde_json::json;

use super::{
    asking::ask,
    auditor::Ledger,
    basket::Basket,
    hosts::SimHost,
    tasks::HostId,
    world::{EDGE, World},
};

const ODD_SQL: &str = "SELECT r.id AS id, r.stars AS stars FROM rating r \
     LEFT JOIN customer_order o ON o.venue = r.venue AND o.id = r.id WHERE r.venue = ?1 \
     AND (o.id IS NULL OR r.person <> o.person OR r.person = '' \
     OR r.stars NOT BETWEEN 1 AND 5)";
const NUMBERS_SQL: &str = "SELECT origin, number FROM invoice WHERE venue = ?1";

/// A member rates their order, or wants an invoice, where they ordered.
pub(super) fn step(world: &World, baskets: &[Basket], ledger: &Ledger) {
    let brought = |b: &&Basket| b.is_brought() && ledger.is_placed(&b.order());
    let placed: Vec<&Basket> = baskets.iter().filter(brought).collect();
    if placed.is_empty() {
        return;
    }
    let basket = (*world.chance.pick(&placed)).clone();
    let host = if basket.host == EDGE { EDGE } else { world.gateway(basket.venue) };
    let stars = 1 + world.chance.below(5);
    let is_rated = world.chance.happens(400);
    let (side, ledger) = (world.hosts[host].clone(), ledger.clone());
    world.tasks.start(host, async move {
        ledger.asked();
        let (what, body) = match is_rated {
            true => ("rating", json!({"stars": stars, "comment": "Bon"})),
            false => ("invoice", json!({})),
        };
        let path = format!("/api/account/orders/{}/{what}", basket.order());
        let role = Some(Role::Member);
        let (status, answer) = ask(&side, basket.venue, role, "POST", &path, body).await;
        ledger.answered(status, &answer);
    });
}

/// Whoever ordered says what they think, and nobody else.
///
/// # Errors
/// Names an opinion that is nobody's.
pub(super) fn always_of_who_ordered(side: &SimHost, venue: &str) -> Result<(), String> {
    match side.store.rows(ODD_SQL, &[venue]).first() {
        Some(row) => Err(format!("always_of_who_ordered: host {}: {row:?}", side.id)),
        None => Ok(()),
    }
}

/// Each series counts from one without a gap and gives no number twice. A store that was put back,
/// and that nobody told so yet, gives its numbers out again.
///
/// # Errors
/// Names the first series that does not.
pub(super) fn always_numbered_without_gaps(
    side: &SimHost,
    venue: &str,
    restored: &BTreeSet<HostId>,
) -> Result<(), String> {
    let mut series: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in side.store.rows(NUMBERS_SQL, &[venue]) {
        let origin = row["origin"].as_str().unwrap_or_default().to_owned();
        series.entry(origin).or_default().push(row["number"].as_i64().unwrap_or_default());
    }
    for (name, mut numbers) in series {
        let origin = name.split('-').next().unwrap_or_default();
        let host = origin.strip_prefix('K').map_or(Some(EDGE), |number| number.parse().ok());
        if host.is_some_and(|host| restored.contains(&host)) {
            continue;
        }
        numbers.sort_unstable();
        if numbers.iter().zip(1..).any(|(number, expected)| *number != expected) {
            return Err(format!(
                "always_numbered_without_gaps: host {}: {name}: {numbers:?}",
                side.id
            ));
        }
    }
    Ok(())
}

/// Counts what was invoiced and what was rated, as the edge knows.
pub(super) fn counts(world: &World) -> (u64, u64) {
    let count = |table: &str| {
        let sql = format!("SELECT id FROM {table}");
        world.hosts[EDGE].store.rows(&sql, &[]).len() as u64
    };
    (count("invoice"), count("rating"))
}
