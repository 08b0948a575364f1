//! Stock where it does not lie: the web sells what it was leased of it, and counts nothing.

use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        machine::{is, refused},
        venue::{Venue, cheese_king},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    what_is_counted_is_counted_on_site_and_nowhere_else,
    the_web_sells_what_it_was_leased_and_then_the_menu_says_so,
];

const BURGER: &str = "le-cheese-king";

/// Writes what a gateway would have: so many were counted, of which the web has none yet.
fn counted_on_site(venue: &Venue) {
    let sql = "INSERT INTO stock_count (venue, id, product, epoch, tracked, base, leased, \
         web_percent, counted_by, at_ms, stamp, writer) \
         VALUES (?1, ?2 || '/1', ?2, 1, 1, 10, 0, 30, '', 1, 1, 1)";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id, BURGER]}]));
    assert!(done["ok"].is_array(), "{done}");
}

fn is_on_sale(venue: &Venue) -> bool {
    let menu = venue.get("/api/menu").json();
    let products = menu["products"].as_array().expect("a list");
    products.iter().any(|one| one["id"] == BURGER && one["available"] == true)
}

fn what_is_counted_is_counted_on_site_and_nowhere_else(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    let staff = [("cookie", cookie.as_str())];
    let before = venue.footprint();
    let path = format!("/api/stock/{BURGER}");
    for body in [json!({"counted": 3}), json!({"why": "waste", "pieces": 1})] {
        let answer = venue.post_with(&path, &body, &staff);
        assert_eq!(refused(&answer), is(409, "stock_on_site"));
    }
    let form = "do=count&counted=3&web_percent=30&product=le-cheese-king";
    let as_form = [staff[0], ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(venue.send("POST", "/stock", &as_form, form.as_bytes()).status, 409);
    assert_eq!(venue.footprint(), before);
    let page = venue.send("GET", "/stock", &staff, b"");
    assert_eq!((page.status, page.body.contains("name=\"counted\"")), (200, false));
    // Of another venue's products nothing is shown, whoever asks.
    counted_on_site(venue);
    let beside = venue.beside();
    let cookie = beside.sign_in("counter");
    let answer = beside.send("GET", "/api/stock", &[("cookie", &cookie)], b"");
    assert_eq!(answer.json(), json!({"stock": []}));
}

fn the_web_sells_what_it_was_leased_and_then_the_menu_says_so(venue: &Venue) {
    assert!(is_on_sale(venue));
    counted_on_site(venue);
    assert!(!is_on_sale(venue), "nothing was leased yet");
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).code(), "sold_out");
    for amount in [1, 2] {
        let right = format!("stock/{BURGER}");
        let ask = json!({"op": "issue", "right": right, "amount": amount, "total": 10});
        assert_eq!(venue.post("/contract/lease", &ask).status, 200);
    }
    assert!(is_on_sale(venue));
    let basket = |number, quantity| {
        let mut basket = cheese_king(number);
        basket["lines"] = json!([{"product": BURGER, "quantity": quantity}]);
        basket["total_cents"] = json!(1150 * quantity);
        basket
    };
    assert_eq!(venue.post("/api/orders", &basket(2, 4)).code(), "only_left");
    assert_eq!(venue.post("/api/orders", &basket(3, 2)).status, 201);
    assert_eq!(venue.post("/api/orders", &basket(3, 2)).status, 200, "the same takes nothing");
    assert_eq!(venue.post("/api/orders", &basket(4, 1)).status, 201);
    assert!(!is_on_sale(venue));
    let before = venue.footprint();
    assert_eq!(venue.post("/api/orders", &basket(5, 1)).code(), "sold_out");
    assert_eq!(venue.footprint(), before);
    let cookie = venue.sign_in("kitchen");
    let answer = venue.send("GET", "/api/stock", &[("cookie", &cookie)], b"").json();
    let shelf = &answer["stock"][0];
    assert_eq!((&shelf["left"], &shelf["web"]), (&json!(0), &json!(0)), "{answer}");
}
