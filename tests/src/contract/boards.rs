//! The boards of kitchen and counter, and the menu, when there is too much or something odd.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    an_odd_order_is_left_out_and_the_others_stay,
    an_odd_product_is_left_out_and_the_others_stay,
    missing_lists_and_texts_count_as_empty,
];

const STEPS: [&str; 3] = ["paid", "ready", "collected"];

/// Places an order and takes it the first steps of [`STEPS`].
fn place(venue: &Venue, cookie: &str, number: u32, steps: usize) {
    assert_eq!(venue.post("/api/orders", &cheese_king(number)).status, 201);
    for step in STEPS.iter().take(steps) {
        let url = format!("/api/orders/{}/{step}", order_id(number));
        let body = if *step == "paid" { json!({"means": "cash"}) } else { json!({}) };
        let answer = venue.post_with(&url, &body, &[("cookie", cookie)]);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

fn board(venue: &Venue, cookie: &str, path: &str) -> String {
    let answer = venue.send("GET", path, &[("cookie", cookie)], b"");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// Changes rows behind the application's back, as a broken build or a newer one might.
fn change(venue: &Venue, sql: &str, params: Json) {
    let result = venue.sql("commit", json!([{"sql": sql, "params": params}]));
    assert_eq!(result, json!({"ok": []}), "{sql}");
}

fn an_odd_order_is_left_out_and_the_others_stay(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    for number in 1..=3 {
        place(venue, &cookie, number, 1);
    }
    let sql = "UPDATE customer_order SET lines = '{\"not\": \"lines\"}' \
         WHERE venue = ?1 AND id = ?2";
    change(venue, sql, json!([venue.id, order_id(1)]));
    let sql = "UPDATE customer_order SET mode = 'hover' WHERE venue = ?1 AND id = ?2";
    change(venue, sql, json!([venue.id, order_id(2)]));
    for path in ["/kitchen/board", "/counter/board"] {
        let board = board(venue, &cookie, path);
        assert!(!board.contains("W-001"), "{path}: {board}");
        assert!(board.contains("W-002") && board.contains("W-003"), "{path}: {board}");
    }
    let page = venue.get(&format!("/orders/{}", order_id(2)));
    assert!(page.status == 200 && page.body.contains("W-002"), "{}", page.body);
}

fn products(venue: &Venue) -> Vec<String> {
    let menu = venue.get("/api/menu");
    assert_eq!(menu.status, 200, "{}", menu.body);
    let products = menu.json()["products"].as_array().cloned().unwrap_or_default();
    products.iter().filter_map(|product| product["id"].as_str().map(str::to_owned)).collect()
}

fn an_odd_product_is_left_out_and_the_others_stay(venue: &Venue) {
    let before = products(venue);
    let sql = "UPDATE product SET option_groups = '[{\"id\": 7}]' \
         WHERE venue = ?1 AND id = 'cola'";
    change(venue, sql, json!([venue.id]));
    let sql = "UPDATE category SET name = '7' WHERE venue = ?1 AND id = 'tacos'";
    change(venue, sql, json!([venue.id]));
    let expected: Vec<String> = before.into_iter().filter(|id| id != "cola").collect();
    assert_eq!(products(venue), expected);
    assert_eq!(venue.get("/menu").status, 200);
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let cookie = venue.sign_in("kitchen");
    assert!(board(venue, &cookie, "/kitchen/board").contains("Cheese King"));
}

fn missing_lists_and_texts_count_as_empty(venue: &Venue) {
    let before = products(venue);
    let sql = "UPDATE product SET description = 'null', allergens = 'null', \
         option_groups = 'null' WHERE venue = ?1";
    change(venue, sql, json!([venue.id]));
    assert_eq!(products(venue), before);
    let cookie = venue.sign_in("counter");
    let mut plain = cheese_king(1);
    plain["lines"][0]["choices"] = json!([]);
    assert_eq!(venue.post("/api/orders", &plain).status, 201);
    let sql = "UPDATE customer_order SET lines = 'null' WHERE venue = ?1";
    change(venue, sql, json!([venue.id]));
    assert!(board(venue, &cookie, "/counter/board").contains("W-001"));
}
