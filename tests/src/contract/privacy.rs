//! What people are told about their data, to what they agree, and when an unused account goes.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        accounts::{PASSWORD, address, mail, member},
        logins::{change, forget_tries, submit},
        mail_service::mail_service,
        venue::Venue,
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_venue_says_what_it_keeps_and_whoever_registers_agrees,
    whoever_agreed_is_asked_again_after_a_change,
    an_unused_account_goes_a_month_after_a_warning,
];

const WITHIN: Duration = Duration::from_secs(30);

fn a_venue_says_what_it_keeps_and_whoever_registers_agrees(venue: &Venue) {
    forget_tries(venue);
    let manager = venue.sign_in("manager");
    let as_manager = [("cookie", manager.as_str()), ("accept-language", "nl")];
    let counter = venue.sign_in("counter");
    let words = [("contact", "Chakri\n<b>Luik</b>"), ("words_nl", "Wij bewaren weinig.")];
    let as_counter = [("cookie", counter.as_str())];
    assert_eq!(submit(venue, "/privacy/edit", &as_counter, &words).status, 403);
    let long = "a".repeat(4_001);
    let refused = submit(venue, "/privacy/edit", &as_manager, &[("words_nl", &long)]);
    assert_eq!(refused.status, 422);
    assert_eq!(submit(venue, "/privacy/edit", &as_manager, &words).status, 303);
    let page = venue.send("GET", "/privacy", &[("accept-language", "fr")], b"");
    for part in ["Wij bewaren weinig.", "&#60;b&#62;Luik", "36 mois"] {
        assert!(page.status == 200 && page.body.contains(part), "{part}: {}", page.body);
    }
    // Nobody registers without having agreed, and nothing is left of the try.
    let email = address(venue, "unsure");
    let fields = [("name", "Zoé"), ("email", email.as_str()), ("password", PASSWORD)];
    let answer = submit(venue, "/register", &[], &fields);
    assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_field"));
    assert_eq!(mail_service().count(&email), 0);
}

fn whoever_agreed_is_asked_again_after_a_change(venue: &Venue) {
    forget_tries(venue);
    let manager = venue.sign_in("manager");
    let as_manager = [("cookie", manager.as_str())];
    let say = |text: &str| submit(venue, "/privacy/edit", &as_manager, &[("words_fr", text)]);
    assert_eq!(say("Peu.").status, 303);
    let (_, cookie) = member(venue, "agrees");
    let own = [("cookie", cookie.as_str())];
    let asks = || venue.send("GET", "/account", &own, b"").body.contains("id=\"agree\"");
    assert!(!asks(), "they agreed when they registered");
    assert_eq!(say("Peu.").status, 303);
    assert!(!asks(), "nothing was changed");
    assert_eq!(say("Encore moins.").status, 303);
    assert!(asks());
    let agree = |since: &str| submit(venue, "/account", &own, &[("do", "agree"), ("since", since)]);
    // What was on the screen before is not what holds now.
    assert_eq!(agree("0").status, 409);
    assert!(asks());
    let page = venue.send("GET", "/account", &own, b"").body;
    let (_, rest) = page.split_once("name=\"since\" value=\"").expect("the version");
    assert_eq!(agree(rest.split('"').next().unwrap_or_default()).status, 303);
    assert!(!asks());
    let export = venue.send("GET", "/account/export", &own, b"").json();
    assert!(export["agreed"][venue.id.as_str()]["since_ms"].as_i64() > Some(0), "{export}");
}

/// Lets the host do its chores, as after an hour, until something has come true.
fn chores(venue: &Venue, to: &str, is_so: impl Fn() -> bool) {
    let ends = Instant::now() + WITHIN;
    while !is_so() {
        assert!(Instant::now() < ends, "the chores are not done");
        change(venue, "DELETE FROM host_setting WHERE name = 'tended_ms'");
        let letter = json!({"kind": "confirm", "path": "/"});
        let body = json!({"to": to, "language": "fr", "letter": letter});
        assert_eq!(venue.post("/contract/mail", &body).status, 200);
    }
}

fn an_unused_account_goes_a_month_after_a_warning(venue: &Venue) {
    forget_tries(venue);
    let (email, _) = member(venue, "away");
    let (kept, _) = member(venue, "kept");
    let one = |sql: &str, params: Json| venue.rows(sql, params)[0].clone();
    let newest = "SELECT person FROM account ORDER BY made_ms DESC, person LIMIT 2";
    let people = venue.rows(newest, json!([]));
    let account = |person: &Json| {
        one(
            "SELECT count(*) AS n, max(warned_ms) AS warned FROM account WHERE person = ?1",
            json!([person]),
        )
    };
    let age = |person: &Json, warned_ms: i64| {
        let sql = "UPDATE account SET seen_ms = 1, warned_ms = ?2 WHERE person = ?1";
        let done = venue.sql("commit", json!([{"sql": sql, "params": [person, warned_ms]}]));
        assert!(done["error"].is_null(), "{done}");
    };
    let (kept_person, away) = (&people[0]["person"], &people[1]["person"]);
    // Whoever works somewhere never goes by themselves.
    let staff =
        "INSERT INTO person (venue, id, roles, active, access_stamp) VALUES (?1, ?2, ?3, 1, 1)";
    let roles = json!([venue.id, kept_person, "[\"kitchen\"]"]);
    let done = venue.sql("commit", json!([{"sql": staff, "params": roles}]));
    assert!(done["error"].is_null(), "{done}");
    age(kept_person, 1);
    age(away, 0);
    let other = address(venue, "other");
    chores(venue, &other, || account(away)["warned"].as_i64() > Some(0));
    let (subject, link) = mail(venue, &email, 2);
    assert!(subject.contains("Chakri") && link == "/login", "{subject} {link}");
    assert_eq!(account(away)["n"], 1, "there is a month to come back");
    age(away, 1);
    chores(venue, &other, || account(away)["n"] == 0);
    let left = "SELECT (SELECT count(*) FROM person_key WHERE person = ?1) AS keys, \
         (SELECT count(*) FROM erasure WHERE id = ?1) AS erased, \
         (SELECT count(*) FROM audit_entry WHERE subject = ?1 AND act = 'erased' \
         AND actor = 'retention') AS noted";
    let left = one(left, json!([away]));
    assert_eq!(left, json!({"keys": 0, "erased": 1, "noted": 1}));
    assert_eq!((account(kept_person)["n"].as_i64(), mail_service().count(&kept)), (Some(1), 1));
}
