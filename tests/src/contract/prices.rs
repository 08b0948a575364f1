//! Prices, VAT, codes and deliveries on every host: the server's arithmetic, and what it refuses.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        accounts::{self, PASSWORD},
        logins::{forget_tries, submit},
        venue::{Answer, Headers, Venue, basket_id, cheese_king, now_ms, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    the_vat_of_an_order_is_split_by_the_rules_of_the_day_and_shown,
    a_total_that_was_tampered_with_is_refused_and_changes_nothing,
    a_code_takes_off_what_the_venue_says,
    codes_that_are_tried_out_are_told_to_wait,
    a_price_that_is_asked_for_is_the_price_of_the_order,
    a_delivery_has_its_rules_and_each_refusal_changes_nothing,
    where_an_order_is_brought_to_is_for_staff_alone_and_goes_with_its_person,
    a_note_is_shown_as_it_was_typed_and_a_bad_one_is_refused,
    an_order_of_thousands_of_lines_is_refused,
];

const MEMBER: &str = "member";

/// Two Cheese Kings and a Cola: 25.50.
fn basket(number: u32, mode: &str) -> Json {
    json!({
        "id": basket_id(number),
        "mode": mode,
        "lines": [
            {"product": "le-cheese-king", "quantity": 2},
            {"product": "cola", "quantity": 1},
        ],
        "total_cents": 2550,
    })
}

fn home() -> Json {
    json!({"address": "Rue Haute 12, bte 3", "postal_code": "1000", "phone": "+32 470 12 34 56"})
}

/// The same, brought to the middle of the town for 5.00.
fn delivery(number: u32) -> Json {
    let mut basket = basket(number, "delivery");
    basket["delivery"] = home();
    basket["total_cents"] = json!(3050);
    basket
}

fn with(basket: &Json, field: &str, value: Json) -> Json {
    let mut basket = basket.clone();
    basket[field] = value;
    basket
}

/// Refuses each of these, and nothing is written.
fn refuses(venue: &Venue, headers: Headers<'_>, wrong: &[(Json, (u16, &str))]) {
    let before = venue.footprint();
    for (basket, expected) in wrong {
        let answer = venue.post_with("/api/orders", basket, headers);
        assert_eq!((answer.status, answer.code().as_str()), *expected, "{basket}");
    }
    assert_eq!(venue.footprint(), before);
}

fn placed(venue: &Venue, basket: &Json, headers: Headers<'_>) -> Answer {
    let answer = venue.post_with("/api/orders", basket, headers);
    assert_eq!(answer.status, 201, "{basket}: {}", answer.body);
    answer
}

fn the_vat_of_an_order_is_split_by_the_rules_of_the_day_and_shown(venue: &Venue) {
    // Whatever the day: where drinks are taxed otherwise than meals, there are two rates.
    let split = |order: &Json| -> (i64, i64) {
        let parts = order["vat"].as_array().expect("a split").clone();
        let sum = |field: &str| parts.iter().map(|part| part[field].as_i64().unwrap_or(-1)).sum();
        (sum("gross_cents"), sum("vat_cents"))
    };
    let mut totals = Vec::new();
    for (number, mode) in [(1, "eat_in"), (2, "take_away")] {
        let order = placed(venue, &basket(number, mode), &[]).json();
        assert_eq!(split(&order).0, 2550, "{order}");
        assert_eq!(
            order["vat"],
            venue.get(&format!("/api/orders/{}", order_id(number))).json()["vat"]
        );
        totals.push(order["total_cents"].clone());
        let page = venue.get(&format!("/orders/{}?lang=en", order_id(number))).body;
        for part in order["vat"].as_array().into_iter().flatten() {
            let rate = part["bp"].as_i64().unwrap_or_default() / 100;
            assert!(page.contains(&format!("{rate}\u{a0}%")), "{rate}: {page}");
        }
    }
    assert_eq!(totals[0], totals[1], "how it is taken never changes the price");
    let sql = "SELECT rules, lines FROM customer_order WHERE venue = ?1 ORDER BY id";
    let rows = venue.rows(sql, json!([venue.id]));
    let rules = rows[0]["rules"].as_str().unwrap_or_default();
    assert!(rules.len() == 16 && rows[1]["rules"] == rules, "{rows}");
    let counter = venue.sign_in("counter");
    let board = venue.send("GET", "/counter/board?lang=en", &[("cookie", &counter)], b"").body;
    assert!(board.contains("ticket__vat"), "{board}");
}

fn a_total_that_was_tampered_with_is_refused_and_changes_nothing(venue: &Venue) {
    let basket = basket(1, "eat_in");
    let refused = (409, "price_changed");
    let wrong: Vec<_> = [0, -2550, 1, 2549, 2551, i64::MAX, i64::MIN]
        .map(|total| (with(&basket, "total_cents", json!(total)), refused))
        .into();
    refuses(venue, &[], &wrong);
    let priced = json!({"product": "cola", "quantity": 1, "unit_cents": 1});
    let invented = json!({"vat": [], "fee_cents": 0});
    let wrong = [
        (with(&basket, "lines", json!([priced])), (400, "invalid_json")),
        (with(&basket, "discounts", invented), (400, "invalid_json")),
        (with(&basket, "total_cents", json!(2550.5)), (400, "invalid_json")),
        (with(&basket, "mode", json!("drive_in")), (400, "invalid_json")),
    ];
    refuses(venue, &[], &wrong);
}

fn a_code_takes_off_what_the_venue_says(venue: &Venue) {
    let typed = |number, code: &str, total: i64| {
        let basket = with(&basket(number, "take_away"), "code", json!(code));
        with(&basket, "total_cents", json!(total))
    };
    let wrong = [
        (typed(1, "NIMPORTEQUOI", 2550), (422, "unknown_promotion")),
        (typed(1, "' OR 1=1 --", 2550), (422, "unknown_promotion")),
        (typed(1, "BIENVENUE10", 2550), (409, "price_changed")),
        (typed(1, "BIENVENUE10", 0), (409, "price_changed")),
        (
            with(&with(&cheese_king(1), "code", json!("MIDI3")), "total_cents", json!(850)),
            (422, "promotion_minimum"),
        ),
    ];
    refuses(venue, &[], &wrong);
    let order = placed(venue, &typed(1, " bienvenue10", 2295), &[]).json();
    assert_eq!(order["discounts"], json!([{"code": "BIENVENUE10", "cents": 255}]));
    let gross = |order: &Json| -> i64 {
        let parts = order["vat"].as_array().into_iter().flatten();
        parts.map(|part| part["gross_cents"].as_i64().unwrap_or(-1)).sum()
    };
    assert_eq!(gross(&order), 2295);
    let page = venue.get(&format!("/orders/{}", order_id(1))).body;
    assert!(page.contains("BIENVENUE10"), "{page}");
    // Sent again it is the same order; without its code it is another one.
    assert_eq!(venue.post("/api/orders", &typed(1, "BIENVENUE10", 2295)).status, 200);
    let answer = venue.post("/api/orders", &typed(1, "", 2295));
    assert_eq!((answer.status, answer.code().as_str()), (409, "order_conflict"));
    assert_eq!(placed(venue, &typed(2, "midi3", 2250), &[]).json()["total_cents"], 2250);
}

fn codes_that_are_tried_out_are_told_to_wait(venue: &Venue) {
    let typed = |code: &str| {
        let basket = with(&basket(1, "take_away"), "code", json!(code));
        let answer = venue.post("/api/orders", &with(&basket, "total_cents", json!(2295)));
        (answer.status, answer.code())
    };
    let none = (422, "unknown_promotion".to_owned());
    // A basket asks for the same again and again.
    for _ in 0..40 {
        assert_eq!(typed("NOT-THIS"), none);
    }
    for number in 1..30 {
        assert_eq!(typed(&format!("TRY-{number}")), none);
    }
    let wait = (429, "too_many_tries".to_owned());
    assert_eq!(typed("TRY-30"), wait);
    // Who found it by then has not found it; whoever has no code orders as ever.
    assert_eq!(typed("BIENVENUE10"), wait);
    placed(venue, &basket(2, "take_away"), &[]);
}

fn a_price_that_is_asked_for_is_the_price_of_the_order(venue: &Venue) {
    let before = venue.footprint();
    let lines = basket(1, "delivery")["lines"].clone();
    let asked = json!({"mode": "delivery", "lines": lines, "code": "BIENVENUE10",
        "postal_code": "10 00"});
    let answer = venue.post("/api/orders/price", &asked);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let price = answer.json();
    assert_eq!((&price["goods_cents"], &price["fee_cents"]), (&json!(2550), &json!(500)));
    assert_eq!(price["total_cents"], 2795);
    let off: i64 = price["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|l| l["discount_cents"].as_i64().unwrap_or(-1))
        .sum();
    assert_eq!(off, 255, "{price}");
    assert_eq!(venue.footprint(), before, "who asks buys nothing");
    let refused = |field: &str, value: Json| {
        let answer = venue.post("/api/orders/price", &with(&asked, field, value));
        (answer.status, answer.code())
    };
    assert_eq!(refused("postal_code", json!("9999")), (422, "delivery_outside".to_owned()));
    assert_eq!(refused("postal_code", json!("")), (422, "invalid_field".to_owned()));
    assert_eq!(refused("code", json!("RIEN")), (422, "unknown_promotion".to_owned()));
    assert_eq!(refused("lines", json!([])), (422, "empty_basket".to_owned()));
    let mut wanted = with(&delivery(1), "code", json!("BIENVENUE10"));
    wanted["total_cents"] = price["total_cents"].clone();
    let cookie = venue.sign_in(MEMBER);
    let order = placed(venue, &wanted, &[("cookie", &cookie)]).json();
    assert_eq!(order["vat"], price["vat"]);
}

fn a_delivery_has_its_rules_and_each_refusal_changes_nothing(venue: &Venue) {
    let cookie = venue.sign_in(MEMBER);
    let own: Headers<'_> = &[("cookie", &cookie)];
    let at = |postal_code: &str| with(&home(), "postal_code", json!(postal_code));
    let mut small = with(&cheese_king(1), "mode", json!("delivery"));
    small["delivery"] = home();
    small["total_cents"] = json!(1650);
    let wrong = [
        (with(&delivery(1), "delivery", at("9999")), (422, "delivery_outside")),
        // Another zone has another fee: what was seen is not what it costs.
        (with(&delivery(1), "delivery", at("1180")), (409, "price_changed")),
        (with(&delivery(1), "total_cents", json!(2550)), (409, "price_changed")),
        (small, (422, "delivery_minimum")),
        (with(&delivery(1), "delivery", Json::Null), (422, "invalid_field")),
        (
            with(&delivery(1), "delivery", with(&home(), "phone", json!("?"))),
            (422, "invalid_field"),
        ),
        (
            with(&delivery(1), "delivery", with(&home(), "address", json!(""))),
            (422, "invalid_field"),
        ),
        (with(&delivery(1), "mode", json!("eat_in")), (422, "invalid_field")),
    ];
    refuses(venue, own, &wrong);
    refuses(venue, &[], &[(delivery(1), (403, "delivery_needs_account"))]);
    placed(venue, &delivery(1), own);
    assert_eq!(venue.post_with("/api/orders", &delivery(1), own).status, 200);
    let elsewhere = with(&delivery(1), "delivery", with(&home(), "address", json!("Rue Basse 1")));
    let another = venue.sign_in(MEMBER);
    for (basket, headers) in [(elsewhere, own), (delivery(1), &[("cookie", another.as_str())])] {
        let answer = venue.post_with("/api/orders", &basket, headers);
        assert_eq!((answer.status, answer.code().as_str()), (409, "order_conflict"), "{basket}");
    }
    // A venue that does not deliver is offered nowhere.
    assert!(venue.get("/menu").body.contains("value=\"delivery\""));
    let mut document = venue.document();
    document["published_ms"] = json!(now_ms());
    document["delivery"]["on"] = json!(false);
    assert_eq!(venue.set_up(&document).status, 200);
    assert!(!venue.get("/menu").body.contains("value=\"delivery\""));
    refuses(venue, own, &[(delivery(2), (409, "delivery_off"))]);
}

fn where_an_order_is_brought_to_is_for_staff_alone_and_goes_with_its_person(venue: &Venue) {
    forget_tries(venue);
    let (_, cookie) = accounts::member(venue, "hungry");
    let own: Headers<'_> = &[("cookie", &cookie)];
    placed(venue, &delivery(1), own);
    let counter = venue.sign_in("counter");
    let staff: Headers<'_> = &[("cookie", &counter)];
    let board = || venue.send("GET", "/counter/board", staff, b"").body;
    assert!(board().contains("Rue Haute 12, bte 3, 1000"), "{}", board());
    let kitchen = venue.send("GET", "/kitchen/board", staff, b"").body;
    let page = venue.send("GET", &format!("/orders/{}", order_id(1)), own, b"").body;
    let api = venue.get(&format!("/api/orders/{}", order_id(1))).body;
    for (what, text) in [("kitchen", kitchen), ("page", page), ("api", api)] {
        assert!(!text.contains("Rue Haute") && !text.contains("470 12"), "{what}: {text}");
    }
    // Neither the table nor the log has it in clear, and the venue knows them by a sealed name.
    let sql = "SELECT o.contact AS contact, o.person AS person, (SELECT count(*) FROM change_log \
         WHERE payload LIKE '%Rue Haute%' OR payload LIKE '%470 12%') AS told, \
         (SELECT p.name_sealed FROM person p WHERE p.venue = o.venue AND p.id = o.person) AS name \
         FROM customer_order o WHERE o.venue = ?1";
    let row = venue.rows(sql, json!([venue.id]))[0].clone();
    assert_eq!(row["told"], 0);
    assert!(row["name"].as_str().is_some_and(|name| !name.is_empty()), "{row}");
    assert!(row["contact"].as_str().is_some_and(|sealed| !sealed.contains("Rue")), "{row}");
    let export = venue.send("GET", "/account/export", own, b"").json();
    assert_eq!(export["orders"][0]["total_cents"], 3050, "{export}");
    // They are known here, and are still who they were.
    assert_eq!(venue.send("GET", "/account", own, b"").status, 200);
    let fields = [("current", PASSWORD)];
    let gone = submit(venue, "/account/erase", own, &fields);
    assert_eq!(gone.status, 303, "{}", gone.body);
    assert!(!board().contains("Rue Haute") && board().contains("W-001"), "{}", board());
    let sum = venue.get(&format!("/api/orders/{}", order_id(1))).json();
    assert_eq!(sum["total_cents"], 3050, "what was sold stays sold");
}

fn a_note_is_shown_as_it_was_typed_and_a_bad_one_is_refused(venue: &Venue) {
    let note = "Sans oignon\u{a0}! 🌶️👨‍🍳 بدون بصل <b>&";
    let with_note = |number, note: &str| with(&cheese_king(number), "note", json!(note));
    let now_ms = now_ms();
    let at = |ms: u64| with(&cheese_king(1), "wanted_ms", json!(ms));
    let wrong = [
        (with_note(1, &"é".repeat(141)), (422, "invalid_field")),
        (with_note(1, "une\nautre ligne"), (422, "invalid_field")),
        (with_note(1, "\u{0}"), (422, "invalid_field")),
        (at(now_ms - 60_000), (422, "invalid_time")),
        (at(now_ms + 25 * 3_600_000), (422, "invalid_time")),
        (at(0), (422, "invalid_time")),
    ];
    refuses(venue, &[], &wrong);
    let wanted = with(&with_note(1, note), "wanted_ms", json!(now_ms + 3_600_000));
    placed(venue, &wanted, &[]);
    placed(venue, &with_note(2, &"é".repeat(140)), &[]);
    let counter = venue.sign_in("counter");
    let staff = [("cookie", counter.as_str())];
    for number in [1, 2] {
        let url = format!("/api/orders/{}/paid", order_id(number));
        assert_eq!(venue.post_with(&url, &json!({"means": "cash"}), &staff).status, 200);
    }
    let shown = "Sans oignon\u{a0}! 🌶️👨‍🍳 بدون بصل &#60;b&#62;&#38;";
    let board = venue.send("GET", "/kitchen/board", &staff, b"").body;
    assert!(board.contains(shown) && board.contains("ticket__wanted"), "{board}");
    let page = venue.get(&format!("/orders/{}", order_id(1))).body;
    assert!(page.contains(shown), "{page}");
}

fn an_order_of_thousands_of_lines_is_refused(venue: &Venue) {
    let line = json!({"product": "cola", "quantity": 1});
    let many = |count: usize, total: i64| {
        let basket = with(&basket(1, "take_away"), "lines", json!(vec![line.clone(); count]));
        with(&basket, "total_cents", json!(total))
    };
    let wrong = [
        (many(51, 51 * 250), (422, "too_many_lines")),
        (many(1_000, 250_000), (422, "too_many_lines")),
        (many(2_000, 500_000), (422, "too_many_lines")),
        (many(3_000, 750_000), (413, "body_too_large")),
    ];
    refuses(venue, &[], &wrong);
    placed(venue, &many(50, 50 * 250), &[]);
}
