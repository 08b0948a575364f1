//! What the kitchen does with an order, and what the room sees of it.

use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    an_order_goes_through_the_kitchen_and_is_called,
    what_was_called_by_mistake_is_called_back_and_called_again,
    a_line_is_ticked_and_taken_back,
    whoever_ticks_has_begun_and_nothing_is_ticked_elsewhere,
    the_room_sees_numbers_and_nothing_else,
    an_order_is_ready_when_every_station_has_done_its_part,
    a_station_takes_back_what_it_had_done,
    stations_are_settings_and_a_page_shows_one_or_all,
];

struct Kitchen<'a> {
    venue: &'a Venue,
    cookie: String,
}

impl<'a> Kitchen<'a> {
    /// Opens it on one order that is paid.
    fn open(venue: &'a Venue) -> Self {
        assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
        let kitchen = Self { venue, cookie: venue.sign_in("counter") };
        assert_eq!(kitchen.step("paid", &json!({"means": "cash"})).status, 200);
        kitchen
    }

    fn step(&self, step: &str, body: &serde_json::Value) -> Answer {
        let path = format!("/api/orders/{}/{step}", order_id(1));
        self.venue.post_with(&path, body, &[("cookie", &self.cookie)])
    }

    /// Takes a step, and returns the state and how much is known then.
    fn takes(&self, step: &str) -> (String, u64) {
        let answer = self.step(step, &json!({}));
        assert_eq!(answer.status, 200, "{step}: {}", answer.body);
        let said = answer.json();
        let state = said["state"].as_str().expect("a state").to_owned();
        (state, said["revision"].as_u64().expect("a revision"))
    }

    fn board(&self) -> String {
        let cookie = [("cookie", self.cookie.as_str())];
        self.venue.send("GET", "/kitchen/board", &cookie, b"").body
    }
}

fn is(state: &str, revision: u64) -> (String, u64) {
    (state.to_owned(), revision)
}

fn an_order_goes_through_the_kitchen_and_is_called(venue: &Venue) {
    let kitchen = Kitchen::open(venue);
    assert!(kitchen.board().contains("/preparing\""), "it can be begun");
    assert_eq!(kitchen.takes("preparing"), is("preparing", 2));
    assert_eq!(kitchen.takes("preparing"), is("preparing", 2), "twice is once");
    assert!(!kitchen.board().contains("/preparing\""), "it was begun");
    assert_eq!(kitchen.takes("ready"), is("ready", 3));
    assert!(venue.get("/board").body.contains("id=\"ready-W-001\""));
    assert_eq!(kitchen.takes("collected"), is("collected", 4));
    assert!(!venue.get("/board").body.contains("W-001"));
    assert_eq!(kitchen.step("recalled", &json!({})).code(), "not_recallable");
}

fn what_was_called_by_mistake_is_called_back_and_called_again(venue: &Venue) {
    let kitchen = Kitchen::open(venue);
    assert_eq!(kitchen.takes("ready"), is("ready", 2));
    for (step, state, revision) in [
        ("recalled", "preparing", 3),
        ("recalled", "preparing", 3),
        ("ready", "ready", 4),
        ("ready", "ready", 4),
        ("recalled", "preparing", 5),
    ] {
        assert_eq!(kitchen.takes(step), is(state, revision), "{step}");
        let board = venue.get("/board/numbers").body;
        assert!(board.contains(&format!("id=\"{state}-W-001\"")), "{step}: {board}");
    }
    assert_eq!(kitchen.step("collected", &json!({})).code(), "not_ready");
    let facts = "SELECT id FROM order_event WHERE venue = ?1 AND kind = 'recalled' ORDER BY id";
    let names = [1, 2].map(|number| match number {
        1 => json!({"id": format!("{}/recalled", order_id(1))}),
        _ => json!({"id": format!("{}/recalled/{number}", order_id(1))}),
    });
    assert_eq!(venue.rows(facts, json!([venue.id])), json!(names));
}

fn a_line_is_ticked_and_taken_back(venue: &Venue) {
    let kitchen = Kitchen::open(venue);
    for (done, checked) in [(true, "true"), (true, "true"), (false, "false")] {
        let answer = kitchen.step("tick", &json!({"line": 0, "done": done}));
        assert_eq!(answer.json()["state"], "preparing", "{}", answer.body);
        let board = kitchen.board();
        assert!(board.contains(&format!("aria-checked=\"{checked}\" data-post=\"/api/orders")));
    }
    for body in [json!({"line": 1, "done": true}), json!({"line": 50, "done": true})] {
        let answer = kitchen.step("tick", &body);
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_field"), "{body}");
    }
    for body in [json!({"line": -1, "done": true}), json!({"line": 0}), json!({"done": true})] {
        assert_eq!(kitchen.step("tick", &body).status, 400, "{body}");
    }
}

fn whoever_ticks_has_begun_and_nothing_is_ticked_elsewhere(venue: &Venue) {
    assert_eq!(venue.post("/api/orders", &cheese_king(2)).status, 201);
    let kitchen = Kitchen::open(venue);
    let tick = json!({"line": 0, "done": true});
    let path = format!("/api/orders/{}/tick", order_id(2));
    let unpaid = venue.post_with(&path, &tick, &[("cookie", &kitchen.cookie)]);
    assert_eq!((unpaid.status, unpaid.code().as_str()), (409, "not_paid"));
    assert_eq!(kitchen.takes("ready").0, "ready");
    let late = kitchen.step("tick", &tick);
    assert_eq!((late.status, late.code().as_str()), (409, "not_in_kitchen"));
    let nobody = venue.post(&path, &tick);
    assert_eq!(nobody.status, 401, "{}", nobody.body);
}

fn the_room_sees_numbers_and_nothing_else(venue: &Venue) {
    let kitchen = Kitchen::open(venue);
    let first = venue.get("/board/numbers");
    assert!(first.body.contains("id=\"preparing-W-001\""), "{}", first.body);
    assert!(!first.body.contains(&order_id(1)) && !first.body.contains("Cheese"));
    let etag = first.header("etag").to_owned();
    let headers = [("if-none-match", etag.as_str())];
    assert_eq!(venue.send("GET", "/board/numbers", &headers, b"").status, 304);
    kitchen.takes("ready");
    assert_eq!(venue.send("GET", "/board/numbers", &headers, b"").status, 200);
}

/// A menu of the house: its burger is made at the grill, its fries at the fryer, its drink is cold.
fn combo(venue: &Venue) -> Kitchen<'_> {
    let mut basket = cheese_king(1);
    basket["lines"] = json!([{"product": "menu-maison", "quantity": 1, "parts": [
        {"slot": "burger", "product": "le-cheese-king"},
        {"slot": "side", "product": "frites"},
        {"slot": "drink", "product": "cola"},
    ]}]);
    let asked = json!({"mode": "eat_in", "lines": basket["lines"]});
    basket["total_cents"] = venue.post("/api/orders/price", &asked).json()["total_cents"].clone();
    let placed = venue.post("/api/orders", &basket);
    assert_eq!(placed.status, 201, "{}", placed.body);
    let kitchen = Kitchen { venue, cookie: venue.sign_in("owner") };
    assert_eq!(kitchen.step("paid", &json!({"means": "cash"})).status, 200);
    kitchen
}

impl Kitchen<'_> {
    fn at(&self, station: &str) -> String {
        let cookie = [("cookie", self.cookie.as_str())];
        let path = format!("/kitchen/board?station={station}");
        self.venue.send("GET", &path, &cookie, b"").body
    }

    fn bumps(&self, station: &str, done: bool) -> String {
        let answer = self.step("station", &json!({"station": station, "done": done}));
        assert_eq!(answer.status, 200, "{station}: {}", answer.body);
        answer.json()["state"].as_str().expect("a state").to_owned()
    }
}

fn an_order_is_ready_when_every_station_has_done_its_part(venue: &Venue) {
    let kitchen = combo(venue);
    assert!(kitchen.board().contains("Frites") && kitchen.board().contains("Cola"));
    let grill = kitchen.at("grill");
    assert!(grill.contains("Cheese King") && !grill.contains("ticket__name\">Frites"), "{grill}");
    assert!(!kitchen.at("wok").contains("W-001"), "nothing of it is made there");
    assert_eq!(kitchen.bumps("grill", true), "preparing");
    assert_eq!(kitchen.bumps("grill", true), "preparing", "twice is once");
    assert!(kitchen.at("grill").contains("id=\"done-"), "the grill is done");
    assert!(kitchen.at("fries").contains("id=\"work-"), "the fryer is not");
    assert_eq!(kitchen.bumps("fries", true), "preparing");
    let last = json!({"line": 0, "part": 2, "done": true, "station": "cold"});
    let answer = kitchen.step("tick", &last);
    assert_eq!(answer.json()["state"], "ready", "the last tick calls it: {}", answer.body);
    assert!(venue.get("/board").body.contains("id=\"ready-W-001\""));
    assert_eq!(kitchen.step("station", &json!({"station": "bar", "done": true})).status, 422);
}

fn a_station_takes_back_what_it_had_done(venue: &Venue) {
    let kitchen = combo(venue);
    for station in ["grill", "fries", "cold"] {
        kitchen.bumps(station, true);
    }
    assert_eq!(kitchen.bumps("fries", false), "preparing", "it is called back");
    assert!(kitchen.at("fries").contains("id=\"work-"));
    assert!(kitchen.at("grill").contains("id=\"done-"), "the grill's part stays done");
    assert_eq!(kitchen.bumps("fries", true), "ready");
    // Somebody who looks at all of them calls it back: every part is still done.
    assert_eq!(kitchen.takes("recalled").0, "preparing");
    assert!(kitchen.at("cold").contains("id=\"call-"), "and may call it again");
    assert_eq!(kitchen.takes("ready").0, "ready");
}

fn stations_are_settings_and_a_page_shows_one_or_all(venue: &Venue) {
    let owner = venue.sign_in("owner");
    let headers = [("cookie", owner.as_str())];
    let read = || venue.send("GET", "/api/settings/kitchen", &headers, b"").json();
    let mut settings = read();
    assert_eq!(settings["stations"][0]["id"], "grill", "{settings}");
    settings["stations"] = json!([{"id": "bar", "name": {"fr": "Bar"}}]);
    let put = |body: &serde_json::Value| {
        let body = body.to_string();
        let headers = [("cookie", owner.as_str()), ("content-type", "application/json")];
        venue.send("PUT", "/api/settings/kitchen", &headers, body.as_bytes())
    };
    assert_eq!(put(&settings).code(), "invalid_field", "categories are made at none of these");
    settings["categories"] = json!({"burgers": "bar"});
    settings["soon_minutes"] = json!(3);
    assert_eq!(put(&settings).status, 200);
    assert_eq!(read(), settings);
    let mut strange = settings.clone();
    strange["of_the_future"] = json!(1);
    assert_eq!(put(&strange).code(), "invalid_field");
    let page = venue.send("GET", "/kitchen?station=bar", &headers, b"").body;
    assert!(page.contains("data-soon=\"3\"") && page.contains(">Bar<"), "{page}");
    let gone = venue.send("GET", "/kitchen?station=grill", &headers, b"").body;
    assert!(gone.contains("data-url=\"/kitchen/board\""), "a station that is gone is all of it");
    let cook = venue.sign_in("kitchen");
    let answer = venue.send("GET", "/api/settings/kitchen", &[("cookie", &cook)], b"");
    assert_eq!(answer.status, 403, "{}", answer.body);
}
