//! Facts that no store of ours writes, brought by a device that may: the venue goes on.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        exchange::{STAMPS, message, nonce},
        venue::{Venue, cheese_king, now_ms, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    amounts_that_no_price_is_are_set_aside_and_the_boards_go_on,
    a_ticket_number_without_a_next_one_is_not_gone_on_from,
];

type Fact = (&'static str, String, Json);

/// Brings facts as the gateway's, and expects all of them to be held.
fn bring(venue: &Venue, number: u32, purpose: &str, facts: &[Fact]) {
    assert_eq!(held(venue, (number, number), purpose, facts), facts.len());
}

/// Sends facts as the gateway's; returns how many of them are held then.
fn held(venue: &Venue, (life, number): (u32, u32), purpose: &str, facts: &[Fact]) -> usize {
    let change = |(seq, (table, entity, payload)): (usize, &Fact)| {
        json!({
            "replica": "gateway", "generation": format!("a{life}"), "seq": seq,
            "claimed": STAMPS[0], "effective": STAMPS[0],
            "table": table, "entity": entity, "payload": payload,
        })
    };
    let changes: Vec<Json> = (1..).zip(facts).map(change).collect();
    let sent = message(venue, json!({purpose: {"have": {}, "changes": changes}}));
    let answer = venue.exchange(&sent, now_ms(), &nonce(number));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let writer = format!("gateway/a{life}");
    let held = answer.json()["streams"][purpose]["have"][writer.as_str()].as_u64();
    held.unwrap_or_default() as usize
}

fn payment(number: usize, cents: i64) -> Fact {
    let payload =
        json!({"order_id": order_id(1), "means": "cash", "amount_cents": cents, "at_ms": 1});
    ("payment", format!("till/{number}"), payload)
}

fn amounts_that_no_price_is_are_set_aside_and_the_boards_go_on(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    // A thousand of the largest numbers that hosts carry have no sum, and no board shows.
    let most = 9_007_199_254_740_991;
    let facts: Vec<_> = (0..45).map(|n| payment(n, most)).collect();
    // The store takes them one by one, some at a time, and every message is answered.
    let mut before = 0;
    for number in 1..9 {
        let now = held(venue, (1, number), "orders", &facts);
        assert!(now > before, "it goes on");
        before = now;
        if now == facts.len() {
            break;
        }
    }
    assert_eq!(before, facts.len());
    bring(venue, 100, "orders", &[payment(9_999, 1_000_000_000)]);
    for path in ["/kitchen/board", "/counter/board"] {
        let board = venue.send("GET", path, &[("cookie", &cookie)], b"");
        assert!(board.status == 200 && board.body.contains("W-001"), "{}", board.body);
    }
    let paid = "SELECT sum(amount_cents) AS cents FROM payment WHERE venue = ?1";
    assert_eq!(venue.rows(paid, json!([venue.id]))[0]["cents"], 1_000_000_000);
    let over = 1_099_511_627_777_i64;
    let lease = |amount: i64| {
        json!({
            "right_name": "table", "issuer": "gateway", "fence": 1, "amount": amount,
            "holder": "edge", "holder_generation": "e",
        })
    };
    let spent = |amount: i64| json!({"lease": "l", "spend_key": "k", "amount": amount});
    for (number, amount, folded) in [(200, over, 0), (201, -1, 0), (202, over - 1, 4)] {
        let facts = [
            ("lease", format!("l{number}"), lease(amount)),
            ("lease_spend", format!("s{number}"), spent(amount)),
            ("lease_return", format!("r{number}"), json!({"unspent": amount})),
            ("lease_lost", format!("o{number}"), json!({"unspent": amount})),
        ];
        bring(venue, number, "leases", &facts);
        let sql = "SELECT (SELECT count(*) FROM lease WHERE venue = ?1) \
             + (SELECT count(*) FROM lease_spend WHERE venue = ?1) \
             + (SELECT count(*) FROM lease_return WHERE venue = ?1) \
             + (SELECT count(*) FROM lease_lost WHERE venue = ?1) AS rows";
        assert_eq!(venue.rows(sql, json!([venue.id]))[0]["rows"], folded, "{amount}");
    }
}

fn a_ticket_number_without_a_next_one_is_not_gone_on_from(venue: &Venue) {
    let order = |number: i64| {
        json!({
            "ticket_origin": "W", "ticket_number": number, "mode": "eat_in", "lines": [],
            "total_cents": 1, "placed_ms": now_ms(),
        })
    };
    bring(venue, 1, "orders", &[("customer_order", order_id(7), order(9_007_199_254_740_991))]);
    bring(venue, 2, "orders", &[("customer_order", order_id(8), order(41))]);
    let answer = venue.post("/api/orders", &cheese_king(1));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let sql = "SELECT ticket_number FROM customer_order WHERE venue = ?1 AND id = ?2";
    let found = venue.rows(sql, json!([venue.id, order_id(1)]));
    assert_eq!(found[0]["ticket_number"], 42);
}
