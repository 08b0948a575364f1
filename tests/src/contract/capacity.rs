//! Slots of the kitchen where it is not: the web sells what it was leased of them.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        machine::{is, refused},
        venue::{Venue, cheese_king, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    the_web_sells_the_slots_that_it_was_leased_and_offers_other_times,
    what_is_wanted_while_the_venue_is_closed_is_refused_and_changes_nothing,
];

const SLOT_MS: u64 = 15 * 60_000;

fn put(venue: &Venue, settings: &Json) -> crate::contract::venue::Answer {
    let cookie = venue.sign_in("owner");
    let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    venue.send("PUT", "/api/settings/capacity", &headers, settings.to_string().as_bytes())
}

fn at(number: u32, wanted_ms: u64) -> Json {
    let mut basket = cheese_king(number);
    basket["wanted_ms"] = json!(wanted_ms);
    basket
}

fn times(venue: &Venue) -> Vec<u64> {
    let answer = venue.get("/api/order-times").json();
    let times = answer["times"].as_array().expect("a list");
    times.iter().filter_map(|time| time["at_ms"].as_u64()).collect()
}

fn the_web_sells_the_slots_that_it_was_leased_and_offers_other_times(venue: &Venue) {
    assert!(times(venue).len() > 90, "without a limit every quarter of an hour is free");
    let settings =
        json!({"slot_minutes": 15, "limit": 4, "web_percent": 50, "weights": {"cola": 0}});
    assert_eq!(put(venue, &settings).json(), settings);
    for wrong in [json!({"slot_minutes": 7}), json!({"limit": -1}), json!({"limits": 1})] {
        assert_eq!(refused(&put(venue, &wrong)), is(422, "invalid_field"), "{wrong}");
    }
    let before = venue.footprint();
    assert_eq!(refused(&venue.post("/api/orders", &cheese_king(1))), is(409, "slot_full"));
    assert_eq!(venue.footprint(), before, "nothing was leased yet");
    let soon = now_ms() - now_ms() % SLOT_MS + 4 * SLOT_MS;
    for slot_ms in [soon, soon + SLOT_MS] {
        let right = format!("slot/{slot_ms}");
        let ask = json!({"op": "issue", "right": right, "amount": 1, "total": 4});
        assert_eq!(venue.post("/contract/lease", &ask).status, 200);
    }
    assert_eq!(times(venue), [soon, soon + SLOT_MS]);
    let placed = venue.post("/api/orders", &at(1, soon + 60_000));
    assert_eq!((placed.status, &placed.json()["ready_ms"]), (201, &json!(soon + 60_000)));
    assert_eq!(venue.post("/api/orders", &at(1, soon + 60_000)).status, 200, "it takes no more");
    let full = venue.post("/api/orders", &at(2, soon));
    assert_eq!(refused(&full), is(409, "slot_full"));
    assert_eq!(full.json()["error"]["subject"], json!([(soon + SLOT_MS).to_string()]));
    // As soon as possible is then the last one that there is.
    let placed = venue.post("/api/orders", &cheese_king(2));
    let ready = json!(soon + 2 * SLOT_MS);
    assert_eq!((placed.status, &placed.json()["ready_ms"]), (201, &ready));
    let page = venue.get(&format!("{}?lang=en", placed.json()["url"].as_str().unwrap_or_default()));
    assert!(page.body.contains("Ready about"), "its page tells when");
    assert!(times(venue).is_empty());
    assert_eq!(refused(&venue.post("/api/orders", &cheese_king(3))), is(409, "slot_full"));
}

fn what_is_wanted_while_the_venue_is_closed_is_refused_and_changes_nothing(venue: &Venue) {
    let cookie = venue.sign_in("owner");
    // Open now, and no more in six hours, whatever the time is.
    let minute = |ahead_ms: u64| {
        let local = domain::venue::local_time("Europe/Brussels", now_ms() + ahead_ms);
        let number = |range| local.get(range).and_then(|text: &str| text.parse::<u64>().ok());
        number(11..13).unwrap_or_default() * 60 + number(14..16).unwrap_or_default()
    };
    let from = minute(0).saturating_sub(60);
    let window = json!({"days": [1, 2, 3, 4, 5, 6, 7], "from_minute": from,
        "until_minute": minute(0) + 180});
    let hours = json!({"opening": [window], "parts": []});
    let answer = venue.post_with("/api/catalogue/hours", &hours, &[("cookie", &cookie)]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let before = venue.footprint();
    let closed = venue.post("/api/orders", &at(1, now_ms() + 6 * 3_600_000));
    assert_eq!(refused(&closed), is(409, "closed_then"));
    assert_eq!(closed.json()["error"]["subject"].as_array().map(Vec::len), Some(3));
    assert_eq!(venue.footprint(), before);
    assert_eq!(venue.post("/api/orders", &at(1, now_ms() + 3_600_000)).status, 201);
}
