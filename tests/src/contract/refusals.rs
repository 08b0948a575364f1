//! Bad input: each gets its code, a sentence in the reader's language, and changes nothing.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Headers, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_basket_that_the_menu_does_not_offer_is_refused,
    a_body_that_is_not_what_it_says_is_refused,
    a_body_over_the_limit_is_refused_and_the_host_goes_on,
    an_unknown_address_and_a_wrong_method_are_told_apart,
    an_address_that_is_no_text_is_answered_like_every_other,
    the_language_switch_never_leaves_the_site,
    an_unknown_host_name_gets_a_clear_page,
    a_request_from_another_origin_is_refused,
    a_venue_document_with_mistakes_lists_them_all,
    a_venue_document_cannot_take_another_venue_s_name,
    a_wrong_set_up_code_opens_nothing,
    unknown_orders_and_products_are_not_found,
    strange_texts_are_refused_or_carried_unharmed,
];

/// Checks code, status, a sentence in each language, and that nothing changed.
fn check(venue: &Venue, expected: (u16, &str), send: impl Fn(Headers<'_>) -> Answer) {
    let before = venue.footprint();
    let mut sentences: Vec<String> = Vec::new();
    for language in ["fr", "nl", "en"] {
        let answer = send(&[("accept-language", language)]);
        assert_eq!((answer.status, answer.code().as_str()), expected, "{}", answer.body);
        let sentence = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(sentence.contains(' '), "{language}: {sentence}");
        assert!(!sentences.contains(&sentence), "{language} has a sentence of its own: {sentence}");
        sentences.push(sentence);
    }
    assert_eq!(venue.footprint(), before, "{expected:?} changed something");
}

/// Baskets that differ from a good one in one field, with the code and status of their refusal.
fn wrong_baskets() -> Vec<(&'static str, u16, Json)> {
    let edit = |path: &str, value: Json| {
        let mut basket = cheese_king(1);
        *basket.pointer_mut(path).expect("the basket has the field") = value;
        basket
    };
    let sauces = |choices: &[&str]| {
        let choices = choices.iter().map(|choice| json!({"group": "sauce", "choice": choice}));
        edit("/lines/0/choices", choices.collect())
    };
    let lines = |count: usize| json!(vec![json!({"product": "cola", "quantity": 1}); count]);
    vec![
        ("unknown_product", 422, edit("/lines/0/product", json!("le-fantome"))),
        ("invalid_quantity", 422, edit("/lines/0/quantity", json!(0))),
        ("invalid_quantity", 422, edit("/lines/0/quantity", json!(51))),
        ("invalid_quantity", 422, edit("/lines/0/quantity", json!(-1))),
        ("unknown_option", 422, edit("/lines/0/choices/0/choice", json!("tartare"))),
        ("unknown_option", 422, edit("/lines/0/choices/0/group", json!("cuisson"))),
        ("too_many_choices", 422, sauces(&["ketchup", "ketchup"])),
        ("too_many_choices", 422, sauces(&["ketchup", "blanche", "algerienne"])),
        ("option_required", 422, edit("/lines/0/product", json!("le-truffe"))),
        ("price_changed", 409, edit("/total_cents", json!(1))),
        ("price_changed", 409, edit("/total_cents", json!(-1150))),
        ("empty_basket", 422, edit("/lines", json!([]))),
        ("too_many_lines", 422, edit("/lines", lines(51))),
        ("invalid_order_id", 422, edit("/id", json!("1"))),
        ("invalid_order_id", 422, edit("/id", json!("' OR 1=1 --"))),
        ("invalid_json", 400, edit("/mode", json!("teleport"))),
        ("invalid_json", 400, edit("/lines/0/quantity", json!(1.5))),
        ("invalid_json", 400, edit("/lines/0/quantity", json!("1"))),
    ]
}

fn a_basket_that_the_menu_does_not_offer_is_refused(venue: &Venue) {
    for (code, status, basket) in wrong_baskets() {
        check(venue, (status, code), |headers| venue.post_with("/api/orders", &basket, headers));
    }
    let mut stranger = cheese_king(1);
    stranger["discount_cents"] = json!(500);
    check(venue, (400, "invalid_json"), |headers| {
        venue.post_with("/api/orders", &stranger, headers)
    });
}

fn a_body_that_is_not_what_it_says_is_refused(venue: &Venue) {
    let good = cheese_king(1).to_string();
    let send = |content_type: &'static str, body: &'static str, headers: Headers<'_>| {
        let headers = [&[("content-type", content_type)], headers].concat();
        let body = if body.is_empty() { good.as_bytes() } else { body.as_bytes() };
        venue.send("POST", "/api/orders", &headers, body)
    };
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
        check(venue, (415, "unsupported_media_type"), |h| send(content_type, "", h));
    }
    for body in ["{", "[]", "null", "{\"id\":", "\u{0}", "{\"id\": \"\\ud800\"}"] {
        check(venue, (400, "invalid_json"), |headers| send("application/json", body, headers));
    }
}

fn a_body_over_the_limit_is_refused_and_the_host_goes_on(venue: &Venue) {
    for bytes in [70_000, 300_000, 3_000_000] {
        let mut basket = cheese_king(1);
        basket["lines"][0]["product"] = json!("x".repeat(bytes));
        check(venue, (413, "body_too_large"), |headers| {
            venue.post_with("/api/orders", &basket, headers)
        });
        assert_eq!(venue.get("/healthz").status, 200, "after {bytes} bytes");
    }
}

fn an_unknown_address_and_a_wrong_method_are_told_apart(venue: &Venue) {
    for path in ["/api/nothing", "/api/orders/1/2/3", "/static/../Cargo.toml", "/api/menu/"] {
        check(venue, (404, "not_found"), |headers| venue.send("GET", path, headers, b""));
    }
    check(venue, (405, "method_not_allowed"), |headers| {
        venue.send("GET", "/api/orders", headers, b"")
    });
    check(venue, (405, "method_not_allowed"), |headers| {
        venue.post_with("/api/menu", &json!({}), headers)
    });
    let page = venue.send("GET", "/nulle-part", &[("accept", "text/html")], b"");
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
}

fn an_address_that_is_no_text_is_answered_like_every_other(venue: &Venue) {
    for path in ["/orders/%ff", "/api/orders/%ff", "/static/%c3%28"] {
        check(venue, (404, "not_found"), |headers| venue.send("GET", path, headers, b""));
        let answer = venue.get(path);
        assert!(answer.header("content-security-policy").contains("default-src"), "{answer:?}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
    }
    let page = venue.send("GET", "/orders/%ff", &[("accept", "text/html")], b"");
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
}

fn the_language_switch_never_leaves_the_site(venue: &Venue) {
    for path in ["//evil.example/x", "///evil.example/x"] {
        let page = venue.send("GET", path, &[("accept", "text/html")], b"");
        assert!(page.status == 404 && page.body.contains("lang=nl"), "{path}: {page:?}");
        assert!(!page.body.contains("\"//"), "{path}: {}", page.body);
    }
}

fn an_unknown_host_name_gets_a_clear_page(venue: &Venue) {
    let stranger = ("host", "nobody-lives-here.example");
    let answer = venue.send("GET", "/menu", &[stranger, ("accept", "text/html")], b"");
    assert_eq!(answer.status, 404);
    assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    let answer = venue.send("GET", "/api/menu", &[stranger], b"");
    assert_eq!((answer.status, answer.code().as_str()), (404, "unknown_venue"));
}

fn a_request_from_another_origin_is_refused(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    for foreign in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        check(venue, (403, "cross_origin"), |headers| {
            let headers = [&[("cookie", cookie.as_str()), foreign], headers].concat();
            venue.post_with("/api/orders", &cheese_king(1), &headers)
        });
    }
    let own = format!("http://{}", venue.domain);
    let answer = venue.post_with("/api/orders", &cheese_king(1), &[("origin", &own)]);
    assert_eq!(answer.status, 201, "{}", answer.body);
}

fn document(venue: &Venue) -> Json {
    let text = include_str!("../../../fixtures/venues/chakri.json");
    let mut document: Json = serde_json::from_str(text).expect("the demo venue is JSON");
    document["venue"]["id"] = json!(venue.id);
    document["domains"] = json!([venue.domain]);
    document
}

fn a_venue_document_with_mistakes_lists_them_all(venue: &Venue) {
    let before = venue.footprint();
    let mut wrong = document(venue);
    let again = |wrong: &Json, path: &str| wrong.pointer(path).cloned().expect("it is there");
    let twins = [again(&wrong, "/categories/0"), again(&wrong, "/products/2")];
    let sauces = again(&wrong, "/products/3/option_groups/0");
    let sauce = again(&wrong, "/products/4/option_groups/0/choices/0");
    let mistakes = [
        ("/venue/name", json!(""), "the venue's name is missing or too long"),
        ("/venue/languages", json!(["fr", "xx"]), "the language xx is not known"),
        ("/venue/time_zone", json!("Europe/Nulle_Part"), "the time zone is not known"),
        ("/published_ms", json!(1_u64 << 47), "the document is published too late"),
        ("/domains", json!(["not a domain"]), "a domain is not a plain host name"),
        ("/categories/4/id", json!("Nos Boissons"), "category Nos Boissons: the id"),
        ("/categories/3/name", json!({}), "category accompagnements: the name"),
        ("/categories/6", twins[0].clone(), "category burgers: the id stands here twice"),
        ("/products/0/price_cents", json!(-1), "the price is out of range"),
        ("/products/1/category", json!("nulle-part"), "its category is missing"),
        ("/products/5/picture", json!("https://evil.example/x.svg"), "the picture"),
        ("/products/6/picture", json!("/static/../secret.svg"), "the picture"),
        ("/products/7/allergens", json!(["gluten", "gluten"]), "an allergen is not known"),
        ("/products/22", twins[1].clone(), "the id stands here twice"),
        ("/products/3/option_groups/1", sauces, "a group's id stands here twice"),
        ("/products/4/option_groups/0/choices/1", sauce, "a choice's id stands here twice"),
        ("/products/8/option_groups/0/id", json!("Nos sauces"), "a group's id is not"),
        ("/products/8/option_groups/0/choices/0/id", json!(""), "a choice's id is not"),
    ];
    for (path, value, _) in &mistakes {
        put(&mut wrong, path, value.clone());
    }
    // The drinks are without their category too: its id is another one now.
    let drinks = wrong["products"]
        .as_array()
        .map_or(0, |all| all.iter().filter(|product| product["category"] == "boissons").count());
    let answer = venue.set_up(&wrong);
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_venue_document"));
    let subject = answer.json()["error"]["subject"].clone();
    for (path, _, problem) in &mistakes {
        assert!(subject.to_string().contains(problem), "{path}: {problem}: {subject}");
    }
    assert_eq!(subject.as_array().map(Vec::len), Some(mistakes.len() + drinks), "{subject}");
    assert_eq!(venue.footprint(), before);

    let mut silent = document(venue);
    silent["venue"]["languages"] = json!([]);
    let answer = venue.set_up(&silent);
    assert_eq!(answer.json()["error"]["subject"], json!(["the venue needs a language"]));
}

/// Sets a field; an index behind an array's end lengthens it by one.
fn put(json: &mut Json, path: &str, value: Json) {
    let (parent, name) = path.rsplit_once('/').expect("a path has a parent");
    match json.pointer_mut(parent).expect("the parent is there") {
        Json::Array(items) if name.parse() == Ok(items.len()) => items.push(value),
        Json::Array(items) => items[name.parse::<usize>().expect("an index")] = value,
        parent => parent[name] = value,
    }
}

fn a_venue_document_cannot_take_another_venue_s_name(venue: &Venue) {
    let before = venue.footprint();
    let mut thief = document(venue);
    thief["venue"]["id"] = json!(format!("{}-thief", venue.id));
    let answer = venue.set_up(&thief);
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_venue_document"));
    assert_eq!(venue.footprint(), before);
    assert_eq!(venue.get("/api/menu").status, 200);
}

fn a_wrong_set_up_code_opens_nothing(venue: &Venue) {
    let body = document(venue);
    for code in ["", "Bearer ", "Bearer wrong", "Bearer contract-setup-codE"] {
        check(venue, (401, "wrong_key"), |headers| {
            let headers = [&[("authorization", code)], headers].concat();
            venue.post_with("/api/setup/venues", &body, &headers)
        });
    }
}

fn unknown_orders_and_products_are_not_found(venue: &Venue) {
    let cookie = venue.sign_in("counter");
    let url = format!("/api/orders/{}", order_id(9));
    check(venue, (404, "unknown_order"), |headers| venue.send("GET", &url, headers, b""));
    check(venue, (404, "unknown_order"), |headers| {
        let headers = [&[("cookie", cookie.as_str())], headers].concat();
        venue.post_with(&format!("{url}/paid"), &json!({"means": "cash"}), &headers)
    });
    check(venue, (404, "unknown_product"), |headers| {
        let headers = [&[("cookie", cookie.as_str())], headers].concat();
        let url = "/api/products/le-fantome/availability";
        venue.post_with(url, &json!({"available": false}), &headers)
    });
}

fn strange_texts_are_refused_or_carried_unharmed(venue: &Venue) {
    let strange =
        ["🍔", "\u{202e}gnihsirf", "a'b\"c", "<script>alert(1)</script>", "%2e%2e", "\u{a0}"];
    for text in strange {
        let mut basket = cheese_king(1);
        basket["lines"][0]["product"] = json!(text);
        check(venue, (422, "unknown_product"), |h| venue.post_with("/api/orders", &basket, h));
    }
    let mut document = document(venue);
    document["products"][0]["name"] = json!({"fr": "<b>Œuf</b> & «\u{a0}été\u{a0}» 🍳"});
    // Later than the demo's own document: the newer description wins.
    document["published_ms"] = json!(1_767_225_600_001_u64);
    assert_eq!(venue.set_up(&document).status, 200);
    let name = venue.get("/api/menu").json()["products"][0]["name"].clone();
    assert_eq!(name, "<b>Œuf</b> & «\u{a0}été\u{a0}» 🍳");
    let page = venue.get("/menu").body;
    assert!(!page.contains("<b>Œuf"), "a name is text, never markup");
}
