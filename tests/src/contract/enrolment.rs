//! How devices enrol on every host: by a code that staff were shown, or by one that they show.

use app::csrf;
use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        logins::{forget_tries, submit},
        machine::{change, code, is, listed, machine, refused},
        venue::{Answer, Venue, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_device_enrols_once_by_a_code_of_the_dashboard,
    a_code_that_is_wrong_old_or_of_another_venue_enrols_nothing,
    a_device_that_shows_a_code_waits_for_staff,
    a_browser_becomes_a_station_and_keeps_a_cookie,
    a_venue_has_so_many_devices_and_no_more,
];

fn a_device_enrols_once_by_a_code_of_the_dashboard(venue: &Venue) {
    let shown = code(venue, "node", "Lockers");
    let typed = shown.to_lowercase().replace('-', " ");
    let answer = venue.post("/api/enrol", &json!({"code": typed}));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let node = machine(&answer.json());
    assert_eq!((&node.said["venue"], &node.said["kind"]), (&json!(venue.id), &json!("node")));
    assert_eq!(node.said["token"], Json::Null, "it can sign");
    let again = venue.post("/api/enrol", &json!({"code": shown}));
    assert_eq!(refused(&again), is(410, "code_not_good"));
    assert_eq!(listed(venue, &node.id)["contact_ms"], 0);
    let (answer, signed) = node.contact(venue, 1);
    assert_eq!((answer.status, signed), (200, true), "{}", answer.body);
    assert_eq!((&answer.json()["name"], &answer.json()["next"]), (&json!("Lockers"), &Json::Null));
    let one = listed(venue, &node.id);
    assert!(one["contact_ms"].as_u64().is_some_and(|ms| ms.abs_diff(now_ms()) < 60_000), "{one}");
    assert_eq!((&one["version"], &one["place"]), (&json!("1.2.3"), &json!("Hall")));
    let acts = "SELECT subject FROM audit_entry WHERE venue = ?1 AND act = 'device_enrolled'";
    assert_eq!(venue.rows(acts, json!([venue.id])), json!([{"subject": node.id}]));
    // Neither code nor key is in the store.
    let kept =
        venue.rows("SELECT count(*) AS n FROM one_time_code WHERE venue = ?1", json!([venue.id]));
    assert_eq!(kept[0]["n"], 0);
    let page = venue.send("GET", "/devices", &[("cookie", &venue.sign_in("manager"))], b"");
    assert!(page.status == 200 && page.body.contains("Lockers"), "{}", page.body);
}

fn a_code_that_is_wrong_old_or_of_another_venue_enrols_nothing(venue: &Venue) {
    forget_tries(venue);
    let old = code(venue, "kiosk", "Old");
    let sql = "UPDATE one_time_code SET ends_ms = 1 WHERE venue = ?1";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id]}]));
    assert!(done.get("ok").is_some(), "{done}");
    let foreign = code(venue, "kiosk", "Foreign");
    let sql = "UPDATE one_time_code SET venue = 'elsewhere' WHERE venue = ?1 AND ends_ms > 1";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id]}]));
    assert!(done.get("ok").is_some(), "{done}");
    let good = code(venue, "kiosk", "Good");
    let before = venue.footprint();
    for typed in [old.as_str(), foreign.as_str(), "", "ABCD-EFGH", "0000-0000", "' OR 1=1 --"] {
        let answer = venue.post("/api/enrol", &json!({"code": typed}));
        assert_eq!(refused(&answer), is(410, "code_not_good"), "{typed}");
    }
    // Tries are limited, and then even a good one has to wait.
    for _ in 0..4 {
        let answer = venue.post("/api/enrol", &json!({"code": "ZZZZ-ZZZZ"}));
        assert_eq!(answer.code(), "code_not_good");
    }
    let answer = venue.post("/api/enrol", &json!({"code": good}));
    assert_eq!(refused(&answer), is(429, "too_many_tries"));
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(venue.footprint(), before);
    forget_tries(venue);
    assert_eq!(venue.post("/api/enrol", &json!({"code": good})).status, 201);
    let manager = venue.sign_in("manager");
    for (name, kind, field) in [
        ("a\u{7}b", "kiosk", "name"),
        ("", "kiosk", "name"),
        (&"x".repeat(61), "kiosk", "name"),
        ("Kiosk", "toaster", "kind"),
    ] {
        let wanted = json!({"kind": kind, "name": name});
        let answer = venue.post_with("/api/devices", &wanted, &[("cookie", &manager)]);
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_field"), "{name}");
        assert_eq!(answer.json()["error"]["subject"], json!([field]));
    }
}

fn a_device_that_shows_a_code_waits_for_staff(venue: &Venue) {
    forget_tries(venue);
    let asked = venue.post("/api/enrol/ask", &json!({"kind": "screen"}));
    assert_eq!(asked.status, 201, "{}", asked.body);
    let asked = asked.json();
    let own = json!({"code": asked["code"], "secret": asked["secret"]});
    let collect = |body: &Json| venue.post("/api/enrol/collect", body);
    assert_eq!(collect(&own).status, 202);
    // The code alone, which everybody in front of the screen sees, is no use.
    let seen = json!({"code": asked["code"], "secret": "0".repeat(32)});
    assert_eq!(refused(&collect(&seen)), is(410, "code_not_good"));
    assert_eq!(venue.post("/api/enrol", &json!({"code": asked["code"]})).status, 410);
    let approval = json!({"code": asked["code"], "name": "Window", "place": "Street"});
    let manager = venue.sign_in("manager");
    let approve =
        |cookie: &str| venue.post_with("/api/enrol/approve", &approval, &[("cookie", cookie)]);
    assert_eq!(approve(&venue.sign_in("kitchen")).code(), "forbidden");
    let approved = approve(&manager);
    assert_eq!(approved.status, 201, "{}", approved.body);
    assert_eq!(refused(&approve(&manager)), is(410, "code_not_good"), "one code, one device");
    let first = collect(&own);
    assert_eq!(first.status, 200, "{}", first.body);
    // The answer may be lost: for a time the same is told again.
    assert_eq!(collect(&own).json(), first.json());
    let screen = machine(&first.json());
    assert_eq!(approved.json()["id"], json!(screen.id));
    assert_eq!(screen.contact(venue, 1).0.status, 200);
    assert_eq!(listed(venue, &screen.id)["name"], "Window");
    for kind in ["gateway", "standby"] {
        let asked = venue.post("/api/enrol/ask", &json!({"kind": kind}));
        assert_eq!(refused(&asked), is(409, "not_enrolled_here"));
    }
}

/// A browser that is enrolled as a station of this kind; returns its cookie.
pub(super) fn station(venue: &Venue, kind: &str) -> String {
    forget_tries(venue);
    let fields = [("do", "redeem"), ("code", &*code(venue, kind, kind))];
    let answer = submit(venue, "/enrol", &[], &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    cookie_named(&answer, "relais_device=")
}

fn cookie_named(answer: &Answer, name: &str) -> String {
    let mut set = answer.headers.iter().filter(|(known, _)| known == "set-cookie");
    let found = set.find_map(|(_, value)| {
        let pair = value.split(';').next().filter(|pair| pair.starts_with(name))?;
        assert!(value.contains("HttpOnly") && value.contains("SameSite=Strict"), "{value}");
        Some(pair.to_owned())
    });
    found.unwrap_or_else(|| panic!("{name} is set: {:?}", answer.headers))
}

fn a_browser_becomes_a_station_and_keeps_a_cookie(venue: &Venue) {
    forget_tries(venue);
    // A code for a machine is not used up by a browser.
    let of_node = code(venue, "node", "Node");
    let answer = submit(venue, "/enrol", &[], &[("do", "redeem"), ("code", &of_node)]);
    assert_eq!(answer.status, 409);
    assert_eq!(venue.post("/api/enrol", &json!({"code": of_node})).status, 201);
    let shown = code(venue, "till", "Till");
    let answer = submit(venue, "/enrol", &[], &[("do", "redeem"), ("code", &shown)]);
    assert_eq!((answer.status, answer.header("location")), (303, "/counter"), "{}", answer.body);
    let till = cookie_named(&answer, "relais_device=");
    let at = |cookie: &str| venue.send("GET", "/enrol", &[("cookie", cookie)], b"");
    assert!(at(&till).body.contains("id=\"station\""));
    // The other way: it shows a code, and asks again by itself.
    let answer = submit(venue, "/enrol", &[], &[("do", "ask"), ("kind", "kitchen")]);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let waits = cookie_named(&answer, "relais_enrol=");
    let page = at(&waits);
    assert!(page.body.contains("id=\"enrol-on\""), "{}", page.body);
    let (_, kept) = waits.split_once('=').expect("a cookie has a value");
    let (shown, _) = kept.split_once('.').expect("code and secret");
    assert!(page.body.contains(shown));
    let manager = venue.sign_in("manager");
    let token = csrf::of(manager.split_once('=').map_or("", |(_, token)| token));
    let fields =
        [("do", "approve"), ("code", shown), ("name", "Grill"), ("place", ""), ("csrf", &token)];
    let answer = submit(venue, "/devices", &[("cookie", &manager)], &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let arrived = at(&waits);
    assert_eq!((arrived.status, arrived.header("location")), (303, "/kitchen"));
    let grill = cookie_named(&arrived, "relais_device=");
    assert!(at(&grill).body.contains("Grill"));
    // The next key comes by itself; a blocked or invented station is none.
    let id = grill.trim_start_matches("relais_device=").split('.').next().unwrap_or_default();
    assert_eq!(change(venue, id, &json!({"do": "rotate"})).status, 200);
    let next = cookie_named(&at(&grill), "relais_device=");
    assert_ne!(next, grill);
    assert_eq!(change(venue, id, &json!({"do": "block"})).status, 200);
    for cookie in
        [next.as_str(), "relais_device=till-1.1.00", "relais_device=..", "relais_device=a"]
    {
        assert!(!at(cookie).body.contains("id=\"station\""), "{cookie}");
    }
}

fn a_venue_has_so_many_devices_and_no_more(venue: &Venue) {
    let early = code(venue, "kiosk", "Too late");
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) \
         INSERT INTO device (venue, id, kind, name, identity_stamp) \
         SELECT ?1, 'kiosk-' || i, 'kiosk', 'Kiosk ' || i, 1 FROM n";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id]}]));
    assert!(done.get("ok").is_some(), "{done}");
    let answer = venue.post("/api/enrol", &json!({"code": early}));
    assert_eq!(refused(&answer), is(409, "too_many_devices"));
    let manager = venue.sign_in("manager");
    let with = [("cookie", manager.as_str())];
    let wanted = json!({"kind": "kiosk", "name": "One more"});
    let answer = venue.post_with("/api/devices", &wanted, &with);
    assert_eq!(refused(&answer), is(409, "too_many_devices"));
    // A machine that takes the gateway's place is no further one.
    let again = venue.post("/api/enrol", &json!({"code": code(venue, "gateway", "New Pi")}));
    assert_eq!(again.status, 201, "{}", again.body);
    let all = venue.send("GET", "/api/devices", &with, b"").json();
    assert_eq!(all["devices"].as_array().map(Vec::len), Some(500));
    assert_eq!(venue.send("GET", "/devices", &with, b"").status, 200);
}
