//! What was ordered and sold: filtered, paged, exported and summed up.

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
    orders_are_found_by_state_mode_and_number,
    a_page_leads_to_the_older_ones_without_a_gap,
    a_filter_that_cannot_be_read_is_named,
    what_was_paid_is_summed_up_and_what_was_not_is_left_out,
];

/// Places orders 1 to 3: not paid, paid to take away, called.
fn place(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    for number in 1..=3 {
        let mut basket = cheese_king(number);
        if number == 2 {
            basket["mode"] = json!("take_away");
        }
        assert_eq!(venue.post("/api/orders", &basket).status, 201);
    }
    for (number, step) in [(2, "paid"), (3, "paid"), (3, "ready")] {
        let path = format!("/api/orders/{}/{step}", order_id(number));
        let body = if step == "paid" { json!({"means": "cash"}) } else { json!({}) };
        assert_eq!(venue.post_with(&path, &body, &[("cookie", &cookie)]).status, 200);
    }
}

fn found(venue: &Venue, cookie: &str, query: &str) -> (Vec<String>, Json) {
    let answer = venue.send("GET", &format!("/api/history?{query}"), &[("cookie", cookie)], b"");
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let said = answer.json();
    let tickets = said["orders"].as_array().into_iter().flatten();
    let mut tickets: Vec<String> =
        tickets.map(|order| order["ticket"].as_str().unwrap_or_default().to_owned()).collect();
    tickets.sort();
    (tickets, said)
}

fn orders_are_found_by_state_mode_and_number(venue: &Venue) {
    place(venue);
    let cookie = venue.sign_in("manager");
    for (query, expected) in [
        ("", &["W-001", "W-002", "W-003"][..]),
        ("state=placed", &["W-001"]),
        ("state=paid", &["W-002"]),
        ("state=preparing", &[]),
        ("state=ready", &["W-003"]),
        ("mode=take_away", &["W-002"]),
        ("mode=eat_in&state=ready", &["W-003"]),
        ("ticket=w-002", &["W-002"]),
        ("ticket=K1-002", &[]),
        ("from=2020-01-01&until=2020-01-02", &[]),
    ] {
        assert_eq!(found(venue, &cookie, query).0, expected, "{query}");
    }
    let page = venue.send("GET", "/history?state=ready", &[("cookie", &cookie)], b"").body;
    assert!(page.contains("W-003") && !page.contains("W-001"), "{page}");
    let table = venue.send("GET", "/api/history?format=csv", &[("cookie", &cookie)], b"");
    assert_eq!(table.body.lines().count(), 4, "{}", table.body);
    assert!(table.body.contains("\"ready\",\"11.50\""), "{}", table.body);
    assert!(table.header("content-disposition").contains("orders.csv"));
    // Counter staff look things up and take nothing out.
    let counter = venue.sign_in("counter");
    assert_eq!(venue.send("GET", "/history", &[("cookie", &counter)], b"").status, 200);
    assert_eq!(venue.send("GET", "/api/history", &[("cookie", &counter)], b"").status, 403);
}

fn a_page_leads_to_the_older_ones_without_a_gap(venue: &Venue) {
    // All in one moment: the id decides then.
    let many = "INSERT INTO customer_order (venue, id, ticket_origin, ticket_number, mode, \
         lines, total_cents, placed_ms, stamp, writer) WITH RECURSIVE n (i) AS (VALUES (1) \
         UNION ALL SELECT i + 1 FROM n WHERE i < 120) \
         SELECT ?1, 'many-' || i, 'M', i, 'eat_in', '[]', 100, 1795215600000, 1, 1 FROM n";
    assert_eq!(
        venue.sql("commit", json!([{"sql": many, "params": [venue.id]}])),
        json!({"ok": []})
    );
    let cookie = venue.sign_in("manager");
    let mut path = "/history?from=2026-11-20&until=2026-11-20".to_owned();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = venue.send("GET", &path, &[("cookie", &cookie)], b"").body;
        let tickets = page.split("history__ticket\">").skip(1);
        seen.extend(tickets.filter_map(|rest| rest.split('<').next()).map(str::to_owned));
        let next =
            page.split("rel=\"next\"").next().and_then(|before| before.rsplit("href=\"").next());
        path = next.unwrap_or_default().trim_end_matches(['"', ' ']).replace("&amp;", "&");
        path = path.replace("&#38;", "&");
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((count, seen.len()), (120, 120));
}

fn a_filter_that_cannot_be_read_is_named(venue: &Venue) {
    let cookie = venue.sign_in("manager");
    for (query, field) in [
        ("from=yesterday", "from"),
        ("until=2026-02-30", "until"),
        ("from=2026-11-21&until=2026-11-20", "from"),
        ("from=2001-01-01", "from"),
        ("mode=hover", "mode"),
        ("state=eaten", "state"),
        ("ticket=17", "ticket"),
        ("ticket=W-x", "ticket"),
        ("after=x", "after"),
        ("format=xls", "format"),
    ] {
        let path = format!("/api/history?{query}");
        let answer = venue.send("GET", &path, &[("cookie", &cookie)], b"");
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_field"), "{query}");
        assert_eq!(answer.json()["error"]["subject"], json!([field]), "{query}");
    }
    for days in ["0", "2", "x", "-1"] {
        let path = format!("/sales?days={days}");
        assert_eq!(venue.send("GET", &path, &[("cookie", &cookie)], b"").status, 422, "{days}");
    }
}

fn what_was_paid_is_summed_up_and_what_was_not_is_left_out(venue: &Venue) {
    place(venue);
    let cookie = venue.sign_in("manager");
    for days in [1, 7, 30] {
        let path = format!("/sales?days={days}&lang=en");
        let page = venue.send("GET", &path, &[("cookie", &cookie)], b"").body;
        let figures: Vec<&str> =
            page.split("<dd>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        assert_eq!(figures[..3], ["€23.00", "2", "€11.50"], "{days}: {page}");
        assert!(page.contains("Le Cheese King"), "{page}");
    }
}
