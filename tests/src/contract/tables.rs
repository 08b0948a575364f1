//! Tables and their sensors on every host: what a sensor may say, what it makes of a table, what
//! staff and customers do.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        machine::{change, enrolled, is, refused},
        venue::{Answer, Venue, basket_id, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_sensor_is_answered_as_the_first_prototype_did,
    what_a_sensor_may_not_say_changes_nothing,
    a_flood_of_readings_writes_next_to_nothing,
    a_table_is_taken_at_once_and_free_after_two_words,
    staff_say_what_a_table_is_and_managers_which_there_are,
    a_table_and_its_sensor_are_of_one_venue_alone,
    an_order_of_the_edge_claims_a_table_and_chooses_without_one,
];

const PATH: &str = "/api/update_tables";

/// Enrols a sensor and returns the header that proves it.
fn sensor(venue: &Venue) -> String {
    let machine = enrolled(venue, "sensor");
    format!("Bearer {}", machine.said["token"].as_str().expect("a sensor gets a token"))
}

fn say(venue: &Venue, bearer: &str, body: &Json) -> Answer {
    venue.post_with(PATH, body, &[("authorization", bearer)])
}

fn tables(venue: &Venue) -> Json {
    let cookie = venue.sign_in("kitchen");
    let answer = venue.send("GET", "/api/tables", &[("cookie", &cookie)], b"");
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["tables"].clone()
}

fn table(venue: &Venue, number: u64) -> Json {
    let all = tables(venue);
    let found = all.as_array().and_then(|all| all.iter().find(|t| t["number"] == number).cloned());
    found.unwrap_or_default()
}

fn a_sensor_is_answered_as_the_first_prototype_did(venue: &Venue) {
    let bearer = sensor(venue);
    let answer = say(venue, &bearer, &json!({"1": "LIBRE", "2": "OCCUPE"}));
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "success"})));
    assert_eq!(table(venue, 1)["state"], "free");
    assert_eq!(table(venue, 2)["state"], "occupied");
    // What says nothing of its type is read as well: the prototype's small machines do not know.
    let headers = [("authorization", bearer.as_str())];
    let answer = venue.send("POST", PATH, &headers, br#"{"3":"OCCUPE"}"#);
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "success"})));
    let empty = say(venue, &bearer, &json!({}));
    assert_eq!((empty.status, &empty.json()["status"]), (400, &json!("error")));
    assert!(empty.json()["message"].is_string(), "{}", empty.body);
}

fn what_a_sensor_may_not_say_changes_nothing(venue: &Venue) {
    let bearer = sensor(venue);
    assert_eq!(say(venue, &bearer, &json!({"1": "OCCUPE"})).status, 200);
    let before = venue.footprint();
    let headers = [("authorization", bearer.as_str())];
    let many: serde_json::Map<String, Json> =
        (1..=60).map(|n| (n.to_string(), json!("LIBRE"))).collect();
    for garbage in [
        b"".to_vec(),
        b"{}".to_vec(),
        b"[]".to_vec(),
        b"\"LIBRE\"".to_vec(),
        b"{\"1\":\"LIBRE\"".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        br#"{"1":"libre"}"#.to_vec(),
        br#"{"1":1}"#.to_vec(),
        br#"{"1":null}"#.to_vec(),
        br#"{"2":"OCCUPE","1":"MAYBE"}"#.to_vec(),
        "{\"2\":\"OCCUPÉ 🍔\"}".as_bytes().to_vec(),
        Json::from(many).to_string().into_bytes(),
    ] {
        let answer = venue.send("POST", PATH, &headers, &garbage);
        let what = String::from_utf8_lossy(&garbage).into_owned();
        assert_eq!(refused(&answer), is(400, "invalid_reading"), "{what}");
        assert_eq!(answer.json()["status"], "error", "{what}");
    }
    for unknown in ["9", "0", "-1", "01", "1 ", "99999999999999999999", "table", "🍔"] {
        let answer = say(venue, &bearer, &json!({"2": "OCCUPE", unknown: "OCCUPE"}));
        assert_eq!(refused(&answer), is(404, "unknown_table"), "{unknown}");
        assert_eq!(answer.json()["error"]["subject"], json!([unknown]));
    }
    for (bearer, code) in [("", "signature_invalid"), ("Bearer a.b.c", "token_invalid")] {
        let answer = say(venue, bearer, &json!({"2": "OCCUPE"}));
        assert_eq!(refused(&answer), is(401, code));
    }
    let huge = vec![b' '; 2_000_000];
    assert_eq!(venue.send("POST", PATH, &headers, &huge).status, 413);
    assert_eq!(venue.footprint(), before);
    // A kiosk's key is no sensor's.
    let kiosk = enrolled(venue, "kiosk");
    let at = (crate::contract::venue::now_ms(), 1);
    let (answer, _) = kiosk.ask(venue, PATH, br#"{"2":"OCCUPE"}"#, at);
    assert_eq!(refused(&answer), is(403, "no_sensor"));
    assert_eq!(table(venue, 2)["state"], "free");
    let id = bearer.trim_start_matches("Bearer ").split('.').next().expect("a name").to_owned();
    assert_eq!(change(venue, &id, &json!({"do": "block"})).status, 200);
    assert_eq!(refused(&say(venue, &bearer, &json!({"2": "OCCUPE"}))), is(403, "device_blocked"));
}

fn a_flood_of_readings_writes_next_to_nothing(venue: &Venue) {
    let bearer = sensor(venue);
    assert_eq!(say(venue, &bearer, &json!({"1": "OCCUPE", "2": "LIBRE"})).status, 200);
    let written =
        |venue: &Venue| venue.footprint()[0]["changes"].as_i64().expect("changes are counted");
    let (before, began) = (written(venue), Instant::now());
    for number in 0..60 {
        let first = if number % 2 == 0 { "LIBRE" } else { "OCCUPE" };
        assert_eq!(say(venue, &bearer, &json!({"1": first, "2": "LIBRE"})).status, 200);
    }
    // A table turns every two seconds at most, however quickly a sensor posts.
    let allowed = 1 + i64::try_from(began.elapsed().as_secs() / 2).expect("a short while");
    let changes = written(venue) - before;
    assert!(changes <= allowed, "{changes} changes, {allowed} are allowed");
    let said = vec![("authorization", bearer.as_str())];
    let still = written(venue);
    for _ in 0..20 {
        let answer = venue.post_with(PATH, &json!({"2": "LIBRE"}), &said);
        assert_eq!(answer.status, 200);
    }
    assert_eq!(written(venue), still, "the same again writes nothing");
}

fn a_table_is_taken_at_once_and_free_after_two_words(venue: &Venue) {
    let bearer = sensor(venue);
    assert_eq!(say(venue, &bearer, &json!({"4": "OCCUPE"})).status, 200);
    assert_eq!(table(venue, 4)["occupied"], true);
    assert_eq!(say(venue, &bearer, &json!({"4": "LIBRE"})).status, 200);
    assert_eq!(table(venue, 4)["occupied"], true, "one LIBRE is one missed motion");
    let ends = Instant::now() + Duration::from_secs(20);
    while table(venue, 4)["occupied"] == true {
        assert!(Instant::now() < ends, "the table stays taken");
        assert_eq!(say(venue, &bearer, &json!({"4": "LIBRE"})).status, 200);
    }
    assert_eq!(table(venue, 4)["state"], "occupied", "whoever sits still is not seen");
    assert_eq!(say(venue, &bearer, &json!({"4": "OCCUPE"})).status, 200);
}

fn staff_say_what_a_table_is_and_managers_which_there_are(venue: &Venue) {
    let roles = ["kitchen", "counter", "manager", "owner", "courier", "technician", "member"];
    let cookies: BTreeMap<&str, String> =
        roles.into_iter().map(|role| (role, venue.sign_in(role))).collect();
    let set = |role: &str, number: &str, body: Json| {
        let path = format!("/api/tables/{number}");
        venue.post_with(&path, &body, &[("cookie", cookies[role].as_str())])
    };
    for (role, hand, state) in [
        ("kitchen", "closed", "closed"),
        ("counter", "occupied", "occupied"),
        ("manager", "free", "free"),
        ("kitchen", "auto", "free"),
    ] {
        let answer = set(role, "3", json!({"do": hand}));
        assert_eq!((answer.status, &answer.json()["state"]), (200, &json!(state)), "{hand}");
    }
    let before = venue.footprint();
    for role in ["courier", "technician", "member"] {
        assert_eq!(refused(&set(role, "3", json!({"do": "closed"}))), is(403, "forbidden"));
    }
    let named = json!({"do": "rename", "name": "Ours", "seats": 2});
    for (role, number, body, expected) in [
        ("kitchen", "3", json!({"do": "melt"}), is(422, "invalid_field")),
        ("kitchen", "3", named, is(403, "forbidden")),
        ("counter", "3", json!({"do": "remove"}), is(403, "forbidden")),
        ("kitchen", "77", json!({"do": "free"}), is(404, "unknown_table")),
    ] {
        assert_eq!(refused(&set(role, number, body)), expected);
    }
    assert_eq!(venue.footprint(), before);

    let manager = [("cookie", cookies["manager"].as_str())];
    let add = |body: Json| venue.post_with("/api/tables", &body, &manager);
    assert_eq!(add(json!({"number": 12, "name": "Salle 🍷", "seats": 2})).status, 201);
    for (body, expected) in [
        (json!({"number": 12}), is(409, "table_exists")),
        (json!({"number": 0}), is(422, "invalid_field")),
        (json!({"number": 13, "name": "\u{202e}x"}), is(422, "invalid_field")),
        (json!({"number": 13, "seats": 101}), is(422, "invalid_field")),
    ] {
        assert_eq!(refused(&add(body)), expected);
    }
    let named = json!({"do": "rename", "name": "Salle", "seats": 6});
    assert_eq!(set("manager", "12", named).status, 200);
    let now = table(venue, 12);
    assert_eq!((&now["name"], &now["seats"]), (&json!("Salle"), &json!(6)));
    assert_eq!(set("owner", "12", json!({"do": "remove"})).json()["removed"], true);
    assert_eq!(table(venue, 12), Json::Null);
    let gone = say(venue, &sensor(venue), &json!({"12": "OCCUPE"}));
    assert_eq!(refused(&gone), is(404, "unknown_table"));
    assert_eq!(add(json!({"number": 12})).status, 201, "it comes back");
}

fn a_table_and_its_sensor_are_of_one_venue_alone(venue: &Venue) {
    let beside = venue.beside();
    let (theirs, cookie) = (sensor(&beside), beside.sign_in("owner"));
    let ours = venue.sign_in("counter");
    assert_eq!(beside.post("/api/orders", &cheese_king(40)).status, 201);
    let before = (venue.footprint(), beside.footprint());
    let answer = say(venue, &theirs, &json!({"1": "OCCUPE"}));
    assert_eq!(refused(&answer), is(401, "token_invalid"));
    let path = format!("/api/orders/{}/table", order_id(40));
    let seated = venue.post(&path, &json!({"choice": "seated", "table": 1}));
    assert_eq!(refused(&seated), is(404, "unknown_order"), "their order is theirs");
    for path in ["/api/tables", "/api/tables/1", "/floor", "/floor/1"] {
        let answer = venue.post_with(path, &json!({"do": "closed"}), &[("cookie", &cookie)]);
        assert_eq!(answer.code(), "sign_in_required", "{path}");
    }
    for path in ["/api/tables", "/floor", "/floor/board", "/floor/1"] {
        let answer = venue.send("GET", path, &[("cookie", &cookie)], b"");
        assert_eq!(answer.code(), "sign_in_required", "{path}");
    }
    assert_eq!((venue.footprint(), beside.footprint()), before);
    // One number, two venues.
    let by_ours = [("cookie", ours.as_str())];
    let closed = venue.post_with("/api/tables/1", &json!({"do": "closed"}), &by_ours);
    assert_eq!(closed.json()["state"], "closed");
    assert_eq!(beside.footprint(), before.1);
    assert_eq!(table(&beside, 1)["state"], "free");
}

fn an_order_of_the_edge_claims_a_table_and_chooses_without_one(venue: &Venue) {
    let mut wished = cheese_king(1);
    wished["table"] = json!(5);
    let placed = venue.post("/api/orders", &wished);
    assert_eq!((placed.status, &placed.json()["table"]["code"]), (201, &json!("on_site")));
    let claims = "SELECT id, wished FROM table_claim WHERE venue = ?1";
    let claimed = venue.rows(claims, json!([venue.id]));
    assert_eq!(claimed, json!([{"id": order_id(1), "wished": 5}]));
    let given = venue.rows("SELECT id FROM table_assignment WHERE venue = ?1", json!([venue.id]));
    assert_eq!(given, json!([]), "tables are the gateway's to give");
    let page = venue.get(&format!("/orders/{}?lang=en", order_id(1)));
    assert!(page.body.contains("A table will be assigned on site"), "{}", page.body);

    let choose = |number: u32, body: &Json| {
        venue.post(&format!("/api/orders/{}/table", order_id(number)), body)
    };
    let before = venue.footprint();
    for body in [json!({"choice": "dance"}), json!({}), json!({"choice": "wait", "more": 1})] {
        assert_eq!(refused(&choose(1, &body)), is(400, "invalid_json"));
    }
    for (table, code) in [(json!(99), "unknown_table"), (Json::Null, "unknown_table")] {
        let answer = choose(1, &json!({"choice": "seated", "table": table}));
        assert_eq!(refused(&answer), is(404, code));
    }
    assert_eq!(refused(&choose(2, &json!({"choice": "wait"}))), is(404, "unknown_order"));
    assert_eq!(venue.footprint(), before);
    for (choice, code) in [("wait", "waiting"), ("take_away", "take_away"), ("wait", "waiting")] {
        let answer = choose(1, &json!({"choice": choice}));
        assert_eq!((answer.status, &answer.json()["table"]["code"]), (200, &json!(code)));
        let before = venue.footprint();
        assert_eq!(choose(1, &json!({"choice": choice})).status, 200);
        assert_eq!(venue.footprint(), before, "the same again writes nothing");
    }

    let mut away = cheese_king(3);
    (away["mode"], away["id"]) = (json!("take_away"), json!(basket_id(3)));
    let placed = venue.post("/api/orders", &away);
    assert_eq!((placed.status, &placed.json()["table"]["code"]), (201, &json!("none")));
    assert_eq!(refused(&choose(3, &json!({"choice": "wait"}))), is(409, "no_table_wanted"));
}
