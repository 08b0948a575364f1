//! The day's close on every host: counted, reported, chained, and altered behind its back.

use std::thread;

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        counter::Till,
        venue::{Answer, Venue, cheese_king, order_id},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_day_is_closed_and_what_comes_later_stands_in_the_next_report,
    a_drawer_is_counted_and_its_difference_is_told,
    tills_that_close_at_once_make_one_chain,
    an_altered_report_is_shown_and_nothing_is_built_on_it,
    only_the_counter_closes_and_only_owners_take_reports_out,
];

fn post(till: &Till<'_>, path: &str, body: &Json) -> Answer {
    till.venue.post_with(path, body, &[("cookie", &till.cookie)])
}

fn stands(till: &Till<'_>) -> Json {
    let cookie = [("cookie", till.cookie.as_str())];
    till.venue.send("GET", "/api/close", &cookie, b"").json()
}

/// Places an order of one burger and takes the money for it.
fn sell(till: &Till<'_>, number: u32, means: &str) {
    assert_eq!(till.venue.post("/api/orders", &cheese_king(number)).status, 201);
    let path = format!("/api/orders/{}/paid", order_id(number));
    assert_eq!(post(till, &path, &json!({"means": means})).status, 200);
}

fn a_day_is_closed_and_what_comes_later_stands_in_the_next_report(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    sell(&till, 2, "terminal");
    assert_eq!(venue.post("/api/orders", &cheese_king(3)).status, 201);
    let first = post(&till, "/api/close", &json!({})).json();
    assert_eq!((&first["number"], &first["gross_cents"]), (&json!(1), &json!(3_450)), "{first}");
    let paid = &first["totals"]["paid"];
    assert_eq!(paid["cash"], json!({"count": 1, "cents": 2_300}), "{first}");
    assert_eq!(paid["terminal"], json!({"count": 1, "cents": 1_150}), "{first}");
    let gross = |report: &Json| report["totals"]["vat"][0]["gross_cents"].as_i64().unwrap_or(0);
    assert_eq!(gross(&first), 3_450, "{first}");
    let tickets = (&first["totals"]["first"], &first["totals"]["last"]);
    assert_eq!(tickets, (&json!("W-001"), &json!("W-002")));
    let nothing = post(&till, "/api/close", &json!({}));
    assert_eq!((nothing.status, nothing.code().as_str()), (409, "nothing_to_close"));
    let back = json!({"seen_cents": 0, "means": "cash", "reason": "Cold", "cents": 300});
    assert_eq!(till.post("refunded", &back).status, 200);
    assert_eq!(till.post("cancelled", &json!({"reason": "Cold"})).status, 200);
    let second = post(&till, "/api/close", &json!({})).json();
    assert_eq!((&second["number"], &second["before"]), (&json!(2), &first["digest"]), "{second}");
    let told = (&second["gross_cents"], &second["refunded_cents"], &second["orders"]);
    assert_eq!(told, (&json!(0), &json!(300), &json!(0)), "{second}");
    assert_eq!(second["totals"]["cancelled"], 1, "{second}");
    assert_eq!(second["totals"]["refunded_vat"][0]["gross_cents"], 300, "{second}");
    let page = till.page("/close?lang=en");
    for text in ["Z edge · 1", "Z edge · 2", "Everything is in a report."] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

fn a_drawer_is_counted_and_its_difference_is_told(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    sell(&till, 2, "terminal");
    for (kind, cents) in [("opening", 10_000), ("count", 1), ("count", 12_250)] {
        let answer = post(&till, "/api/close/count", &json!({"kind": kind, "cents": cents}));
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    for cents in [-1, 2_000_000_000] {
        let answer = post(&till, "/api/close/count", &json!({"kind": "count", "cents": cents}));
        assert_eq!(answer.status, 422, "{}", answer.body);
    }
    let drawer = stands(&till)["drawer"].clone();
    let expected =
        json!({"opening_cents": 10_000, "expected_cents": 12_300, "counted_cents": 12_250});
    assert_eq!(drawer, expected);
    let report = post(&till, "/api/close", &json!({})).json();
    assert_eq!(report["difference_cents"], -50, "{report}");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let headers = [("cookie", till.cookie.as_str()), form];
    for (body, status) in [
        (&b"do=count&cents=123,00&day="[..], 303),
        (b"do=opening&cents=x&day=", 422),
        (b"do=dance&day=", 422),
    ] {
        assert_eq!(venue.send("POST", "/close", &headers, body).status, status);
    }
    // It was counted anew: that is asked about, told, and then no news any more.
    let asked = till.page("/close?ask&lang=en");
    assert!(asked.contains("Close this day?") && asked.contains("value=\"close\""), "{asked}");
    let closed = venue.send("POST", "/close", &headers, b"do=close&day=");
    assert_eq!(closed.status, 303, "{}", closed.body);
    let told = till.page(&format!("{}&lang=en", closed.header("location")));
    for text in ["The day is closed:", "See the report", "Nothing new since the last report."] {
        assert!(told.contains(text), "{text}: {told}");
    }
    assert!(!told.contains("name=\"ask\""), "{told}");
    assert_eq!(post(&till, "/api/close", &json!({})).code(), "nothing_to_close");
    // What was counted before says nothing of what comes in after it, and no day counts another's.
    sell(&till, 3, "cash");
    assert_eq!(stands(&till)["drawer"]["counted_cents"], json!(null));
    let yesterday = b"do=count&cents=1,00&day=2026-11-20";
    assert_eq!(venue.send("POST", "/close", &headers, yesterday).status, 422);
}

fn tills_that_close_at_once_make_one_chain(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    let answers: Vec<u16> = thread::scope(|scope| {
        let close = || post(&till, "/api/close", &json!({})).status;
        let tills: Vec<_> = (0..4).map(|_| scope.spawn(close)).collect();
        tills.into_iter().map(|one| one.join().expect("it answers")).collect()
    });
    let closed = answers.iter().filter(|status| **status == 201).count();
    assert_eq!(closed, 1, "{answers:?}");
    let reports = "SELECT number FROM z_report WHERE venue = ?1";
    assert_eq!(venue.rows(reports, json!([venue.id])), json!([{"number": 1}]));
}

fn an_altered_report_is_shown_and_nothing_is_built_on_it(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    assert_eq!(post(&till, "/api/close", &json!({})).status, 201);
    let alter = "UPDATE z_report SET totals = replace(totals, '2300', '1300') WHERE venue = ?1";
    let done = venue.sql("commit", json!([{"sql": alter, "params": [venue.id]}]));
    assert_eq!(done, json!({"ok": []}));
    assert_eq!(stands(&till)["reports"][0]["is_sound"], false);
    assert!(till.page("/close?lang=en").contains("A report was altered afterwards."));
    sell(&till, 2, "cash");
    let refused = post(&till, "/api/close", &json!({}));
    assert_eq!((refused.status, refused.code().as_str()), (409, "report_altered"));
}

fn only_the_counter_closes_and_only_owners_take_reports_out(venue: &Venue) {
    let till = Till::open(venue, &["paid"]);
    assert_eq!(post(&till, "/api/close", &json!({})).status, 201);
    let kitchen = venue.sign_in("kitchen");
    let refused = venue.post_with("/api/close", &json!({}), &[("cookie", &kitchen)]);
    assert_eq!(refused.status, 403, "{}", refused.body);
    let path = "/api/close/reports?format=csv";
    let counter = venue.send("GET", path, &[("cookie", &till.cookie)], b"");
    assert_eq!(counter.status, 403, "{}", counter.body);
    let manager = venue.sign_in("manager");
    let table = venue.send("GET", path, &[("cookie", &manager)], b"");
    assert!(table.header("content-disposition").contains("z-reports.csv"));
    assert!(table.body.contains("\"paid\",\"cash\",\"23.00\""), "{}", table.body);
    let beside = venue.beside();
    let other = beside.sign_in("manager");
    let theirs = beside.send("GET", "/api/close/reports", &[("cookie", &other)], b"");
    assert_eq!(theirs.json()["reports"], json!([]), "{}", theirs.body);
    for query in ["day=yesterday", "day=2026-02-30"] {
        let path = format!("/api/close?{query}");
        let answer = venue.send("GET", &path, &[("cookie", &manager)], b"");
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_field"), "{query}");
    }
}
