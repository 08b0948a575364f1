//! Who may do what: every route of the table, with every role and the anonymous visitor.

use app::routes::{ROUTES, Route};
use domain::access::{Right, Role};
use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Headers, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    every_route_lets_in_whom_the_table_says_and_nobody_else,
    a_cookie_of_another_venue_opens_nothing,
    a_forged_or_expired_cookie_opens_nothing,
    a_wrong_key_signs_nobody_in,
    signing_in_leads_back_to_this_site_only,
    a_page_sends_the_stranger_to_the_sign_in,
    every_answer_carries_the_security_headers_and_a_request_id,
    the_host_tells_its_health_version_and_description,
];

fn ask(venue: &Venue, route: &Route, cookie: &str) -> Answer {
    let path = route.path.replace("{id}", &order_id(1)).replace("{*path}", "css/tokens.css");
    let cookie: Headers<'_> = if cookie.is_empty() { &[] } else { &[("cookie", cookie)] };
    let mut headers = cookie.to_vec();
    if route.method == "POST" {
        headers.push(("content-type", "application/json"));
    }
    venue.send(route.method, &path, &headers, b"{}")
}

/// The answers with which the gate turns somebody away.
fn turned_away(answer: &Answer) -> bool {
    let code = serde_json::from_str::<serde_json::Value>(&answer.body).unwrap_or_default();
    let code = code["error"]["code"].as_str().unwrap_or_default().to_owned();
    ["sign_in_required", "forbidden", "signature_invalid", "wrong_key"].contains(&code.as_str())
        && (route_is_not_login(answer) || answer.status == 403)
}

fn route_is_not_login(answer: &Answer) -> bool {
    answer.status == 401
}

fn every_route_lets_in_whom_the_table_says_and_nobody_else(venue: &Venue) {
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let visitors = [None, Some(Role::Kitchen), Some(Role::Counter)];
    for visitor in visitors {
        let cookie = visitor.map(|role| venue.sign_in(role.name())).unwrap_or_default();
        for route in ROUTES.iter().filter(|route| route.path != "/login") {
            let answer = ask(venue, route, &cookie);
            let may = match (route.right, visitor) {
                (Right::Public | Right::Demo, _) => true,
                (Right::Device | Right::Setup, _) => false,
                (right, Some(role)) => role.may(right),
                (_, None) => false,
            };
            let (method, path) = (route.method, route.path);
            assert_eq!(!turned_away(&answer), may, "{method} {path} as {visitor:?}: {answer:?}");
        }
    }
}

fn a_cookie_of_another_venue_opens_nothing(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    let domain = format!("{}-other.example", venue.id);
    let mut document: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/venues/chakri.json"))
            .expect("the demo venue is JSON");
    document["venue"]["id"] = json!(format!("{}-other", venue.id));
    document["domains"] = json!([domain]);
    assert_eq!(venue.set_up(&document).status, 200);
    let headers = [("cookie", cookie.as_str()), ("host", domain.as_str())];
    let answer = venue.send("GET", "/kitchen/board", &headers, b"");
    assert_eq!((answer.status, answer.code().as_str()), (401, "sign_in_required"));
}

fn a_forged_or_expired_cookie_opens_nothing(venue: &Venue) {
    let cookie = venue.sign_in("kitchen");
    let (_, value) = cookie.split_once('=').expect("a cookie has a value");
    let parts: Vec<&str> = value.split('.').collect();
    let [_, id, ends, signature] = parts.as_slice() else { panic!("{cookie}") };
    for forged in [
        format!("counter.{id}.{ends}.{signature}"),
        format!("kitchen.{id}.{ends}9.{signature}"),
        format!("kitchen.{id}.1.{signature}"),
        format!("kitchen.{id}.{ends}."),
        "kitchen".to_owned(),
    ] {
        let forged = format!("relais_station={forged}");
        let answer = venue.send("GET", "/kitchen/board", &[("cookie", &forged)], b"");
        assert_eq!(answer.code(), "sign_in_required", "{forged}");
    }
}

fn a_wrong_key_signs_nobody_in(venue: &Venue) {
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for body in ["", "key=", "key=wrong", "key=%00", "next=/kitchen"] {
        let answer = venue.send("POST", "/login", &form, body.as_bytes());
        assert_eq!((answer.status, answer.code().as_str()), (401, "wrong_key"), "{body}");
        assert!(answer.header("set-cookie").is_empty(), "{body}");
    }
}

fn signing_in_leads_back_to_this_site_only(venue: &Venue) {
    let key = venue.keys["stations"]["kitchen"].as_str().expect("a station key").to_owned();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for (next, expected) in [
        ("/kitchen", "/kitchen"),
        ("https://evil.example/", "/staff"),
        ("//evil.example", "/staff"),
        ("/\\evil.example", "/staff"),
        ("", "/staff"),
    ] {
        let body = format!("key={key}&next={next}");
        let answer = venue.send("POST", "/login", &form, body.as_bytes());
        assert_eq!((answer.status, answer.header("location")), (303, expected), "{next}");
        let cookie = answer.header("set-cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    }
}

fn a_page_sends_the_stranger_to_the_sign_in(venue: &Venue) {
    for page in ["/kitchen", "/counter", "/staff"] {
        let answer = venue.send("GET", page, &[("accept", "text/html")], b"");
        let expected = format!("/login?next={page}");
        assert_eq!((answer.status, answer.header("location")), (303, expected.as_str()));
    }
}

fn every_answer_carries_the_security_headers_and_a_request_id(venue: &Venue) {
    let mut ids = std::collections::BTreeSet::new();
    for path in ["/", "/menu", "/api/menu", "/healthz", "/nulle-part", "/kitchen", "/login"] {
        let answer = venue.get(path);
        let csp = answer.header("content-security-policy");
        for part in
            ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
        {
            assert!(csp.contains(part), "{path}: {csp}");
        }
        assert!(csp.contains("form-action 'self' https://checkout.stripe.com"), "{path}: {csp}");
        assert!(!csp.contains("unsafe"), "{path}: {csp}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        ids.insert(answer.header("x-request-id").to_owned());
    }
    assert_eq!(ids.len(), 7, "each request has an id of its own: {ids:?}");
}

fn the_host_tells_its_health_version_and_description(venue: &Venue) {
    assert_eq!(venue.get("/healthz").json(), json!({"status": "ok"}));
    assert_eq!(venue.get("/version").json()["protocol"], 1);
    let description = venue.get("/api/openapi.json").json();
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/api/")) {
        let operation = &description["paths"][route.path][route.method.to_lowercase()];
        assert_eq!(operation["summary"], route.about, "{}", route.path);
    }
}
