//! Signing in by a provider: a real one, and everything that may go wrong on the way.

use serde_json::json;
use xtask::proxy::Mode;

use crate::{
    cases,
    contract::{
        Case,
        accounts::{PASSWORD, address, member, register},
        logins::{change, cookie_of, forget_tries, log_in, submit, with_people},
        venue::{Answer, Venue},
    },
    openid::{CLIENT_ID, provider, sign_in},
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_provider_signs_somebody_in_whose_address_is_then_locked,
    a_provider_opens_the_account_whose_address_was_proved,
    an_address_that_nobody_vouches_for_opens_nothing,
    whoever_erases_themselves_comes_back_as_somebody_new,
    an_owner_who_comes_from_a_provider_still_owes_their_code,
    a_sign_in_is_good_once_and_in_the_browser_that_began_it,
    an_answer_to_another_question_is_not_believed,
    whoever_refuses_at_the_provider_is_sent_back_and_told,
    a_provider_that_is_down_is_told_as_such,
];

const BACK: &str = "/login/openid/callback";

/// Begins a sign-in; returns where the browser is sent and its cookie.
fn begin(venue: &Venue, next: &str) -> (String, String) {
    forget_tries(venue);
    let answer = venue.get(&format!("/login/openid{next}"));
    assert_eq!(answer.status, 303, "{}", answer.body);
    let set = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/login/openid", "Max-Age=600"] {
        assert!(set.contains(part), "{set}");
    }
    (answer.header("location").to_owned(), cookie_of(&answer))
}

/// Signs in at the provider; returns the callback's query.
fn at_provider(start: &str, login: &str) -> String {
    let back = sign_in(start, login).unwrap_or_else(|error| panic!("{error:#}"));
    back.split_once('?').expect("it has a query").1.to_owned()
}

fn come_back(venue: &Venue, query: &str, cookie: &str) -> Answer {
    venue.send("GET", &format!("{BACK}?{query}"), &[("cookie", cookie)], b"")
}

fn whole(venue: &Venue, login: &str) -> Answer {
    let (start, cookie) = begin(venue, "");
    come_back(venue, &at_provider(&start, login), &cookie)
}

/// Returns the session that an answer opens.
fn session(answer: &Answer) -> String {
    let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    let found = set.map(|(_, value)| value.split(';').next().unwrap_or_default());
    let found = found.into_iter().find(|pair| pair.starts_with("relais_session="));
    found.unwrap_or_else(|| panic!("a session: {answer:?}")).to_owned()
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{answer:?}");
    let sets = answer.headers.iter().any(|(name, value)| {
        name == "set-cookie" && value.starts_with("relais_session=") && !value.contains("=;")
    });
    assert!(!sets, "{answer:?}");
}

/// Replaces a parameter of a query.
fn with(query: &str, name: &str, value: &str) -> String {
    let kept = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}=")));
    kept.map(str::to_owned).chain([format!("{name}={value}")]).collect::<Vec<_>>().join("&")
}

fn of(query: &str, name: &str) -> String {
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    found.unwrap_or_default().to_owned()
}

fn accounts(venue: &Venue) -> i64 {
    let rows = venue.rows("SELECT count(*) AS n FROM account", json!([]));
    rows[0]["n"].as_i64().unwrap_or_default()
}

fn a_provider_signs_somebody_in_whose_address_is_then_locked(venue: &Venue) {
    let email = address(venue, "ann");
    let before = accounts(venue);
    let (start, cookie) = begin(venue, "");
    let back = format!("http%3A//{}{BACK}", venue.domain);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", back.as_str()),
        ("scope", "openid%20email%20profile"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(of(start.split_once('?').expect("a query").1, name), value, "{start}");
    }
    assert!(start.starts_with(&provider().issuer), "{start}");
    let answer = come_back(venue, &at_provider(&start, &email), &cookie);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("content=\"0;url=/account\""), "{}", answer.body);
    let page = venue.send("GET", "/account", &[("cookie", &session(&answer))], b"");
    assert!(page.body.contains(&email) && page.body.contains("Somebody of ann"), "{}", page.body);
    assert!(!page.body.contains("value=\"email\"") && page.body.contains("/forgot"));
    // The next time it is the same person, and the way on is a path of this site.
    for (next, expected) in [
        ("?next=/menu", "/menu"),
        ("?next=//evil.example", "/account"),
        ("?next=https://evil.example", "/account"),
    ] {
        let (start, cookie) = begin(venue, next);
        let answer = come_back(venue, &at_provider(&start, &email), &cookie);
        assert!(answer.body.contains(&format!("url={expected}\"")), "{next}: {}", answer.body);
    }
    assert_eq!(accounts(venue), before + 1);
    let kept = venue.rows("SELECT id, issuer FROM external_login", json!([])).to_string();
    let codes = venue.rows("SELECT detail FROM one_time_code", json!([])).to_string();
    assert!(!kept.contains("ann@") && !codes.contains("nonce"), "{kept} {codes}");
    let acts = "SELECT detail FROM audit_entry WHERE venue = ?1 AND act = 'signed_in' LIMIT 1";
    assert!(venue.rows(acts, json!([venue.id])).to_string().contains("openid"));
    // Whoever is barred does not come in this way either.
    let bar = |to: i64| {
        change(venue, &format!("UPDATE account SET barred = {to} WHERE locked = 1"));
    };
    bar(1);
    refused(&whole(venue, &email), 401, "wrong_login");
    bar(0);
}

fn a_provider_opens_the_account_whose_address_was_proved(venue: &Venue) {
    let (email, cookie) = member(venue, "proved");
    let own =
        |cookie: &str| venue.send("GET", "/account/export", &[("cookie", cookie)], b"").json();
    let person = own(&cookie)["person"].clone();
    let answer = whole(venue, &email);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let linked = own(&session(&answer));
    assert_eq!(linked["person"], person);
    assert_eq!(linked["providers"][0]["issuer"], provider().issuer);
    assert_eq!(log_in(venue, &email, PASSWORD).status, 303, "the password is good as before");
    let page = venue.send("GET", "/account", &[("cookie", &session(&answer))], b"");
    assert!(page.body.contains("value=\"email\""), "the address stays theirs to change");
}

fn an_address_that_nobody_vouches_for_opens_nothing(venue: &Venue) {
    let (email, _) = member(venue, "victim");
    let before = accounts(venue);
    for login in [
        format!("unverified:{email}"),
        format!("unverified:{}", address(venue, "nobody")),
        "silent:ann".to_owned(),
        "no address".to_owned(),
    ] {
        refused(&whole(venue, &login), 403, "openid_unverified");
    }
    // Who registered the address chose its password, and has proved nothing.
    let pending = address(venue, "pending");
    assert_eq!(register(venue, &pending, PASSWORD).status, 303);
    refused(&whole(venue, &pending), 409, "openid_unconfirmed");
    assert_eq!(accounts(venue), before + 1);
    let links = "SELECT count(*) AS n FROM external_login l JOIN account a \
         ON a.person = l.person WHERE a.confirmed_ms = 0";
    assert_eq!(venue.rows(links, json!([]))[0]["n"], 0);
}

fn whoever_erases_themselves_comes_back_as_somebody_new(venue: &Venue) {
    let email = address(venue, "gone");
    let cookie = session(&whole(venue, &email));
    let own =
        |cookie: &str| venue.send("GET", "/account/export", &[("cookie", cookie)], b"").json();
    let before = own(&cookie)["person"].clone();
    // They have no password that could be asked for.
    let answer = submit(venue, "/account/erase", &[("cookie", &cookie)], &[]);
    assert_eq!((answer.status, answer.header("location")), (303, "/"), "{answer:?}");
    let left = "SELECT count(*) AS n FROM external_login WHERE person = ?1";
    assert_eq!(venue.rows(left, json!([before]))[0]["n"], 0);
    let after = own(&session(&whole(venue, &email)));
    assert_eq!(after["email"], json!(email));
    assert_ne!(after["person"], before);
}

fn an_owner_who_comes_from_a_provider_still_owes_their_code(venue: &Venue) {
    with_people(venue);
    let answer = whole(venue, "olga@demo.example");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("url=/login/code"), "{}", answer.body);
    let cookie = session(&answer);
    let users = venue.send("GET", "/api/users", &[("cookie", &cookie)], b"");
    assert_eq!((users.status, users.code().as_str()), (403, "code_required"));
}

fn a_sign_in_is_good_once_and_in_the_browser_that_began_it(venue: &Venue) {
    let email = address(venue, "once");
    let (start, cookie) = begin(venue, "");
    let query = at_provider(&start, &email);
    let (_, other) = begin(venue, "");
    for (query, cookie) in [
        (with(&query, "state", &"0".repeat(40)), cookie.as_str()),
        (with(&query, "state", ""), &cookie),
        (query.clone(), ""),
        (query.clone(), &other),
        (query.clone(), "relais_openid="),
    ] {
        refused(&come_back(venue, &query, cookie), 401, "openid_state");
    }
    // At another venue of the host, and eleven minutes later.
    let mut document: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/venues/chakri.json"))
            .expect("the demo venue is JSON");
    let domain = format!("{}-away.example", venue.id);
    document["venue"]["id"] = json!(format!("{}-away", venue.id));
    document["domains"] = json!([domain]);
    assert_eq!(venue.set_up(&document).status, 200);
    let headers = [("host", domain.as_str()), ("cookie", cookie.as_str())];
    refused(&venue.send("GET", &format!("{BACK}?{query}"), &headers, b""), 401, "openid_state");
    change(venue, "UPDATE one_time_code SET ends_ms = ends_ms - 600000");
    refused(&come_back(venue, &query, &cookie), 401, "openid_state");
    change(venue, "UPDATE one_time_code SET ends_ms = ends_ms + 600000");
    assert_eq!(come_back(venue, &query, &cookie).status, 200);
    refused(&come_back(venue, &query, &cookie), 401, "openid_state");
    // The provider's code once more, within a sign-in that is good.
    let (start, cookie) = begin(venue, "");
    let fresh = at_provider(&start, &email);
    let replayed = with(&fresh, "code", &of(&query, "code"));
    refused(&come_back(venue, &replayed, &cookie), 401, "openid_invalid");
    // A sign-in whose answer was not believed is used up as well.
    refused(&come_back(venue, &fresh, &cookie), 401, "openid_state");
}

fn an_answer_to_another_question_is_not_believed(venue: &Venue) {
    let email = address(venue, "question");
    let before = accounts(venue);
    let (_, foreign) = begin(venue, "")
        .0
        .split_once('?')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("a query");
    for (name, value) in [
        ("nonce", "0".repeat(32)),
        ("nonce", of(&foreign, "nonce")),
        ("code_challenge", of(&foreign, "code_challenge")),
    ] {
        let (start, cookie) = begin(venue, "");
        let (at, query) = start.split_once('?').expect("a query");
        let query = at_provider(&format!("{at}?{}", with(query, name, &value)), &email);
        refused(&come_back(venue, &query, &cookie), 401, "openid_invalid");
    }
    for (name, value) in [("iss", "https%3A//evil.example"), ("code", ""), ("code", "forged")] {
        let (start, cookie) = begin(venue, "");
        let query = with(&at_provider(&start, &email), name, value);
        refused(&come_back(venue, &query, &cookie), 401, "openid_invalid");
    }
    assert_eq!(accounts(venue), before);
}

fn whoever_refuses_at_the_provider_is_sent_back_and_told(venue: &Venue) {
    let (start, cookie) = begin(venue, "");
    let query = format!("error=access_denied&state={}", of(&start, "state"));
    refused(&come_back(venue, &query, &cookie), 401, "openid_refused");
    let (start, cookie) = begin(venue, "");
    let state = of(&start, "state");
    let query = format!("error=access_denied&error_description=%3Cscript%3E&state={state}");
    let html = [("cookie", cookie.as_str()), ("accept", "text/html")];
    let page = venue.send("GET", &format!("{BACK}?{query}"), &html, b"");
    assert_eq!(page.status, 401);
    assert!(page.body.contains("role=\"alert\"") && !page.body.contains("<script>"));
    refused(&come_back(venue, &query, &cookie), 401, "openid_state");
    let login = venue.send("GET", "/login?next=/menu", &[("accept", "text/html")], b"");
    assert!(login.body.contains("href=\"/login/openid?next=/menu\""), "{}", login.body);
    assert!(login.body.contains("Contract ID"), "{}", login.body);
}

fn a_provider_that_is_down_is_told_as_such(venue: &Venue) {
    let email = address(venue, "down");
    // What it said of itself is known still; what the browser brings cannot be exchanged.
    let (start, cookie) = begin(venue, "");
    let query = at_provider(&start, &email);
    provider().line.set(Mode::Reset);
    let cut = come_back(venue, &query, &cookie);
    begin(venue, "");
    change(venue, "UPDATE openid_discovery SET ends_ms = ends_ms - 24 * 3600000");
    forget_tries(venue);
    let unknown = venue.get("/login/openid");
    let page = venue.send("GET", "/login/openid", &[("accept", "text/html")], b"");
    provider().line.set(Mode::Pass);
    refused(&cut, 503, "openid_unavailable");
    refused(&unknown, 503, "openid_unavailable");
    assert!(page.status == 503 && page.body.contains("role=\"alert\""), "{}", page.body);
    refused(&come_back(venue, &query, &cookie), 401, "openid_state");
    assert_eq!(whole(venue, &email).status, 200, "it is asked again what it says of itself");
}
