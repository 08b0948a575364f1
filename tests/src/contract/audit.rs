//! The audit on every host: what is shown and exported, seals that do not fork, and rows that
//! somebody changed behind the application's back.

use std::thread;

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        logins::with_people,
        venue::{Answer, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    what_was_done_is_shown_by_name_filtered_and_exported,
    a_filter_that_cannot_be_read_is_refused,
    every_row_that_was_changed_by_hand_is_found,
    sealers_at_once_make_one_chain,
];

fn change(venue: &Venue, sql: &str) {
    let done = venue.sql("commit", json!([{"sql": sql, "params": [venue.id]}]));
    assert!(done.get("ok").is_some(), "{sql}: {done}");
}

fn olga(venue: &Venue) -> String {
    with_people(venue);
    venue.sign_in_as(&json!({"person": "a".repeat(32)})).0
}

fn ask(venue: &Venue, cookie: &str, path: &str) -> Answer {
    venue.send("GET", path, &[("cookie", cookie)], b"")
}

/// Places orders and takes the money for them.
fn sell(venue: &Venue, cookie: &str, count: u32) {
    (1..=count).for_each(|number| sell_one(venue, cookie, number));
}

fn entries(venue: &Venue, cookie: &str, query: &str) -> Vec<Json> {
    let answer = ask(venue, cookie, &format!("/api/audit?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["entries"].as_array().cloned().unwrap_or_default()
}

fn what_was_done_is_shown_by_name_filtered_and_exported(venue: &Venue) {
    let cookie = olga(venue);
    sell(venue, &cookie, 2);
    let all = entries(venue, &cookie, "");
    let acts: Vec<&str> = all.iter().filter_map(|entry| entry["act"].as_str()).collect();
    assert_eq!(acts, ["paid", "paid", "venue_opened"], "the newest first");
    let numbers: Vec<i64> = all.iter().filter_map(|entry| entry["number"].as_i64()).collect();
    assert_eq!(numbers, [3, 2, 1]);
    let first = &all[0];
    assert_eq!((&first["actor_name"], &first["subject"]), (&json!("Olga"), &json!(order_id(2))));
    assert_eq!(first["detail"], json!({"total_cents": 1150}));
    assert_eq!(first["certain"], json!(true));

    for (query, expected) in [
        ("act=paid", 2),
        ("act=venue_opened", 1),
        ("who=olg", 2),
        ("who=nobody", 0),
        ("from=2020-01-01&until=2999-12-31", 3),
        ("until=2020-01-01", 0),
        ("from=2999-01-01", 0),
        ("who=Olga&act=signed_in", 0),
    ] {
        assert_eq!(entries(venue, &cookie, query).len(), expected, "{query}");
    }
    let page = ask(venue, &cookie, "/audit?who=OLGA&lang=en");
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Olga") && page.body.contains("€11.50"), "{}", page.body);
    assert!(!page.body.contains("olga@demo.example"), "no address is shown");
    let order = format!("<a href=\"/counter/orders/{}\">W-002</a>", order_id(2));
    assert!(page.body.contains(&order), "an order is named by its ticket: {}", page.body);

    let table = ask(venue, &cookie, "/api/audit?format=csv&act=paid");
    assert_eq!(table.header("content-disposition"), "attachment; filename=\"audit.csv\"");
    let lines: Vec<&str> = table.body.lines().collect();
    assert_eq!(lines.len(), 3, "{}", table.body);
    assert!(lines[0].starts_with("at,certain,act,actor,actor_name"), "{}", lines[0]);
    assert!(lines[1].contains("\"Olga\""), "{}", lines[1]);
}

fn a_filter_that_cannot_be_read_is_refused(venue: &Venue) {
    let cookie = olga(venue);
    let long = format!("who={}", "x".repeat(61));
    for query in
        ["act=walked", "from=today", "until=2026-02-30", "after=1", "after=x.y", "format=x", &long]
    {
        let answer = ask(venue, &cookie, &format!("/api/audit?{query}"));
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_field"), "{query}");
    }
    for who in ["%27%20OR%201%3D1", "%25", "_", "%00", "%F0%9F%8D%9F"] {
        assert_eq!(entries(venue, &cookie, &format!("who={who}")).len(), 0, "{who}");
    }
    let page = ask(venue, &cookie, "/audit?from=today&who=%3Cscript%3E");
    assert_eq!(page.status, 422);
    assert!(!page.body.contains("<script>"), "what was typed is shown as text");
}

/// Returns the faults that the check finds, with their numbers.
fn faults(venue: &Venue, cookie: &str) -> Vec<String> {
    let answer = ask(venue, cookie, "/api/audit/check");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    let lives = answer["lives"].as_array().cloned().unwrap_or_default();
    let found: Vec<String> = lives
        .iter()
        .flat_map(|life| life["findings"].as_array().cloned().unwrap_or_default())
        .map(|one| format!("{} {}", one["fault"].as_str().unwrap_or_default(), one["number"]))
        .collect();
    assert_eq!(answer["sound"], json!(found.is_empty()));
    found
}

fn every_row_that_was_changed_by_hand_is_found(venue: &Venue) {
    let cookie = olga(venue);
    sell(venue, &cookie, 4);
    assert_eq!(faults(venue, &cookie), Vec::<String>::new());
    let sealed = ask(venue, &cookie, "/api/audit/check").json()["lives"][0]["sealed"].clone();
    assert_eq!(sealed, json!(5), "the check seals first");
    let entry = "UPDATE audit_entry SET";
    let seal = "UPDATE audit_seal SET";
    for (set, back, expected) in [
        (
            format!("{entry} actor = actor || 'x'"),
            format!("{entry} actor = rtrim(actor, 'x')"),
            "altered 3",
        ),
        (
            format!("{entry} detail = replace(detail, '1150', '150')"),
            format!("{entry} detail = replace(detail, '150', '1150')"),
            "altered 3",
        ),
        (format!("{entry} at_ms = at_ms + 1"), format!("{entry} at_ms = at_ms - 1"), "altered 3"),
        (
            format!("{entry} detail = '{{broken'"),
            format!("{entry} detail = '{{\"total_cents\":1150}}'"),
            "altered 3",
        ),
    ] {
        let of_third = "WHERE venue = ?1 AND number = 3";
        change(venue, &format!("{set} {of_third}"));
        assert_eq!(faults(venue, &cookie), [expected], "{set}");
        let page = ask(venue, &cookie, "/audit/check?lang=en");
        assert!(page.body.contains("Entry 3 was altered."), "{}", page.body);
        change(venue, &format!("{back} {of_third}"));
        assert_eq!(faults(venue, &cookie), Vec::<String>::new(), "{back}");
    }
    change(venue, &format!("{seal} last = last - 1 WHERE venue = ?1"));
    assert!(faults(venue, &cookie).contains(&"seal_altered 1".to_owned()));
    change(venue, &format!("{seal} last = last + 1 WHERE venue = ?1"));
    // A copy of the store wrote under the same number.
    change(
        venue,
        "INSERT INTO audit_entry SELECT venue, 'other', number, act, actor, subject, detail, \
         source, at_ms, certain, replica, generation, stamp, writer FROM audit_entry \
         WHERE venue = ?1 AND number = 2",
    );
    assert_eq!(faults(venue, &cookie), ["forked 2"]);
    change(venue, "DELETE FROM audit_entry WHERE venue = ?1 AND id = 'other'");
    // The last entry, with the seal that would tell of it: the store knows what it gave out.
    change(venue, "DELETE FROM audit_entry WHERE venue = ?1 AND number = 5");
    assert_eq!(faults(venue, &cookie), ["removed 5"]);
    change(venue, "DELETE FROM audit_seal WHERE venue = ?1");
    let answer = ask(venue, &cookie, "/api/audit/check").json();
    assert_eq!(answer["sound"], json!(false), "{answer}");
}

fn sealers_at_once_make_one_chain(venue: &Venue) {
    let cookie = olga(venue);
    for number in 1..=3 {
        sell_one(venue, &cookie, number);
        thread::scope(|scope| {
            let look = || assert_eq!(faults(venue, &cookie), Vec::<String>::new());
            let looks: Vec<_> = (0..8).map(|_| scope.spawn(look)).collect();
            looks.into_iter().for_each(|look| look.join().expect("it is sound"));
        });
    }
    let sql = "SELECT number, first, last FROM audit_seal WHERE venue = ?1 ORDER BY number, id";
    let expected = json!([
        {"number": 1, "first": 1, "last": 2},
        {"number": 2, "first": 3, "last": 3},
        {"number": 3, "first": 4, "last": 4},
    ]);
    assert_eq!(venue.rows(sql, json!([venue.id])), expected);
}

fn sell_one(venue: &Venue, cookie: &str, number: u32) {
    assert_eq!(venue.post("/api/orders", &cheese_king(number)).status, 201);
    let url = format!("/api/orders/{}/paid", order_id(number));
    let paid = venue.post_with(&url, &json!({"means": "cash"}), &[("cookie", cookie)]);
    assert_eq!(paid.status, 200, "{}", paid.body);
}
