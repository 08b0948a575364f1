//! What the prototypes did wrong, and this must not do again: a kitchen behind one shared password,
//! routes of devices and of administration that asked nobody who they were, forms without a token.
//!
//! Two more stand elsewhere: secrets in the code (`tidy`, no secret in the tree) and second factors
//! in clear text (`a_password_alone_is_not_enough_where_a_code_is_owed`).

use std::collections::BTreeSet;

use app::{csrf, routes::ROUTES};
use domain::access::{Right, Role};
use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        logins::{forget_tries, log_in, submit, with_people},
        venue::{Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    no_password_is_the_kitchen_s,
    what_nobody_must_prove_anything_for_is_a_short_list,
    addresses_of_the_prototypes_do_nothing,
    every_form_of_somebody_who_is_signed_in_wants_its_token,
];

/// Each cook has a password of their own, and each is audited under their own name.
fn no_password_is_the_kitchen_s(venue: &Venue) {
    with_people(venue);
    let password = "quatre frites a midi";
    for fields in [
        vec![("password", password)],
        vec![("email", ""), ("password", password)],
        vec![("email", "kitchen"), ("password", password)],
        vec![("email", "cuisine"), ("password", "cuisine")],
        vec![("email", "olga@demo.example"), ("password", password)],
    ] {
        let answer = submit(venue, "/login", &[], &fields);
        assert_eq!((answer.status, answer.code().as_str()), (401, "wrong_login"), "{fields:?}");
    }
    for (name, value) in [
        ("authorization", "Bearer quatre frites a midi"),
        ("authorization", "Basic a2l0Y2hlbjpxdWF0cmUgZnJpdGVzIGEgbWlkaQ=="),
        ("x-password", password),
        ("cookie", "relais_session=quatre frites a midi"),
        ("cookie", "kitchen=1"),
    ] {
        let answer = venue.send("GET", "/kitchen/board", &[(name, value)], b"");
        assert_eq!((answer.status, answer.code().as_str()), (401, "sign_in_required"), "{value}");
    }
    assert_eq!(venue.get("/kitchen/board?password=quatre+frites+a+midi").status, 401);
    assert_eq!(log_in(venue, "karim@demo.example", password).status, 303);
    let sql = "SELECT actor FROM audit_entry WHERE venue = ?1 AND act = 'signed_in'";
    assert_eq!(venue.rows(sql, json!([venue.id])), json!([{"actor": "b".repeat(32)}]));
}

/// Whoever adds a route that anybody may post to adds it here, and says why it is safe.
const POSTED_BY_ANYBODY: &[&str] = &[
    // Orders are placed by strangers; they cost nothing until somebody takes the money.
    "/api/orders",
    // It tells a price and writes nothing.
    "/api/orders/price",
    // Whoever knows an order's id has its receipt printed, once.
    "/api/orders/{id}/receipt",
    // Whoever knows an order's id says at which table they wait for it.
    "/api/orders/{id}/table",
    // They prove a password, a PIN or a code that was sent, and count the tries.
    "/login",
    "/login/pin",
    "/confirm",
    "/account/email",
    "/account/undo",
    "/password",
    "/setup",
    "/recover",
    // A machine redeems a code that staff made for it, or shows one that they have to type.
    "/enrol",
    "/api/enrol",
    "/api/enrol/ask",
    "/api/enrol/collect",
    // They send a mail to the address's owner, and count.
    "/register",
    "/confirm/again",
    "/forgot",
    // Whoever has its link calls an order off, until it is promised.
    "/orders/{id}/receipt",
    "/orders/{id}/withdrawn",
    "/api/orders/{id}/withdrawn",
    // It ends the caller's own session.
    "/logout",
    // Whoever stands at a kiosk shows a card, and pays with the points of whoever did.
    "/api/kiosk/card",
    "/kiosk/orders/{id}/points",
];

fn what_nobody_must_prove_anything_for_is_a_short_list(venue: &Venue) {
    let open: BTreeSet<&str> = ROUTES
        .iter()
        .filter(|route| route.method != "GET" && route.right == Right::Public)
        .map(|route| route.path)
        .collect();
    assert_eq!(open, POSTED_BY_ANYBODY.iter().copied().collect());
    let before = venue.footprint();
    let proved = [Right::Device, Right::Enrolled, Right::Setup];
    for route in ROUTES.iter().filter(|route| proved.contains(&route.right)) {
        let path = route.path.replace("{id}", &venue.id);
        for body in ["{}", "[]", "{\"table\": 4, \"etat\": \"LIBRE\"}"] {
            let headers = [("content-type", "application/json")];
            let answer = venue.send(route.method, &path, &headers, body.as_bytes());
            assert_eq!(answer.status, 401, "{} {path}: {}", route.method, answer.body);
        }
    }
    assert_eq!(venue.footprint(), before);
}

/// An upload, settings, an update and a stop were anybody's; a ticket was a
/// number that counts, and coming back from a payment was a payment.
fn addresses_of_the_prototypes_do_nothing(venue: &Venue) {
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let before = venue.footprint();
    for path in [
        "/api/settings",
        "/api/upload-image",
        "/api/apply-update",
        "/restart-system",
        "/stop-system",
        "/payer-points",
    ] {
        let answer = venue.post(path, &json!({"table": 4, "etat": "LIBRE"}));
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    for path in ["/ticket/1", "/orders/1", "/api/orders/1", "/success", "/cancel"] {
        assert_eq!(venue.get(path).status, 404, "{path}");
    }
    let id = order_id(1);
    for query in ["success=1", "session_id=cs_test_1", "paid=true&redirect_status=succeeded"] {
        assert_eq!(venue.get(&format!("/orders/{id}?{query}")).status, 200);
    }
    assert_eq!(venue.get(&format!("/api/orders/{id}")).json()["state"], "placed");
    assert_eq!(venue.footprint(), before);
}

fn every_form_of_somebody_who_is_signed_in_wants_its_token(venue: &Venue) {
    forget_tries(venue);
    let before = venue.footprint();
    for route in ROUTES.iter().filter(|route| route.method != "GET" && route.right.is_of_people()) {
        // Whoever opens venues has no role; their session is checked by the same line.
        let Some(role) = Role::ALL.into_iter().find(|role| role.may(route.right)) else { continue };
        let (cookie, other) = (venue.sign_in(role.name()), venue.sign_in(role.name()));
        let (_, token) = other.split_once('=').expect("a cookie has a value");
        let path = route.path.replace("{id}", &order_id(1));
        for given in ["", "0", &csrf::of(token)] {
            let headers = [
                ("cookie", cookie.as_str()),
                (csrf::HEADER, given),
                ("content-type", "application/json"),
            ];
            let answer = venue.send(route.method, &path, &headers, b"{}");
            let seen = (answer.status, answer.code());
            assert_eq!(seen, (403, "form_expired".to_owned()), "{path} with `{given}`");
        }
    }
    // The people who were signed in for it are all that was written.
    let orders = |footprint: &serde_json::Value| footprint[0]["orders"].clone();
    assert_eq!(orders(&venue.footprint()), orders(&before));
}
