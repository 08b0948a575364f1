//! Bringing an order on every host: who takes it along, who sees where it is, and its end.

use jpeg_encoder::{ColorType, Encoder};
use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Headers, Venue, basket_id, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_courier_takes_along_what_is_ready_and_hands_it_over_once,
    where_a_courier_is_is_for_its_customer_and_goes_with_the_hand_over,
    a_picture_of_the_place_is_written_anew_for_its_customer,
    a_map_asks_the_hosts_that_the_venue_named_and_no_others,
    another_s_delivery_is_neither_shown_nor_moved,
];

const HERE: &str = r#"{"latitude_e6": 50840000, "longitude_e6": 4355000}"#;

fn here() -> Json {
    serde_json::from_str(HERE).expect("a place")
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.code())
}

/// A member's order, brought to the middle of the town; paid and cooked as far as `steps` say.
fn ordered(venue: &Venue, number: u32, steps: &[&str]) -> String {
    let member = venue.sign_in("member");
    let basket = json!({
        "id": basket_id(number),
        "mode": "delivery",
        "lines": [{"product": "le-cheese-king", "quantity": 2}],
        "total_cents": 2800,
        "delivery": {"address": "Rue Haute 12", "postal_code": "1000", "phone": "0470 12 34 56"},
    });
    let own: Headers<'_> = &[("cookie", &member)];
    let placed = venue.post_with("/api/orders", &basket, own);
    assert_eq!(placed.status, 201, "{}", placed.body);
    let counter = venue.sign_in("counter");
    for step in steps {
        let body = if *step == "paid" { json!({"means": "cash"}) } else { json!({}) };
        let url = format!("/api/orders/{}/{step}", order_id(number));
        let answer = venue.post_with(&url, &body, &[("cookie", &counter)]);
        assert_eq!(answer.status, 200, "{step}: {}", answer.body);
    }
    member
}

fn step(venue: &Venue, courier: &str, (number, step): (u32, &str), body: &Json) -> Answer {
    let url = format!("/api/deliveries/{}/{step}", order_id(number));
    venue.post_with(&url, body, &[("cookie", courier)])
}

fn get(venue: &Venue, cookie: &str, path: &str) -> Answer {
    venue.send("GET", path, &[("cookie", cookie)], b"")
}

fn way(venue: &Venue, cookie: &str, number: u32) -> Answer {
    get(venue, cookie, &format!("/api/orders/{}/way", order_id(number)))
}

fn a_courier_takes_along_what_is_ready_and_hands_it_over_once(venue: &Venue) {
    let member = ordered(venue, 1, &["paid"]);
    let (ann, bob) = (venue.sign_in("courier"), venue.sign_in("courier"));
    let name = json!({"name": "Madame Durand"});
    let before = venue.footprint();
    assert_eq!(refused(&step(venue, &ann, (1, "left"), &json!({}))), is(409, "not_ready"));
    assert_eq!(refused(&step(venue, &ann, (1, "delivered"), &name)), is(409, "not_on_its_way"));
    assert_eq!(refused(&step(venue, &ann, (1, "position"), &here())), is(409, "not_on_its_way"));
    assert_eq!(refused(&step(venue, &ann, (2, "left"), &json!({}))), is(404, "unknown_order"));
    assert_eq!(venue.footprint(), before);

    let counter = venue.sign_in("counter");
    let by_counter = [("cookie", counter.as_str())];
    let url = |step: &str| format!("/api/orders/{}/{step}", order_id(1));
    assert_eq!(venue.post_with(&url("ready"), &json!({}), &by_counter).status, 200);
    assert!(get(venue, &ann, "/deliveries/board").body.contains("Rue Haute 12, 1000"));
    assert!(!venue.get("/board/numbers").body.contains("W-001"), "nobody in the room fetches it");
    let left = step(venue, &ann, (1, "left"), &json!({}));
    assert_eq!((left.status, &left.json()["state"]), (200, &json!("on_its_way")));
    assert_eq!(step(venue, &ann, (1, "left"), &json!({})).status, 200, "the same again");
    assert_eq!(refused(&step(venue, &bob, (1, "left"), &json!({}))), is(409, "with_courier"));
    for (step, code) in [("collected", "with_courier"), ("recalled", "not_recallable")] {
        let answer = venue.post_with(&url(step), &json!({}), &by_counter);
        assert_eq!(refused(&answer), is(409, code));
    }
    assert!(!get(venue, &counter, "/counter/board").body.contains("W-001"));
    let page = get(venue, &member, &format!("/orders/{}?lang=en", order_id(1))).body;
    let shown = page.split("id=\"texts\"").next().unwrap_or_default();
    assert!(shown.contains("Your order is on its way") && shown.contains("Delivered"), "{shown}");
    assert!(!shown.contains("Pay at the counter") && !shown.contains("Collected"), "{shown}");

    assert_eq!(
        refused(&step(venue, &ann, (1, "delivered"), &json!({"name": " "}))),
        is(422, "receiver_missing")
    );
    let done = step(venue, &bob, (1, "delivered"), &name);
    assert_eq!((done.status, &done.json()["state"]), (200, &json!("delivered")), "a colleague may");
    let facts = venue.footprint();
    for (who, what) in [(&ann, "left"), (&bob, "delivered"), (&ann, "delivered")] {
        assert_eq!(step(venue, who, (1, what), &name).json()["state"], "delivered");
    }
    assert_eq!(venue.footprint(), facts, "what is delivered stays so");
    // To whom it was handed stands sealed, and staff read it.
    let sql = "SELECT receiver FROM delivery_step WHERE venue = ?1 AND id = ?2 || '/delivered'";
    let rows = venue.rows(sql, json!([venue.id, order_id(1)]));
    assert!(rows[0]["receiver"].as_str().is_some_and(|sealed| sealed.len() > 20), "{rows}");
    assert!(!rows.to_string().contains("Durand"));
    let page = get(venue, &ann, &format!("/deliveries/{}", order_id(1))).body;
    assert!(page.contains("Madame Durand"), "{page}");
    // It is on no list any more, and in the history as what it is.
    for path in ["/deliveries/board", "/counter/board", "/kitchen/board"] {
        assert!(!get(venue, &counter, path).body.contains("W-001"), "{path}");
    }
    let history = get(venue, &venue.sign_in("owner"), "/api/history?state=delivered");
    assert_eq!(history.json()["orders"][0]["state"], "delivered", "{}", history.body);
    // What nobody brings is no delivery.
    assert_eq!(venue.post("/api/orders", &cheese_king(3)).status, 201);
    assert_eq!(refused(&step(venue, &ann, (3, "left"), &json!({}))), is(409, "no_delivery"));
}

fn where_a_courier_is_is_for_its_customer_and_goes_with_the_hand_over(venue: &Venue) {
    let member = ordered(venue, 1, &["paid", "ready"]);
    let (courier, stranger) = (venue.sign_in("courier"), venue.sign_in("member"));
    let told = way(venue, &member, 1).json();
    assert_eq!((&told["state"], &told["courier"]), (&json!("ready"), &Json::Null));
    assert_eq!(told["restaurant"]["latitude_e6"], 50_841_300, "{told}");
    assert_eq!(told["address"]["longitude_e6"], 4_352_500, "the middle of its postal code");
    assert_eq!(step(venue, &courier, (1, "left"), &json!({})).status, 200);
    let before = venue.footprint();
    for odd in [
        json!({"latitude_e6": 90_000_001, "longitude_e6": 0}),
        json!({"latitude_e6": 0, "longitude_e6": -180_000_001}),
    ] {
        assert_eq!(
            refused(&step(venue, &courier, (1, "position"), &odd)),
            is(422, "invalid_field")
        );
    }
    for odd in [json!({"latitude_e6": 1.5, "longitude_e6": 1}), json!({})] {
        assert_eq!(refused(&step(venue, &courier, (1, "position"), &odd)), is(400, "invalid_json"));
    }
    assert_eq!(step(venue, &courier, (1, "position"), &here()).status, 200);
    let told = way(venue, &member, 1).json();
    assert_eq!(told["courier"]["latitude_e6"], 50_840_000, "{told}");
    assert!(told["courier"]["age_ms"].as_i64().is_some_and(|age| age < 60_000), "{told}");
    // Whoever knows the order's number, and another member, learn nothing of where it goes.
    for cookie in ["relais_session=none", &stranger] {
        assert_eq!(refused(&way(venue, cookie, 1)), is(404, "unknown_order"));
        let page = get(venue, cookie, &format!("/orders/{}", order_id(1))).body;
        assert!(!page.contains("data-way="), "{page}");
    }
    assert_eq!(way(venue, &courier, 1).status, 200);
    // Told again at once, the first stays: nobody looks more often.
    let further = json!({"latitude_e6": 50_839_000, "longitude_e6": 4_354_000});
    assert_eq!(step(venue, &courier, (1, "position"), &further).status, 200);
    assert_eq!(way(venue, &member, 1).json()["courier"]["latitude_e6"], 50_840_000);
    // A walk that is made up says so.
    assert_eq!(step(venue, &courier, (1, "simulated"), &json!({})).status, 200);
    let told = way(venue, &member, 1).json();
    assert!(told["courier"].is_null() && told["simulated_permille"].is_i64(), "{told}");
    assert_eq!(venue.footprint(), before, "where somebody is travels nowhere");
    let done = step(venue, &courier, (1, "delivered"), &json!({"name": "Ann"}));
    assert_eq!(done.status, 200, "{}", done.body);
    let sql = "SELECT count(*) AS n FROM courier_position WHERE venue = ?1";
    assert_eq!(venue.rows(sql, json!([venue.id]))[0]["n"], 0);
    assert_eq!(
        refused(&step(venue, &courier, (1, "position"), &here())),
        is(409, "not_on_its_way")
    );
    let told = way(venue, &member, 1).json();
    assert_eq!((&told["state"], &told["courier"]), (&json!("delivered"), &Json::Null));
}

const WHERE: &[u8] = b"GPS 50.8503N 4.3517E";

fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.add_exif_metadata(WHERE).expect("the notes are short");
    let pixels = [180, 99, 0].repeat(600 * 400);
    encoder.encode(&pixels, 600, 400, ColorType::Rgb).expect("it has the pixels that it says");
    bytes
}

fn hand_over(venue: &Venue, cookie: &str, number: u32, file: &[u8]) -> Answer {
    let mut body = b"--x1\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n\r\n".to_vec();
    body.extend(b"--x1\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n");
    body.extend(b"Content-Type: image/jpeg\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--x1--\r\n");
    let kind = ("content-type", "multipart/form-data; boundary=x1");
    let path = format!("/deliveries/{}", order_id(number));
    venue.send("POST", &path, &[kind, ("cookie", cookie), ("accept", "text/html")], &body)
}

fn a_picture_of_the_place_is_written_anew_for_its_customer(venue: &Venue) {
    let member = ordered(venue, 1, &["paid", "ready"]);
    let courier = venue.sign_in("courier");
    assert_eq!(step(venue, &courier, (1, "left"), &json!({})).status, 200);
    let before = venue.footprint();
    for (file, status) in [(&b"GIF89a"[..], 422), (b"\xff\xd8\xff\xe0 broken", 422), (b"", 422)] {
        let answer = hand_over(venue, &courier, 1, file);
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.body.contains("role=\"alert\""), "{}", answer.body);
    }
    assert_eq!(venue.footprint(), before);
    let done = hand_over(venue, &courier, 1, &picture());
    assert_eq!((done.status, done.header("location")), (303, "/deliveries"), "{}", done.body);
    let place = format!("/orders/{}/place", order_id(1));
    let shown = get(venue, &member, &place);
    assert_eq!((shown.status, shown.header("content-type")), (200, "image/jpeg"));
    assert_eq!(shown.header("cache-control"), "no-store");
    let tells = |bytes: &[u8]| bytes.windows(WHERE.len()).any(|part| part == WHERE);
    assert!(tells(&picture()) && !tells(&shown.bytes), "where the phone was is gone");
    assert_eq!(get(venue, &courier, &place).status, 200);
    assert_eq!(refused(&get(venue, &venue.sign_in("member"), &place)), is(404, "unknown_order"));
    assert_eq!(refused(&venue.get(&place)), is(404, "unknown_order"));
    let page = get(venue, &member, &format!("/orders/{}", order_id(1))).body;
    assert!(page.contains(&place), "{page}");
}

fn a_map_asks_the_hosts_that_the_venue_named_and_no_others(venue: &Venue) {
    let member = ordered(venue, 1, &[]);
    let owner = venue.sign_in("owner");
    let by_owner = [("cookie", owner.as_str()), ("content-type", "application/json")];
    let put = |body: &Json| {
        venue.send("PUT", "/api/settings/map", &by_owner, body.to_string().as_bytes())
    };
    let path = format!("/orders/{}", order_id(1));
    let policy =
        |cookie: &str| get(venue, cookie, &path).header("content-security-policy").to_owned();
    assert!(policy(&member).contains("img-src 'self' data:;"), "a grid asks nobody");
    let mut map = get(venue, &owner, "/api/settings/map").json();
    let before = venue.footprint();
    for (field, odd) in [
        ("tiles", json!("https://{s}.example/{z}/{x}/{y}")),
        ("tiles", json!("https://t.example; script-src */{z}/{x}/{y}")),
        ("tiles", json!("http://t.example/{z}/{x}/{y}")),
        ("router", json!("https://r.example/route")),
        ("places", json!({"1000": {"latitude_e6": 99_000_000, "longitude_e6": 0}})),
        ("of_the_future", json!(1)),
    ] {
        let mut wrong = map.clone();
        wrong[field] = odd;
        assert_eq!(refused(&put(&wrong)), is(422, "invalid_field"), "{wrong}");
    }
    assert_eq!(venue.footprint(), before);
    map["tiles"] = json!("https://tiles.example:8443/{z}/{x}/{y}.png?key=1");
    map["router"] = json!("https://router.example/route/v1/driving/{from};{to}?geometries=geojson");
    map["attribution"] = json!("© <b>people");
    assert_eq!(put(&map).status, 200);
    let kept = venue.footprint();
    assert_eq!(put(&map).status, 200);
    assert_eq!(venue.footprint(), kept, "said again it writes nothing");
    let told = policy(&member);
    assert!(told.contains("img-src 'self' data: https://tiles.example:8443;"), "{told}");
    let asks = told.split("; ").find(|part| part.starts_with("connect-src")).unwrap_or_default();
    assert!(asks.ends_with(" https://router.example"), "{told}");
    assert!(get(venue, &member, &path).body.contains("© &#60;b&#62;people"));
    // No other page may, nor this one for whoever sees no map.
    for told in [policy("relais_session=none"), {
        get(venue, &member, "/menu").header("content-security-policy").to_owned()
    }] {
        assert!(!told.contains("example:8443") && !told.contains("router.example"), "{told}");
    }
    let list = get(venue, &venue.sign_in("courier"), "/deliveries");
    assert!(list.header("permissions-policy").contains("geolocation=(self)"));
    assert!(venue.get("/menu").header("permissions-policy").contains("geolocation=()"));
}

fn another_s_delivery_is_neither_shown_nor_moved(venue: &Venue) {
    let beside = venue.beside();
    let theirs = ordered(&beside, 41, &["paid", "ready"]);
    let (ours, owner) = (venue.sign_in("courier"), venue.sign_in("owner"));
    let (courier, cook) = (beside.sign_in("courier"), beside.sign_in("kitchen"));
    let before = (venue.footprint(), beside.footprint());
    let name = json!({"name": "Ann"});
    for cookie in [&ours, &owner] {
        for (what, body) in [
            ("left", json!({})),
            ("position", here()),
            ("simulated", json!({})),
            ("delivered", name.clone()),
        ] {
            assert_eq!(refused(&step(venue, cookie, (41, what), &body)), is(404, "unknown_order"));
        }
        for path in ["/api/orders/{id}/way", "/orders/{id}/place", "/deliveries/{id}"] {
            let answer = get(venue, cookie, &path.replace("{id}", &order_id(41)));
            assert_eq!(refused(&answer), is(404, "unknown_order"), "{path}");
        }
        assert!(!get(venue, cookie, "/deliveries/board").body.contains("W-001"));
    }
    assert_eq!(hand_over(venue, &ours, 41, &picture()).status, 404);
    // Their courier is nobody here.
    assert_eq!(step(venue, &courier, (41, "left"), &json!({})).code(), "sign_in_required");
    // A member brings nothing, and a cook neither.
    for role in [theirs, cook] {
        assert_eq!(refused(&step(&beside, &role, (41, "left"), &json!({}))), is(403, "forbidden"));
    }
    assert_eq!((venue.footprint(), beside.footprint()), before);
}
