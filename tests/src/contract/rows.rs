//! Rows instead of changes, on every host: pages for who is far behind, audits, and the compact
//! form of a message.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use sync_engine::{
    message::Request,
    wire::{self, Asked},
};

use crate::{
    cases,
    contract::{
        Case,
        exchange::{STAMPS, availability, catalogue, is_available, message, nonce},
        venue::{PUBLISHED, Venue, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    who_is_far_behind_gets_rows_and_then_changes,
    equal_rows_are_told_to_be_equal,
    rows_that_differ_are_mended_and_counted,
    sides_that_hold_different_changes_compare_nothing,
    a_compact_message_gets_a_compact_answer,
    a_compact_message_that_is_broken_changes_nothing,
];

fn ask(venue: &Venue, number: u32, part: &Json) -> Json {
    let sent = message(venue, json!({"catalogue": part}));
    let answer = venue.exchange(&sent, now_ms(), &nonce(number));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["streams"]["catalogue"].clone()
}

fn have(venue: &Venue, number: u32) -> Json {
    ask(venue, number, &json!({"have": {}}))["have"].clone()
}

/// The stamps are such that the availability of the last change wins.
fn who_is_far_behind_gets_rows_and_then_changes(venue: &Venue) {
    for (number, from) in (1..).zip([1, 1_701, 3_401]) {
        let changes: Vec<Json> =
            (from..from + 1_700).map(|seq| availability(seq, STAMPS[0], 0)).collect();
        let sent = message(venue, catalogue(json!(changes)));
        assert_eq!(venue.exchange(&sent, now_ms(), &nonce(number)).status, 200);
    }
    let mut part = json!({"have": {}});
    let mut entities = BTreeSet::new();
    for number in 10..30 {
        let answer = ask(venue, number, &part);
        assert_eq!(answer["changes"], json!([]), "rows go first");
        for row in answer["rows"].as_array().expect("there are rows") {
            assert_eq!(row["seq"], 0, "a row says what is, not how it became so");
            entities.insert(format!("{} {}", row["table"], row["entity"]));
        }
        let page = &answer["page"];
        assert_eq!(page["upto"]["have"], answer["have"], "at its end the asker holds as much");
        if page["next"].is_null() {
            assert_eq!(
                entities.len(),
                1 + 6 + 22 + 2 + 6 + 1,
                "the venue and all that it sells by"
            );
            part = json!({"have": page["upto"]["have"]});
            let after = ask(venue, 99, &part);
            assert_eq!((&after["changes"], &after["page"]), (&json!([]), &Json::Null));
            return;
        }
        part["resume"] = page["next"].clone();
    }
    panic!("the pages never end");
}

fn audit(digest: &str, mend: bool) -> Json {
    json!({"table": "product", "after": "", "digest": digest, "mend": mend})
}

fn equal_rows_are_told_to_be_equal(venue: &Venue) {
    let part = json!({"have": have(venue, 1), "audit": audit("", false)});
    let first = ask(venue, 2, &part)["audit"]["digest"].clone();
    assert!(first.as_str().is_some_and(|digest| digest.len() == 32), "{first}");
    assert_eq!(ask(venue, 3, &part)["audit"]["digest"], first, "the same rows, the same digest");
    let sql = "UPDATE product SET price_cents = price_cents + 1 WHERE venue = ?1 AND id = 'cola'";
    let rot = venue.sql("commit", json!([{"sql": sql, "params": [venue.id]}]));
    assert_eq!(rot, json!({"ok": []}));
    assert_ne!(ask(venue, 4, &part)["audit"]["digest"], first, "a cent more is seen");
}

fn rows_that_differ_are_mended_and_counted(venue: &Venue) {
    let mut row = availability(1, STAMPS[2], 0);
    row["seq"] = json!(0);
    let have = have(venue, 1);
    let part = json!({"have": have, "audit": audit("", true), "rows": [row]});
    let answer = ask(venue, 2, &part);
    assert_eq!(is_available(venue), 0, "the gateway's row was the newer");
    let rows = answer["rows"].as_array().expect("the outcome is told").clone();
    let told = rows.iter().find(|row| row["register"] == "availability");
    assert_eq!(told.map(|row| &row["payload"]["available"]), Some(&json!(0)));
    assert_eq!(answer["audit"]["mend"], true);
    let sql = "SELECT count FROM sync_note WHERE venue = ?1 AND what = 'mended'";
    assert_eq!(venue.rows(sql, json!([venue.id])), json!([{"count": 1}]));
}

fn sides_that_hold_different_changes_compare_nothing(venue: &Venue) {
    let mut row = availability(1, STAMPS[2], 0);
    row["seq"] = json!(0);
    let part = json!({"have": {}, "audit": audit("", true), "rows": [row]});
    assert_eq!(ask(venue, 1, &part)["audit"], Json::Null);
    assert_eq!(is_available(venue), 1);
}

fn a_compact_message_gets_a_compact_answer(venue: &Venue) {
    let sent = message(venue, catalogue(json!([availability(1, STAMPS[2], 0)])));
    let request: Request = serde_json::from_value(sent).expect("it is sound");
    let asked = Asked::of(&request);
    let body = wire::write_request(request);
    let answer = venue.exchange_bytes((wire::CONTENT_TYPE, &body), now_ms(), &nonce(1));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), wire::CONTENT_TYPE);
    let response = wire::read_response(&answer.bytes, &asked).expect("it can be read");
    let told: usize = response.streams.values().map(|part| part.changes.len()).sum();
    assert_eq!(told, PUBLISHED + 1, "it said that it holds nothing");
    assert_eq!(is_available(venue), 0);
}

fn a_compact_message_that_is_broken_changes_nothing(venue: &Venue) {
    let before = venue.footprint();
    let sent = message(venue, catalogue(json!([availability(1, STAMPS[2], 0)])));
    let request: Request = serde_json::from_value(sent).expect("it is sound");
    let whole = wire::write_request(request);
    let half = &whole[..whole.len() / 2];
    for (number, body) in (1..).zip([&[][..], half, b"\x07nonsense", b"\x00\xff\xff\xff"]) {
        let answer = venue.exchange_bytes((wire::CONTENT_TYPE, body), now_ms(), &nonce(number));
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_field"));
        assert_eq!(venue.footprint(), before);
    }
}
