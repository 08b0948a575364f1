//! The key of a gateway: it is renewed while both hold, and ends at once where it was stolen.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        exchange::{message, nonce},
        listener::Listener,
        live::takes_sockets,
        machine::{Machine, change, code, enrolled, is, listed, machine, refused},
        venue::{Venue, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_gateway_s_key_is_renewed_and_the_former_one_ends_a_day_later,
    a_second_machine_in_a_gateway_s_place_has_a_key_of_its_own,
    every_key_of_a_stolen_gateway_ends_at_once,
    a_key_that_the_store_forgot_is_taken_and_one_of_no_version_is_not,
];

fn first(venue: &Venue) -> Machine {
    machine(&venue.keys)
}

fn exchange(venue: &Venue, machine: &Machine, number: u32) -> (u16, String) {
    let body = message(venue, json!({"orders": {"have": {}}})).to_string();
    let (answer, signed) = machine.ask(venue, "/api/exchange", body.as_bytes(), (now_ms(), number));
    assert!(signed || answer.status == 401, "{}", answer.body);
    refused(&answer)
}

fn good() -> (u16, String) {
    is(200, "")
}

fn redeemed(venue: &Venue, code: &Json) -> Machine {
    let answer = venue.post("/api/enrol", &json!({"code": code}));
    assert_eq!(answer.status, 201, "{}", answer.body);
    machine(&answer.json())
}

/// Lets a day go by since the latest key was used.
fn a_day_goes_by(venue: &Venue) {
    let sql = "UPDATE replica_key SET used_ms = used_ms - 86400001 WHERE venue = ?1";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id], "expect": 1}]));
    assert!(done.get("ok").is_some(), "{done}");
}

fn a_gateway_s_key_is_renewed_and_the_former_one_ends_a_day_later(venue: &Venue) {
    let former = first(venue);
    let answer = change(venue, "gateway", &json!({"do": "rotate"})).json();
    let latter = redeemed(venue, &answer["code"]);
    assert_eq!((latter.version, &latter.said["key"]), (2, &json!("2")));
    assert_ne!(latter.key, former.key);
    let shared = &venue.keys["shared_key"];
    assert!(shared.is_string());
    assert_eq!(&latter.said["shared_key"], shared, "what devices are bound to stays");
    // The answer may have been lost: the former key holds for as long as nobody uses the latter.
    assert_eq!(exchange(venue, &former, 1), good());
    assert_eq!(listed(venue, "gateway")["key"], "1");
    assert_eq!(exchange(venue, &latter, 2), good());
    assert_eq!(listed(venue, "gateway")["key"], "2");
    assert_eq!(exchange(venue, &former, 3), good());
    a_day_goes_by(venue);
    assert_eq!(exchange(venue, &former, 4), is(403, "device_key_ended"));
    if takes_sockets(venue) {
        let refused = Listener::open_signed(venue, &former.key, &nonce(5)).err();
        assert_eq!(refused, Some(403));
    }
    assert_eq!(exchange(venue, &latter, 6), good());
    let (keys, signed) =
        latter.ask(venue, "/api/person-keys", br#"{"persons": []}"#, (now_ms(), 7));
    assert_eq!((keys.status, signed), (200, true), "{}", keys.body);
}

fn a_second_machine_in_a_gateway_s_place_has_a_key_of_its_own(venue: &Venue) {
    let second = redeemed(venue, &json!(code(venue, "gateway", "New Pi")));
    assert_eq!(second.version, 2);
    assert_eq!(listed(venue, "gateway")["name"], "New Pi");
    assert_eq!(exchange(venue, &second, 1), good());
    // Whoever sets the host up again is told the key that holds.
    let said = venue.set_up(&venue.document()).json();
    assert_eq!(machine(&said).key, second.key);
    assert_eq!(said["shared_key"], venue.keys["shared_key"]);
}

fn every_key_of_a_stolen_gateway_ends_at_once(venue: &Venue) {
    let former = first(venue);
    let kiosk = enrolled(venue, "kiosk");
    let unused = redeemed(venue, &json!(code(venue, "gateway", "Pi")));
    let answer = change(venue, "gateway", &json!({"do": "replace"})).json();
    for (number, lost) in (1..).zip([&former, &unused]) {
        assert_eq!(exchange(venue, lost, number), is(403, "device_key_ended"));
    }
    // Who holds the gateway's key holds what the keys of devices come from.
    assert_eq!(refused(&kiosk.contact(venue, 3).0), is(401, "signature_invalid"));
    let next = redeemed(venue, &answer["code"]);
    assert_ne!(next.said["shared_key"], venue.keys["shared_key"]);
    assert_eq!(exchange(venue, &next, 4), good());
    assert_eq!(enrolled(venue, "kiosk").contact(venue, 5).0.status, 200);
    let sql = "SELECT count(*) AS times FROM audit_entry WHERE venue = ?1 \
         AND subject = 'gateway' AND act = 'device_rekeyed'";
    assert_eq!(venue.rows(sql, json!([venue.id])), json!([{"times": 1}]));
}

fn a_key_that_the_store_forgot_is_taken_and_one_of_no_version_is_not(venue: &Venue) {
    let former = first(venue);
    let latter = redeemed(venue, &json!(code(venue, "gateway", "Pi")));
    let sql = "DELETE FROM replica_key WHERE venue = ?1";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id], "expect": 1}]));
    assert!(done.get("ok").is_some(), "{done}");
    assert_eq!(exchange(venue, &latter, 1), good());
    assert_eq!(listed(venue, "gateway")["key"], "2");
    let third = redeemed(venue, &json!(code(venue, "gateway", "Pi")));
    assert_eq!(third.version, 3);
    for (number, version) in [(2, 3), (3, 0), (4, u32::MAX)] {
        let forged = Machine { version, ..former.clone() };
        assert_eq!(exchange(venue, &forged, number), is(401, "signature_invalid"), "{version}");
    }
}
