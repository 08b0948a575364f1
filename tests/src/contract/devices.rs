//! Devices of a venue on every host: what proves who they are, and what ends that.

use domain::sealed;
use serde_json::{Value as Json, json};
use sync_engine::seal::derive;

use crate::{
    cases,
    contract::{
        Case,
        exchange::{message, nonce},
        machine::{CONTACT, Machine, change, enrolled, is, listed, machine, refused},
        venue::{SETUP_CODE, Venue, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_kiosk_s_key_does_not_replicate_and_opens_no_page_of_staff,
    a_forged_stale_or_replayed_contact_is_refused,
    a_device_is_renamed_blocked_let_in_again_and_retired,
    a_key_is_followed_by_the_next_and_ends_a_day_later,
    a_stolen_key_ends_at_once_and_the_device_enrols_again,
    a_sensor_has_a_token_of_its_own,
    the_demo_s_sensor_posts_with_the_token_that_was_told,
    a_gateway_that_is_blocked_exchanges_no_more,
    a_contact_is_noted_also_after_a_clock_was_ahead,
];

fn a_kiosk_s_key_does_not_replicate_and_opens_no_page_of_staff(venue: &Venue) {
    let kiosk = enrolled(venue, "kiosk");
    let before = venue.footprint();
    let exchange = message(venue, json!({"orders": {"have": {}}})).to_string();
    for (number, (path, body)) in (10..).zip([
        ("/api/exchange", exchange.as_str()),
        ("/api/person-keys", r#"{"persons": []}"#),
        ("/api/lan", r#"{"origin": "https://a.lan.example"}"#),
        ("/api/certificate", "{}"),
        ("/api/device/contacts", r#"{"contacts": {}}"#),
    ]) {
        let (answer, _) = kiosk.ask(venue, path, body.as_bytes(), (now_ms(), number));
        assert_eq!(refused(&answer), is(401, "signature_invalid"), "{path}");
        // Nor does it under the gateway's name.
        let gateway = Machine { id: "gateway".to_owned(), ..kiosk.clone() };
        let (answer, _) = gateway.ask(venue, path, body.as_bytes(), (now_ms(), number + 20));
        assert_eq!(refused(&answer), is(401, "signature_invalid"), "{path}");
    }
    for path in ["/api/devices", "/kitchen", "/people"] {
        let answer = venue.send("GET", path, &[("relais-device", kiosk.id.as_str())], b"");
        assert_eq!(answer.code(), "sign_in_required", "{path}");
    }
    assert_eq!(venue.footprint(), before);
}

fn a_forged_stale_or_replayed_contact_is_refused(venue: &Venue) {
    let kiosk = enrolled(venue, "kiosk");
    let till = enrolled(venue, "till");
    let body = br#"{"version": ""}"#;
    let forged = Machine { key: till.key.clone(), ..kiosk.clone() };
    assert_eq!(refused(&forged.contact(venue, 1).0), is(401, "signature_invalid"));
    let unknown = Machine { id: "kiosk-0000000000000000".to_owned(), ..kiosk.clone() };
    assert_eq!(refused(&unknown.contact(venue, 2).0), is(401, "signature_invalid"));
    for at_ms in [now_ms() - 3_600_000, now_ms() + 3_600_000] {
        let (answer, signed) = kiosk.ask(venue, CONTACT, body, (at_ms, 3));
        assert_eq!((refused(&answer), signed), (is(401, "request_stale"), true));
        assert!(answer.json()["error"]["subject"][0].is_string(), "it learns the time");
    }
    assert_eq!(kiosk.contact(venue, 4).0.status, 200);
    assert_eq!(refused(&kiosk.contact(venue, 4).0), is(409, "request_replayed"));
    assert_eq!(venue.post(CONTACT, &json!({})).code(), "signature_invalid");
}

fn a_device_is_renamed_blocked_let_in_again_and_retired(venue: &Venue) {
    let till = enrolled(venue, "till");
    let answer = change(venue, &till.id, &json!({"do": "rename", "name": "Till 2"}));
    assert_eq!((answer.status, &answer.json()["device"]["name"]), (200, &json!("Till 2")));
    assert_eq!(answer.json()["device"]["place"], "Hall", "what is not said stays");
    for (number, (what, status, code)) in (1..).zip([
        ("block", 403, "device_blocked"),
        ("block", 403, "device_blocked"),
        ("admit", 200, ""),
        ("retire", 403, "device_retired"),
    ]) {
        assert_eq!(change(venue, &till.id, &json!({"do": what})).status, 200, "{what}");
        let (answer, signed) = till.contact(venue, number);
        assert_eq!((refused(&answer), signed), (is(status, code), true), "{what}");
    }
    for what in ["admit", "rename", "rotate", "replace"] {
        let answer = change(venue, &till.id, &json!({"do": what, "name": "Back"}));
        assert_eq!(refused(&answer), is(403, "device_retired"), "{what}");
    }
    let unknown = change(venue, "till-of-others", &json!({"do": "block"}));
    assert_eq!(refused(&unknown), is(404, "unknown_device"));
    assert_eq!(refused(&change(venue, &till.id, &json!({"do": "melt"}))), is(422, "invalid_field"));
    let acts = "SELECT act, count(*) AS times FROM audit_entry WHERE venue = ?1 AND subject = ?2 \
         GROUP BY act ORDER BY act";
    let noted = venue.rows(acts, json!([venue.id, till.id]));
    let names = ["device_admitted", "device_blocked", "device_enrolled", "device_renamed"];
    let expected: Vec<Json> = [&names[..], &["device_retired"]]
        .concat()
        .into_iter()
        .map(|act| json!({"act": act, "times": 1}))
        .collect();
    assert_eq!(noted, json!(expected), "an act is noted once, and only where something changed");
}

fn a_key_is_followed_by_the_next_and_ends_a_day_later(venue: &Venue) {
    let node = enrolled(venue, "node");
    assert_eq!(change(venue, &node.id, &json!({"do": "rotate"})).json()["device"]["key"], "2");
    let (answer, signed) = node.contact(venue, 1);
    assert_eq!((answer.status, signed), (200, true), "the former key is still good");
    let next = answer.json()["next"].clone();
    let text = next["sealed"].as_str().expect("the next key is told").to_owned();
    let present: [u8; 32] = node.key.clone().try_into().expect("32 bytes");
    let opened = sealed::open(&derive(&present, "next-key"), &node.id, &text);
    let key = opened.as_deref().and_then(sealed::from_hex).expect("it opens with the former one");
    let renewed = Machine { key, ..node.clone() };
    let (answer, signed) = renewed.contact(venue, 2);
    assert_eq!((answer.status, signed, &answer.json()["next"]), (200, true, &Json::Null));
    let sql = "UPDATE device_event SET at_ms = at_ms - 86400001 WHERE venue = ?1";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id]}]));
    assert!(done.get("ok").is_some(), "{done}");
    assert_eq!(refused(&node.contact(venue, 3).0), is(401, "signature_invalid"));
    assert_eq!(renewed.contact(venue, 4).0.status, 200);
}

fn a_stolen_key_ends_at_once_and_the_device_enrols_again(venue: &Venue) {
    let stolen = enrolled(venue, "node");
    let answer = change(venue, &stolen.id, &json!({"do": "replace"}));
    assert_eq!((answer.status, &answer.json()["device"]["key"]), (200, &json!("2r")));
    assert_eq!(refused(&stolen.contact(venue, 1).0), is(401, "signature_invalid"));
    let again = venue.post("/api/enrol", &json!({"code": answer.json()["code"]}));
    assert_eq!(again.status, 201, "{}", again.body);
    let back = machine(&again.json());
    assert_eq!(back.id, stolen.id);
    assert_ne!(back.key, stolen.key);
    assert_eq!(back.contact(venue, 2).0.status, 200);
}

fn a_sensor_has_a_token_of_its_own(venue: &Venue) {
    let sensor = enrolled(venue, "sensor");
    let token = sensor.said["token"].as_str().expect("a sensor gets a token").to_owned();
    let contact = |token: &str| {
        let bearer = format!("Bearer {token}");
        venue.post_with(CONTACT, &json!({"version": "esp"}), &[("authorization", &bearer)])
    };
    assert_eq!(contact(&token).status, 200);
    assert_eq!(listed(venue, &sensor.id)["version"], "esp");
    let (head, _) = token.rsplit_once('.').expect("a token has parts");
    let kiosk = enrolled(venue, "kiosk");
    for wrong in ["a", "a.b.c", "..", &format!("{head}.{}", "0".repeat(32)), &kiosk.id] {
        assert_eq!(refused(&contact(wrong)), is(401, "token_invalid"), "{wrong}");
    }
    // It opens nothing else.
    let bearer = format!("Bearer {token}");
    let answer = venue.send("GET", "/api/devices", &[("authorization", &bearer)], b"");
    assert_eq!(answer.code(), "sign_in_required");
    let next = change(venue, &sensor.id, &json!({"do": "rotate"})).json()["token"].clone();
    let next = next.as_str().expect("the next token is shown").to_owned();
    assert!(next != token && contact(&token).status == 200 && contact(&next).status == 200);
    assert_eq!(change(venue, &sensor.id, &json!({"do": "block"})).status, 200);
    for token in [token, next] {
        assert_eq!(refused(&contact(&token)), is(403, "device_blocked"));
    }
}

fn a_gateway_that_is_blocked_exchanges_no_more(venue: &Venue) {
    let exchange = |number: u32| {
        let body = message(venue, json!({"orders": {"have": {}}}));
        venue.exchange(&body, now_ms(), &nonce(number))
    };
    assert_eq!(exchange(1).status, 200);
    assert_eq!(listed(venue, "gateway")["kind"], "gateway", "the set-up enrolled it");
    assert!(listed(venue, "gateway")["contact_ms"].as_u64().is_some_and(|ms| ms > 0));
    assert_eq!(change(venue, "gateway", &json!({"do": "block"})).status, 200);
    assert_eq!(refused(&exchange(2)), is(403, "device_blocked"));
    let answer = change(venue, "gateway", &json!({"do": "retire"}));
    assert_eq!(refused(&answer), is(409, "replica_stays"));
    assert_eq!(change(venue, "gateway", &json!({"do": "admit"})).status, 200);
    assert_eq!(exchange(3).status, 200);
}

fn the_demo_s_sensor_posts_with_the_token_that_was_told(venue: &Venue) {
    let setup = format!("Bearer {SETUP_CODE}");
    let path = format!("/api/setup/venues/{}/people", venue.id);
    let told = venue.post_with(&path, &json!([]), &[("authorization", &setup)]).json();
    let bearer = format!("Bearer {}", told["sensor_token"].as_str().expect("a token"));
    let answer = venue.post_with(CONTACT, &json!({}), &[("authorization", &bearer)]);
    assert_eq!((answer.status, &answer.json()["device"]), (200, &json!("sensor-demo")));
    assert_eq!(listed(venue, "till-demo")["kind"], "till");
}

fn a_contact_is_noted_also_after_a_clock_was_ahead(venue: &Venue) {
    let kiosk = enrolled(venue, "kiosk");
    assert_eq!(kiosk.contact(venue, 1).0.status, 200);
    let ahead = "UPDATE device_contact SET at_ms = ?2 WHERE venue = ?1";
    let params = json!([venue.id, now_ms() + 10 * 365 * 24 * 3_600_000]);
    let done = venue.sql("commit", json!([{"sql": ahead, "params": params}]));
    assert!(done.get("ok").is_some(), "{done}");
    assert_eq!(kiosk.contact(venue, 2).0.status, 200);
    let noted = listed(venue, &kiosk.id)["contact_ms"].as_u64();
    assert!(noted.is_some_and(|ms| ms <= now_ms()), "{noted:?}");
}
