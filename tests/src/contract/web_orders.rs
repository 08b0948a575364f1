//! Orders from the web: when none are taken, and who promises those that are.

use std::thread;

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        exchange::{message, nonce},
        machine::{is, refused},
        venue::{Venue, cheese_king, now_ms, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    staff_pause_the_web_and_say_why_and_it_resumes,
    the_web_takes_no_orders_while_the_gateway_is_silent,
    an_order_is_promised_or_called_off_and_never_both,
    what_staff_on_site_ask_is_answered_in_the_same_exchange,
];

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn web(venue: &Venue) -> Json {
    venue.get("/api/web-orders").json()
}

fn staff_accept(venue: &Venue) {
    let cookie = venue.sign_in("owner");
    let settings = json!({"staff_accept": true, "silent_s": 180});
    let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    let text = settings.to_string();
    let answer = venue.send("PUT", "/api/settings/web", &headers, text.as_bytes());
    assert_eq!((answer.status, answer.json()), (200, settings));
    let before = venue.footprint();
    for wrong in [json!({"silent_s": 59}), json!({"silent_s": 90_000}), json!({"other": 1})] {
        let text = wrong.to_string();
        let answer = venue.send("PUT", "/api/settings/web", &headers, text.as_bytes());
        assert_eq!(refused(&answer), is(422, "invalid_field"), "{wrong}");
    }
    assert_eq!(venue.footprint(), before);
}

fn staff_pause_the_web_and_say_why_and_it_resumes(venue: &Venue) {
    let beside = venue.beside();
    assert_eq!(web(venue)["state"], "open");
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let cookie = venue.sign_in("kitchen");
    let staff = [("cookie", cookie.as_str())];
    let pause = json!({"minutes": 30, "reason": "Trop de monde"});
    assert_eq!(refused(&venue.post("/api/web-orders/pause", &pause)), is(401, "sign_in_required"));
    let answer = venue.post_with("/api/web-orders/pause", &pause, &staff);
    assert_eq!((answer.status, answer.json()["state"].clone()), (200, json!("paused")));
    let before = venue.footprint();
    let answer = venue.post("/api/orders", &cheese_king(2));
    assert_eq!(refused(&answer), is(409, "web_paused"));
    assert_eq!(venue.footprint(), before, "a refusal changes nothing");
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 200, "it stands already");
    let page = venue.get("/menu?lang=en");
    assert!(page.body.contains("Trop de monde") && page.body.contains("at the counter"));
    assert_eq!(web(&beside)["state"], "open", "another venue's web goes on");
    for wrong in [
        json!({"minutes": 30, "reason": " "}),
        json!({"minutes": 1_441, "reason": "x"}),
        json!({"minutes": -1, "reason": "x"}),
    ] {
        let answer = venue.post_with("/api/web-orders/pause", &wrong, &staff);
        assert!([400, 422].contains(&answer.status), "{wrong}: {}", answer.status);
    }
    let form = [staff[0], FORM];
    let answer = venue.send("POST", "/web-orders", &form, b"do=resume");
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(web(venue)["state"], "open");
    assert_eq!(venue.post("/api/orders", &cheese_king(2)).status, 201);
    let form = venue.send("POST", "/web-orders", &form, b"do=settings&silent_minutes=3");
    assert_eq!(form.status, 403, "the kitchen sets no terms");
}

fn the_web_takes_no_orders_while_the_gateway_is_silent(venue: &Venue) {
    let streams = json!({"catalogue": {"have": {}}, "orders": {"have": {}}});
    let answer = venue.exchange(&message(venue, streams.clone()), now_ms(), &nonce(1));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(web(venue)["state"], "open");
    // As if it had been a while ago; a clock that is hours off says as little.
    let silent = |sql: &str| {
        let device = format!("{}/gateway", venue.id);
        let forgotten = "DELETE FROM device_contact WHERE venue || '/' || device = ?1";
        let statement = |sql: &str| json!({"sql": sql, "params": [device]});
        let done = venue.sql("commit", json!([statement(forgotten), statement(sql)]));
        assert!(done["ok"].is_array(), "{done}");
        assert_eq!(web(venue)["state"], "silent", "{sql}");
    };
    silent("UPDATE request_nonce SET at_ms = at_ms - 200000 WHERE device = ?1");
    silent("UPDATE request_nonce SET at_ms = at_ms + 9000000 WHERE device = ?1");
    // Nobody remembers when it was, but that there is one.
    silent(
        "INSERT INTO peer_vector (peer, stream, replica, generation, seq) \
         VALUES ('gateway', replace(?1, '/gateway', '/orders'), 'edge', 'x', 0)",
    );
    silent("DELETE FROM request_nonce WHERE device = ?1");
    let before = venue.footprint();
    assert_eq!(refused(&venue.post("/api/orders", &cheese_king(1))), is(409, "web_silent"));
    assert_eq!(venue.footprint(), before);
    assert!(venue.get("/menu?lang=en").body.contains("cannot be reached"));
    let answer = venue.exchange(&message(venue, streams), now_ms(), &nonce(2));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(web(venue)["state"], "open");
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
}

fn an_order_is_promised_or_called_off_and_never_both(venue: &Venue) {
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).json()["acceptance"], "none");
    staff_accept(venue);
    let counter = venue.sign_in("counter");
    let staff = [("cookie", counter.as_str())];
    let step = |number, step: &str, body: &Json, staff: &[(&str, &str)]| {
        venue.post_with(&format!("/api/orders/{}/{step}", order_id(number)), body, staff)
    };
    let placed = venue.post("/api/orders", &cheese_king(2));
    assert_eq!((placed.status, &placed.json()["acceptance"]), (201, &json!("waiting")));
    let cash = json!({"means": "cash"});
    assert_eq!(refused(&step(2, "paid", &cash, &staff)), is(409, "not_accepted"));
    let page = venue.get(&format!("/orders/{}", order_id(2))).body;
    assert!(page.contains("/withdrawn"), "its customer may call it off");
    let board = venue.send("GET", "/counter/board", &staff, b"").body;
    assert!(board.contains(&format!("accepted-{}", order_id(2))));
    assert_eq!(refused(&step(2, "accepted", &json!({}), &[])), is(401, "sign_in_required"));
    let accepted = step(2, "accepted", &json!({}), &staff);
    assert_eq!((accepted.status, &accepted.json()["acceptance"]), (200, &json!("accepted")));
    let before = venue.footprint();
    assert_eq!(step(2, "accepted", &json!({}), &staff).status, 200, "said again");
    assert_eq!(refused(&step(2, "withdrawn", &json!({}), &[])), is(409, "order_accepted"));
    let why = json!({"reason": "Too late"});
    assert_eq!(refused(&step(2, "cancelled", &why, &staff)), is(409, "cancel_on_site"));
    assert_eq!(venue.footprint(), before);
    assert_eq!(step(2, "paid", &cash, &staff).json()["state"], "paid");
    // A customer who is quicker calls it off, also from its page, and then it stays so.
    assert_eq!(venue.post("/api/orders", &cheese_king(3)).status, 201);
    let page = format!("/orders/{}/withdrawn", order_id(3));
    assert_eq!(venue.send("POST", &page, &[FORM], b"").status, 303);
    assert_eq!(venue.get(&format!("/api/orders/{}", order_id(3))).json()["state"], "cancelled");
    assert_eq!(step(3, "withdrawn", &json!({}), &[]).status, 200, "said again");
    assert_eq!(refused(&step(3, "accepted", &json!({}), &staff)), is(409, "order_cancelled"));
    // Both at once: one of them, and everybody is told the same.
    for number in 4..8 {
        assert_eq!(venue.post("/api/orders", &cheese_king(number)).status, 201);
        thread::scope(|scope| {
            scope.spawn(|| step(number, "accepted", &json!({}), &staff));
            scope.spawn(|| step(number, "withdrawn", &json!({}), &[]));
        });
        let sql = "SELECT count(*) AS n FROM order_event WHERE venue = ?1 AND order_id = ?2";
        assert_eq!(venue.rows(sql, json!([venue.id, order_id(number)]))[0]["n"], 1);
    }
    let beside = venue.beside();
    let answer = beside.post(&format!("/api/orders/{}/withdrawn", order_id(2)), &json!({}));
    assert_eq!(refused(&answer), is(404, "unknown_order"));
}

fn what_staff_on_site_ask_is_answered_in_the_same_exchange(venue: &Venue) {
    staff_accept(venue);
    let wish = |seq: u32, number: u32, kind: &str| {
        let stamp = format!("019b76daa80000{seq:02}");
        json!({
            "replica": "gateway", "generation": "a1", "seq": seq,
            "claimed": stamp, "effective": stamp, "table": "order_event",
            "entity": format!("{}/{kind}/gateway", order_id(number)), "register": "",
            "payload": {"order_id": order_id(number), "kind": kind, "at_ms": 5,
                "person": "", "place": "gateway", "reason": "Plus de pain"},
        })
    };
    for number in 1..=3 {
        assert_eq!(venue.post("/api/orders", &cheese_king(number)).status, 201);
    }
    let withdrawn = format!("/api/orders/{}/withdrawn", order_id(3));
    assert_eq!(venue.post(&withdrawn, &json!({})).status, 200);
    let changes =
        json!(
            [wish(1, 1, "accept_asked"), wish(2, 2, "refuse_asked"), wish(3, 3, "accept_asked"),]
        );
    let orders = json!({"orders": {"have": {}, "changes": changes}});
    let answer = venue.exchange(&message(venue, orders), now_ms(), &nonce(1));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = answer.json()["streams"]["orders"]["changes"].clone();
    let told: Vec<&Json> = told.as_array().map_or_else(Vec::new, |told| told.iter().collect());
    let decided = |number: u32| {
        let entity = format!("{}/decided", order_id(number));
        let found: Vec<_> = told.iter().filter(|change| change["entity"] == entity).collect();
        assert_eq!(found.len(), 1, "{number}");
        found[0]["payload"]["kind"].clone()
    };
    let expected = [json!("accepted"), json!("cancelled"), json!("cancelled")];
    assert_eq!([decided(1), decided(2), decided(3)], expected);
    let state = |number| venue.get(&format!("/api/orders/{}", order_id(number))).json();
    assert_eq!(
        (&state(1)["acceptance"], &state(2)["state"]),
        (&json!("accepted"), &json!("cancelled"))
    );
}
