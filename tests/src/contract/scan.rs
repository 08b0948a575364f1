//! Codes of orders at the counter: what a good one opens, and what is made of a bad one.

use domain::trust::{Body, Document, SecretKey, text, ticket::Ticket};
use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        counter::Till,
        venue::{Answer, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_code_opens_its_order_which_is_seen_and_handed_over_once,
    a_code_that_is_forged_altered_foreign_or_old_opens_nothing_and_says_why,
    a_number_finds_orders_paid_or_not,
];

/// The code on the page of an order.
fn code_of(venue: &Venue, number: u32) -> String {
    let page = venue.get(&format!("/orders/{}", order_id(number))).body;
    let code = page.split("data-code=\"").nth(1).and_then(|rest| rest.split('"').next());
    code.unwrap_or_else(|| panic!("the page has a code: {page}")).to_owned()
}

fn shown(till: &Till<'_>, code: &str) -> Answer {
    till.venue.post_with("/api/scan", &json!({"code": code}), &[("cookie", &till.cookie)])
}

fn a_code_opens_its_order_which_is_seen_and_handed_over_once(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    let code = code_of(venue, 1);
    assert!(code.len() < 330, "it fits a small code: {}", code.len());
    // Whoever types it may do so in small letters and groups.
    for typed in [code.clone(), code.to_lowercase(), format!(" {} {}\n", &code[..9], &code[9..])] {
        let answer = shown(&till, &typed);
        assert_eq!((answer.status, answer.json()["id"].clone()), (200, json!(order_id(1))));
    }
    for _ in 0..2 {
        let answer = till.post("validated", &json!({}));
        assert_eq!((answer.status, answer.json()["state"].clone()), (200, json!("paid")));
    }
    assert_eq!(till.post("handed-over", &json!({})).code(), "not_ready");
    assert_eq!(till.post("ready", &json!({})).status, 200);
    assert_eq!(till.post("handed-over", &json!({})).json()["state"], "collected");
    let again = till.post("handed-over", &json!({}));
    assert_eq!((again.status, again.code().as_str()), (409, "already_collected"));
    assert_eq!(again.json()["error"]["subject"][0], "edge", "{}", again.body);
    let facts = "SELECT kind, place, person <> '' AS is_known FROM order_event WHERE venue = ?1 \
         AND kind IN ('validated', 'collected') ORDER BY kind DESC";
    let fact = |kind: &str| json!({"kind": kind, "place": "edge", "is_known": 1});
    assert_eq!(venue.rows(facts, json!([venue.id])), json!([fact("validated"), fact("collected")]));
    let page = venue.get(&format!("/orders/{}", order_id(1))).body;
    assert!(!page.contains("data-code"), "whoever has it needs no code");
    let kitchen = venue.sign_in("kitchen");
    let refused = venue.post_with("/api/scan", &json!({"code": code}), &[("cookie", &kitchen)]);
    assert_eq!(refused.status, 403, "{}", refused.body);
}

/// Signs a ticket with somebody's own key.
fn signed_by_another(code: &str) -> String {
    let bytes = text::from_qr(code).expect("base 32");
    let ticket = Document::<Ticket>::read(&bytes).expect("a ticket").claim().clone();
    let forged = Document::sign(&SecretKey::from_seed(&[9; 32]), &ticket).expect("it is signed");
    text::to_qr(forged.as_bytes())
}

fn altered(code: &str) -> String {
    let mut bytes = text::from_qr(code).expect("base 32");
    let ticket = Document::<Ticket>::read(&bytes).expect("a ticket").claim().clone();
    assert!(ticket.scope().venue.is_some());
    // A byte of the amount's hash: it still reads as a ticket.
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    text::to_qr(&bytes)
}

fn a_code_that_is_forged_altered_foreign_or_old_opens_nothing_and_says_why(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    let good = code_of(venue, 1);
    let beside = venue.beside();
    assert_eq!(beside.post("/api/orders", &cheese_king(2)).status, 201);
    let foreign = code_of(&beside, 2);
    let change = |sql: &str, id: u32| {
        let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id, order_id(id)]}]));
        assert_eq!(done, json!({"ok": []}), "{sql}");
    };
    for number in [3, 4, 5] {
        assert_eq!(venue.post("/api/orders", &cheese_king(number)).status, 201);
    }
    let earlier = "UPDATE customer_order SET placed_ms = placed_ms - 200000000 \
         WHERE venue = ?1 AND id = ?2";
    change(earlier, 3);
    let old = code_of(venue, 3);
    let gone = code_of(venue, 4);
    change("DELETE FROM customer_order WHERE venue = ?1 AND id = ?2", 4);
    let other = code_of(venue, 5);
    change("UPDATE customer_order SET total_cents = 1 WHERE venue = ?1 AND id = ?2", 5);
    let long = "A".repeat(2_000);
    for (code, status, expected) in [
        (altered(&good), 422, "document_forged"),
        (signed_by_another(&good), 422, "key_unknown"),
        (foreign, 422, "document_of_other_venue"),
        (old, 422, "document_expired"),
        (gone, 404, "ticket_not_arrived"),
        (other, 422, "document_for_other_order"),
        (good[..good.len() - 8].to_owned(), 422, "document_malformed"),
        ("http://chakri.be/orders/1".to_owned(), 422, "document_malformed"),
        ("\u{1f355}".to_owned(), 422, "document_malformed"),
        (long, 422, "document_version_unknown"),
        (String::new(), 422, "document_malformed"),
    ] {
        let answer = shown(&till, &code);
        assert_eq!((answer.status, answer.code().as_str()), (status, expected), "{code:.60}");
        let form = format!("code={code}");
        if code.len() > 20 && !code.contains(':') {
            let kind = ("content-type", "application/x-www-form-urlencoded");
            let headers = [("cookie", till.cookie.as_str()), kind];
            let page = venue.send("POST", "/counter/scan", &headers, form.as_bytes());
            assert_eq!(page.status, status, "{code:.60}");
            assert!(page.body.contains("id=\"scan-error\""), "{}", page.body);
        }
    }
    assert_eq!(shown(&till, &good).status, 200, "the good one is still good");
}

fn a_number_finds_orders_paid_or_not(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    assert_eq!(venue.post("/api/orders", &cheese_king(2)).status, 201);
    for (query, found) in [
        ("ticket=W-001", &["W-001"][..]),
        ("ticket=2", &["W-002"]),
        ("ticket=K1-001", &[]),
        ("ticket=77", &[]),
        ("paid=yes", &["W-001"]),
        ("paid=no", &["W-002"]),
        ("ticket=1&paid=no", &[]),
    ] {
        let page = till.page(&format!("/counter/scan?{query}"));
        for ticket in ["W-001", "W-002"] {
            let is_there = page.contains(&format!("history__ticket\">{ticket}<"));
            assert_eq!(is_there, found.contains(&ticket), "{query} {ticket}");
        }
    }
    for query in ["ticket=W-x", "paid=maybe"] {
        let path = format!("/counter/scan?{query}");
        let answer = venue.send("GET", &path, &[("cookie", &till.cookie)], b"");
        assert_eq!(answer.status, 422, "{query}");
    }
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let headers = [("cookie", till.cookie.as_str()), kind];
    let typed = venue.send("POST", "/counter/scan", &headers, b"code=w-001");
    assert_eq!(typed.header("location"), "/counter/scan?ticket=w-001", "{}", typed.body);
}
