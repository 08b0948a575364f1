//! How replication stands, on every host: what is told, to whom, and what the two buttons do.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, PUBLISHED, Venue, cheese_king, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    staff_are_told_how_replication_stands,
    a_broken_change_is_set_aside_and_the_rest_goes_on,
    what_is_sound_again_counts_after_a_retry,
    a_retired_peer_is_waited_for_no_more,
    who_is_not_known_cannot_be_retired,
    a_clock_that_was_wrong_is_told,
    a_foreign_page_cannot_press_the_buttons,
    an_edge_that_is_doubted_waits_for_its_gateway_in_plain_words,
];

const PAGE: &str = "/sync-status";
const API: &str = "/api/sync-status";

fn exchange(venue: &Venue, number: u32, changes: Json) -> Answer {
    let message = json!({
        "protocol": 1, "capabilities": [], "venue": venue.id,
        "replica": "gateway", "generation": "a1",
        "streams": {"catalogue": {"have": {}, "changes": changes}},
    });
    venue.exchange(&message, now_ms(), &format!("1111111111111111{number:08x}"))
}

fn change(seq: u64, stamp: &str, available: i64) -> Json {
    json!({
        "replica": "gateway", "generation": "a1", "seq": seq,
        "claimed": stamp, "effective": stamp,
        "table": "product", "entity": "le-cheese-king", "register": "availability",
        "payload": {"available": available},
    })
}

/// Stamps after the demo document's, in this order.
const STAMPS: [&str; 3] = ["019b76daa8000001", "019b76daa8000002", "019b76daa8010000"];

/// Three changes of one writer, of which the second is malformed in this way.
fn with_a_broken_one(broken: &Json) -> Json {
    let mut second = change(2, STAMPS[1], 1);
    for (field, value) in broken.as_object().expect("fields to break") {
        second[field] = value.clone();
    }
    json!([change(1, STAMPS[0], 1), second, change(3, STAMPS[2], 0)])
}

fn is_available(venue: &Venue) -> Json {
    let sql = "SELECT available FROM product WHERE venue = ?1 AND id = 'le-cheese-king'";
    venue.rows(sql, json!([venue.id]))[0]["available"].clone()
}

fn get(venue: &Venue, path: &str, cookie: &str) -> Answer {
    let headers = [("cookie", cookie), ("accept", "text/html"), ("accept-language", "en")];
    venue.send("GET", path, &headers, b"")
}

fn told(venue: &Venue, cookie: &str) -> Json {
    let answer = get(venue, API, cookie);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn press(venue: &Venue, path: &str, cookie: &str, form: &str) -> Answer {
    let headers = [("cookie", cookie), ("content-type", "application/x-www-form-urlencoded")];
    venue.send("POST", path, &headers, form.as_bytes())
}

fn note_peer(venue: &Venue, peer: &str, seq: i64) {
    let stream = format!("{}/catalogue", venue.id);
    let sql = "INSERT INTO peer_vector (peer, stream, replica, generation, seq) \
         SELECT ?1, stream, replica, generation, min(seq, ?3) FROM stream_writer \
         WHERE stream = ?2 AND seq > 0";
    let params = json!([peer, stream, seq]);
    let done = venue.sql("commit", json!([{"sql": sql, "params": params}]));
    assert!(done["ok"].is_array(), "{done}");
}

fn staff_are_told_how_replication_stands(venue: &Venue) {
    let strange = get(venue, PAGE, "");
    assert_eq!((strange.status, strange.header("location")), (303, "/login?next=/sync-status"));
    assert_eq!(venue.get(API).code(), "sign_in_required");
    assert_eq!(exchange(venue, 1, json!([])).status, 200);
    note_peer(venue, "gateway", 40);
    for (signed_in, role) in (1..).zip(["kitchen", "technician"]) {
        let cookie = venue.sign_in(role);
        let told = told(venue, &cookie);
        assert_eq!(told["line"], json!({"state": "edge"}));
        assert_eq!((&told["replica"], &told["aside"]["count"]), (&json!("edge"), &json!(0)));
        assert_eq!(told["kept_changes"], PUBLISHED + 8 + 2 + 2 * signed_in);
        let peer = &told["peers"][0];
        assert_eq!((&peer["name"], &peer["talking"]), (&json!("gateway"), &json!(true)));
        let streams = peer["streams"].as_array().expect("a list of streams");
        for stream in [
            json!({"purpose": "catalogue", "to_send": PUBLISHED - 40, "to_receive": 0}),
            json!({"purpose": "orders", "to_send": 8, "to_receive": 0}),
        ] {
            assert!(streams.contains(&stream), "{stream} is not in {streams:?}");
        }
        let page = get(venue, PAGE, &cookie);
        assert_eq!(page.status, 200, "{}", page.body);
        for text in ["What waits", "Machine gateway", "Nothing: every change"] {
            assert!(page.body.contains(text), "{role} misses {text}: {}", page.body);
        }
        assert_eq!(page.body.contains("/sync-status/retire"), role == "technician");
        assert!(get(venue, "/staff", &cookie).body.contains("href=\"/sync-status\""));
    }
}

fn a_broken_change_is_set_aside_and_the_rest_goes_on(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    let hostile = "product<script>alert(1)</script>";
    let answer = exchange(venue, 1, with_a_broken_one(&json!({"table": hostile})));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json()["streams"]["catalogue"]["have"]["gateway/a1"], 3);
    assert_eq!(is_available(venue), 0, "the change after the broken one counts");
    let told = told(venue, &cookie);
    assert_eq!(told["aside"]["count"], 1);
    let aside = &told["aside"]["changes"][0];
    assert_eq!((&aside["writer"], &aside["seq"]), (&json!("gateway/a1"), &json!(2)));
    assert_eq!((&aside["table"], &aside["purpose"]), (&json!(hostile), &json!("catalogue")));
    assert!(!aside["reason"].as_str().unwrap_or_default().is_empty(), "{aside}");
    let page = get(venue, PAGE, &cookie);
    assert!(page.body.contains("le-cheese-king") && page.body.contains("gateway/a1"));
    assert!(!page.body.contains("<script>alert"), "what somebody sent is text");

    let answer = press(venue, "/sync-status/retry", &cookie, "");
    let location = answer.header("location").to_owned();
    assert_eq!((answer.status, location.as_str()), (303, "/sync-status?mended=0"));
    assert!(get(venue, &location, &cookie).body.contains("Nothing could be put in place"));
    let with = [("cookie", cookie.as_str())];
    let answer = venue.post_with("/api/sync-status/retry", &json!({}), &with);
    assert_eq!((answer.status, answer.json()), (200, json!({"mended": 0, "left": 1})));
}

fn what_is_sound_again_counts_after_a_retry(venue: &Venue) {
    let cookie = venue.sign_in("kitchen");
    assert_eq!(exchange(venue, 1, json!([change(1, STAMPS[0], 0)])).status, 200);
    // As if an older build had not known the table: in the log, set aside, not folded.
    let from_log = "INSERT INTO set_aside (writer, seq, reason, at_ms) \
         SELECT id, 1, 'an older build', 1 FROM stream_writer \
         WHERE stream = ?1 AND replica = 'gateway'";
    let unfold = "UPDATE product SET available = 1, availability_stamp = 0 \
         WHERE venue = ?1 AND id = 'le-cheese-king'";
    let stream = format!("{}/catalogue", venue.id);
    let done = venue.sql(
        "commit",
        json!([
            {"sql": from_log, "params": [stream]},
            {"sql": unfold, "params": [venue.id]},
        ]),
    );
    assert!(done["error"].is_null(), "{done}");
    assert_eq!(
        (is_available(venue), &told(venue, &cookie)["aside"]["count"]),
        (json!(1), &json!(1))
    );
    let answer = press(venue, "/sync-status/retry", &cookie, "");
    assert_eq!((answer.status, answer.header("location")), (303, "/sync-status?mended=1"));
    assert_eq!(
        (is_available(venue), &told(venue, &cookie)["aside"]["count"]),
        (json!(0), &json!(0))
    );
}

fn a_retired_peer_is_waited_for_no_more(venue: &Venue) {
    let cookie = venue.sign_in("technician");
    note_peer(venue, "till-7", 1);
    note_peer(venue, "till-8", 1);
    let ask = get(venue, "/sync-status/retire?peer=till-7", &cookie);
    assert_eq!(ask.status, 200, "{}", ask.body);
    assert!(ask.body.contains("action=\"/sync-status/retire\"") && ask.body.contains("full copy"));
    let peers = |told: &Json| told["peers"].as_array().map_or(0, Vec::len);
    assert_eq!(peers(&told(venue, &cookie)), 2, "asking retires nobody");
    let kitchen = venue.sign_in("kitchen");
    let answer = press(venue, "/sync-status/retire", &kitchen, "peer=till-7");
    assert_eq!((answer.status, answer.code().as_str()), (403, "forbidden"));
    let answer = press(venue, "/sync-status/retire", &cookie, "peer=till-7");
    assert_eq!((answer.status, answer.header("location")), (303, "/sync-status?retired=1"));
    let after = told(venue, &cookie);
    assert_eq!((peers(&after), &after["peers"][0]["name"]), (1, &json!("till-8")));
    assert_eq!(after["retired"][0]["peer"], "till-7");
    let with = [("cookie", cookie.as_str())];
    let answer = venue.post_with("/api/sync-status/retire", &json!({"peer": "till-8"}), &with);
    assert_eq!((answer.status, answer.json()), (200, json!({"retired": "till-8"})));
    assert_eq!(peers(&told(venue, &cookie)), 0);
}

fn who_is_not_known_cannot_be_retired(venue: &Venue) {
    let cookie = venue.sign_in("technician");
    let with = [("cookie", cookie.as_str())];
    for (body, status, code) in [
        (json!({"peer": "nobody"}), 404, "unknown_peer"),
        (json!({"peer": "No Body"}), 422, "invalid_field"),
        (json!({"peer": ""}), 422, "invalid_field"),
        (json!({}), 400, "invalid_json"),
        (json!({"peer": "nobody", "force": true}), 400, "invalid_json"),
    ] {
        let answer = venue.post_with("/api/sync-status/retire", &body, &with);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
    }
    let answer = get(venue, "/sync-status/retire?peer=nobody", &cookie);
    assert_eq!(answer.status, 404, "{}", answer.body);
    assert_eq!(told(venue, &cookie)["retired"], json!([]));
}

fn a_clock_that_was_wrong_is_told(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    assert_eq!(told(venue, &cookie)["clock"]["is_ahead"], false);
    let sql = "UPDATE hybrid_clock SET ms = ms + 86400000 WHERE venue = ?1";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id]}]));
    assert!(done["error"].is_null(), "{done}");
    assert_eq!(told(venue, &cookie)["clock"]["is_ahead"], true);
    assert!(get(venue, PAGE, &cookie).body.contains("clock was wrong"));
}

fn a_foreign_page_cannot_press_the_buttons(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    for path in ["/sync-status/retry", "/sync-status/retire", "/api/sync-status/retry"] {
        let headers = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
        let answer = venue.send("POST", path, &headers, b"");
        assert_eq!((answer.status, answer.code().as_str()), (403, "cross_origin"), "{path}");
    }
}

fn an_edge_that_is_doubted_waits_for_its_gateway_in_plain_words(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    let confirmed = json!({"confirmed": true, "awaited": []});
    let found = told(venue, &cookie);
    assert_eq!(found["leases"], confirmed, "a new edge's gateway knows no more than it does");
    assert_eq!(found["clock"]["uncertain_floor_ms"], Json::Null, "an edge's clock is right");
    let sql = "UPDATE witness SET heard = '' WHERE venue = ?1";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id]}]));
    assert!(done["ok"].is_array(), "{done}");
    let says = |streams: Json, number: u32| {
        let message = json!({
            "protocol": 1, "capabilities": [], "venue": venue.id,
            "replica": "gateway", "generation": "a1", "streams": streams,
        });
        let nonce = format!("2222222222222222{number:08x}");
        let answer = venue.exchange(&message, now_ms(), &nonce);
        assert_eq!(answer.status, 200, "{}", answer.body);
        told(venue, &cookie)["leases"].clone()
    };
    let waits = json!({"confirmed": false, "awaited": ["gateway"]});
    assert_eq!(told(venue, &cookie)["leases"], waits);
    for (language, words) in [
        ("fr", "Les droits accordés attendent"),
        ("nl", "Toegekende rechten wachten"),
        ("en", "Granted rights wait"),
    ] {
        let headers = [("cookie", cookie.as_str()), ("accept-language", language)];
        let page = venue.send("GET", PAGE, &headers, b"");
        assert!(page.body.contains(words), "{language}: {}", page.body);
    }
    let nothing = json!({"have": {}, "changes": []});
    let more = json!({"have": {"till/b2": 1}, "changes": []});
    assert_eq!(says(json!({}), 1), waits, "it said nothing of leases");
    assert_eq!(says(json!({"leases": more}), 2), waits, "it holds what the edge does not");
    assert_eq!(says(json!({"leases": nothing, "orders": more}), 3), waits);
    assert_eq!(says(json!({"leases": nothing}), 4), confirmed);
    assert!(get(venue, PAGE, &cookie).body.contains("Granted rights can be used"));
}
