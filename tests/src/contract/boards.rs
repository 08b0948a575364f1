//! The boards of kitchen and counter, and the menu, when there is too much or something odd.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Venue, cheese_king, now_ms, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_flood_of_unpaid_orders_hides_neither_the_paid_ones_nor_the_newest,
    a_paid_order_stays_on_the_board_whatever_the_clock_says,
    an_order_that_was_collected_is_on_no_board,
    an_odd_order_is_left_out_and_the_others_stay,
    an_odd_product_is_left_out_of_the_draft_and_what_is_on_sale_stays,
    a_page_that_is_not_what_its_name_says_takes_its_version_off_sale,
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

fn move_placed(venue: &Venue, number: u32, placed_ms: u64) {
    let sql = "UPDATE customer_order SET placed_ms = ?3 WHERE venue = ?1 AND id = ?2";
    change(venue, sql, json!([venue.id, order_id(number), placed_ms]));
}

fn a_flood_of_unpaid_orders_hides_neither_the_paid_ones_nor_the_newest(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    place(venue, &cookie, 1, 1);
    place(venue, &cookie, 2, 2);
    // 250 orders of the last minutes, each a millisecond after the one before.
    let flood = "INSERT INTO customer_order (venue, id, ticket_origin, ticket_number, mode, \
         lines, total_cents, placed_ms, stamp, writer) WITH RECURSIVE n (i) AS (VALUES (1) \
         UNION ALL SELECT i + 1 FROM n WHERE i < 250) \
         SELECT ?1, 'flood-' || i, 'F', i, 'eat_in', '[]', \
         100, CAST(?2 AS INTEGER) + i, 1, 1 FROM n";
    let since_ms = now_ms() - 60_000;
    change(venue, flood, json!([venue.id, since_ms]));
    // The paid ones were placed after the flood began and before it: neither may matter.
    move_placed(venue, 1, since_ms + 3_600_000);
    move_placed(venue, 2, since_ms + 3_600_000);
    let kitchen = board(venue, &cookie, "/kitchen/board");
    assert!(kitchen.contains("W-001") && kitchen.contains("W-002"), "{kitchen}");
    let counter = board(venue, &cookie, "/counter/board");
    assert!(counter.contains("W-001") && counter.contains("W-002"), "{counter}");
    let shown = counter.matches("data-ticket=\"F-").count();
    assert_eq!(shown, 60, "the counter shows so many unpaid orders at once");
    assert!(counter.contains("F-250") && !counter.contains("F-190"), "the newest are shown");
    let (early, late) = (counter.find("F-191"), counter.find("F-250"));
    assert!(early < late, "the oldest of them stands first");
}

fn a_paid_order_stays_on_the_board_whatever_the_clock_says(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    let day_ms = 24 * 60 * 60 * 1_000;
    for (number, steps) in [(1, 0), (2, 1), (3, 2), (4, 1)] {
        place(venue, &cookie, number, steps);
        move_placed(venue, number, now_ms() - 3 * day_ms);
    }
    move_placed(venue, 4, now_ms() + 3 * day_ms);
    let kitchen = board(venue, &cookie, "/kitchen/board");
    let counter = board(venue, &cookie, "/counter/board");
    for ticket in ["W-002", "W-003", "W-004"] {
        assert!(kitchen.contains(ticket), "{ticket}: {kitchen}");
        assert!(counter.contains(ticket), "{ticket}: {counter}");
    }
    assert!(!counter.contains("W-001"), "nobody waits three days to pay: {counter}");
}

fn an_order_that_was_collected_is_on_no_board(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    place(venue, &cookie, 1, 3);
    // Facts may arrive in any order: here the order comes after what happened to it.
    let facts = [
        ("INSERT INTO order_event (venue, id, order_id, kind, at_ms, stamp, writer) \
          VALUES (?1, ?2 || '/collected', ?2, 'collected', 5, 5, 1)"),
        ("INSERT INTO order_event (venue, id, order_id, kind, at_ms, stamp, writer) \
          VALUES (?1, ?2 || '/ready', ?2, 'ready', 4, 4, 1)"),
        ("INSERT INTO payment VALUES (?1, 'counter/' || ?2, ?2, 'cash', 1, 3, 3, 1)"),
        ("INSERT INTO customer_order (venue, id, ticket_origin, ticket_number, mode, lines, \
          total_cents, placed_ms, stamp, writer) \
          VALUES (?1, ?2, 'L', 2, 'eat_in', '[]', 1, 2, 2, 1)"),
    ];
    for fact in facts {
        change(venue, fact, json!([venue.id, order_id(2)]));
    }
    // Nothing is to be paid for this one: it is to be prepared at once.
    let free = "INSERT INTO customer_order (venue, id, ticket_origin, ticket_number, mode, lines, \
         total_cents, placed_ms, stamp, writer) \
         VALUES (?1, ?2, 'L', 3, 'eat_in', '[]', 0, 2, 2, 1)";
    change(venue, free, json!([venue.id, order_id(3)]));
    for path in ["/kitchen/board", "/counter/board"] {
        let board = board(venue, &cookie, path);
        assert!(!board.contains("W-001") && !board.contains("L-002"), "{path}: {board}");
        assert!(board.contains("L-003"), "{path}: {board}");
    }
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

fn an_odd_product_is_left_out_of_the_draft_and_what_is_on_sale_stays(venue: &Venue) {
    let before = products(venue);
    let sql = "UPDATE product SET option_groups = '[{\"id\": 7}]' \
         WHERE venue = ?1 AND id = 'cola'";
    change(venue, sql, json!([venue.id]));
    let sql = "UPDATE category SET name = '7' WHERE venue = ?1 AND id = 'tacos'";
    change(venue, sql, json!([venue.id]));
    assert_eq!(products(venue), before);
    let owner = venue.sign_in("owner");
    let draft = venue.send("GET", "/menu?draft", &[("cookie", &owner)], b"");
    assert_eq!(draft.status, 200);
    let shows = |page: &str, id: &str| page.contains(&format!("data-product=\"{id}\""));
    assert!(!shows(&draft.body, "cola") && shows(&draft.body, "frites"), "{}", draft.body);
    assert!(shows(&venue.get("/menu").body, "cola"));
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let cookie = venue.sign_in("kitchen");
    assert!(board(venue, &cookie, "/kitchen/board").contains("Cheese King"));
}

fn a_page_that_is_not_what_its_name_says_takes_its_version_off_sale(venue: &Venue) {
    let before = products(venue);
    let sql = "UPDATE menu_page SET content = replace(content, '1150', '1') WHERE venue = ?1";
    change(venue, sql, json!([venue.id]));
    // What was read before stays right: only a host that reads it anew can see the forgery.
    let now = products(venue);
    assert!(now.is_empty() || now == before, "{now:?}");
    let mut cheap = cheese_king(1);
    cheap["total_cents"] = json!(1);
    assert_ne!(venue.post("/api/orders", &cheap).status, 201);
}

fn missing_lists_and_texts_count_as_empty(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    let mut plain = cheese_king(1);
    plain["lines"][0]["choices"] = json!([]);
    assert_eq!(venue.post("/api/orders", &plain).status, 201);
    let sql = "UPDATE customer_order SET lines = 'null' WHERE venue = ?1";
    change(venue, sql, json!([venue.id]));
    assert!(board(venue, &cookie, "/counter/board").contains("W-001"));
}
