//! Replication over HTTP on every host: signed, bounded, idempotent, in any order.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{PUBLISHED, Venue, cheese_king, now_ms, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_gateway_learns_the_catalogue_and_the_orders,
    changes_arrive_once_however_often_they_are_sent,
    the_newer_change_wins_in_whatever_order_they_arrive,
    a_gap_is_refused_and_nothing_of_the_message_stays,
    a_message_for_another_venue_is_refused,
    a_forged_message_is_refused,
    a_message_that_is_sent_again_is_refused,
    a_message_from_another_time_is_refused_and_told_the_time,
    another_protocol_and_broken_messages_are_refused,
    a_change_that_cannot_be_folded_is_kept_and_told_on,
    fields_and_tables_of_a_newer_build_are_kept,
    a_writer_that_went_back_is_told_to_start_anew,
    a_long_history_comes_in_bounded_batches,
];

pub(super) fn nonce(number: u32) -> String {
    format!("0000000000000000{number:08x}")
}

pub(super) fn message(venue: &Venue, streams: Json) -> Json {
    json!({
        "protocol": 1,
        "capabilities": ["of-the-future"],
        "venue": venue.id,
        "replica": "gateway",
        "generation": "a1",
        "streams": streams,
    })
}

/// One register change of the product's availability.
pub(super) fn availability(seq: u64, stamp: &str, available: i64) -> Json {
    json!({
        "replica": "gateway", "generation": "a1", "seq": seq,
        "claimed": stamp, "effective": stamp,
        "table": "product", "entity": "le-cheese-king", "register": "availability",
        "payload": {"available": available},
    })
}

/// Stamps after the demo document's, in this order.
pub(super) const STAMPS: [&str; 3] = ["019b76daa8000001", "019b76daa8000002", "019b76daa8010000"];

pub(super) fn catalogue(changes: Json) -> Json {
    json!({"catalogue": {"have": {}, "changes": changes}})
}

pub(super) fn is_available(venue: &Venue) -> Json {
    let sql = "SELECT available FROM product WHERE venue = ?1 AND id = 'le-cheese-king'";
    venue.rows(sql, json!([venue.id]))[0]["available"].clone()
}

fn a_gateway_learns_the_catalogue_and_the_orders(venue: &Venue) {
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let empty = json!({"catalogue": {"have": {}}, "orders": {"have": {}}});
    let answer = venue.exchange(&message(venue, empty), now_ms(), &nonce(1));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer["more"], false);
    let changes = answer["streams"]["catalogue"]["changes"].as_array().map_or(0, Vec::len);
    assert_eq!(changes, PUBLISHED);
    let orders = answer["streams"]["orders"]["changes"].as_array().cloned().unwrap_or_default();
    // 8 tables of the document, the order, and that it claims one.
    assert_eq!(orders.len(), 8 + 2);
    let order = orders.iter().find(|change| change["table"] == "customer_order");
    let order = order.expect("the order is told");
    assert_eq!(order["entity"], order_id(1));
    assert_eq!((&order["seq"], &order["replica"]), (&json!(1), &json!("edge")));
    assert_eq!(order["payload"]["ticket_number"], 1);

    let have = json!({
        "catalogue": {"have": answer["streams"]["catalogue"]["have"]},
        "orders": {"have": answer["streams"]["orders"]["have"]},
    });
    let again = venue.exchange(&message(venue, have), now_ms(), &nonce(2)).json();
    for purpose in ["catalogue", "orders"] {
        assert_eq!(again["streams"][purpose]["changes"], json!([]), "{purpose}");
    }
}

fn changes_arrive_once_however_often_they_are_sent(venue: &Venue) {
    let changes = json!([availability(1, STAMPS[0], 0), availability(2, STAMPS[1], 1)]);
    let mut before = Json::Null;
    for number in 1..=3 {
        let sent = message(venue, catalogue(changes.clone()));
        let answer = venue.exchange(&sent, now_ms(), &nonce(number));
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.json()["streams"]["catalogue"]["have"]["gateway/a1"], 2);
        if number == 1 {
            before = venue.footprint();
        }
        assert_eq!(venue.footprint(), before, "time {number}");
    }
    assert_eq!(is_available(venue), 1);
}

fn the_newer_change_wins_in_whatever_order_they_arrive(venue: &Venue) {
    let sent = message(venue, catalogue(json!([availability(1, STAMPS[2], 0)])));
    assert_eq!(venue.exchange(&sent, now_ms(), &nonce(1)).status, 200);
    assert_eq!(is_available(venue), 0);
    let sent = message(venue, catalogue(json!([availability(2, STAMPS[0], 1)])));
    assert_eq!(venue.exchange(&sent, now_ms(), &nonce(2)).status, 200);
    assert_eq!(is_available(venue), 0, "the older change came later and lost");
    assert_eq!(venue.footprint()[0]["seqs"], PUBLISHED + 8 + 2 + 2, "both, and the opening");
}

fn a_gap_is_refused_and_nothing_of_the_message_stays(venue: &Venue) {
    let before = venue.footprint();
    let changes = json!([availability(1, STAMPS[0], 0), availability(3, STAMPS[1], 1)]);
    let answer = venue.exchange(&message(venue, catalogue(changes)), now_ms(), &nonce(1));
    assert_eq!((answer.status, answer.code().as_str()), (409, "seq_gap"));
    assert_eq!(venue.footprint(), before);
}

fn a_message_for_another_venue_is_refused(venue: &Venue) {
    let mut foreign = message(venue, catalogue(json!([])));
    foreign["venue"] = json!("somebody-else");
    let answer = venue.exchange(&foreign, now_ms(), &nonce(1));
    assert_eq!((answer.status, answer.code().as_str()), (403, "wrong_venue"));
}

fn a_forged_message_is_refused(venue: &Venue) {
    let before = venue.footprint();
    let body = message(venue, catalogue(json!([availability(1, STAMPS[0], 0)])));
    let at = now_ms().to_string();
    let good = [
        ("relais-venue", venue.id.as_str()),
        ("relais-device", "gateway"),
        ("relais-at", at.as_str()),
        ("relais-nonce", "00000000000000000001"),
        ("relais-signature", "00"),
    ];
    for missing in 0..=good.len() {
        let headers: Vec<_> =
            good.iter().enumerate().filter(|(i, _)| *i != missing).map(|(_, h)| *h).collect();
        let answer = venue.post_with("/api/exchange", &body, &headers);
        assert_eq!((answer.status, answer.code().as_str()), (401, "signature_invalid"));
    }
    assert_eq!(venue.footprint(), before);
}

fn a_message_that_is_sent_again_is_refused(venue: &Venue) {
    let sent = message(venue, catalogue(json!([])));
    let at_ms = now_ms();
    assert_eq!(venue.exchange(&sent, at_ms, &nonce(1)).status, 200);
    let answer = venue.exchange(&sent, at_ms, &nonce(1));
    assert_eq!((answer.status, answer.code().as_str()), (409, "request_replayed"));
}

fn a_message_from_another_time_is_refused_and_told_the_time(venue: &Venue) {
    let before = venue.footprint();
    let sent = message(venue, catalogue(json!([availability(1, STAMPS[0], 0)])));
    for (number, at_ms) in [(1, now_ms() - 310_000), (2, now_ms() + 310_000), (3, 0)] {
        let answer = venue.exchange(&sent, at_ms, &nonce(number));
        assert_eq!((answer.status, answer.code().as_str()), (401, "request_stale"));
        let told = answer.json()["error"]["subject"][0].as_str().map(str::parse::<u64>);
        let told = told.and_then(Result::ok).expect("the edge's time is told");
        assert!(told.abs_diff(now_ms()) < 60_000, "{told}");
    }
    assert_eq!(venue.footprint(), before);
}

fn another_protocol_and_broken_messages_are_refused(venue: &Venue) {
    let before = venue.footprint();
    let mut number = 0;
    let mut refused = |sent: &Json, status: u16, code: &str| {
        number += 1;
        let answer = venue.exchange(sent, now_ms(), &nonce(number));
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.body);
        assert_eq!(venue.footprint(), before);
    };
    let mut future = message(venue, catalogue(json!([])));
    future["protocol"] = json!(2);
    refused(&future, 422, "unsupported_protocol");
    let broken = |field: &str, value: Json| {
        let mut change = availability(1, STAMPS[0], 0);
        change[field] = value;
        message(venue, catalogue(json!([change])))
    };
    refused(&broken("seq", json!(0)), 422, "invalid_field");
    let deep = (0..100).fold(json!(1), |inside, _| json!([inside]));
    for (field, value) in [
        ("effective", json!("7fffffffffffffff")),
        ("payload", json!({"available": deep})),
        ("payload", json!({"available": "x".repeat(900_000)})),
    ] {
        refused(&broken(field, value), 422, "invalid_field");
    }
    for (field, value) in [
        ("replica", json!("A")),
        ("seq", json!(-1)),
        ("seq", json!(null)),
        ("claimed", json!("yesterday")),
        ("effective", json!("019B76DA9C000000")),
        ("payload", json!([])),
    ] {
        refused(&broken(field, value), 400, "invalid_json");
    }
    let many: Vec<Json> = (1..=2_001).map(|seq| availability(seq, STAMPS[0], 0)).collect();
    refused(&message(venue, catalogue(json!(many))), 413, "batch_too_large");
}

fn a_change_that_cannot_be_folded_is_kept_and_told_on(venue: &Venue) {
    let before = venue.footprint();
    let broken = [
        ("table", json!("product; DROP TABLE product")),
        ("entity", json!("")),
        ("entity", json!("é")),
        ("register", json!("a b")),
        ("payload", json!({"available": 9_007_199_254_740_992_u64})),
        ("payload", json!({"available": 0.5})),
        ("payload", json!({"text": "x".repeat(70_000)})),
        ("payload", json!({"text": "a\u{0}b"})),
    ];
    let number = broken.len() as u64;
    let mut changes: Vec<Json> = Vec::new();
    for (seq, (field, value)) in (1..).zip(&broken) {
        let mut change = availability(seq, STAMPS[0], 0);
        change[*field] = value.clone();
        changes.push(change);
    }
    let answer = venue.exchange(&message(venue, catalogue(json!(changes))), now_ms(), &nonce(1));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["streams"]["catalogue"]["have"]["gateway/a1"], number);
    let after = venue.footprint();
    assert_eq!(after["available"], before["available"], "none of them counts");
    let sql = "SELECT a.seq AS seq FROM set_aside a JOIN stream_writer v ON v.id = a.writer \
         WHERE v.stream = ?1 ORDER BY a.seq";
    let aside = venue.rows(sql, json!([format!("{}/catalogue", venue.id)]));
    assert_eq!(aside.as_array().map(Vec::len), Some(broken.len()), "{aside}");
    let ask = json!({"catalogue": {"have": {}}});
    let answer = venue.exchange(&message(venue, ask), now_ms(), &nonce(2)).json();
    let all = answer["streams"]["catalogue"]["changes"].as_array().cloned().unwrap_or_default();
    let kept: Vec<&Json> = all.iter().filter(|c| c["replica"] == "gateway").collect();
    assert_eq!(kept.len(), broken.len(), "the next replica gets them as they came");
    for ((field, value), kept) in broken.iter().zip(kept) {
        assert_eq!(&kept[*field], value, "{kept}");
    }
}

fn fields_and_tables_of_a_newer_build_are_kept(venue: &Venue) {
    let mut newer = availability(1, STAMPS[0], 0);
    newer["payload"]["colour"] = json!("vert");
    let mut unknown = availability(2, STAMPS[0], 0);
    unknown["table"] = json!("hologram");
    let sent = message(venue, catalogue(json!([newer, unknown])));
    assert_eq!(venue.exchange(&sent, now_ms(), &nonce(1)).status, 200);
    assert_eq!(is_available(venue), 0, "what is known of it counts");
    let ask = json!({"catalogue": {"have": {}}});
    let answer = venue.exchange(&message(venue, ask), now_ms(), &nonce(2)).json();
    let all = answer["streams"]["catalogue"]["changes"].as_array().cloned().unwrap_or_default();
    let of_gateway: Vec<&Json> = all.iter().filter(|c| c["replica"] == "gateway").collect();
    let [kept, kept_unknown] = of_gateway.as_slice() else { panic!("{of_gateway:?}") };
    assert_eq!(kept["payload"]["colour"], "vert");
    assert_eq!(kept_unknown["table"], "hologram");
}

fn a_writer_that_went_back_is_told_to_start_anew(venue: &Venue) {
    let sql = "SELECT generation FROM local_venue WHERE venue = ?1";
    let generation = venue.rows(sql, json!([venue.id]))[0]["generation"].clone();
    let mut lost = availability(1, STAMPS[0], 0);
    lost["replica"] = json!("edge");
    lost["generation"] = generation;
    let before = venue.footprint();
    let sent = message(venue, catalogue(json!([lost])));
    let answer = venue.exchange(&sent, now_ms(), &nonce(1));
    assert_eq!((answer.status, answer.code().as_str()), (409, "rebase_required"));
    assert_eq!(venue.footprint(), before);
}

fn a_long_history_comes_in_bounded_batches(venue: &Venue) {
    for (number, from) in (1..).zip([1, 1_601, 3_201]) {
        let changes: Vec<Json> =
            (from..from + 1_600).map(|seq| availability(seq, STAMPS[0], 1)).collect();
        let sent = message(venue, catalogue(json!(changes)));
        let answer = venue.exchange(&sent, now_ms(), &nonce(number));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let mut have = json!({});
    let mut received = 0;
    for number in 10..20 {
        let ask = message(venue, json!({"catalogue": {"have": have}}));
        let answer = venue.exchange(&ask, now_ms(), &nonce(number)).json();
        let changes =
            answer["streams"]["catalogue"]["changes"].as_array().cloned().unwrap_or_default();
        assert!(changes.len() <= 2_000, "{}", changes.len());
        for change in &changes {
            let writer = format!(
                "{}/{}",
                change["replica"].as_str().unwrap_or_default(),
                change["generation"].as_str().unwrap_or_default()
            );
            let expected = have[&writer].as_u64().unwrap_or(0) + 1;
            assert_eq!(change["seq"].as_u64(), Some(expected), "{writer} has no gap");
            have[&writer] = change["seq"].clone();
        }
        received += changes.len();
        if answer["more"] == false {
            assert_eq!(received, 4_800 + PUBLISHED);
            return;
        }
    }
    panic!("the history never ends: {received}");
}
