//! Who may do what: every route of the table, with every role and the anonymous visitor.

use app::{
    csrf,
    routes::{ROUTES, Route},
};
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
    a_forged_or_ended_session_opens_nothing,
    a_change_without_the_page_s_token_is_refused,
    rights_that_change_give_the_session_another_token,
    a_page_sends_the_stranger_to_the_sign_in,
    every_answer_carries_the_security_headers_and_a_request_id,
    the_host_tells_its_health_version_and_description,
];

/// Whoever asks for these has no session any more, or gets another one.
const ENDS_SESSIONS: &[&str] = &["/login", "/login/pin", "/login/code", "/logout"];

fn ask(venue: &Venue, route: &Route, cookie: &str) -> Answer {
    let path = route.path.replace("{id}", &order_id(1)).replace("{*path}", "css/tokens.css");
    let cookie: Headers<'_> = if cookie.is_empty() { &[] } else { &[("cookie", cookie)] };
    let mut headers = cookie.to_vec();
    if route.method != "GET" {
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
    let visitors = [None].into_iter().chain(Role::ALL.map(Some));
    for visitor in visitors {
        for route in ROUTES.iter().filter(|route| !ENDS_SESSIONS.contains(&route.path)) {
            // A session each: some routes end it.
            let cookie = visitor.map(|role| venue.sign_in(role.name())).unwrap_or_default();
            let answer = ask(venue, route, &cookie);
            let may = match (route.right, visitor) {
                (Right::Public | Right::Demo, _) => true,
                (Right::Device | Right::Enrolled | Right::Setup, _) => false,
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

fn a_forged_or_ended_session_opens_nothing(venue: &Venue) {
    let cookie = venue.sign_in("kitchen");
    let at = |cookie: &str| venue.send("GET", "/kitchen/board", &[("cookie", cookie)], b"");
    assert_eq!(at(&cookie).status, 200);
    let (name, token) = cookie.split_once('=').expect("a cookie has a value");
    let other = if token.starts_with('0') { '1' } else { '0' };
    for forged in
        ["".to_owned(), "0".repeat(64), format!("{other}{}", &token[1..]), token.repeat(2)]
    {
        assert_eq!(at(&format!("{name}={forged}")).code(), "sign_in_required", "{forged}");
    }
    // What the store keeps of a token does not open anything itself.
    let rows = venue.rows("SELECT token FROM session WHERE venue = ?1", json!([venue.id]));
    let kept = rows[0]["token"].as_str().expect("a session is kept").to_owned();
    assert!(kept.len() == 64 && kept != token);
    assert_eq!(at(&format!("{name}={kept}")).code(), "sign_in_required");
    let answer = venue.send("POST", "/logout", &[("cookie", &cookie)], b"");
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(at(&cookie).code(), "sign_in_required");
}

fn a_change_without_the_page_s_token_is_refused(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    let path = "/api/products/le-cheese-king/availability";
    let other = venue.sign_in("counter");
    let (_, token) = other.split_once('=').expect("a cookie has a value");
    for given in ["", "0", &csrf::of(token)] {
        let headers = [("cookie", cookie.as_str()), (csrf::HEADER, given)];
        let answer = venue.post_with(path, &json!({"available": false}), &headers);
        assert_eq!((answer.status, answer.code().as_str()), (403, "form_expired"), "{given}");
    }
    let with = [("cookie", cookie.as_str())];
    assert_eq!(venue.post_with(path, &json!({"available": true}), &with).status, 200);
    // Who only looks whether a page is there changes nothing.
    let looks = [("cookie", cookie.as_str()), (csrf::HEADER, "")];
    assert_eq!(venue.send("HEAD", "/counter", &looks, b"").status, 200);
}

fn rights_that_change_give_the_session_another_token(venue: &Venue) {
    let (cookie, who) = venue.sign_in_as(&json!({"roles": ["kitchen"]}));
    let person = who["person"].as_str().expect("the host says who it is");
    let sql = "UPDATE person SET roles = '[\"counter\"]' WHERE venue = ?1 AND id = ?2";
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id, person]}]));
    assert!(done.get("ok").is_some(), "{done}");
    let answer = venue.send("GET", "/counter", &[("cookie", &cookie)], b"");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let fresh = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    assert!(fresh.starts_with("relais_session=") && fresh != cookie, "{fresh}");
    let at = |cookie: &str| venue.send("GET", "/counter", &[("cookie", cookie)], b"").status;
    assert_eq!((at(&fresh), at(&cookie)), (200, 401));
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
