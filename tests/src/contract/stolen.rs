//! A gateway that was stolen, and says of people what their home never wrote.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        exchange::{message, nonce},
        venue::{Venue, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_stolen_gateway_makes_nobody_an_owner,
    a_stolen_gateway_erases_nobody,
    what_the_home_wrote_comes_back_and_undoes_nothing_later,
    whatever_a_stolen_gateway_says_of_itself_the_next_one_gets_in,
];

/// A register of somebody, as a device tells of it.
struct Told<'a> {
    table: &'a str,
    register: &'a str,
    person: &'a str,
    payload: Json,
}

/// Tells it as the gateway's newest change, and as a row of its snapshot.
fn tell(venue: &Venue, number: u32, told: &Told<'_>) {
    let stamp = format!("{:012x}{number:04x}", now_ms());
    let change = |generation: String, seq: u32| {
        json!({
            "replica": "gateway", "generation": generation, "seq": seq,
            "claimed": stamp, "effective": stamp, "table": told.table, "entity": told.person,
            "register": told.register, "payload": told.payload,
        })
    };
    let changes = json!({"people": {"have": {}, "changes": [change(format!("a{number}"), 1)]}});
    let row = change(format!("b{number}"), 0);
    let page = json!({"upto": {"have": {}}});
    let rows = json!({"people": {"have": {}, "changes": [], "page": page, "rows": [row]}});
    for (n, streams) in [(0, changes), (1, rows)] {
        let answer = venue.exchange(&message(venue, streams), now_ms(), &nonce(2 * number + n));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

fn access(venue: &Venue, person: &str) -> Json {
    let sql =
        "SELECT roles, active, access_ms, access_mark FROM person WHERE venue = ?1 AND id = ?2";
    venue.rows(sql, json!([venue.id, person]))[0].clone()
}

/// What a row of the store says as the payload of a change.
fn payload(access: &Json) -> Json {
    let roles: Json =
        serde_json::from_str(access["roles"].as_str().unwrap_or_default()).unwrap_or_default();
    json!({
        "roles": roles, "active": access["active"], "access_ms": access["access_ms"],
        "access_mark": access["access_mark"],
    })
}

fn of_access<'a>(person: &'a str, payload: Json) -> Told<'a> {
    Told { table: "person", register: "access", person, payload }
}

fn waiting(venue: &Venue) -> i64 {
    let sql = "SELECT count(*) AS waiting FROM set_aside a JOIN stream_writer v ON v.id = a.writer \
         WHERE v.stream = ?1";
    let found = venue.rows(sql, json!([format!("{}/people", venue.id)]));
    found[0]["waiting"].as_i64().unwrap_or(-1)
}

fn a_stolen_gateway_makes_nobody_an_owner(venue: &Venue) {
    let (cookie, somebody) = venue.sign_in_as(&json!({"roles": ["kitchen"]}));
    let person = somebody["person"].as_str().unwrap_or_default();
    let before = access(venue, person);
    let mut altered = payload(&before);
    altered["roles"] = json!(["owner"]);
    let mut later = altered.clone();
    later["access_ms"] = json!(now_ms() + 60_000);
    let bare = json!({"roles": ["owner"], "active": 1});
    for (number, payload) in (1..).zip([bare, altered, later]) {
        tell(venue, number, &of_access(person, payload));
        assert_eq!(access(venue, person), before);
        assert_eq!(waiting(venue), i64::from(number), "it is kept, and shown");
    }
    // A name is no way in either.
    let name = json!({"name_sealed": "x", "profile_mark": ""});
    tell(venue, 9, &Told { table: "person", register: "profile", person, payload: name });
    let sql = "SELECT count(*) AS named FROM person WHERE venue = ?1 AND name_sealed = 'x'";
    assert_eq!(venue.rows(sql, json!([venue.id]))[0]["named"], 0);
    // Whoever tries again what was set aside lets nothing in.
    let manager = venue.sign_in("manager");
    let again = venue.post_with("/api/sync-status/retry", &json!({}), &[("cookie", &manager)]);
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!((access(venue, person), waiting(venue)), (before, 4));
    assert_eq!(venue.send("GET", "/people", &[("cookie", &cookie)], b"").status, 403);
}

fn a_stolen_gateway_erases_nobody(venue: &Venue) {
    let (_, somebody) = venue.sign_in_as(&json!({"roles": ["kitchen"]}));
    let person = somebody["person"].as_str().unwrap_or_default();
    let key = || {
        let sql = "SELECT count(*) AS keys FROM person_key WHERE person = ?1";
        venue.rows(sql, json!([person]))[0]["keys"].as_i64()
    };
    assert_eq!(key(), Some(1));
    for (number, payload) in (20..).zip([json!({"at_ms": 1}), json!({"at_ms": 1, "mark": "00"})]) {
        tell(venue, number, &Told { table: "erasure", register: "", person, payload });
        assert_eq!(key(), Some(1), "the key is still here");
    }
}

fn what_the_home_wrote_comes_back_and_undoes_nothing_later(venue: &Venue) {
    let owner = venue.sign_in("owner");
    let (_, somebody) = venue.sign_in_as(&json!({"roles": ["manager"]}));
    let person = somebody["person"].as_str().unwrap_or_default();
    let before = access(venue, person);
    let barred = json!({"active": false});
    let path = format!("/api/users/{person}");
    let answer = venue.post_with(&path, &barred, &[("cookie", &owner)]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let after = access(venue, person);
    assert_eq!((after["active"].as_i64(), waiting(venue)), (Some(0), 0));
    // Once it was true, and now it is not.
    tell(venue, 30, &of_access(person, payload(&before)));
    assert_eq!((access(venue, person), waiting(venue)), (after.clone(), 1));
    // A store that was put back to before hears from its gateway what it has forgotten.
    let forget = "UPDATE person SET roles = ?3, active = 1, access_ms = ?4, access_mark = ?5, \
         access_stamp = 1 WHERE venue = ?1 AND id = ?2";
    let (roles, ms, mark) = (&before["roles"], &before["access_ms"], &before["access_mark"]);
    let params = json!([venue.id, person, roles, ms, mark]);
    let forgotten = venue.sql("commit", json!([{"sql": forget, "params": params}]));
    assert!(forgotten["error"].is_null(), "{forgotten}");
    assert_eq!(access(venue, person), before);
    tell(venue, 40, &of_access(person, payload(&after)));
    assert_eq!((access(venue, person), waiting(venue)), (after, 1));
}

fn whatever_a_stolen_gateway_says_of_itself_the_next_one_gets_in(venue: &Venue) {
    let event = |kind: &str, version: u64| {
        let id = format!("gateway.{kind}{version}");
        let payload =
            json!({"device": "gateway", "kind": kind, "version": version, "at_ms": now_ms()});
        ("device_event", "", id, payload)
    };
    let identity = json!({"kind": "of-the-future", "name": "G", "place": "", "enrolled_ms": 1});
    let told = [
        ("device", "identity", "gateway".to_owned(), identity),
        event("retired", 0),
        event("rotated", 1 << 40),
    ];
    for (number, (table, register, entity, payload)) in (50..).zip(told) {
        let stamp = format!("{:012x}{number:04x}", now_ms());
        let change = json!({
            "replica": "gateway", "generation": format!("a{number}"), "seq": 1,
            "claimed": stamp, "effective": stamp, "table": table, "entity": entity,
            "register": register, "payload": payload,
        });
        let streams = json!({"people": {"have": {}, "changes": [change]}});
        for (n, streams) in [(0, streams), (1, json!({"people": {"have": {}}}))] {
            let sent = message(venue, streams);
            let answer = venue.exchange(&sent, now_ms(), &nonce(2 * number + n));
            assert_eq!(answer.status, 200, "{entity}: {}", answer.body);
        }
    }
}
