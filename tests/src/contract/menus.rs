//! The menu: what is put together, what is on sale, and which version an order was priced by.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Venue, basket_id, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_combo_is_priced_by_its_parts_and_read_by_the_kitchen,
    a_tampered_combo_or_a_stray_decision_is_refused,
    a_dish_of_another_time_of_day_is_shown_and_refused,
    what_editors_change_is_on_sale_once_it_is_published_and_not_before,
    a_version_of_which_a_page_is_missing_is_not_on_sale,
    a_menu_that_could_not_be_sold_is_not_published,
    only_editors_see_the_draft,
];

/// The house combo with the king, fries and a lemonade.
fn combo(number: u32) -> Json {
    json!({
        "id": basket_id(number),
        "mode": "eat_in",
        "total_cents": 1_670,
        "lines": [{
            "product": "menu-maison",
            "quantity": 1,
            "word": "bien cuit 🔥",
            "parts": [
                {"slot": "burger", "product": "le-cheese-king", "left_out": ["oignon"]},
                {"slot": "side", "product": "frites",
                 "choices": [{"group": "sauce", "choice": "ketchup"}]},
                {"slot": "drink", "product": "limonade"},
            ],
        }],
    })
}

fn a_combo_is_priced_by_its_parts_and_read_by_the_kitchen(venue: &Venue) {
    let placed = venue.post("/api/orders", &combo(1));
    assert_eq!(placed.status, 201, "{}", placed.body);
    assert_eq!(placed.json()["total_cents"], 1_670);
    assert_eq!(venue.post("/api/orders", &combo(1)).status, 200, "sent again it is the same");
    let cookie = venue.sign_in("counter");
    let staff = [("cookie", cookie.as_str())];
    let url = format!("/api/orders/{}/paid", order_id(1));
    assert_eq!(venue.post_with(&url, &json!({"means": "cash"}), &staff).status, 200);
    let board = venue.send("GET", "/kitchen/board", &staff, b"").body;
    let parts = ["Menu maison", "Le Cheese King", "sans oignons", "Frites", "Ketchup"];
    for part in parts.map(|part| format!(">{part}<")).iter().chain([&"bien cuit 🔥".to_owned()]) {
        assert!(board.contains(part), "{part}: {board}");
    }
}

fn a_tampered_combo_or_a_stray_decision_is_refused(venue: &Venue) {
    let before = venue.footprint();
    let line = "/lines/0";
    let long = "é".repeat(300);
    for (path, value, expected) in [
        ("/total_cents", json!(1_450), (409, "price_changed")),
        ("/lines/0/parts/0/product", json!("le-truffe"), (422, "unknown_part")),
        ("/lines/0/parts/0/product", json!("menu-maison"), (422, "unknown_part")),
        ("/lines/0/parts/0/slot", json!("drink"), (422, "part_required")),
        ("/lines/0/parts", json!([]), (422, "part_required")),
        ("/lines/0/parts/1/choices/0/choice", json!("or"), (422, "unknown_option")),
        ("/lines/0/parts/0/left_out", json!(["boeuf"]), (422, "unknown_ingredient")),
        ("/lines/0/word", json!(long), (422, "invalid_word")),
        ("/lines/0/word", json!("a\u{202e}b"), (422, "invalid_word")),
        ("/lines/0/word", json!("a\nb"), (422, "invalid_word")),
        ("/lines/0/parts/0/price_cents", json!(0), (400, "invalid_json")),
        ("/lines/0/parts/0/slot", json!("🍔"), (422, "part_required")),
    ] {
        let mut wanted = combo(2);
        let (parent, name) = path.rsplit_once('/').expect("a path has a parent");
        match wanted.pointer_mut(parent).expect("the parent is there") {
            Json::Array(items) => items[name.parse::<usize>().expect("an index")] = value,
            parent => parent[name] = value,
        }
        let answer = venue.post("/api/orders", &wanted);
        assert_eq!((answer.status, answer.code().as_str()), expected, "{path} {line}");
    }
    let mut cola = cheese_king(3);
    cola["lines"] = json!([{"product": "cola", "quantity": 1, "word": "froid"}]);
    assert_eq!(venue.post("/api/orders", &cola).code(), "invalid_word");
    cola["lines"] = json!([{"product": "cola", "quantity": 1, "parts": [
        {"slot": "drink", "product": "cola"}]}]);
    assert_eq!(venue.post("/api/orders", &cola).code(), "unknown_part");
    assert_eq!(venue.footprint(), before);
}

fn lunch(number: u32) -> Json {
    json!({
        "id": basket_id(number), "mode": "eat_in", "total_cents": 990,
        "lines": [{"product": "plat-du-midi", "quantity": 1}],
    })
}

fn is_served(venue: &Venue) -> Json {
    let menu = venue.get("/api/menu").json();
    let products = menu["products"].as_array().cloned().unwrap_or_default();
    let found = products.into_iter().find(|product| product["id"] == "plat-du-midi");
    found.expect("it is on the menu")["served"].clone()
}

fn a_dish_of_another_time_of_day_is_shown_and_refused(venue: &Venue) {
    let all_day = json!({"days": [1, 2, 3, 4, 5, 6, 7], "from_minute": 0, "until_minute": 1_440});
    for (windows, opening, served, expected) in [
        (json!([]), json!([]), false, "not_served_now"),
        (json!([all_day]), json!([]), true, ""),
        (
            json!([all_day]),
            json!([{"days": [], "from_minute": 0, "until_minute": 1}]),
            true,
            "venue_closed",
        ),
    ] {
        let part = json!({"id": "midi", "name": {"fr": "Midi"}, "windows": windows});
        let hours = json!({"opening": opening, "parts": [part]});
        let sql = "UPDATE venue SET hours = ?2 WHERE venue = ?1";
        change(venue, sql, json!([venue.id, hours.to_string()]));
        assert_eq!(is_served(venue), json!(served), "{hours}");
        let answer = venue.post("/api/orders", &lunch(1));
        if expected.is_empty() {
            assert_eq!(answer.status, 201, "{}", answer.body);
        } else {
            let asked = venue.post("/api/orders", &lunch(2));
            assert_eq!((asked.status, asked.code().as_str()), (409, expected), "{hours}");
        }
    }
    assert!(venue.get("/menu").body.contains("role=\"status\""), "the page says that it is closed");
}

fn change(venue: &Venue, sql: &str, params: Json) {
    let result = venue.sql("commit", json!([{"sql": sql, "params": params}]));
    assert_eq!(result, json!({"ok": []}), "{sql}");
}

fn as_owner(venue: &Venue, path: &str, body: &Json) -> Answer {
    let owner = venue.sign_in("owner");
    venue.post_with(path, body, &[("cookie", owner.as_str())])
}

fn dearer(venue: &Venue, cents: i64) {
    let sql = "UPDATE product SET price_cents = ?2 WHERE venue = ?1 AND id = 'le-cheese-king'";
    change(venue, sql, json!([venue.id, cents]));
}

fn price(venue: &Venue) -> Json {
    let menu = venue.get("/api/menu").json();
    let products = menu["products"].as_array().cloned().unwrap_or_default();
    let found = products.into_iter().find(|product| product["id"] == "le-cheese-king");
    found.map(|king| king["price_cents"].clone()).unwrap_or_default()
}

fn version_of(venue: &Venue, number: u32) -> Json {
    let sql = "SELECT menu_version FROM customer_order WHERE venue = ?1 AND id = ?2";
    venue.rows(sql, json!([venue.id, order_id(number)]))[0]["menu_version"].clone()
}

fn what_editors_change_is_on_sale_once_it_is_published_and_not_before(venue: &Venue) {
    let first = venue.get("/api/menu").json()["version"].clone();
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    dearer(venue, 1_290);
    assert_eq!(price(venue), 1_150, "a draft is not on sale");
    let published = as_owner(venue, "/api/menu/publish", &json!({}));
    assert_eq!((published.status, &published.json()["number"]), (200, &json!(2)));
    assert_eq!(price(venue), 1_290);
    let before = venue.footprint();
    let again = as_owner(venue, "/api/menu/publish", &json!({}));
    assert_eq!(again.json()["id"], published.json()["id"], "nothing new, nothing published");
    assert_eq!(venue.footprint()["orders"], before["orders"]);
    let refused = venue.post("/api/orders", &cheese_king(2));
    assert_eq!((refused.status, refused.code().as_str()), (409, "price_changed"));
    let mut now = cheese_king(2);
    now["total_cents"] = json!(
        refused.json()["error"]["subject"][0].as_str().and_then(|cents| cents.parse::<i64>().ok())
    );
    assert_eq!(venue.post("/api/orders", &now).status, 201);
    assert_eq!(version_of(venue, 1), first);
    assert_eq!(version_of(venue, 2), published.json()["id"]);

    let back = format!("/api/menu/versions/{}/restore", first.as_str().unwrap_or_default());
    let restored = as_owner(venue, &back, &json!({}));
    assert_eq!((restored.status, &restored.json()["number"]), (200, &json!(3)));
    assert_eq!(price(venue), 1_150);
    let owner = venue.sign_in("owner");
    let with = [("cookie", owner.as_str())];
    let list = venue.send("GET", "/api/menu/versions", &with, b"").json();
    let numbers: Vec<Json> = list["versions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|version| version["number"].clone())
        .collect();
    assert_eq!(numbers, [json!(3), json!(2), json!(1)]);
    let nowhere = as_owner(venue, "/api/menu/versions/nowhere/restore", &json!({}));
    assert_eq!((nowhere.status, nowhere.code().as_str()), (404, "unknown_version"));
}

fn a_version_of_which_a_page_is_missing_is_not_on_sale(venue: &Venue) {
    dearer(venue, 1_290);
    assert_eq!(as_owner(venue, "/api/menu/publish", &json!({})).status, 200);
    let newest = "SELECT value AS id FROM menu_version v, json_each(v.pages) \
         WHERE v.venue = ?1 AND v.number = 2 AND value NOT IN \
         (SELECT value FROM menu_version f, json_each(f.pages) \
         WHERE f.venue = ?1 AND f.number = 1)";
    let page = venue.rows(newest, json!([venue.id]))[0]["id"].clone();
    let hide = "UPDATE menu_page SET id = 'hidden' WHERE venue = ?1 AND id = ?2";
    change(venue, hide, json!([venue.id, page]));
    assert_eq!(price(venue), 1_150, "the version before it is on sale");
    let show = "UPDATE menu_page SET id = ?2 WHERE venue = ?1 AND id = 'hidden'";
    change(venue, show, json!([venue.id, page]));
    assert_eq!(price(venue), 1_290);
}

fn a_menu_that_could_not_be_sold_is_not_published(venue: &Venue) {
    let before = venue.get("/api/menu").json()["version"].clone();
    dearer(venue, -1);
    let sql = "UPDATE product SET category = 'nulle-part' WHERE venue = ?1 AND id = 'cola'";
    change(venue, sql, json!([venue.id]));
    let refused = as_owner(venue, "/api/menu/publish", &json!({}));
    assert_eq!((refused.status, refused.code().as_str()), (422, "invalid_menu"));
    let subject = refused.json()["error"]["subject"].clone();
    assert_eq!(subject.as_array().map(Vec::len), Some(2), "{subject}");
    assert_eq!(venue.get("/api/menu").json()["version"], before);
}

fn only_editors_see_the_draft(venue: &Venue) {
    let sql = "UPDATE product SET name = '{\"fr\": \"Le Brouillon\"}' \
         WHERE venue = ?1 AND id = 'cola'";
    change(venue, sql, json!([venue.id]));
    assert!(!venue.get("/menu?draft").body.contains("Le Brouillon"));
    for (role, sees) in [("owner", true), ("manager", true), ("kitchen", false), ("member", false)]
    {
        let cookie = venue.sign_in(role);
        let page = venue.send("GET", "/menu?draft", &[("cookie", &cookie)], b"");
        assert_eq!((page.status, page.body.contains("Le Brouillon")), (200, sees), "{role}");
    }
}
