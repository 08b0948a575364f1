//! What editors do to the menu: products, categories, prices, whole menus, and two editors at once.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Venue},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_product_is_added_changed_taken_away_and_brought_back,
    what_could_never_be_sold_is_refused_and_changes_nothing,
    prices_are_shown_before_they_are_taken_and_not_taken_twice,
    products_are_sorted_and_categories_come_and_go,
    what_two_editors_write_at_once_stands_side_by_side_until_one_chooses,
    a_menu_travels_as_json_and_as_a_table,
    nothing_is_free_before_somebody_says_so,
    a_broken_row_is_named_and_nothing_is_taken_in,
    what_an_editor_changes_stays_at_their_venue,
];

/// Somebody who edits.
struct Editor<'a> {
    venue: &'a Venue,
    cookie: String,
}

impl<'a> Editor<'a> {
    fn of(venue: &'a Venue) -> Self {
        Self { venue, cookie: venue.sign_in("manager") }
    }

    fn post(&self, path: &str, body: &Json) -> Answer {
        let path = format!("/api/catalogue{path}");
        self.venue.post_with(&path, body, &[("cookie", self.cookie.as_str())])
    }

    fn draft(&self) -> Json {
        let with = [("cookie", self.cookie.as_str())];
        let answer = self.venue.send("GET", "/api/catalogue", &with, b"");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    fn product(&self, id: &str) -> Json {
        let draft = self.draft();
        let products = draft["products"].as_array().cloned().unwrap_or_default();
        products.into_iter().find(|product| product["id"] == id).unwrap_or_default()
    }

    fn import(&self, kind: &str, text: &str) -> Answer {
        let with = [("cookie", self.cookie.as_str()), ("content-type", kind)];
        self.venue.send("POST", "/api/catalogue/import", &with, text.as_bytes())
    }

    fn publish(&self) {
        let with = [("cookie", self.cookie.as_str())];
        let answer = self.venue.post_with("/api/menu/publish", &json!({}), &with);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

fn ids(menu: &Json, what: &str) -> Vec<String> {
    let all = menu[what].as_array().cloned().unwrap_or_default();
    all.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect()
}

fn soup() -> Json {
    json!({
        "id": "soupe", "category": "pates", "price_cents": 450,
        "name": {"fr": "Soupe du jour 🍲", "nl": "Soep", "en": "مرق"},
        "allergens": ["celery"], "diets": ["vegan"], "free_text": true,
    })
}

fn a_product_is_added_changed_taken_away_and_brought_back(venue: &Venue) {
    let editor = Editor::of(venue);
    assert_eq!(editor.post("/products/soupe", &soup()).status, 200);
    assert_eq!(editor.product("soupe")["name"], soup()["name"]);
    assert!(!ids(&venue.get("/api/menu").json(), "products").contains(&"soupe".to_owned()));
    editor.publish();
    assert!(ids(&venue.get("/api/menu").json(), "products").contains(&"soupe".to_owned()));
    let mut dearer = editor.product("soupe");
    dearer["price_cents"] = json!(500);
    assert_eq!(editor.post("/products/soupe", &dearer).status, 200);
    assert_eq!(editor.product("soupe")["price_cents"], 500);
    let before = venue.footprint();
    assert_eq!(editor.post("/products/soupe", &dearer).status, 200);
    assert_eq!(venue.footprint(), before, "the same again writes nothing");
    for (removed, here) in [(true, false), (false, true)] {
        let answer = editor.post("/products/soupe/removed", &json!({"removed": removed}));
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(ids(&editor.draft(), "products").contains(&"soupe".to_owned()), here);
    }
    let unknown = editor.post("/products/rien/removed", &json!({"removed": true}));
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "unknown_product"));
    let other = editor.post("/products/potage", &soup());
    assert_eq!((other.status, other.code().as_str()), (422, "invalid_field"));
}

fn what_could_never_be_sold_is_refused_and_changes_nothing(venue: &Venue) {
    let editor = Editor::of(venue);
    let before = venue.footprint();
    for (field, value) in [
        ("price_cents", json!(-1)),
        ("price_cents", json!(9_000_000_000_000_i64)),
        ("name", json!({})),
        ("name", json!({"fr": "é".repeat(300)})),
        ("name", json!({"fr": "a\u{202e}b"})),
        ("name", json!({"fr": "a\nb"})),
        ("category", json!("nulle-part")),
        ("allergens", json!(["sel"])),
        ("diets", json!(["vegan", "vegan"])),
        ("picture", json!("//elsewhere.example/x.png")),
        ("station", json!("Le grill !")),
        ("kind", json!("combo")),
        ("slots", json!([{"id": "s", "name": {"fr": "S"}, "choices": [{"product": "cola"}]}])),
        ("ingredients", json!([{"id": "a", "name": {}}])),
        (
            "option_groups",
            json!([{"id": "g", "name": {"fr": "G"}, "min": 2, "max": 1,
            "choices": []}]),
        ),
    ] {
        let mut wanted = soup();
        wanted[field] = value.clone();
        let answer = editor.post("/products/soupe", &wanted);
        let code = answer.code();
        assert_eq!((answer.status, code.as_str()), (422, "invalid_menu"), "{field} {value}");
    }
    for (field, value) in [("price_cents", json!(1.5)), ("kind", json!("magic"))] {
        let mut wanted = soup();
        wanted[field] = value;
        assert_eq!(editor.post("/products/soupe", &wanted).code(), "invalid_json", "{field}");
    }
    let mut odd = soup();
    odd["id"] = json!("Œuf 🍳");
    let answer = editor.post("/products/%C5%92uf%20%F0%9F%8D%B3", &odd);
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_menu"));
    assert_eq!(venue.footprint(), before);
}

fn prices_are_shown_before_they_are_taken_and_not_taken_twice(venue: &Venue) {
    let editor = Editor::of(venue);
    let before = venue.footprint();
    let wanted = json!({"category": "boissons", "basis_points": 1_000, "round": 5});
    let shown = editor.post("/prices", &wanted).json();
    let cola = json!({"product": "cola", "before_cents": 250, "after_cents": 275});
    assert_eq!(shown["prices"][0], cola);
    assert_eq!(shown["prices"].as_array().map(Vec::len), Some(6));
    assert_eq!(venue.footprint(), before, "showing changes nothing");
    assert_eq!(editor.post("/prices", &shown).status, 200);
    assert_eq!(editor.product("cola")["price_cents"], 275);
    let again = editor.post("/prices", &shown);
    assert_eq!((again.status, again.code().as_str()), (409, "price_changed"));
    for odd in [
        json!({"cents": -10_000}),
        json!({"basis_points": 1, "cents": 1}),
        json!({}),
        json!({"cents": 1, "round": 7}),
    ] {
        assert_eq!(editor.post("/prices", &odd).code(), "invalid_field", "{odd}");
    }
}

fn products_are_sorted_and_categories_come_and_go(venue: &Venue) {
    let editor = Editor::of(venue);
    let wanted = json!({"products": ["limonade", "cola"]});
    assert_eq!(editor.post("/categories/boissons/order", &wanted).status, 200);
    editor.publish();
    let menu = venue.get("/api/menu").json();
    let drinks: Vec<String> = menu["products"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|product| product["category"] == "boissons")
        .filter_map(|product| product["id"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(drinks[..3], ["limonade", "cola", "cola-zero"]);
    let stray = json!({"products": ["frites"]});
    assert_eq!(editor.post("/categories/boissons/order", &stray).code(), "unknown_product");
    assert_eq!(editor.post("/categories/rien/order", &stray).code(), "unknown_category");

    let desserts = json!({"id": "desserts", "name": {"fr": "Desserts"}, "position": 9});
    assert_eq!(editor.post("/categories/desserts", &desserts).status, 200);
    assert!(ids(&editor.draft(), "categories").contains(&"desserts".to_owned()));
    let gone = editor.post("/categories/tacos/removed", &json!({"removed": true}));
    assert_eq!(gone.status, 200);
    let with = [("cookie", editor.cookie.as_str())];
    let refused = venue.post_with("/api/menu/publish", &json!({}), &with);
    assert_eq!(refused.code(), "invalid_menu", "its products have no category any more");
}

fn what_two_editors_write_at_once_stands_side_by_side_until_one_chooses(venue: &Venue) {
    let editor = Editor::of(venue);
    let king = editor.product("le-cheese-king");
    let save = |cents: i64| {
        let mut wanted = king.clone();
        wanted["price_cents"] = json!(cents);
        // Neither was shown what the other writes.
        wanted["seen"] = json!([]);
        assert_eq!(editor.post("/products/le-cheese-king", &wanted).status, 200);
    };
    save(1_180);
    save(1_210);
    let page =
        |path: &str| venue.send("GET", path, &[("cookie", editor.cookie.as_str())], b"").body;
    assert_eq!(editor.product("le-cheese-king")["price_cents"], 1_210);
    let stands = "SELECT id, fields FROM sibling WHERE venue = ?1 AND removed_stamp = 0 \
         ORDER BY stamp";
    let rows = venue.rows(stands, json!([venue.id]));
    assert_eq!(rows.as_array().map(Vec::len), Some(2), "{rows}");
    let as_form =
        [("cookie", editor.cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let publish = |form: &[u8]| venue.send("POST", "/catalogue", &as_form, form);
    let asked = publish(b"do=publish");
    assert_eq!(asked.status, 409, "{}", asked.body);
    assert!(asked.body.contains("name=\"anyway\""), "{}", asked.body);
    assert_eq!(publish(b"do=publish&anyway=1").status, 303);
    let edit = page("/catalogue/products/le-cheese-king");
    assert!(edit.contains("11,80") && edit.contains("12,10"), "{edit}");
    let first = rows[0]["id"].as_str().unwrap_or_default();
    let form = format!("do=choose&sibling={first}");
    let with =
        [("cookie", editor.cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let path = "/catalogue/products/le-cheese-king";
    assert_eq!(venue.send("POST", path, &with, form.as_bytes()).status, 303);
    assert_eq!(editor.product("le-cheese-king")["price_cents"], 1_180);
    let rows = venue.rows(stands, json!([venue.id]));
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
}

fn a_menu_travels_as_json_and_as_a_table(venue: &Venue) {
    let editor = Editor::of(venue);
    let with = [("cookie", editor.cookie.as_str())];
    let whole = venue.send("GET", "/api/catalogue", &with, b"");
    let table = venue.send("GET", "/api/catalogue?format=csv", &with, b"");
    assert!(table.header("content-disposition").contains("menu.csv"));
    let before = venue.footprint();
    for (kind, text) in [("application/json", &whole.body), ("text/csv", &table.body)] {
        let answer = editor.import(kind, text);
        assert_eq!((answer.status, &answer.json()["products"]), (200, &json!(22)), "{kind}");
    }
    assert_eq!(venue.footprint(), before, "what is there already is not written");
    let table = "id;price;name_fr;category\r\ncola;2,75;Cola;boissons\r\nthe;3;Thé;boissons\r\n";
    assert_eq!(editor.import("text/csv", table).status, 200);
    assert_eq!(editor.product("cola")["price_cents"], 275);
    assert_eq!(editor.product("the")["name"], json!({"fr": "Thé"}));
    let odd = venue.send("GET", "/api/catalogue?format=xml", &with, b"");
    assert_eq!(odd.code(), "invalid_field");
}

fn nothing_is_free_before_somebody_says_so(venue: &Venue) {
    let editor = Editor::of(venue);
    let shown = editor.post("/prices", &json!({"category": "boissons", "basis_points": -10_000}));
    let mut shown = shown.json();
    let before = venue.footprint();
    let refused = editor.post("/prices", &shown);
    assert_eq!((refused.status, refused.code().as_str()), (409, "would_be_free"));
    shown["prices"][0]["after_cents"] = json!(-1);
    shown["free"] = json!(true);
    assert_eq!(editor.post("/prices", &shown).code(), "invalid_field");
    assert_eq!(venue.footprint(), before);
    shown["prices"][0]["after_cents"] = json!(0);
    assert_eq!(editor.post("/prices", &shown).status, 200);
    assert_eq!(editor.product("cola")["price_cents"], 0);
}

fn a_broken_row_is_named_and_nothing_is_taken_in(venue: &Venue) {
    let editor = Editor::of(venue);
    let before = venue.footprint();
    let table = "id,price\ncola,2.75\nlimonade,x\nfrites,-3\n";
    let answer = editor.import("text/csv", table);
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_table"));
    assert_eq!(answer.json()["error"]["subject"], json!(["line 3: price", "line 4: price"]));
    let unknown = editor.import("text/csv", "id,price,category\ncola,3,nulle-part\n");
    assert_eq!((unknown.status, unknown.code().as_str()), (422, "invalid_menu"));
    let broken = editor.import("application/json", "{\"products\": [\n{]");
    assert_eq!((broken.status, broken.code().as_str()), (400, "invalid_json"));
    assert_eq!(broken.json()["error"]["subject"], json!(["line 2"]));
    let mut odd = editor.draft();
    odd["products"][3]["price_cents"] = json!(-5);
    assert_eq!(editor.import("application/json", &odd.to_string()).code(), "invalid_menu");
    assert_eq!(venue.footprint(), before);
}

fn what_an_editor_changes_stays_at_their_venue(venue: &Venue) {
    let beside = venue.beside();
    let neighbour = Editor::of(&beside);
    let mut own = neighbour.product("cola");
    own["price_cents"] = json!(299);
    assert_eq!(neighbour.post("/products/cola", &own).status, 200);
    neighbour.publish();
    let theirs = "SELECT id, price_cents, position, removed, name, upsell \
         FROM product WHERE venue = ?1 ORDER BY id";
    let rows = || venue.rows(theirs, json!([beside.id]));
    let before = (rows(), beside.footprint(), beside.get("/api/menu").json());
    let editor = Editor::of(venue);
    let mut king = editor.product("le-cheese-king");
    king["price_cents"] = json!(1);
    assert_eq!(editor.post("/products/le-cheese-king", &king).status, 200);
    let removal = json!({"removed": true});
    assert_eq!(editor.post("/products/cola/removed", &removal).status, 200);
    let name = json!({"id": "tacos", "name": {"fr": "T"}, "position": 1});
    assert_eq!(editor.post("/categories/tacos", &name).status, 200);
    let order = json!({"products": ["limonade"]});
    assert_eq!(editor.post("/categories/boissons/order", &order).status, 200);
    let shown = editor.post("/prices", &json!({"cents": 10, "round": 10})).json();
    assert_eq!(editor.post("/prices", &shown).status, 200);
    assert_eq!(editor.post("/hours", &json!({"opening": [], "parts": []})).status, 200);
    assert_eq!(editor.import("text/csv", "id,price\nfrites,1\n").status, 200);
    assert_eq!(editor.post("/categories/pates/removed", &removal).status, 200);
    assert_eq!((rows(), beside.footprint(), beside.get("/api/menu").json()), before);
    let version = before.2["version"].as_str().unwrap_or_default();
    let path = format!("/api/menu/versions/{version}/restore");
    let own = [("cookie", editor.cookie.as_str())];
    assert_eq!(venue.post_with(&path, &json!({}), &own).code(), "unknown_version");
    // A session of this venue edits nothing there.
    let host = ("host", beside.domain.as_str());
    let with = [("cookie", editor.cookie.as_str()), host];
    let answer = venue.post_with("/api/catalogue/products/cola/removed", &removal, &with);
    assert_eq!((answer.status, answer.code().as_str()), (401, "sign_in_required"));
}
