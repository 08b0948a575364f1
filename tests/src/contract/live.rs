//! Live nudges on every host: who may listen, what is heard, and what a host without sockets says.
//!
//! Whether a host takes sockets is read from its pages, which is where browsers read it.

use app::limits::LISTENING_DEVICES;
use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        listener::Listener,
        venue::{Venue, cheese_king, now_ms, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    the_pages_say_whether_there_is_a_socket,
    a_page_of_another_origin_or_of_no_venue_may_not_listen,
    a_write_is_heard_at_its_venue_and_nowhere_else,
    a_gateway_listens_under_its_signature_and_no_other,
    a_gateway_hears_what_others_write_and_not_what_it_brought,
    a_listener_says_that_it_is_there_and_nothing_else,
    more_devices_than_places_are_sent_away,
];

fn nonce(number: u32) -> String {
    format!("1111111111111111{number:08x}")
}

pub(super) fn takes_sockets(venue: &Venue) -> bool {
    venue.get("/menu").body.contains("data-live=\"/live\"")
}

fn the_pages_say_whether_there_is_a_socket(venue: &Venue) {
    let answer = venue.get("/live");
    let policy = venue.get("/menu").header("content-security-policy").to_owned();
    let socket = format!("connect-src 'self' ws://{0} wss://{0};", venue.domain);
    if takes_sockets(venue) {
        assert_eq!((answer.status, answer.code().as_str()), (426, "upgrade_required"));
        assert!(policy.contains(&socket), "{policy}");
        return;
    }
    assert_eq!((answer.status, answer.code().as_str()), (501, "live_not_offered"));
    assert!(policy.contains("connect-src 'self';"), "{policy}");
    let refused = Listener::ask(venue, &[("host", &venue.domain)]).err();
    assert_eq!(refused, Some(501));
}

fn a_page_of_another_origin_or_of_no_venue_may_not_listen(venue: &Venue) {
    if !takes_sockets(venue) {
        return;
    }
    let host = ("host", venue.domain.as_str());
    let own = format!("http://{}", venue.domain);
    for (headers, expected) in [
        (vec![host, ("origin", "https://evil.example")], Some(403)),
        (vec![host, ("origin", "null")], Some(403)),
        (vec![host, ("sec-fetch-site", "cross-site")], Some(403)),
        (vec![("host", "nulle-part.example")], Some(404)),
        (vec![host, ("origin", own.as_str())], None),
    ] {
        let refused = Listener::ask(venue, &headers).err();
        assert_eq!(refused, expected, "{headers:?}");
    }
}

fn a_write_is_heard_at_its_venue_and_nowhere_else(venue: &Venue) {
    if !takes_sockets(venue) {
        return;
    }
    let mut elsewhere: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/venues/chakri.json"))
            .unwrap_or_else(|error| panic!("the demo venue: {error}"));
    let domain = format!("ailleurs-{}", venue.domain);
    elsewhere["venue"]["id"] = json!(format!("{}-ailleurs", venue.id));
    elsewhere["domains"] = json!([domain]);
    assert_eq!(venue.set_up(&elsewhere).status, 200);
    let cookie = venue.sign_in("counter");
    let mut here = Listener::open(venue);
    let mut there = Listener::ask(venue, &[("host", &domain)])
        .unwrap_or_else(|refusal| panic!("no socket there: {refusal:?}"));

    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    assert_eq!(here.topics(), ["orders"]);
    let paid = format!("/api/orders/{}/paid", order_id(1));
    let cookie = [("cookie", cookie.as_str())];
    assert_eq!(venue.post_with(&paid, &json!({"means": "cash"}), &cookie).status, 200);
    // One write to two streams is told in one nudge or in two.
    let mut topics = here.topics();
    if topics.len() == 1 {
        topics.extend(here.topics());
    }
    topics.sort();
    assert_eq!(topics, ["audit", "orders"]);
    // What is refused, and what is only read, is no news.
    assert_eq!(venue.post("/api/orders", &json!({})).status, 400);
    assert_eq!(venue.get("/menu").status, 200);
    let sold_out = json!({"available": false});
    let product = "/api/products/le-truffe/availability";
    assert_eq!(venue.post_with(product, &sold_out, &cookie).status, 200);
    assert_eq!(here.topics(), ["catalogue"]);
    // The other venue heard nothing of all this: its own first change is the first it hears.
    elsewhere["published_ms"] = json!(now_ms());
    assert_eq!(venue.set_up(&elsewhere).status, 200);
    let heard = there.topics();
    assert!(
        heard.iter().all(|topic| ["audit", "catalogue"].contains(&topic.as_str())),
        "{heard:?}"
    );
}

fn a_gateway_listens_under_its_signature_and_no_other(venue: &Venue) {
    if !takes_sockets(venue) {
        return;
    }
    let refused = |key: &[u8], number| Listener::open_signed(venue, key, &nonce(number)).err();
    assert_eq!(refused(&[7; 32], 1), Some(401));
    assert_eq!(refused(&venue.device_key(), 2), None);
    assert_eq!(refused(&venue.device_key(), 2), Some(409));
}

fn a_gateway_hears_what_others_write_and_not_what_it_brought(venue: &Venue) {
    if !takes_sockets(venue) {
        return;
    }
    let mut gateway = Listener::open_signed(venue, &venue.device_key(), &nonce(1))
        .unwrap_or_else(|refusal| panic!("no socket: {refusal:?}"));
    let mut browser = Listener::open(venue);
    let stamp = "019b76daa8010000";
    let change = json!({
        "replica": "gateway", "generation": "a1", "seq": 1,
        "claimed": stamp, "effective": stamp,
        "table": "product", "entity": "le-truffe", "register": "availability",
        "payload": {"available": 0},
    });
    let message = json!({
        "protocol": 1, "capabilities": [], "venue": venue.id,
        "replica": "gateway", "generation": "a1",
        "streams": {"catalogue": {"have": {}, "changes": [change]}},
    });
    let answer = venue.exchange(&message, now_ms(), &nonce(2));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(browser.topics(), ["catalogue"]);
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    assert_eq!(browser.topics(), ["orders"]);
    assert_eq!(gateway.topics(), ["orders"]);
}

fn a_listener_says_that_it_is_there_and_nothing_else(venue: &Venue) {
    if !takes_sockets(venue) {
        return;
    }
    let mut listener = Listener::open(venue);
    for _ in 0..3 {
        listener.say("ping");
        assert_eq!(listener.hear().as_deref(), Some("pong"));
    }
    listener.say("tell me more");
    assert_eq!(listener.hear(), None);
}

fn more_devices_than_places_are_sent_away(venue: &Venue) {
    if !takes_sockets(venue) {
        return;
    }
    let key = venue.device_key();
    let ask = |number: usize| {
        let number = u32::try_from(number).unwrap_or_default();
        Listener::open_signed(venue, &key, &nonce(number))
    };
    let seated: Vec<_> = (0..LISTENING_DEVICES).map(ask).collect();
    assert!(seated.iter().all(Result::is_ok));
    assert_eq!(ask(99).err(), Some(503));
    // Browsers have places of their own.
    assert_eq!(Listener::ask(venue, &[("host", &venue.domain)]).err(), None);
}
