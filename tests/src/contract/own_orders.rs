//! What comes after an order on every host: the list, ordering again, ratings, invoices, addresses.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        accounts::{self, PASSWORD},
        logins::{forget_tries, submit},
        venue::{Answer, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    somebody_s_orders_are_theirs_to_see_and_to_order_again,
    what_was_had_is_rated_once_and_answered,
    invoices_are_numbered_without_gaps_and_printed,
    addresses_are_kept_sealed_and_go_with_their_person,
    what_came_after_another_s_order_is_neither_shown_nor_changed,
];

fn get(venue: &Venue, cookie: &str, path: &str) -> Answer {
    venue.send("GET", path, &[("cookie", cookie)], b"")
}

fn form(venue: &Venue, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    submit(venue, path, &[("cookie", cookie), ("accept", "text/html")], fields)
}

fn ordered(venue: &Venue, cookie: &str, number: u32) {
    let answer = venue.post_with("/api/orders", &cheese_king(number), &[("cookie", cookie)]);
    assert_eq!(answer.status, 201, "{}", answer.body);
}

fn brought_on(venue: &Venue, number: u32, steps: &[&str]) {
    let counter = venue.sign_in("counter");
    for step in steps {
        let body = if *step == "paid" { json!({"means": "cash"}) } else { json!({}) };
        let url = format!("/api/orders/{}/{step}", order_id(number));
        let answer = venue.post_with(&url, &body, &[("cookie", &counter)]);
        assert_eq!(answer.status, 200, "{step}: {}", answer.body);
    }
}

const HAD: [&str; 3] = ["paid", "ready", "collected"];

fn of(number: u32, rest: &str) -> String {
    format!("/account/orders/{}{rest}", order_id(number))
}

fn somebody_s_orders_are_theirs_to_see_and_to_order_again(venue: &Venue) {
    let own = venue.sign_in("member");
    assert!(get(venue, &own, "/account/orders?lang=en").body.contains("not ordered anything"));
    for number in 1..=22 {
        ordered(venue, &own, number);
    }
    ordered(venue, &venue.sign_in("member"), 30);
    brought_on(venue, 22, &["paid"]);
    let page = get(venue, &own, "/account/orders?lang=en");
    assert_eq!(page.status, 200, "{}", page.body);
    let shown = |body: &str| body.matches("own__order panel").count();
    assert_eq!(shown(&page.body), 20);
    assert!(page.body.contains("W-022") && !page.body.contains("W-023"), "theirs is not ours");
    let before = page.body.split("?before=").nth(1).and_then(|rest| rest.split('"').next());
    let path = format!("/account/orders?before={}", before.unwrap_or_default());
    assert_eq!(shown(&get(venue, &own, &path).body), 2);
    for odd in ["", "1", "x.y", "1.%27"] {
        let status = get(venue, &own, &format!("/account/orders?before={odd}")).status;
        assert!([200, 422].contains(&status), "{odd}: {status}");
    }
    // Whoever has the link sees the order, and the page shows its link.
    let path = format!("/orders/{}", order_id(1));
    let taken = format!("http://{}{path}", venue.domain);
    let public = venue.get(&path).body;
    assert!(public.contains("class=\"qr\"") && public.contains(&taken), "{public}");
    let again = get(venue, &own, &format!("/api{}", of(1, "/again"))).json();
    let line = &again["lines"][0];
    assert_eq!((&line["product"], &line["unit_cents"]), (&json!("le-cheese-king"), &json!(1150)));
    assert_eq!(line["choices"], cheese_king(1)["lines"][0]["choices"], "{line}");
    // What the basket would send of it is what the server takes.
    let mut basket = cheese_king(23);
    let sent = ["product", "quantity", "choices", "left_out", "parts", "word"];
    let kept: serde_json::Map<String, Json> =
        sent.iter().map(|name| ((*name).to_owned(), line[*name].clone())).collect();
    basket["lines"] = json!([kept]);
    assert_eq!(venue.post_with("/api/orders", &basket, &[("cookie", &own)]).status, 201);
}

fn what_was_had_is_rated_once_and_answered(venue: &Venue) {
    let own = venue.sign_in("member");
    ordered(venue, &own, 1);
    let rate = |cookie: &str, stars: &str, words: &str| {
        let fields = [("do", "rate"), ("stars", stars), ("comment", words)];
        form(venue, cookie, &of(1, ""), &fields)
    };
    assert_eq!(rate(&own, "5", "").status, 409, "nobody has had it");
    brought_on(venue, 1, &HAD);
    let counter = venue.sign_in("counter");
    let before = venue.footprint();
    let long = "é".repeat(501);
    for (stars, words) in [("0", ""), ("6", ""), ("", ""), ("-1", ""), ("5", &long), ("5", "\u{7}")]
    {
        let answer = rate(&own, stars, words);
        assert_eq!(answer.status, 422, "{stars}: {}", answer.body);
    }
    assert_eq!(rate(&counter, "1", "").status, 404, "only who ordered says");
    assert_eq!(venue.footprint(), before);
    assert_eq!(rate(&own, "2", "Froid <b>🌶️").header("location"), "/account/orders?done=1");
    assert_eq!(rate(&own, "4", "Très bon <b>🌶️").status, 303, "another mind");
    let sql = "SELECT id, stars, comment FROM rating WHERE venue = ?1";
    let rows = venue.rows(sql, json!([venue.id]));
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    assert_eq!(rows[0]["stars"], 4);
    assert!(!rows.to_string().contains("bon"), "words stand sealed: {rows}");
    let shown = "Très bon &#60;b&#62;🌶️";
    assert!(get(venue, &own, "/account/orders").body.contains(shown));
    let ratings = get(venue, &counter, "/ratings?lang=en").body;
    assert!(ratings.contains(shown) && ratings.contains("4.0 ★"), "{ratings}");
    let path = format!("/ratings/{}", order_id(1));
    assert_eq!(form(venue, &counter, &path, &[("answer", &long)]).status, 422);
    assert_eq!(form(venue, &counter, &path, &[("answer", "Merci !")]).status, 303);
    let unknown = format!("/ratings/{}", order_id(2));
    assert_eq!(form(venue, &counter, &unknown, &[("answer", "Merci !")]).status, 404);
    assert!(get(venue, &own, "/account/orders").body.contains("Merci !"));
    assert_eq!(get(venue, &own, "/ratings").status, 403);
}

fn invoices_are_numbered_without_gaps_and_printed(venue: &Venue) {
    let own = venue.sign_in("member");
    for number in 1..=4 {
        ordered(venue, &own, number);
    }
    let ask = |cookie: &str, number: u32, billed: &str| {
        form(venue, cookie, &of(number, ""), &[("do", "invoice"), ("billed", billed)])
    };
    assert_eq!(ask(&own, 1, "").status, 409, "what is not paid is not invoiced");
    assert_eq!(get(venue, &own, &of(1, "/invoice")).status, 404);
    (1..=4).for_each(|number| brought_on(venue, number, &["paid"]));
    let stranger = venue.sign_in("owner");
    for (number, billed) in [(3, "SRL Durand, BE 0123.456.789 <b>"), (1, ""), (3, "Autre"), (4, "")]
    {
        let answer = ask(&own, number, billed);
        let to = of(number, "/invoice");
        assert_eq!((answer.status, answer.header("location")), (303, to.as_str()));
        assert_eq!(ask(&stranger, number, billed).status, 404);
    }
    let sql = "SELECT id, origin, number, billed FROM invoice WHERE venue = ?1 ORDER BY number";
    let rows = venue.rows(sql, json!([venue.id]));
    let numbers: Vec<_> = rows.as_array().into_iter().flatten().collect();
    let told: Vec<_> =
        numbers.iter().map(|row| (row["id"].clone(), row["number"].clone())).collect();
    let expected = [(3, 1), (1, 2), (4, 3)].map(|(order, at)| (json!(order_id(order)), json!(at)));
    assert_eq!(told, expected);
    let origin = numbers[0]["origin"].as_str().unwrap_or_default();
    assert!(origin.starts_with("W-") && !rows.to_string().contains("Durand"), "{rows}");
    let path = format!("/api{}", of(3, "/invoice"));
    let said = venue.post_with(&path, &json!({}), &[("cookie", &own)]);
    assert_eq!(said.json()["invoice"], format!("{origin}-00001"), "{}", said.body);
    let page = get(venue, &own, &format!("{}?lang=en", of(3, "/invoice")));
    assert_eq!(page.status, 200, "{}", page.body);
    for part in [&format!("{origin}-00001"), "SRL Durand, BE 0123.456.789 &#60;b&#62;", "€11.50"]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert_eq!(get(venue, &stranger, &of(3, "/invoice")).status, 404);
    // What another origin sold is numbered there.
    let sql = "UPDATE customer_order SET ticket_origin = 'K9' WHERE venue = ?1 AND id = ?2";
    let change = json!([{"sql": sql, "params": [venue.id, order_id(2)]}]);
    assert_eq!(venue.sql("commit", change), json!({"ok": []}));
    let refused = ask(&own, 2, "");
    assert_eq!(refused.status, 409, "{}", refused.body);
}

fn addresses_are_kept_sealed_and_go_with_their_person(venue: &Venue) {
    forget_tries(venue);
    let (_, own) = accounts::member(venue, "settled");
    let keep = |street: &str, code: &str| {
        let fields = [
            ("do", "keep"),
            ("address", street),
            ("postal_code", code),
            ("phone", "0470 12 34 56"),
        ];
        form(venue, &own, "/account/addresses", &fields)
    };
    for (street, code) in [("", "1000"), ("Rue Haute 12", ""), ("Rue\nHaute 12", "1000")] {
        assert_eq!(keep(street, code).status, 422, "{street}");
    }
    for number in 1..=5 {
        assert_eq!(keep(&format!("Rue Haute {number}"), "10 00").status, 303);
    }
    assert_eq!(keep("Rue Haute 5", "1000").status, 303, "the same again is the same");
    assert_eq!(keep("Rue Haute 6", "1000").status, 409, "five are enough");
    let told = get(venue, &own, "/api/account/addresses").json();
    assert_eq!(told["addresses"].as_array().map(Vec::len), Some(5), "{told}");
    assert_eq!(told["addresses"][0]["postal_code"], "1000");
    let export = get(venue, &own, "/account/export").json();
    assert_eq!(export["addresses"].as_array().map(Vec::len), Some(5), "{export}");
    let rows = venue.rows("SELECT id, sealed FROM account_address", json!([]));
    assert!(!rows.to_string().contains("Haute"), "{rows}");
    let stranger = venue.sign_in("member");
    let theirs = get(venue, &stranger, "/api/account/addresses").json();
    assert_eq!(theirs["addresses"], json!([]));
    let page = get(venue, &own, "/account/addresses").body;
    let id = page.split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let id = id.unwrap_or_default().to_owned();
    let forget = [("do", "forget"), ("id", id.as_str())];
    let of_own = |venue: &Venue| {
        get(venue, &own, "/api/account/addresses").json()["addresses"].as_array().map(Vec::len)
    };
    assert_eq!(form(venue, &stranger, "/account/addresses", &forget).status, 303);
    assert_eq!(of_own(venue), Some(5), "another's is not there to be forgotten");
    assert_eq!(form(venue, &own, "/account/addresses", &forget).status, 303);
    assert_eq!(of_own(venue), Some(4));
    let person = "SELECT count(*) AS n FROM account_address WHERE id <> ?1";
    let before = venue.rows(person, json!([id]))[0]["n"].as_i64().unwrap_or_default();
    assert_eq!(form(venue, &own, "/account/erase", &[("current", PASSWORD)]).status, 303);
    let after = venue.rows(person, json!([id]))[0]["n"].as_i64().unwrap_or_default();
    assert_eq!(before - after, 4, "they go with their person");
}

fn what_came_after_another_s_order_is_neither_shown_nor_changed(venue: &Venue) {
    let beside = venue.beside();
    let theirs = beside.sign_in("member");
    let answer = beside.post_with("/api/orders", &cheese_king(41), &[("cookie", &theirs)]);
    assert_eq!(answer.status, 201);
    brought_on(&beside, 41, &HAD);
    let (owner, member) = (venue.sign_in("owner"), venue.sign_in("member"));
    let before = (venue.footprint(), beside.footprint());
    for cookie in [&owner, &member] {
        for fields in [&[("do", "rate"), ("stars", "1")][..], &[("do", "invoice")]] {
            assert_eq!(form(venue, cookie, &of(41, ""), fields).status, 404);
        }
        for path in [of(41, "/invoice"), format!("/api{}", of(41, "/again"))] {
            assert_eq!(get(venue, cookie, &path).status, 404, "{path}");
        }
    }
    for (what, body) in [("rating", json!({"stars": 5})), ("invoice", json!({}))] {
        let path = format!("/api{}", of(41, &format!("/{what}")));
        let answer = venue.post_with(&path, &body, &[("cookie", &member)]);
        assert_eq!((answer.status, answer.code().as_str()), (404, "unknown_order"), "{what}");
    }
    let path = format!("/ratings/{}", order_id(41));
    assert_eq!(form(venue, &owner, &path, &[("answer", "Non")]).status, 404);
    assert_eq!(get(venue, &theirs, "/account/orders").status, 401);
    assert_eq!((venue.footprint(), beside.footprint()), before);
}
