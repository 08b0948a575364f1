//! Points of members on every host: what a payment earns, what points pay, and who corrects them.

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
    a_paid_order_earns_for_its_member_once,
    a_whole_order_is_paid_with_points_once_and_never_below_zero,
    points_pay_nothing_for_others_and_nothing_twice,
    what_is_called_off_counts_for_no_points_and_gives_back_what_it_cost,
    what_earned_counts_until_all_its_money_is_back,
    an_order_is_paid_with_points_from_its_page,
    points_are_corrected_by_managers_alone_with_a_reason,
    points_are_of_one_venue_alone,
    a_venue_says_what_points_are_worth_and_an_order_keeps_what_it_earned,
];

/// A member who is signed in.
struct Member {
    id: String,
    cookie: String,
}

impl Member {
    fn of(venue: &Venue) -> Self {
        let (cookie, told) = venue.sign_in_as(&json!({"roles": ["member"]}));
        Self { id: told["person"].as_str().expect("an id").to_owned(), cookie }
    }

    /// Orders a Cheese King for 11.50.
    fn orders(&self, venue: &Venue, number: u32) -> String {
        let with = [("cookie", self.cookie.as_str())];
        let answer = venue.post_with("/api/orders", &cheese_king(number), &with);
        assert_eq!(answer.status, 201, "{}", answer.body);
        order_id(number)
    }

    fn pays(&self, venue: &Venue, order: &str) -> Answer {
        let with = [("cookie", self.cookie.as_str())];
        venue.post_with(&format!("/api/orders/{order}/points"), &json!({}), &with)
    }

    fn is_given(&self, venue: &Venue, points: i64) -> Json {
        let answer = correct(venue, &venue.sign_in("manager"), &self.id, points);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    fn balance(&self, venue: &Venue) -> i64 {
        let with = [("cookie", self.cookie.as_str())];
        let answer = venue.send("GET", "/api/account/points", &with, b"");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["balance"].as_i64().expect("a balance")
    }
}

pub(super) fn correct(venue: &Venue, cookie: &str, person: &str, points: i64) -> Answer {
    let body = json!({"points": points, "reason": "goodwill"});
    venue.post_with(&format!("/api/members/{person}/points"), &body, &[("cookie", cookie)])
}

fn paid_in_cash(venue: &Venue, order: &str) {
    let counter = venue.sign_in("counter");
    let body = json!({"means": "cash"});
    let path = format!("/api/orders/{order}/paid");
    let answer = venue.post_with(&path, &body, &[("cookie", &counter)]);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status, answer.code())
}

fn a_paid_order_earns_for_its_member_once(venue: &Venue) {
    let member = Member::of(venue);
    let order = member.orders(venue, 1);
    let page = venue.get(&format!("/orders/{order}"));
    assert!(page.body.contains("data-points=\"earns\""), "the page says what it will earn");
    assert_eq!(member.balance(venue), 0, "what is not paid earns nothing");
    paid_in_cash(venue, &order);
    paid_in_cash(venue, &order);
    assert_eq!(member.balance(venue), 115, "10 points for each of 11.50 euros");
    // A guest's order earns for nobody.
    assert_eq!(venue.post("/api/orders", &cheese_king(2)).status, 201);
    paid_in_cash(venue, &order_id(2));
    let rows = venue
        .rows("SELECT id, person, points FROM points_entry WHERE venue = ?1", json!([venue.id]));
    let earned = json!([{"id": format!("earn/{order}"), "person": member.id, "points": 115}]);
    assert_eq!(rows, earned);
    let with = [("cookie", member.cookie.as_str())];
    let ledger = venue.send("GET", "/account/points", &with, b"");
    assert_eq!(ledger.status, 200);
    assert!(ledger.body.contains("data-points=\"balance\">115<"), "{}", ledger.body);
    assert!(ledger.body.contains("+115"), "{}", ledger.body);
}

fn a_whole_order_is_paid_with_points_once_and_never_below_zero(venue: &Venue) {
    let member = Member::of(venue);
    let order = member.orders(venue, 1);
    member.is_given(venue, 1149);
    let before = venue.footprint();
    let missing = member.pays(venue, &order);
    assert_eq!(refused(&missing), (409, "points_missing".to_owned()));
    assert_eq!(missing.json()["error"]["subject"], json!(["1"]));
    assert_eq!(venue.footprint(), before, "a part of an order is never paid");
    member.is_given(venue, 21);
    let answer = member.pays(venue, &order);
    assert_eq!((answer.status, &answer.json()["state"]), (200, &json!("paid")), "{}", answer.body);
    let after = venue.footprint();
    assert_eq!(member.pays(venue, &order).status, 200, "a double tap pays once");
    assert_eq!(venue.footprint(), after);
    assert_eq!(member.balance(venue), 20, "what points paid earns none");
    let paid = venue
        .rows("SELECT id, means, amount_cents FROM payment WHERE venue = ?1", json!([venue.id]));
    let expected = json!([{"id": format!("points/{order}"), "means": "points",
        "amount_cents": 1150}]);
    assert_eq!(paid, expected);
    let next = member.orders(venue, 2);
    assert_eq!(refused(&member.pays(venue, &next)).0, 409, "nothing is spent twice");
}

fn points_pay_nothing_for_others_and_nothing_twice(venue: &Venue) {
    let [rich, other] = [Member::of(venue), Member::of(venue)];
    rich.is_given(venue, 5000);
    let theirs = other.orders(venue, 1);
    let own = rich.orders(venue, 2);
    let path = |order: &str| format!("/api/orders/{order}/points");
    let counter = venue.sign_in("counter");
    let before = venue.footprint();
    assert_eq!(refused(&rich.pays(venue, &theirs)), (409, "not_payable".to_owned()));
    assert_eq!(venue.post(&path(&own), &json!({})).status, 401);
    let by_staff = venue.post_with(&path(&own), &json!({}), &[("cookie", &counter)]);
    assert_eq!(refused(&by_staff), (403, "not_a_member".to_owned()));
    for code in ["nonsense", "RELAIS"] {
        let with = [("cookie", counter.as_str())];
        let answer = venue.post_with(&path(&own), &json!({"code": code}), &with);
        assert!((400..500).contains(&answer.status), "{code}: {}", answer.body);
    }
    assert_eq!(refused(&rich.pays(venue, "no-such-order")), (404, "unknown_order".to_owned()));
    assert_eq!(venue.footprint(), before);
    paid_in_cash(venue, &own);
    let earned = venue.footprint();
    assert_eq!(rich.pays(venue, &own).status, 200, "it is paid already");
    assert_eq!(venue.footprint(), earned);
    assert_eq!(rich.balance(venue), 5115);
}

fn what_is_called_off_counts_for_no_points_and_gives_back_what_it_cost(venue: &Venue) {
    let member = Member::of(venue);
    let (earned, spent) = (member.orders(venue, 1), member.orders(venue, 2));
    paid_in_cash(venue, &earned);
    member.is_given(venue, 1150);
    assert_eq!(member.pays(venue, &spent).status, 200);
    assert_eq!(member.balance(venue), 115);
    let counter = venue.sign_in("counter");
    let post = |order: &str, step: &str, body: Json| {
        let path = format!("/api/orders/{order}/{step}");
        venue.post_with(&path, &body, &[("cookie", &counter)])
    };
    let back = json!({"seen_cents": 0, "means": "cash", "reason": "Cold"});
    let refusal = post(&spent, "refunded", back);
    assert_eq!(refused(&refusal).1, "refund_too_much", "points are no money");
    for order in [&earned, &spent] {
        assert_eq!(post(order, "cancelled", json!({"reason": "Gone"})).status, 200);
    }
    assert_eq!(member.balance(venue), 1150);
    let board = venue.send("GET", "/counter/board?lang=en", &[("cookie", &counter)], b"").body;
    assert_eq!(board.matches("to give back").count(), 1, "{board}");
}

fn what_earned_counts_until_all_its_money_is_back(venue: &Venue) {
    let member = Member::of(venue);
    let order = member.orders(venue, 1);
    paid_in_cash(venue, &order);
    let counter = venue.sign_in("counter");
    for (seen, cents, balance) in [(0, 150, 115), (150, 1_000, 0)] {
        let body = json!({"seen_cents": seen, "cents": cents, "means": "cash", "reason": "Cold"});
        let path = format!("/api/orders/{order}/refunded");
        let answer = venue.post_with(&path, &body, &[("cookie", &counter)]);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(member.balance(venue), balance);
    }
}

fn an_order_is_paid_with_points_from_its_page(venue: &Venue) {
    let member = Member::of(venue);
    let order = member.orders(venue, 1);
    member.is_given(venue, 1150);
    let with = [("cookie", member.cookie.as_str())];
    let path = format!("/orders/{order}/points");
    let page = venue.send("GET", &format!("/orders/{order}"), &with, b"");
    assert!(page.body.contains(&path), "the page offers it");
    assert!(!venue.get(&format!("/orders/{order}")).body.contains(&path), "to nobody else");
    let answer = submit(venue, &path, &with, &[]);
    let back = format!("/orders/{order}?points=paid");
    assert_eq!((answer.status, answer.header("location")), (303, back.as_str()));
    let next = member.orders(venue, 2);
    let answer = submit(venue, &format!("/kiosk/orders/{next}/points"), &with, &[]);
    let back = format!("/orders/{next}?kiosk=1&points=points_missing");
    assert_eq!((answer.status, answer.header("location")), (303, back.as_str()));
    let page = venue.send("GET", &back, &with, b"");
    assert!(page.body.contains("role=\"alert\""), "and the page says why not");
}

fn points_are_corrected_by_managers_alone_with_a_reason(venue: &Venue) {
    let member = Member::of(venue);
    let manager = venue.sign_in("manager");
    let path = format!("/api/members/{}/points", member.id);
    let before = venue.footprint();
    for role in ["counter", "kitchen", "technician", "member"] {
        let answer = correct(venue, &venue.sign_in(role), &member.id, 100);
        assert_eq!(answer.status, 403, "{role}");
    }
    let before_all = venue
        .rows("SELECT count(*) AS entries FROM points_entry WHERE venue = ?1", json!([venue.id]));
    assert_eq!(before_all[0]["entries"], 0, "{before}");
    for (body, status) in [
        (json!({"points": 0, "reason": "goodwill"}), 422),
        (json!({"points": i64::MIN, "reason": "goodwill"}), 422),
        (json!({"points": 1_000_001, "reason": "goodwill"}), 422),
        (json!({"points": 10}), 400),
        (json!({"points": 10, "reason": "because"}), 400),
        (json!({"points": 1.5, "reason": "goodwill"}), 400),
    ] {
        let answer = venue.post_with(&path, &body, &[("cookie", &manager)]);
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
    let page = format!("/members/{}/points", member.id);
    let with = [("cookie", manager.as_str())];
    for (points, reason) in [("ten", "goodwill"), ("10", "because"), ("0", "mistake")] {
        let fields = [("points", points), ("reason", reason)];
        assert_eq!(submit(venue, &page, &with, &fields).status, 422, "{points} {reason}");
    }
    let fields = [("points", "100"), ("reason", "missing"), ("act", "a page's key")];
    for _ in 0..2 {
        assert_eq!(submit(venue, &page, &with, &fields).status, 303, "a double click counts once");
    }
    assert_eq!(member.is_given(venue, 200)["balance"], 300);
    let owes = member.is_given(venue, -350);
    let told = (&owes["balance"], &owes["debt"], &owes["usable"]);
    assert_eq!(told, (&json!(-50), &json!(50), &json!(0)), "a debt, and nothing to spend");
    let order = member.orders(venue, 1);
    paid_in_cash(venue, &order);
    assert_eq!(member.balance(venue), 65, "what is earned pays the debt first");
    let audited = venue.rows(
        "SELECT subject, detail FROM audit_entry WHERE venue = ?1 AND act = 'points_corrected' \
         ORDER BY number",
        json!([venue.id]),
    );
    let audited = audited.as_array().expect("rows");
    assert_eq!(audited.len(), 3);
    assert!(audited.iter().all(|entry| entry["subject"] == json!(member.id)));
}

fn points_are_of_one_venue_alone(venue: &Venue) {
    let beside = venue.beside();
    let member = Member::of(venue);
    let order = member.orders(venue, 1);
    member.is_given(venue, 5000);
    let count = |venue: &Venue| {
        let sql = "SELECT count(*) AS entries FROM points_entry WHERE venue = ?1";
        venue.rows(sql, json!([venue.id]))[0]["entries"].clone()
    };
    let stranger = Member::of(&beside);
    let at_beside = [("cookie", stranger.cookie.as_str())];
    for path in [format!("/api/orders/{order}/points"), format!("/orders/{order}/points")] {
        let answer = if path.starts_with("/api") {
            beside.post_with(&path, &json!({}), &at_beside)
        } else {
            submit(&beside, &path, &at_beside, &[])
        };
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
    // A manager of the venue beside sees and gives points of the venue beside only.
    let manager = beside.sign_in("manager");
    let path = format!("/api/members/{}/points", member.id);
    let seen = beside.send("GET", &path, &[("cookie", &manager)], b"");
    assert_eq!((seen.status, &seen.json()["balance"]), (200, &json!(0)), "{}", seen.body);
    assert_eq!(refused(&correct(&beside, &manager, &member.id, 7)).0, 404);
    let page = format!("/members/{}/points", member.id);
    let fields = [("points", "7"), ("reason", "goodwill")];
    assert_eq!(submit(&beside, &page, &[("cookie", &manager)], &fields).status, 404);
    assert_eq!((count(venue), count(&beside)), (json!(1), json!(0)));
    assert_eq!(member.balance(venue), 5000);
}

fn a_venue_says_what_points_are_worth_and_an_order_keeps_what_it_earned(venue: &Venue) {
    const SETTINGS: &str = "/api/settings/loyalty";
    let owner = venue.sign_in("owner");
    let put = |cookie: &str, body: &Json| {
        let headers = [("cookie", cookie), ("content-type", "application/json")];
        venue.send("PUT", SETTINGS, &headers, body.to_string().as_bytes())
    };
    let member = Member::of(venue);
    paid_in_cash(venue, &member.orders(venue, 1));
    let before = venue.footprint();
    let mut settings = venue.send("GET", SETTINGS, &[("cookie", &owner)], b"").json();
    assert_eq!((&settings["on"], &settings["earned_per_euro"]), (&json!(true), &json!(10)));
    assert_eq!(put(&owner, &settings).status, 200);
    for (field, value, status) in [
        ("earned_per_euro", json!(-1), 422),
        ("spent_per_euro", json!(0), 422),
        (
            "levels",
            json!([{"from": 5, "name": {"fr": "A"}}, {"from": 5, "name": {"fr": "B"}}]),
            422,
        ),
        ("bonus", json!(1), 422),
        ("on", json!("yes"), 400),
    ] {
        let mut wrong = settings.clone();
        wrong[field] = value;
        assert_eq!(put(&owner, &wrong).status, status, "{field}");
    }
    assert_eq!(venue.footprint(), before, "nothing was said that is new and right");
    settings["earned_per_euro"] = json!(20);
    assert_eq!(put(&venue.sign_in("counter"), &settings).status, 403);
    assert_eq!(put(&owner, &settings).status, 200);
    paid_in_cash(venue, &member.orders(venue, 2));
    assert_eq!(member.balance(venue), 115 + 230, "what was earned before stays as it was");
    settings["on"] = json!(false);
    assert_eq!(put(&owner, &settings).status, 200);
    let third = member.orders(venue, 3);
    assert_eq!(refused(&member.pays(venue, &third)), (409, "points_off".to_owned()));
    paid_in_cash(venue, &third);
    assert_eq!(member.balance(venue), 345, "and nothing is earned where there are none");
}
