//! What the counter takes back: orders that are called off, and money that goes back.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    an_order_is_called_off_with_a_reason_and_leaves_the_boards,
    what_was_handed_over_is_not_called_off_and_what_was_called_off_goes_no_further,
    money_goes_back_once_and_never_more_than_was_paid,
    a_line_goes_back_and_the_rest_after_it,
    whoever_proved_a_pin_calls_off_and_gives_no_money_back,
    what_was_done_twice_apart_is_shown_until_somebody_looks,
    the_page_of_an_order_takes_it_through_the_counter,
    what_the_counter_undoes_is_its_own_venue_s,
];

pub(super) struct Till<'a> {
    pub(super) venue: &'a Venue,
    pub(super) cookie: String,
}

impl<'a> Till<'a> {
    /// Opens it on order 1, of two burgers, which came so far.
    pub(super) fn open(venue: &'a Venue, steps: &[&str]) -> Self {
        let mut basket = cheese_king(1);
        basket["lines"][0]["quantity"] = json!(2);
        basket["total_cents"] = json!(2_300);
        let placed = venue.post("/api/orders", &basket);
        assert_eq!(placed.status, 201, "{}", placed.body);
        let till = Self { venue, cookie: venue.sign_in("counter") };
        for step in steps {
            let body = if *step == "paid" { json!({"means": "cash"}) } else { json!({}) };
            let answer = till.post(step, &body);
            assert_eq!(answer.status, 200, "{step}: {}", answer.body);
        }
        till
    }

    pub(super) fn post(&self, step: &str, body: &Json) -> Answer {
        let path = format!("/api/orders/{}/{step}", order_id(1));
        self.venue.post_with(&path, body, &[("cookie", &self.cookie)])
    }

    pub(super) fn page(&self, path: &str) -> String {
        let answer = self.venue.send("GET", path, &[("cookie", &self.cookie)], b"");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    fn back(&self, seen_cents: i64, more: &Json) -> Answer {
        let mut body = json!({"seen_cents": seen_cents, "means": "cash", "reason": "Cold"});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.post("refunded", &body)
    }

    /// Fills a form of the order's page in, and returns where it leads.
    fn form(&self, body: &str) -> Answer {
        let path = format!("/counter/orders/{}", order_id(1));
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.venue.send("POST", &path, &headers, body.as_bytes())
    }
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.code())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn an_order_is_called_off_with_a_reason_and_leaves_the_boards(venue: &Venue) {
    let till = Till::open(venue, &["paid", "ready"]);
    for reason in ["", "  ", "a\u{202e}b", &"x".repeat(141)] {
        let answer = till.post("cancelled", &json!({"reason": reason}));
        assert_eq!(refused(&answer), is(422, "invalid_field"), "{reason:?}");
    }
    for _ in 0..2 {
        let answer = till.post("cancelled", &json!({"reason": "The fryer is broken"}));
        assert_eq!((answer.status, answer.json()["state"].clone()), (200, json!("cancelled")));
    }
    for board in ["/kitchen/board", "/board/numbers"] {
        assert!(!till.page(board).contains("W-001"), "{board}");
    }
    let board = till.page("/counter/board?lang=en");
    assert!(!board.contains("data-ticket=\"W-001\"") && !board.contains("collected-"), "{board}");
    assert!(board.contains("Cancelled: €23.00 to give back."), "{board}");
    let page = venue.get(&format!("/orders/{}?lang=en", order_id(1))).body;
    assert!(page.contains("Order cancelled"), "{page}");
    let facts = "SELECT kind, reason, place FROM order_event WHERE venue = ?1 AND reason <> ''";
    let told = json!([{"kind": "cancelled", "reason": "The fryer is broken", "place": "edge"}]);
    assert_eq!(venue.rows(facts, json!([venue.id])), told);
    let manager = venue.sign_in("manager");
    let found = venue.send("GET", "/api/history?state=cancelled", &[("cookie", &manager)], b"");
    assert_eq!(found.json()["orders"].as_array().map(Vec::len), Some(1), "{}", found.body);
    let acts = "SELECT act FROM audit_entry WHERE venue = ?1 AND act = 'cancelled'";
    assert_eq!(venue.rows(acts, json!([venue.id])), json!([{"act": "cancelled"}]));
}

fn what_was_handed_over_is_not_called_off_and_what_was_called_off_goes_no_further(venue: &Venue) {
    let till = Till::open(venue, &["paid", "ready", "collected"]);
    let answer = till.post("cancelled", &json!({"reason": "Too late"}));
    assert_eq!(refused(&answer), is(409, "not_cancellable"));
    assert_eq!(venue.post("/api/orders", &cheese_king(2)).status, 201);
    let path = |step: &str| format!("/api/orders/{}/{step}", order_id(2));
    let post =
        |step: &str, body: Json| venue.post_with(&path(step), &body, &[("cookie", &till.cookie)]);
    assert_eq!(post("cancelled", json!({"reason": "Gone"})).status, 200);
    for (step, body) in [
        ("paid", json!({"means": "cash"})),
        ("preparing", json!({})),
        ("ready", json!({})),
        ("recalled", json!({})),
        ("tick", json!({"line": 0, "done": true})),
        ("collected", json!({})),
    ] {
        assert_eq!(refused(&post(step, body)), is(409, "order_cancelled"), "{step}");
    }
    let nothing = json!({"seen_cents": 0, "means": "cash", "reason": "Gone"});
    assert_eq!(refused(&post("refunded", nothing)), is(409, "not_paid"));
}

fn money_goes_back_once_and_never_more_than_was_paid(venue: &Venue) {
    let till = Till::open(venue, &["paid", "ready", "collected"]);
    assert_eq!(refused(&till.back(0, &json!({"cents": 2_301}))), is(409, "refund_too_much"));
    for cents in [0, -5] {
        let answer = till.back(0, &json!({"cents": cents}));
        assert_eq!(refused(&answer), is(422, "invalid_field"), "{cents}");
    }
    for _ in 0..2 {
        let answer = till.back(0, &json!({"cents": 500}));
        assert_eq!(answer.json()["refunded_cents"], 500, "{}", answer.body);
    }
    let stale = till.back(0, &json!({"cents": 700}));
    assert_eq!(refused(&stale), is(409, "refund_changed"));
    assert_eq!(stale.json()["error"]["subject"], json!(["500"]));
    let all = till.back(500, &json!({}));
    assert_eq!(all.json()["refunded_cents"], 2_300, "{}", all.body);
    assert_eq!(all.json()["state"], "collected");
    assert_eq!(refused(&till.back(2_300, &json!({"cents": 1}))), is(409, "refund_too_much"));
    let facts = "SELECT amount_cents, so_far_cents, vat FROM refund WHERE venue = ?1 \
         ORDER BY so_far_cents";
    let rows = venue.rows(facts, json!([venue.id]));
    assert_eq!((&rows[0]["so_far_cents"], &rows[1]["amount_cents"]), (&json!(500), &json!(1_800)));
    let order = venue.get(&format!("/api/orders/{}", order_id(1))).json();
    let sum = |field: &str| -> i64 {
        let parts = [0, 1].map(|row| rows[row]["vat"].as_str().unwrap_or_default().to_owned());
        let parts = parts.iter().filter_map(|text| serde_json::from_str::<Json>(text).ok());
        parts.map(|vat| vat[0][field].as_i64().unwrap_or_default()).sum()
    };
    for field in ["gross_cents", "vat_cents"] {
        assert_eq!(order["vat"][0][field], sum(field), "{field}: {rows}");
    }
}

fn a_line_goes_back_and_the_rest_after_it(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    for lines in [
        json!([{"line": 1, "quantity": 1}]),
        json!([{"line": 0, "quantity": 3}]),
        json!([{"line": 0, "quantity": 0}]),
        json!([{"line": 0, "quantity": 1}, {"line": 0, "quantity": 1}]),
    ] {
        let answer = till.back(0, &json!({"lines": lines}));
        assert_eq!(refused(&answer), is(422, "invalid_field"), "{lines}");
    }
    let one = till.back(0, &json!({"lines": [{"line": 0, "quantity": 1}]}));
    assert_eq!(one.json()["refunded_cents"], 1_150, "{}", one.body);
    let page = till.page(&format!("/counter/orders/{}", order_id(1)));
    assert!(page.contains("name=\"line-0\" min=\"0\" max=\"1\""), "{page}");
    let two = till.back(1_150, &json!({"lines": [{"line": 0, "quantity": 2}]}));
    assert_eq!(refused(&two), is(422, "invalid_field"), "one is left");
}

fn whoever_proved_a_pin_calls_off_and_gives_no_money_back(venue: &Venue) {
    let mut till = Till::open(venue, &["paid"]);
    till.cookie = venue.sign_in_as(&json!({"roles": ["counter"], "pin": true})).0;
    assert_eq!(refused(&till.back(0, &json!({}))), is(403, "password_required"));
    let form = till.form("do=refund&seen=0&means=cash&reason=Cold");
    assert_eq!(form.status, 403, "{}", form.body);
    let page = till.page(&format!("/counter/orders/{}?lang=en", order_id(1)));
    assert!(page.contains("Refunds need signing in with a password"), "{page}");
    assert!(!page.contains("value=\"refund\""), "{page}");
    assert_eq!(till.post("cancelled", &json!({"reason": "Gone"})).status, 200);
    let kitchen = venue.sign_in("kitchen");
    let path = format!("/api/orders/{}/cancelled", order_id(1));
    let body = json!({"reason": "Gone"});
    let answer = venue.post_with(&path, &body, &[("cookie", &kitchen)]);
    assert_eq!(refused(&answer), is(403, "forbidden"));
}

/// What another replica did, as its facts arrive.
fn arrives(venue: &Venue, kind: &str) {
    let sql = "INSERT INTO order_event (venue, id, order_id, kind, at_ms, person, place, reason, \
         stamp, writer) VALUES (?1, ?2 || '/' || ?3 || '/gateway', ?2, ?3, ?4, '', 'gateway', \
         'Away', 9, 1)";
    let params = json!([venue.id, order_id(1), kind, super::venue::now_ms()]);
    let done = venue.sql("commit", json!([{"sql": sql, "params": params}]));
    assert_eq!(done, json!({"ok": []}));
}

fn what_was_done_twice_apart_is_shown_until_somebody_looks(venue: &Venue) {
    let till = Till::open(venue, &["paid", "ready", "collected"]);
    assert!(!till.page("/counter/board").contains("W-001"));
    arrives(venue, "cancelled");
    let state = |till: &Till<'_>| till.post("collected", &json!({})).json()["state"].clone();
    assert_eq!(state(&till), "collected", "who has it keeps it");
    let board = till.page("/counter/board?lang=en");
    assert!(board.contains("Handed over in one place and cancelled in another"), "{board}");
    arrives(venue, "collected");
    let board = till.page("/counter/board?lang=en");
    assert!(board.contains("Handed over twice, in two places."), "{board}");
    let page = till.page(&format!("/counter/orders/{}?lang=en", order_id(1)));
    for place in ["edge", "gateway"] {
        assert!(page.contains(&format!("<span class=\"badge\">{place}</span>")), "{page}");
    }
}

fn the_page_of_an_order_takes_it_through_the_counter(venue: &Venue) {
    let till = Till::open(venue, &[]);
    let leads = |answer: &Answer, done: &str| {
        assert_eq!(answer.status, 303, "{done}: {}", answer.body);
        assert!(answer.header("location").ends_with(&format!("?done={done}")), "{done}");
    };
    leads(&till.form("do=cash"), "paid");
    assert_eq!(till.form("do=collected").status, 409, "it is not ready");
    assert_eq!(till.post("ready", &json!({})).status, 200);
    leads(&till.form("do=collected"), "collected");
    assert_eq!(till.form("do=cancel&reason=Late").status, 409);
    let amount = till.form("do=refund&seen=0&means=terminal&reason=Cold&amount=5,50");
    leads(&amount, "refunded");
    leads(&till.form("do=refund&seen=550&means=cash&reason=Cold&line-0=1"), "refunded");
    let page = till.page(&format!("/counter/orders/{}?lang=en&done=refunded", order_id(1)));
    for sum in ["€23.00", "€17.00", "€6.00", "€5.50"] {
        assert!(page.contains(sum), "{sum}: {page}");
    }
    for body in ["do=dance", "do=refund&seen=1700&means=points&reason=x&all=1", "do=refund"] {
        assert_eq!(till.form(body).status, 422, "{body}");
    }
    for unclear in ["", "&amount=2,5O", "&amount=1&all=1", "&line-1=1&all=1"] {
        let answer = till.form(&format!("do=refund&seen=1700&means=cash&reason=Cold{unclear}"));
        assert_eq!(answer.status, 422, "{unclear}");
        assert!(answer.body.contains("id=\"refund-amount\""), "{}", answer.body);
    }
    leads(&till.form("do=refund&seen=1700&means=cash&reason=Cold&all=1"), "refunded");
    let nobody = venue.get("/counter/orders/none");
    assert_eq!(nobody.status, 401, "{}", nobody.body);
}

fn what_the_counter_undoes_is_its_own_venue_s(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    let beside = venue.beside();
    let cookie = beside.sign_in("counter");
    let before = venue.footprint();
    let (order, form) = (order_id(1), [("content-type", "application/x-www-form-urlencoded")]);
    let body = json!({"seen_cents": 0, "means": "cash", "reason": "Gone"});
    for (step, body) in [
        ("cancelled", json!({"reason": "Gone"})),
        ("refunded", body),
        ("validated", json!({})),
        ("handed-over", json!({})),
    ] {
        let path = format!("/api/orders/{order}/{step}");
        let answer = beside.post_with(&path, &body, &[("cookie", &cookie)]);
        assert_eq!(refused(&answer), is(404, "unknown_order"), "{step}");
    }
    let path = format!("/counter/orders/{order}");
    let with = [&[("cookie", cookie.as_str())][..], &form].concat();
    assert_eq!(beside.send("GET", &path, &with[..1], b"").status, 404);
    for body in
        ["do=cancel&reason=Gone", "do=refund&seen=0&means=cash&reason=Gone&all=1", "do=cash"]
    {
        assert_eq!(beside.send("POST", &path, &with, body.as_bytes()).status, 404, "{body}");
    }
    assert_eq!(venue.footprint(), before);
    assert_eq!(till.post("ready", &json!({})).status, 200, "nothing happened to it");
}
