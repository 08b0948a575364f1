//! Editors at both sides who change the menu and publish it; every replica must end with one menu.
//!
//! It reads stores and answers; it must not repeat a rule of the product to predict what happens.

use std::collections::BTreeMap;

use domain::{access::Role, menu::Sheet};
use serde_json::{Value as Json, json};

use super::{asking::ask, auditor::Ledger, hosts::SimHost, world::World};

const DOCUMENT: &str = include_str!("../../../fixtures/venues/chakri.json");
/// What editors change: nobody in this world orders it, so that what is ordered keeps its price.
const EDITED: &str = "eau-plate";

/// The newest version of which every page is there.
const ON_SALE_SQL: &str = "SELECT v.id AS id FROM menu_version v WHERE v.venue = ?1 \
     AND (SELECT count(*) FROM menu_page m WHERE m.venue = v.venue \
     AND m.id IN (SELECT value FROM json_each(v.pages))) = json_array_length(v.pages) \
     ORDER BY v.number DESC, v.at_ms DESC, v.id DESC LIMIT 1";
const PAGES_SQL: &str = "SELECT m.id AS id, m.content AS content FROM menu_version v \
     JOIN json_each(v.pages) p JOIN menu_page m ON m.venue = v.venue AND m.id = p.value \
     WHERE v.venue = ?1 AND v.id = ?2";
const ORDERS_SQL: &str = "SELECT id, lines, menu_version FROM customer_order WHERE venue = ?1";

/// Somebody edits or publishes, at either side.
pub fn step(world: &World, ledger: Ledger) {
    let venue = world.chance.below(super::world::VENUES.len());
    let number = world.side(venue, 400);
    let host = world.hosts[number].clone();
    let publishes = world.chance.happens(500);
    let cents = 200 + 10 * world.chance.below(30) as i64;
    world.tasks.start(number, async move {
        ledger.asked();
        let (path, body) = match publishes {
            true => ("/api/menu/publish".to_owned(), json!({})),
            false => (format!("/api/catalogue/products/{EDITED}"), edited(cents)),
        };
        let (status, answer) = ask(&host, venue, Some(Role::Manager), "POST", &path, body).await;
        ledger.answered(status, &answer);
    });
}

/// An edit whose author was shown nothing of what others wrote.
fn edited(cents: i64) -> Json {
    let document: Json = serde_json::from_str(DOCUMENT).expect("the demo venue is JSON");
    let products = document["products"].as_array().expect("a list");
    let mut product =
        products.iter().find(|one| one["id"] == EDITED).cloned().expect("it is on the menu");
    product["price_cents"] = json!(cents);
    product["seen"] = json!([]);
    product
}

/// Looks whether two sides sell the same menu.
///
/// # Errors
/// Names what each sells.
pub(super) fn eventually_one_menu(sides: [&SimHost; 2], venue: &str) -> Result<(), String> {
    let on_sale = sides.map(|side| {
        let rows = side.store.rows(ON_SALE_SQL, &[venue]);
        rows.first().map(|row| row["id"].to_string()).unwrap_or_default()
    });
    let [one, other] = &on_sale;
    if one == other && !one.is_empty() {
        return Ok(());
    }
    Err(format!("eventually_one_menu: {venue} sells {one} and {other}"))
}

/// Looks whether every order cost what its own version says; a version that was lost with a store
/// says nothing any more.
///
/// # Errors
/// Names the order.
pub(super) fn always_priced_by_its_version(
    side: &SimHost,
    venue: &str,
    was_restored: bool,
) -> Result<(), String> {
    let mut known: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for order in side.store.rows(ORDERS_SQL, &[venue]) {
        let text = |name: &str| order[name].as_str().unwrap_or_default().to_owned();
        let (id, version) = (text("id"), text("menu_version"));
        let prices = known.entry(version.clone()).or_insert_with(|| prices(side, venue, &version));
        if prices.is_empty() {
            if was_restored {
                continue;
            }
            return Err(format!("always_priced_by_its_version: {id} is of no version"));
        }
        let lines: Json = serde_json::from_str(&text("lines")).unwrap_or_default();
        for line in lines.as_array().into_iter().flatten() {
            let product = line["product"].as_str().unwrap_or_default();
            if line["unit_cents"].as_i64() != prices.get(product).copied() {
                return Err(format!("always_priced_by_its_version: {id} at {}: {line}", side.id));
            }
        }
    }
    Ok(())
}

fn prices(side: &SimHost, venue: &str, version: &str) -> BTreeMap<String, i64> {
    let mut prices = BTreeMap::new();
    for row in side.store.rows(PAGES_SQL, &[venue, version]) {
        let text = |name: &str| row[name].as_str().unwrap_or_default();
        let page = Sheet::read(text("id"), text("content"));
        let products = page.map(|page| page.products).unwrap_or_default();
        prices.extend(products.into_iter().map(|product| (product.id, product.price_cents)));
    }
    prices
}
