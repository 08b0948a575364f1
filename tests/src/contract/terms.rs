//! The terms of a venue: who changes rates, deliveries and codes, and what orders make of it.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        logins::submit,
        venue::{Answer, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_rate_that_is_kept_taxes_the_next_order_and_no_earlier_one,
    terms_that_do_not_fit_are_refused_and_change_nothing,
    a_code_is_made_used_and_switched_off,
    a_form_keeps_what_it_says_and_shows_what_was_wrong,
    points_and_maps_are_settings_of_a_form,
];

const RATE: &str = "/api/settings/vat";
const DELIVERY: &str = "/api/settings/delivery";
const PROMOTION: &str = "/api/settings/promotions";
const PAGE: &str = "/settings/ordering";

fn put(venue: &Venue, owner: &str, path: &str, body: &Json) -> Answer {
    let headers = [("cookie", owner), ("content-type", "application/json")];
    venue.send("PUT", path, &headers, body.to_string().as_bytes())
}

/// What was written about the venue's terms, and how often that was audited.
fn written(venue: &Venue) -> Json {
    venue.rows(
        "SELECT (SELECT count(*) FROM change_log c JOIN stream_writer v ON v.id = c.writer \
         WHERE v.stream = ?1 || '/catalogue') AS changes, (SELECT count(*) FROM audit_entry \
         WHERE venue = ?1 AND act = 'venue_changed') AS audited",
        json!([venue.id]),
    )
}

fn to_go(number: u32) -> Json {
    let mut basket = cheese_king(number);
    basket["mode"] = json!("take_away");
    basket
}

fn a_rate_that_is_kept_taxes_the_next_order_and_no_earlier_one(venue: &Venue) {
    let owner = venue.sign_in("owner");
    let first = venue.post("/api/orders", &to_go(1)).json();
    // From the day on which the compiled row begins, so that it takes its place.
    let rate = json!({"class": "food", "mode": "take_away", "from": "2026-03-01", "bp": 500,
        "confirmed": true});
    let before = written(venue);
    let answer = put(venue, &owner, RATE, &rate);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let kept = answer.json()["vat"].as_array().cloned().unwrap_or_default();
    assert!(kept.iter().any(|row| row["bp"] == 500 && row["confirmed"] == true), "{kept:?}");
    let once = written(venue);
    assert_ne!(once, before);
    assert_eq!(put(venue, &owner, RATE, &rate).status, 200);
    assert_eq!(written(venue), once, "saying it again writes nothing");
    let second = venue.post("/api/orders", &to_go(2)).json();
    assert_eq!(second["vat"], json!([{"bp": 500, "gross_cents": 1150, "vat_cents": 55}]));
    assert_eq!(second["total_cents"], first["total_cents"]);
    let kept = venue.get(&format!("/api/orders/{}", order_id(1))).json();
    assert_eq!(kept["vat"], first["vat"], "what was taxed stays as it was");
    let rules = venue.rows(
        "SELECT count(DISTINCT rules) AS rules FROM customer_order WHERE venue = ?1",
        json!([venue.id]),
    );
    assert_eq!(rules[0]["rules"], 2);
}

fn terms_that_do_not_fit_are_refused_and_change_nothing(venue: &Venue) {
    let owner = venue.sign_in("owner");
    let before = written(venue);
    let rate = |field: &str, value: Json| {
        let mut rate = json!({"class": "food", "mode": "any", "from": "2026-03-01", "bp": 600});
        rate[field] = value;
        (RATE, rate)
    };
    let code = |field: &str, value: Json| {
        let mut code = json!({"code": "ETE", "percent": 10});
        code[field] = value;
        (PROMOTION, code)
    };
    let zone = |zone: Json| (DELIVERY, json!({"on": true, "zones": [zone]}));
    for ((path, body), status) in [
        (rate("class", json!("tobacco")), 400),
        (rate("mode", json!("drive_in")), 400),
        (rate("from", json!("demain")), 422),
        (rate("bp", json!(10_001)), 422),
        (rate("bp", json!(6.5)), 400),
        (rate("surcharge", json!(1)), 400),
        (code("code", json!("x")), 422),
        (code("percent", json!(0)), 422),
        (code("cents", json!(100)), 422),
        (code("until", json!("2026-13-01")), 422),
        (code("single_use", json!(true)), 400),
        ((DELIVERY, json!({"fee_cents": -1})), 422),
        ((DELIVERY, json!({"fee": 500})), 422),
        (zone(json!({"postal_codes": []})), 422),
        (zone(json!({"postal_codes": ["1000", "10 00"]})), 422),
        ((DELIVERY, json!("on")), 400),
    ] {
        let answer = put(venue, &owner, path, &body);
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.body);
    }
    for role in ["counter", "kitchen", "technician", "member"] {
        let cookie = venue.sign_in(role);
        let (path, body) = code("percent", json!(50));
        assert_eq!(put(venue, &cookie, path, &body).status, 403, "{role}");
    }
    assert_eq!(written(venue), before);
}

fn a_code_is_made_used_and_switched_off(venue: &Venue) {
    let owner = venue.sign_in("owner");
    let with_code = |number: u32, total: i64| {
        let mut basket = to_go(number);
        basket["code"] = json!("ete-2026");
        basket["total_cents"] = json!(total);
        venue.post("/api/orders", &basket)
    };
    assert_eq!(with_code(1, 920).code(), "unknown_promotion");
    let promotion = json!({"code": " ete-2026 ", "percent": 20, "minimum_cents": 1000});
    let answer = put(venue, &owner, PROMOTION, &promotion);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(with_code(1, 920).status, 201);
    let fields = [("do", "switch_promotion"), ("code", "ETE-2026")];
    let with = [("cookie", owner.as_str())];
    assert_eq!(submit(venue, PAGE, &with, &fields).status, 303);
    let refused = with_code(2, 920);
    assert_eq!((refused.status, refused.code().as_str()), (409, "promotion_not_now"));
    let on = [fields[0], fields[1], ("active", "1")];
    assert_eq!(submit(venue, PAGE, &with, &on).status, 303);
    assert_eq!(with_code(2, 920).status, 201);
}

fn a_form_keeps_what_it_says_and_shows_what_was_wrong(venue: &Venue) {
    let owner = venue.sign_in("owner");
    let with = [("cookie", owner.as_str()), ("accept", "text/html")];
    let zones = "4000 4020; 2,50\n4030; ; 20";
    let fields = [("do", "delivery"), ("on", "1"), ("fee", "3,5"), ("zones", zones)];
    let answer = submit(venue, PAGE, &with, &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let kept = venue.send("GET", "/api/settings/ordering", &with, b"").json();
    assert_eq!(kept["delivery"]["fee_cents"], 350);
    assert_eq!(
        kept["delivery"]["zones"],
        json!([
            {"postal_codes": ["4000", "4020"], "fee_cents": 250, "minimum_cents": null},
            {"postal_codes": ["4030"], "fee_cents": null, "minimum_cents": 2000},
        ])
    );
    let page = venue.send("GET", "/settings/ordering?lang=en", &with, b"").body;
    for part in ["4000 4020; 2.50", "4030; ; 20.00", "BIENVENUE10", "To confirm"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let before = written(venue);
    let odd = [("do", "delivery"), ("on", "1"), ("fee", "gratuit <b>"), ("zones", zones)];
    let answer = submit(venue, PAGE, &with, &odd);
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("gratuit &#60;b&#62;"), "{}", answer.body);
    for fields in [
        vec![("do", "rate"), ("class", "food"), ("mode", "any"), ("from", "2026-01-01")],
        vec![("do", "rate"), ("class", "food"), ("mode", "any"), ("from", "x"), ("rate", "6")],
        vec![("do", "promotion"), ("code", "ETE"), ("percent", "dix")],
        vec![("do", "remove_everything")],
    ] {
        assert_eq!(submit(venue, PAGE, &with, &fields).status, 422, "{fields:?}");
    }
    let gone = [("do", "remove_rate"), ("id", "food/any/1999-01-01")];
    assert_eq!(submit(venue, PAGE, &with, &gone).status, 404);
    assert_eq!(written(venue), before);
    let rate = [
        ("do", "rate"),
        ("class", "drink"),
        ("mode", "any"),
        ("from", "2026-11-01"),
        ("rate", "5,5"),
    ];
    assert_eq!(submit(venue, PAGE, &with, &rate).status, 303);
    let confirm = [("do", "confirm_rate"), ("id", "alcohol/any/2000-01-01")];
    assert_eq!(submit(venue, PAGE, &with, &confirm).status, 303);
    let kept = venue.send("GET", "/api/settings/ordering", &with, b"").json();
    let find = |class: &str, from: &str| -> Json {
        let all = kept["vat"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|r| r["class"] == class && r["from"] == from).unwrap_or_default()
    };
    assert_eq!(find("drink", "2026-11-01")["bp"], 550);
    assert_eq!(find("alcohol", "2000-01-01")["confirmed"], true);
}

fn points_and_maps_are_settings_of_a_form(venue: &Venue) {
    let owner = venue.sign_in("owner");
    let with = [("cookie", owner.as_str()), ("accept", "text/html")];
    let levels = "0; Bleu; Blauw; Blue\n500; Rouge; Rood; Red";
    let points = |earned: &'static str, levels: &'static str| {
        [
            ("do", "points"),
            ("on", "1"),
            ("earned_per_euro", earned),
            ("spent_per_euro", "50"),
            ("allowance", "1000"),
            ("levels", levels),
        ]
    };
    let answer = submit(venue, PAGE, &with, &points("7", levels));
    assert_eq!(answer.status, 303, "{}", answer.body);
    let kept = venue.send("GET", "/api/settings/loyalty", &with, b"").json();
    assert_eq!((&kept["earned_per_euro"], &kept["spent_per_euro"]), (&json!(7), &json!(50)));
    let red = json!({"from": 500, "name": {"fr": "Rouge", "nl": "Rood", "en": "Red"}});
    assert_eq!(kept["levels"][1], red);
    let map = |tiles: &'static str, latitude: &'static str| {
        [
            ("do", "map"),
            ("latitude", latitude),
            ("longitude", "4,3528"),
            ("tiles", tiles),
            ("attribution", "Nobody"),
            ("router", ""),
            ("places", "1000; 50.8466; 4.3528"),
        ]
    };
    let tiles = "https://tiles.example/{z}/{x}/{y}.png";
    let answer = submit(venue, PAGE, &with, &map(tiles, "50.8466"));
    assert_eq!(answer.status, 303, "{}", answer.body);
    let kept = venue.send("GET", "/api/settings/map", &with, b"").json();
    let middle = json!({"latitude_e6": 50_846_600, "longitude_e6": 4_352_800});
    assert_eq!((&kept["restaurant"], &kept["places"]["1000"]), (&middle, &middle), "{kept}");
    let page = venue.send("GET", "/settings/ordering?lang=en", &with, b"").body;
    for part in ["500; Rouge; Rood; Red", "50.846600", tiles] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let before = written(venue);
    for fields in [
        points("many", levels).as_slice(),
        &points("7", "5; Or\n0; Argent"),
        &points("7", "Or"),
        &map("http://tiles.example/{z}/{x}/{y}.png", "50.8"),
        &map(tiles, "north"),
        &map(tiles, ""),
    ] {
        let answer = submit(venue, PAGE, &with, fields);
        assert_eq!(answer.status, 422, "{fields:?}: {}", answer.body);
    }
    assert_eq!(written(venue), before);
}
