//! Signing in: passwords, tries, and the code of a second factor.

use std::time::{Duration, Instant};

use domain::people::totp;
use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Headers, SETUP_CODE, Venue, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_password_lets_in_and_says_no_more_than_that,
    an_unknown_address_costs_as_long_as_a_wrong_password,
    a_tried_out_address_is_told_to_wait,
    a_password_alone_is_not_enough_where_a_code_is_owed,
];

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const SECRET: &str = "JBSWY3DPEHPK3PXP";

/// Makes people known who have accounts: the made-up ones of a demo.
pub(super) fn with_people(venue: &Venue) {
    forget_tries(venue);
    let people = json!([
        {"id": "a".repeat(32), "name": "Olga", "email": "olga@demo.example",
         "password": "trois frites a minuit", "totp": SECRET, "roles": ["owner"]},
        {"id": "b".repeat(32), "name": "Karim", "email": "karim@demo.example",
         "password": "quatre frites a midi", "roles": ["kitchen"]},
    ]);
    let bearer = format!("Bearer {SETUP_CODE}");
    let headers = [("authorization", bearer.as_str())];
    let path = format!("/api/setup/venues/{}/people", venue.id);
    let answer = venue.post_with(&path, &people, &headers);
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// All cases come from one address, and share its tries.
pub(super) fn forget_tries(venue: &Venue) {
    change(venue, "DELETE FROM rate_limit");
}

pub(super) fn change(venue: &Venue, sql: &str) {
    let done = venue.sql("commit", json!([{"sql": sql, "params": []}]));
    assert!(done.get("ok").is_some(), "{done}");
}

pub(super) fn submit(
    venue: &Venue,
    path: &str,
    headers: Headers<'_>,
    fields: &[(&str, &str)],
) -> Answer {
    let escape =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    venue.send("POST", path, &[&[FORM], headers].concat(), pairs.join("&").as_bytes())
}

pub(super) fn log_in(venue: &Venue, email: &str, password: &str) -> Answer {
    submit(venue, "/login", &[], &[("email", email), ("password", password)])
}

pub(super) fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

fn a_password_lets_in_and_says_no_more_than_that(venue: &Venue) {
    with_people(venue);
    let answer = log_in(venue, "Karim@Demo.Example", "quatre frites a midi");
    assert_eq!((answer.status, answer.header("location")), (303, "/kitchen"), "{answer:?}");
    let set = answer.header("set-cookie");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
    let cookie = cookie_of(&answer);
    let board = venue.send("GET", "/kitchen/board", &[("cookie", &cookie)], b"");
    assert_eq!(board.status, 200);
    let fixed = format!("relais_session={}", "f".repeat(64));
    let again = submit(
        venue,
        "/login",
        &[("cookie", &fixed)],
        &[("email", "karim@demo.example"), ("password", "quatre frites a midi")],
    );
    assert_eq!(again.status, 303, "{again:?}");
    assert_ne!(cookie_of(&again), fixed, "a token that somebody planted is not taken up");
    let mut told = Vec::new();
    for (email, password) in [
        ("karim@demo.example", "quatre frites a minuit"),
        ("nobody@demo.example", "quatre frites a midi"),
        ("not an address", "quatre frites a midi"),
        ("karim@demo.example", ""),
        ("", ""),
    ] {
        let answer = log_in(venue, email, password);
        assert!(answer.header("set-cookie").is_empty(), "{email}");
        told.push((answer.status, answer.body.clone()));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "whatever is wrong is told alike: {told:?}");
    assert_eq!(told[0].0, 401);
    for (next, expected) in [
        ("/staff", "/staff"),
        ("https://evil.example/", "/kitchen"),
        ("//evil.example", "/kitchen"),
        ("/\\evil.example", "/kitchen"),
        ("", "/kitchen"),
    ] {
        let fields =
            [("email", "karim@demo.example"), ("password", "quatre frites a midi"), ("next", next)];
        let answer = submit(venue, "/login", &[], &fields);
        assert_eq!((answer.status, answer.header("location")), (303, expected), "{next}");
    }
    let page = venue.send("POST", "/login", &[FORM, ("accept", "text/html")], b"email=x");
    assert!(page.status == 401 && page.body.contains("role=\"alert\""), "{}", page.status);
}

fn an_unknown_address_costs_as_long_as_a_wrong_password(venue: &Venue) {
    with_people(venue);
    let took = |email: &str| {
        let began = Instant::now();
        assert_eq!(log_in(venue, email, "wrong wrong wrong").status, 401);
        began.elapsed()
    };
    // In turns: whatever else the machine does meanwhile, it does to both.
    let pair = |_| (took("karim@demo.example"), took("nobody@demo.example"));
    let pairs: Vec<(Duration, Duration)> = (0..8).map(pair).collect();
    let known = pairs.iter().map(|pair| pair.0).min().unwrap_or(Duration::ZERO);
    let unknown = pairs.iter().map(|pair| pair.1).min().unwrap_or(Duration::ZERO);
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.4..2.5).contains(&ratio), "known {known:?}, unknown {unknown:?}");
}

fn a_tried_out_address_is_told_to_wait(venue: &Venue) {
    with_people(venue);
    let first = log_in(venue, "karim@demo.example", "quatre frites a midi");
    let known = first
        .headers
        .iter()
        .filter_map(|(_, value)| value.split(';').next())
        .find(|value| value.starts_with("relais_known="))
        .expect("the browser is remembered")
        .to_owned();
    let statuses: Vec<u16> =
        (0..12).map(|_| log_in(venue, "karim@demo.example", "wrong wrong").status).collect();
    assert_eq!(statuses, [[401; 10].as_slice(), &[429; 2]].concat());
    let answer = log_in(venue, "karim@demo.example", "quatre frites a midi");
    assert_eq!((answer.status, answer.code().as_str()), (429, "too_many_tries"));
    let wait: u64 = answer.header("retry-after").parse().expect("seconds to wait");
    assert!((1..=15 * 60).contains(&wait), "{wait}");
    // The browser in which its owner was signed in before has tries of its own.
    let trusted = [("cookie", known.as_str())];
    let fields = [("email", "karim@demo.example"), ("password", "quatre frites a midi")];
    let answer = submit(venue, "/login", &trusted, &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let answer = submit(venue, "/login", &[("cookie", &known)], &[("email", "olga@demo.example")]);
    assert_eq!(answer.code(), "wrong_login", "there it is any browser");
    // Another account is not locked by it, until the address itself has tried too much.
    let statuses: Vec<u16> =
        (0..9).map(|_| log_in(venue, "olga@demo.example", "wrong wrong").status).collect();
    assert!(statuses.starts_with(&[401; 5]) && statuses.ends_with(&[429]), "{statuses:?}");
    forget_tries(venue);
}

fn code_now() -> String {
    let secret = totp::read(SECRET).expect("the secret is base 32");
    totp::code(&secret, totp::step(now_ms()))
}

fn a_password_alone_is_not_enough_where_a_code_is_owed(venue: &Venue) {
    with_people(venue);
    change(venue, "UPDATE account SET totp_step = 0");
    let answer = log_in(venue, "olga@demo.example", "trois frites a minuit");
    assert_eq!((answer.status, answer.header("location")), (303, "/login/code"));
    let cookie = cookie_of(&answer);
    let owing = [("cookie", cookie.as_str())];
    for path in ["/dashboard", "/account", "/api/users"] {
        let answer = venue.send("GET", path, &owing, b"");
        assert_eq!((answer.status, answer.code().as_str()), (403, "code_required"), "{path}");
    }
    let page = venue.send("GET", "/dashboard", &[owing[0], ("accept", "text/html")], b"");
    assert_eq!((page.status, page.header("location")), (303, "/login/code"));
    for wrong in ["", "000000x", "12345", &format!("{}0", code_now())] {
        let answer = submit(venue, "/login/code", &owing, &[("code", wrong)]);
        assert_eq!((answer.status, answer.code().as_str()), (401, "wrong_code"), "{wrong}");
    }
    let code = code_now();
    let answer = submit(venue, "/login/code", &owing, &[("code", &code)]);
    assert_eq!((answer.status, answer.header("location")), (303, "/dashboard"), "{answer:?}");
    let proved = cookie_of(&answer);
    let users = venue.send("GET", "/api/users", &[("cookie", &proved)], b"");
    assert_eq!(users.status, 200, "{}", users.body);
    assert_eq!(venue.send("GET", "/account", &owing, b"").status, 401, "its token is no more");
    // The same code once more, as somebody who looked over a shoulder would try.
    let again = log_in(venue, "olga@demo.example", "trois frites a minuit");
    let cookie = cookie_of(&again);
    let answer = submit(venue, "/login/code", &[("cookie", &cookie)], &[("code", &code)]);
    assert_eq!((answer.status, answer.code().as_str()), (401, "wrong_code"));
    let kept = venue.rows("SELECT totp, email_sealed, password FROM account", json!([]));
    let text = kept.to_string();
    assert!(!text.contains(SECRET) && !text.contains("demo.example") && !text.contains("frites"));
}
