//! The slice on every host: menu, order, counter, kitchen, hand-over.

use std::{collections::BTreeSet, thread};

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Venue, basket_id, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    an_order_travels_from_menu_to_hand_over,
    the_same_order_sent_again_is_the_same_order,
    another_basket_under_the_same_id_is_refused,
    an_order_sent_32_times_at_once_is_placed_once,
    orders_placed_at_once_get_numbers_of_their_own,
    a_payment_pressed_at_two_tills_counts_once,
    a_step_that_is_done_already_succeeds_and_writes_nothing,
    the_server_prices_options_quantities_and_menus_itself,
    a_product_that_sells_out_is_refused_and_comes_back,
    a_board_that_has_not_changed_answers_304,
    pages_speak_the_reader_s_language,
];

fn state(answer: &crate::contract::venue::Answer) -> Json {
    answer.json()["state"].clone()
}

fn an_order_travels_from_menu_to_hand_over(venue: &Venue) {
    let menu = venue.get("/api/menu").json();
    let king = menu["products"]
        .as_array()
        .and_then(|all| all.iter().find(|product| product["id"] == "le-cheese-king").cloned());
    assert_eq!(king.expect("the menu has it")["price_cents"], 1150);

    let placed = venue.post("/api/orders", &cheese_king(1));
    assert_eq!((placed.status, state(&placed)), (201, json!("placed")), "{}", placed.body);
    assert_eq!(placed.json()["ticket"], "W-001");
    let counter = venue.sign_in("counter");
    let staff = [("cookie", counter.as_str())];
    let url = |step: &str| format!("/api/orders/{}{step}", order_id(1));
    let early = venue.post_with(&url("/ready"), &json!({}), &staff);
    assert_eq!((early.status, early.code().as_str()), (409, "not_paid"));

    let paid = venue.post_with(&url("/paid"), &json!({"means": "cash"}), &staff);
    assert_eq!((paid.status, state(&paid)), (200, json!("paid")), "{}", paid.body);
    let board = venue.send("GET", "/kitchen/board", &staff, b"");
    assert!(board.body.contains("W-001") && board.body.contains("Ketchup"), "{}", board.body);
    let early = venue.post_with(&url("/collected"), &json!({}), &staff);
    assert_eq!((early.status, early.code().as_str()), (409, "not_ready"));

    let ready = venue.post_with(&url("/ready"), &json!({}), &staff);
    assert_eq!(state(&ready), "ready", "{}", ready.body);
    let collected = venue.post_with(&url("/collected"), &json!({}), &staff);
    assert_eq!(state(&collected), "collected", "{}", collected.body);
    assert_eq!(state(&venue.get(&url(""))), "collected");
    let board = venue.send("GET", "/kitchen/board", &staff, b"");
    assert!(!board.body.contains("W-001"), "{}", board.body);
    let page = venue.get(&format!("/orders/{}", order_id(1)));
    assert!(page.status == 200 && page.body.contains("W-001"), "{}", page.status);
}

fn the_same_order_sent_again_is_the_same_order(venue: &Venue) {
    let first = venue.post("/api/orders", &cheese_king(1));
    let before = venue.footprint();
    let again = venue.post("/api/orders", &cheese_king(1));
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.json(), again.json());
    assert_eq!(venue.footprint(), before);
}

fn another_basket_under_the_same_id_is_refused(venue: &Venue) {
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let before = venue.footprint();
    let mut other = cheese_king(1);
    other["mode"] = json!("take_away");
    let answer = venue.post("/api/orders", &other);
    assert_eq!((answer.status, answer.code().as_str()), (409, "order_conflict"));
    assert_eq!(venue.footprint(), before);
}

fn an_order_sent_32_times_at_once_is_placed_once(venue: &Venue) {
    let answers: Vec<_> = thread::scope(|scope| {
        let senders: Vec<_> =
            (0..32).map(|_| scope.spawn(|| venue.post("/api/orders", &cheese_king(1)))).collect();
        senders.into_iter().map(|sender| sender.join().expect("an answer")).collect()
    });
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(answers.iter().all(|a| [200, 201].contains(&a.status)), "{answers:?}");
    assert_eq!(created, 1);
    assert_eq!(venue.footprint()[0]["orders"], 1);
}

fn orders_placed_at_once_get_numbers_of_their_own(venue: &Venue) {
    let tickets: BTreeSet<String> = thread::scope(|scope| {
        let place = |number| move || venue.post("/api/orders", &cheese_king(number));
        let senders: Vec<_> = (0..32).map(|number| scope.spawn(place(number))).collect();
        let answers = senders.into_iter().map(|sender| sender.join().expect("an answer"));
        answers
            .map(|answer| {
                assert_eq!(answer.status, 201, "{}", answer.body);
                answer.json()["ticket"].as_str().unwrap_or_default().to_owned()
            })
            .collect()
    });
    let expected: BTreeSet<String> = (1..=32).map(|number| format!("W-{number:03}")).collect();
    assert_eq!(tickets, expected);
}

fn a_payment_pressed_at_two_tills_counts_once(venue: &Venue) {
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let cookie = venue.sign_in("counter");
    let url = format!("/api/orders/{}/paid", order_id(1));
    thread::scope(|scope| {
        let pay = |means: &'static str| {
            let (cookie, url) = (cookie.as_str(), url.as_str());
            move || venue.post_with(url, &json!({"means": means}), &[("cookie", cookie)])
        };
        let tills: Vec<_> =
            ["cash", "terminal"].into_iter().map(|means| scope.spawn(pay(means))).collect();
        for till in tills {
            let answer = till.join().expect("an answer");
            assert_eq!(state(&answer), "paid", "{}", answer.body);
        }
    });
    assert_eq!(venue.footprint()[0]["payments"], 1);
}

fn a_step_that_is_done_already_succeeds_and_writes_nothing(venue: &Venue) {
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let cookie = venue.sign_in("counter");
    let staff = [("cookie", cookie.as_str())];
    for (step, body) in
        [("paid", json!({"means": "cash"})), ("ready", json!({})), ("collected", json!({}))]
    {
        let url = format!("/api/orders/{}/{step}", order_id(1));
        assert_eq!(venue.post_with(&url, &body, &staff).status, 200);
        let before = venue.footprint();
        assert_eq!(venue.post_with(&url, &body, &staff).status, 200, "{step}");
        assert_eq!(venue.footprint(), before, "{step}");
    }
}

fn the_server_prices_options_quantities_and_menus_itself(venue: &Venue) {
    // Three Bacon Lovers with cheddar, each as a menu, and two drinks:
    // 3 × (12.50 + 1.00 + 4.50) + 2 × 2.50 = 59.00.
    let basket = |total_cents: i64| {
        json!({
            "id": basket_id(1),
            "mode": "take_away",
            "lines": [
                {"product": "le-bacon-lover", "quantity": 3, "choices": [
                    {"group": "supplement", "choice": "cheddar"},
                    {"group": "menu", "choice": "frites-cola"},
                ]},
                {"product": "cola", "quantity": 2},
            ],
            "total_cents": total_cents,
        })
    };
    let answer = venue.post("/api/orders", &basket(5899));
    assert_eq!((answer.status, answer.code().as_str()), (409, "price_changed"));
    assert_eq!(answer.json()["error"]["subject"], json!(["5900"]));
    let answer = venue.post("/api/orders", &basket(5900));
    assert_eq!((answer.status, answer.json()["total_cents"].clone()), (201, json!(5900)));
}

fn a_product_that_sells_out_is_refused_and_comes_back(venue: &Venue) {
    let cookie = venue.sign_in("kitchen");
    let set = |available: bool| {
        let url = "/api/products/le-cheese-king/availability";
        venue.post_with(url, &json!({"available": available}), &[("cookie", &cookie)])
    };
    assert_eq!(set(false).status, 200);
    let before = venue.footprint();
    let answer = venue.post("/api/orders", &cheese_king(1));
    assert_eq!((answer.status, answer.code().as_str()), (409, "sold_out"));
    assert_eq!(answer.json()["error"]["subject"], json!(["le-cheese-king"]));
    assert_eq!(venue.footprint(), before);
    assert_eq!(set(false).status, 200);
    assert_eq!(venue.footprint(), before, "saying it again writes nothing");
    assert_eq!(set(true).status, 200);
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
}

fn a_board_that_has_not_changed_answers_304(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    for board in ["/kitchen/board", "/counter/board"] {
        let first = venue.send("GET", board, &[("cookie", &cookie)], b"");
        let etag = first.header("etag").to_owned();
        assert!(first.status == 200 && !etag.is_empty(), "{board}: {first:?}");
        let headers = [("cookie", cookie.as_str()), ("if-none-match", etag.as_str())];
        assert_eq!(venue.send("GET", board, &headers, b"").status, 304, "{board}");
        let number = if board.starts_with("/kitchen") { 1 } else { 2 };
        assert_eq!(venue.post("/api/orders", &cheese_king(number)).status, 201);
        let url = format!("/api/orders/{}/paid", order_id(number));
        let paid = venue.post_with(&url, &json!({"means": "cash"}), &[("cookie", &cookie)]);
        assert_eq!(paid.status, 200, "{}", paid.body);
        assert_eq!(venue.send("GET", board, &headers, b"").status, 200, "{board}");
    }
}

fn pages_speak_the_reader_s_language(venue: &Venue) {
    for (language, text) in [("fr", "Frites"), ("nl", "Frieten"), ("en", "Fries")] {
        let page = venue.get(&format!("/menu?lang={language}"));
        assert_eq!(page.status, 200);
        assert!(page.body.contains(text), "{language} says {text}");
        assert!(page.body.contains(&format!("lang=\"{language}\"")), "{language}");
        let cookie = page.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let later = venue.send("GET", "/menu", &[("cookie", &cookie)], b"");
        assert!(later.body.contains(text), "{language} is remembered");
    }
}
