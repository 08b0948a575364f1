//! What is asked for although it is another's, route by route.
//!
//! It must not know how a host answers, only with what.

mod prices;

use domain::people::totp;
use serde_json::{Value as Json, json};

use super::world::{PASSWORD, PRODUCT, World};
use crate::contract::venue::{basket_id, cheese_king, now_ms, order_id};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Nobody who is signed in.
    Nobody,
    /// A customer of the venue.
    Customer,
    /// The owner of the venue: nobody may more there.
    Owner,
    /// The venue's gateway.
    Gateway,
}

/// What is sent.
#[derive(Debug)]
pub(super) enum Body {
    /// Nothing.
    Nothing,
    /// A document.
    Json(Json),
    /// A page's form.
    Form(Vec<(&'static str, String)>),
}

/// One request for what is another's.
pub(super) struct Attempt {
    /// Who asks.
    pub(super) by: By,
    /// The id in the path, or the query.
    pub(super) names: Option<String>,
    /// What is sent.
    pub(super) body: Body,
    /// With what it is answered.
    pub(super) status: u16,
    /// The code of the refusal; empty where there is none, or a page.
    pub(super) code: &'static str,
}

type Attempts = fn(&World<'_>) -> Vec<Attempt>;

/// Every route that names something, and what it is asked.
pub(super) const ATTEMPTS: &[(&str, Attempts)] = &[
    ("GET /orders/{id}", orders_shown),
    ("GET /api/orders/{id}", orders_shown),
    ("POST /api/orders", baskets),
    ("POST /api/orders/price", prices::asked),
    ("POST /settings/ordering", prices::switched),
    ("PUT /api/settings/promotions", prices::promised),
    ("PUT /api/settings/vat", prices::taxed),
    ("POST /api/orders/{id}/paid", orders_changed),
    ("POST /api/orders/{id}/preparing", orders_changed),
    ("POST /api/orders/{id}/tick", |w| in_kitchen(w, json!({"line": 0, "done": true}))),
    ("POST /api/orders/{id}/station", |w| in_kitchen(w, json!({"station": "wok", "done": true}))),
    ("POST /api/orders/{id}/recalled", orders_changed),
    ("POST /api/orders/{id}/ready", orders_changed),
    ("POST /api/orders/{id}/collected", orders_changed),
    ("POST /api/products/{id}/availability", products),
    ("GET /people/{id}", people_shown),
    ("GET /people/{id}/photo", photo_shown),
    ("POST /people/{id}", people_changed_by_form),
    ("POST /api/users/{id}", people_changed),
    ("POST /people", people_added_by_form),
    ("POST /api/users", people_added),
    ("POST /platform/{id}", venues),
    ("GET /audit", audit),
    ("GET /api/audit", audit),
    ("POST /account", sessions),
    ("POST /account/second-factor", second_factors),
    ("GET /account/export", export),
    ("POST /account/card", cards_ended),
    ("POST /members", cards_by_form),
    ("POST /api/members/recognise", cards),
    ("GET /confirm", codes_shown),
    ("POST /confirm", codes),
    ("GET /account/email", codes_shown),
    ("POST /account/email", codes),
    ("GET /account/undo", codes_shown),
    ("POST /account/undo", codes),
    ("GET /password", passwords_shown),
    ("POST /password", passwords),
    ("POST /login", logins),
    ("POST /login/pin", pins),
    ("GET /login/hand-over", hand_overs),
    ("GET /sync-status/retire", peers_shown),
    ("POST /sync-status/retire", peers_by_form),
    ("POST /api/sync-status/retire", peers),
    ("POST /outbox/retry", mails_by_form),
    ("POST /api/outbox/retry", mails),
    ("POST /api/person-keys", keys),
    ("POST /api/lan", lan),
    ("GET /devices/{id}", devices_shown),
    ("POST /devices/{id}", devices_by_form),
    ("POST /api/devices/{id}", devices),
    ("POST /enrol", enrolled_by_form),
    ("POST /api/enrol", enrolled),
    ("POST /api/enrol/collect", collected),
    ("POST /api/enrol/approve", approved),
];

fn one(by: By, names: Option<&str>, body: Body, (status, code): (u16, &'static str)) -> Attempt {
    Attempt { by, names: names.map(str::to_owned), body, status, code }
}

/// An order of the venue beside, and one whose id was guessed next to a real one.
fn orders_shown(world: &World<'_>) -> Vec<Attempt> {
    let unknown = (404, "unknown_order");
    let guessed = order_id(78);
    let ids = [world.order.as_str(), guessed.as_str()];
    let by = [By::Nobody, By::Customer, By::Owner];
    by.into_iter().flat_map(|by| ids.map(|id| one(by, Some(id), Body::Nothing, unknown))).collect()
}

fn orders_changed(world: &World<'_>) -> Vec<Attempt> {
    let body = Body::Json(json!({"means": "cash"}));
    vec![one(By::Owner, Some(&world.order), body, (404, "unknown_order"))]
}

fn in_kitchen(world: &World<'_>, body: Json) -> Vec<Attempt> {
    vec![one(By::Owner, Some(&world.order), Body::Json(body), (404, "unknown_order"))]
}

/// A basket's id from beside makes an order of one's own; what only they sell is not to be had.
fn baskets(_: &World<'_>) -> Vec<Attempt> {
    let mut foreign = cheese_king(79);
    foreign["lines"][0]["product"] = json!(PRODUCT);
    let mut other = cheese_king(76);
    other["mode"] = json!("take_away");
    assert_eq!(other["id"], json!(basket_id(76)));
    vec![
        one(By::Nobody, None, Body::Json(foreign), (422, "unknown_product")),
        one(By::Nobody, None, Body::Json(other), (201, "")),
        // Whoever knows an id that was used here does not change what stands under it.
        one(By::Customer, None, Body::Json(cheese_king(76)), (409, "order_conflict")),
    ]
}

fn products(_: &World<'_>) -> Vec<Attempt> {
    let body = Body::Json(json!({"available": false}));
    vec![one(By::Owner, Some(PRODUCT), body, (404, "unknown_product"))]
}

fn people_shown(world: &World<'_>) -> Vec<Attempt> {
    let nobody = "0".repeat(32);
    [world.cook.id.as_str(), nobody.as_str()]
        .map(|id| one(By::Owner, Some(id), Body::Nothing, (404, "unknown_person")))
        .into()
}

/// Whose photos are shown to whom, the cases about photos tell.
fn photo_shown(world: &World<'_>) -> Vec<Attempt> {
    vec![one(By::Owner, Some(&world.cook.id), Body::Nothing, (404, "not_found"))]
}

/// Somebody who works at both venues keeps what they sign in with.
fn people_changed_by_form(world: &World<'_>) -> Vec<Attempt> {
    let act = |what: &str| {
        let fields = vec![("do", what.to_owned()), ("name", "Autre".to_owned())];
        Body::Form([fields, vec![("owner", "1".to_owned())]].concat())
    };
    let all = ["change", "bar", "admit", "invite", "reset_factor", "remove_pin"];
    let refused = (404, "unknown_person");
    let mut attempts: Vec<Attempt> =
        all.iter().map(|what| one(By::Owner, Some(&world.cook.id), act(what), refused)).collect();
    for what in ["invite", "reset_factor"] {
        attempts.push(one(By::Owner, Some(&world.both.id), act(what), (409, "")));
    }
    attempts
}

fn people_changed(world: &World<'_>) -> Vec<Attempt> {
    [json!({"active": false}), json!({"roles": ["owner"]}), json!({"name": "Autre"})]
        .map(|body| one(By::Owner, Some(&world.cook.id), Body::Json(body), (404, "unknown_person")))
        .into()
}

/// Whoever has an account keeps it, its name and its password; at the venue beside nothing changes.
fn people_added(world: &World<'_>) -> Vec<Attempt> {
    let body = json!({"name": "Autre", "email": world.added.email, "roles": ["kitchen"]});
    vec![one(By::Owner, None, Body::Json(body), (201, ""))]
}

fn people_added_by_form(world: &World<'_>) -> Vec<Attempt> {
    let fields = [("name", "Autre"), ("email", &world.added.email), ("platform", "1")];
    let fields = fields.map(|(name, value)| (name, value.to_owned())).to_vec();
    // No role is ticked: a form that names somebody alone makes nobody anything.
    vec![one(By::Owner, None, Body::Form(fields), (422, ""))]
}

/// Nobody but whoever opens venues says what one is used for, be it their own.
fn venues(world: &World<'_>) -> Vec<Attempt> {
    [&world.beside.id, &world.here.id]
        .map(|id| one(By::Owner, Some(id), Body::Form(Vec::new()), (403, "forbidden")))
        .into()
}

fn audit(world: &World<'_>) -> Vec<Attempt> {
    [
        format!("who={}", world.cook.id),
        format!("who={}", world.neighbour.id),
        format!("after={}.{}", now_ms(), world.cook.id),
        format!("venue={}", world.beside.id),
    ]
    .map(|query| one(By::Owner, Some(&query), Body::Nothing, (200, "")))
    .into()
}

/// A session of somebody else is not ended, and a person who is named changes nothing.
fn sessions(world: &World<'_>) -> Vec<Attempt> {
    let handle = world.handle();
    let fields = |handle: &str| {
        Body::Form(vec![
            ("do", "end_session".to_owned()),
            ("handle", handle.to_owned()),
            ("person", world.neighbour.id.clone()),
        ])
    };
    [By::Customer, By::Owner].map(|by| one(by, None, fields(&handle), (303, ""))).into()
}

/// What was sealed for somebody else is nobody's second factor, even with its right code.
fn second_factors(world: &World<'_>) -> Vec<Attempt> {
    let headers = [("cookie", world.neighbours.as_str())];
    let page = world.here.send("GET", "/account/second-factor", &headers, b"").body;
    let (_, rest) = page.split_once("name=\"sealed\" value=\"").expect("a sealed secret");
    let sealed = rest.split('"').next().unwrap_or_default().to_owned();
    let secret = page.split(['>', '<']).find_map(totp::read).expect("the secret as text");
    let code = totp::code(&secret, totp::step(now_ms()));
    let fields = vec![("sealed", sealed), ("code", code)];
    vec![one(By::Customer, None, Body::Form(fields), (422, "invalid_field"))]
}

fn export(world: &World<'_>) -> Vec<Attempt> {
    let query = format!("person={}&id={}", world.neighbour.id, world.neighbour.id);
    vec![one(By::Customer, Some(&query), Body::Nothing, (200, ""))]
}

/// A card of another member is not ended, and a card of the venue beside is nobody's here.
fn cards_ended(world: &World<'_>) -> Vec<Attempt> {
    let fields = |card: &str| Body::Form(vec![("do", "end".to_owned()), ("card", card.to_owned())]);
    vec![one(By::Customer, None, fields(&world.card), (404, ""))]
}

fn cards(world: &World<'_>) -> Vec<Attempt> {
    let body = Body::Json(json!({"code": world.their_card, "pin": "271828"}));
    vec![one(By::Owner, None, body, (422, "document_of_other_venue"))]
}

fn cards_by_form(world: &World<'_>) -> Vec<Attempt> {
    let fields = vec![("code", world.their_card.clone()), ("pin", "271828".to_owned())];
    vec![one(By::Owner, None, Body::Form(fields), (422, ""))]
}

/// What somebody was sent for one purpose is good for no other, and what nobody was sent for none.
fn codes(world: &World<'_>) -> Vec<Attempt> {
    code_sent(&world.invitation)
}

fn code_sent(code: &str) -> Vec<Attempt> {
    let fields =
        |code: &str| Body::Form(vec![("code", code.to_owned()), ("password", PASSWORD.to_owned())]);
    [code, "0".repeat(40).as_str()]
        .map(|code| one(By::Customer, None, fields(code), (410, "code_not_good")))
        .into()
}

fn codes_shown(world: &World<'_>) -> Vec<Attempt> {
    code_shown(&world.invitation)
}

fn code_shown(code: &str) -> Vec<Attempt> {
    [code, "0".repeat(40).as_str()]
        .map(|code| one(By::Customer, Some(&format!("code={code}")), Body::Nothing, (410, "")))
        .into()
}

/// Who proves another address chooses no password by that.
fn passwords(world: &World<'_>) -> Vec<Attempt> {
    code_sent(&world.change)
}

fn passwords_shown(world: &World<'_>) -> Vec<Attempt> {
    code_shown(&world.change)
}

/// A cook of the venue beside signs in, and is nobody here.
fn logins(world: &World<'_>) -> Vec<Attempt> {
    let fields = |password: &str| {
        Body::Form(vec![("email", world.cook.email.clone()), ("password", password.to_owned())])
    };
    vec![
        one(By::Nobody, None, fields("douze frites"), (401, "wrong_login")),
        one(By::Nobody, None, fields(PASSWORD), (303, "")),
    ]
}

fn pins(world: &World<'_>) -> Vec<Attempt> {
    let fields = vec![("name", world.cook.name.to_owned()), ("pin", "271828".to_owned())];
    vec![one(By::Nobody, None, Body::Form(fields), (409, "no_pins_here"))]
}

/// No login is carried to where another venue's people sign in.
fn hand_overs(world: &World<'_>) -> Vec<Attempt> {
    let query = format!(
        "to=https://{}.lan.{}&state={}",
        world.beside.id,
        world.beside.domain,
        "0".repeat(32)
    );
    vec![one(By::Customer, Some(&query), Body::Nothing, (403, "origin_not_of_venue"))]
}

fn peers(world: &World<'_>) -> Vec<Attempt> {
    vec![one(By::Owner, None, Body::Json(json!({"peer": world.peer})), (404, "unknown_peer"))]
}

fn peers_by_form(world: &World<'_>) -> Vec<Attempt> {
    let body = Body::Form(vec![("peer", world.peer.clone())]);
    vec![one(By::Owner, None, body, (404, "unknown_peer"))]
}

fn peers_shown(world: &World<'_>) -> Vec<Attempt> {
    let query = format!("peer={}", world.peer);
    vec![one(By::Owner, Some(&query), Body::Nothing, (404, "unknown_peer"))]
}

fn mails(world: &World<'_>) -> Vec<Attempt> {
    vec![one(By::Owner, None, Body::Json(json!({"id": world.mail})), (200, ""))]
}

fn mails_by_form(world: &World<'_>) -> Vec<Attempt> {
    vec![one(By::Owner, None, Body::Form(vec![("id", world.mail.clone())]), (303, ""))]
}

/// Keys of people whom the venue does not know are not given to its gateway.
fn keys(world: &World<'_>) -> Vec<Attempt> {
    let body = Body::Json(json!({"persons": [world.cook.id]}));
    vec![one(By::Gateway, None, body, (200, ""))]
}

fn lan(world: &World<'_>) -> Vec<Attempt> {
    let origin = format!("https://{}.lan.{}", world.beside.id, world.beside.domain);
    vec![one(
        By::Gateway,
        None,
        Body::Json(json!({"origin": origin})),
        (403, "origin_not_of_venue"),
    )]
}

fn devices_shown(world: &World<'_>) -> Vec<Attempt> {
    vec![one(By::Owner, Some(&world.device), Body::Nothing, (404, "unknown_device"))]
}

const DONE_TO_DEVICES: [&str; 6] = ["rename", "block", "admit", "retire", "rotate", "replace"];

fn devices_by_form(world: &World<'_>) -> Vec<Attempt> {
    let fields =
        |what: &str| Body::Form(vec![("do", what.to_owned()), ("name", "Autre".to_owned())]);
    let one = |what| one(By::Owner, Some(&world.device), fields(what), (404, ""));
    DONE_TO_DEVICES.map(one).into()
}

fn devices(world: &World<'_>) -> Vec<Attempt> {
    let body = |what: &str| Body::Json(json!({"do": what, "name": "Autre", "place": ""}));
    let one = |what| one(By::Owner, Some(&world.device), body(what), (404, "unknown_device"));
    DONE_TO_DEVICES.map(one).into()
}

/// A code that the venue beside made for a machine is good there alone.
fn enrolled(world: &World<'_>) -> Vec<Attempt> {
    let body = Body::Json(json!({"code": world.enrol_code}));
    vec![one(By::Nobody, None, body, (410, "code_not_good"))]
}

fn enrolled_by_form(world: &World<'_>) -> Vec<Attempt> {
    let fields = vec![("do", "redeem".to_owned()), ("code", world.enrol_code.clone())];
    vec![one(By::Nobody, None, Body::Form(fields), (410, ""))]
}

fn collected(world: &World<'_>) -> Vec<Attempt> {
    let body = Body::Json(json!({"code": world.asked.0, "secret": world.asked.1}));
    vec![one(By::Nobody, None, body, (410, "code_not_good"))]
}

fn approved(world: &World<'_>) -> Vec<Attempt> {
    let body = Body::Json(json!({"code": world.asked.0, "name": "Autre", "place": ""}));
    vec![one(By::Owner, None, body, (410, "code_not_good"))]
}
