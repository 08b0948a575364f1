//! Who works at a venue: invitations, rights, sessions, and what nobody may do to others.

use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{
        Case,
        logins::{change, cookie_of, forget_tries, log_in, submit},
        venue::{SETUP_CODE, Venue},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    managers_without_a_second_factor_set_one_up_first,
    somebody_is_invited_chooses_a_password_and_works_here,
    nobody_takes_more_than_their_own_rights_give,
    nobody_reaches_people_of_another_venue,
    somebody_sees_and_ends_their_sessions,
    a_pin_session_changes_no_rights,
    a_host_that_has_an_administrator_is_set_up_no_more,
];

fn managers_without_a_second_factor_set_one_up_first(venue: &Venue) {
    for role in ["owner", "manager"] {
        let (cookie, who) = venue.sign_in_as(&json!({"roles": [role], "weak": true}));
        assert_eq!(who["start_page"], "/account/second-factor");
        let weak = [("cookie", cookie.as_str())];
        let answer = venue.send("GET", "/api/users", &weak, b"");
        assert_eq!((answer.status, answer.code().as_str()), (403, "second_factor_required"));
        assert_eq!(venue.send("GET", "/account", &weak, b"").status, 200);
    }
    let (cookie, _) = venue.sign_in_as(&json!({"roles": ["counter"], "weak": true}));
    assert_eq!(venue.send("GET", "/counter", &[("cookie", &cookie)], b"").status, 200);
}

fn somebody_is_invited_chooses_a_password_and_works_here(venue: &Venue) {
    forget_tries(venue);
    let owner = venue.sign_in("owner");
    let with = [("cookie", owner.as_str())];
    let email = format!("nina@{}", venue.domain);
    let wanted = json!({"name": "Nina", "email": email, "roles": ["counter"]});
    let answer = venue.post_with("/api/users", &wanted, &with);
    assert_eq!(answer.status, 201, "{}", answer.body);
    let (id, link) = (answer.json()["id"].clone(), answer.json()["invitation"].clone());
    let link = link.as_str().expect("an invitation");
    let code = link.strip_prefix("/password?code=").expect("a link with a code");
    assert_eq!(log_in(venue, &email, "").status, 401, "there is no password yet");
    let page = venue.get(link);
    assert!(page.status == 200 && page.body.contains(code));
    for (password, wrong) in [
        ("short", "password_length"),
        ("password123", "password_common"),
        (email.as_str(), "password_common"),
    ] {
        let answer = submit(
            venue,
            "/password",
            &[("accept-language", "en")],
            &[("code", code), ("password", password)],
        );
        assert_eq!(answer.status, 422, "{password} is {wrong}: {}", answer.body);
    }
    let good = [("code", code), ("password", "cinq frites a l'aube")];
    let answer = submit(venue, "/password", &[], &good);
    assert_eq!((answer.status, answer.header("location")), (303, "/login"), "{}", answer.body);
    let again = submit(venue, "/password", &[], &good);
    assert_eq!((again.status, again.code().as_str()), (410, "code_not_good"));
    let answer = log_in(venue, &email, "cinq frites a l'aube");
    assert_eq!((answer.status, answer.header("location")), (303, "/counter"));
    let cookie = cookie_of(&answer);
    let at_work = |expected: u16| {
        let answer = venue.send("GET", "/counter", &[("cookie", &cookie)], b"");
        assert_eq!(answer.status, expected, "{}", answer.body);
    };
    at_work(200);
    let path = format!("/api/users/{}", id.as_str().unwrap_or_default());
    let answer = venue.post_with(&path, &json!({"active": false}), &with);
    assert_eq!((answer.status, &answer.json()["active"]), (200, &json!(false)));
    at_work(401);
    assert_eq!(log_in(venue, &email, "cinq frites a l'aube").status, 401, "barred is told alike");
    let acts = "SELECT act, count(*) AS times FROM audit_entry WHERE venue = ?1 \
         GROUP BY act ORDER BY act";
    let expected = json!([
        {"act": "access_changed", "times": 1},
        {"act": "password_changed", "times": 1},
        {"act": "person_added", "times": 1},
        {"act": "signed_in", "times": 1},
        {"act": "venue_opened", "times": 1},
    ]);
    assert_eq!(venue.rows(acts, json!([venue.id])), expected);
}

fn nobody_takes_more_than_their_own_rights_give(venue: &Venue) {
    let (owner, who) = venue.sign_in_as(&json!({"roles": ["owner"]}));
    let (manager, other) = venue.sign_in_as(&json!({"roles": ["manager"]}));
    let path = |who: &Json| format!("/api/users/{}", who["person"].as_str().unwrap_or_default());
    for (cookie, whom, body, status, code) in [
        (&manager, &who, json!({"active": false}), 403, "only_owners"),
        (&manager, &who, json!({"roles": ["kitchen"]}), 403, "only_owners"),
        (&manager, &other, json!({"roles": ["owner", "manager"]}), 403, "only_owners"),
        (&manager, &other, json!({"roles": ["kitchen"]}), 409, "own_last_right"),
        (&owner, &who, json!({"roles": ["manager"]}), 409, "last_owner"),
        (&owner, &who, json!({"active": false}), 409, "last_owner"),
        (&owner, &other, json!({"roles": []}), 422, "invalid_field"),
        (&owner, &other, json!({"roles": ["emperor"]}), 400, "invalid_json"),
        (&owner, &other, json!({"platform": true}), 400, "invalid_json"),
        (&owner, &other, json!({"name": "a\u{202e}b"}), 422, "invalid_field"),
    ] {
        let answer = venue.post_with(&path(whom), &body, &[("cookie", cookie)]);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
    }
    // A form's other fields give nobody a role.
    let (kitchen, cook) = venue.sign_in_as(&json!({"roles": ["kitchen"]}));
    let fields = [("do", "end_others"), ("roles", "owner"), ("owner", "1"), ("platform", "1")];
    let answer = submit(venue, "/account", &[("cookie", &kitchen)], &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let users = venue.send("GET", "/api/users", &[("cookie", &owner)], b"").json();
    let found = users["users"].as_array().into_iter().flatten();
    let roles: Vec<&Json> =
        found.filter(|user| user["id"] == cook["person"]).map(|user| &user["roles"]).collect();
    assert_eq!(roles, [&json!(["kitchen"])]);
}

fn nobody_reaches_people_of_another_venue(venue: &Venue) {
    let domain = format!("{}-beside.example", venue.id);
    let mut document: Json =
        serde_json::from_str(include_str!("../../../fixtures/venues/chakri.json"))
            .expect("the demo venue is JSON");
    document["venue"]["id"] = json!(format!("{}-beside", venue.id));
    document["domains"] = json!([domain]);
    assert_eq!(venue.set_up(&document).status, 200);
    let there = [("host", domain.as_str()), ("content-type", "application/json")];
    let body = json!({"roles": ["owner"]}).to_string();
    let answer = venue.send("POST", "/contract/sign-in", &there, body.as_bytes());
    let (stranger, theirs) = (cookie_of(&answer), answer.json()["person"].clone());
    let theirs = theirs.as_str().unwrap_or_default();
    let (owner, _) = venue.sign_in_as(&json!({"roles": ["owner"]}));
    for (path, body) in [
        (format!("/api/users/{theirs}"), json!({"active": false})),
        (format!("/api/users/{theirs}"), json!({"roles": ["kitchen"]})),
        (format!("/api/users/{}", "0".repeat(32)), json!({"active": false})),
        ("/api/users/not-an-id".to_owned(), json!({"active": false})),
    ] {
        let answer = venue.post_with(&path, &body, &[("cookie", &owner)]);
        assert_eq!((answer.status, answer.code().as_str()), (404, "unknown_person"), "{path}");
    }
    // Their session is one of their venue only, whichever name it is sent to.
    let answer = venue.send("GET", "/api/users", &[("cookie", &stranger)], b"");
    assert_eq!((answer.status, answer.code().as_str()), (401, "sign_in_required"));
    let page = format!("/people/{theirs}");
    assert_eq!(venue.send("GET", &page, &[("cookie", &owner)], b"").status, 404);
}

fn somebody_sees_and_ends_their_sessions(venue: &Venue) {
    let (cookie, who) = venue.sign_in_as(&json!({"roles": ["kitchen"]}));
    let (other, _) = venue.sign_in_as(&json!({"person": who["person"]}));
    let (foreign, _) = venue.sign_in_as(&json!({"roles": ["kitchen"]}));
    let page = venue.send("GET", "/account", &[("cookie", &cookie)], b"");
    assert_eq!(page.body.matches("name=\"handle\"").count(), 1, "the other one can be ended");
    let is_in =
        |cookie: &str| venue.send("GET", "/account", &[("cookie", cookie)], b"").status == 200;
    let handle = |of: &str| {
        let page = venue.send("GET", "/account", &[("cookie", of)], b"");
        let (_, rest) = page.body.split_once("name=\"handle\" value=\"").expect("a handle");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let (third, _) = venue.sign_in_as(&json!({"person": who["person"]}));
    let of_others = handle(&third);
    // Somebody else's form ends nothing of theirs.
    let fields = [("do", "end_session"), ("handle", of_others.as_str())];
    assert_eq!(submit(venue, "/account", &[("cookie", &foreign)], &fields).status, 303);
    assert!(is_in(&cookie) && is_in(&other) && is_in(&third));
    assert_eq!(submit(venue, "/account", &[("cookie", &third)], &fields).status, 303);
    assert_eq!([is_in(&cookie), is_in(&other)].iter().filter(|is_in| **is_in).count(), 1);
    let fields = [("do", "end_others")];
    assert_eq!(submit(venue, "/account", &[("cookie", &third)], &fields).status, 303);
    assert_eq!([is_in(&cookie), is_in(&other), is_in(&third)], [false, false, true]);
    assert!(is_in(&foreign));
}

fn a_pin_session_changes_no_rights(venue: &Venue) {
    let (cookie, who) = venue.sign_in_as(&json!({"roles": ["owner"], "pin": true}));
    assert_eq!(who["start_page"], "/staff");
    for path in ["/api/users", "/people"] {
        let answer = venue.send("GET", path, &[("cookie", &cookie)], b"");
        assert_eq!((answer.status, answer.code().as_str()), (403, "password_required"), "{path}");
    }
    assert_eq!(venue.send("GET", "/counter", &[("cookie", &cookie)], b"").status, 200);
    // At the edge nobody signs in by PIN.
    let fields = [("name", "Karim"), ("pin", "271828")];
    let answer = submit(venue, "/login/pin", &[], &fields);
    assert_eq!((answer.status, answer.code().as_str()), (409, "no_pins_here"));
}

fn a_host_that_has_an_administrator_is_set_up_no_more(venue: &Venue) {
    forget_tries(venue);
    change(venue, "UPDATE account SET platform = 0");
    let email = format!("paule@{}", venue.domain);
    let fields = |code: &'static str, password: &'static str| {
        [("code", code), ("name", "Paule"), ("password", password)]
    };
    let html = [("accept", "text/html"), ("accept-language", "en")];
    assert_eq!(venue.send("GET", "/setup", &html, b"").status, 200);
    let set_up = |code, password| {
        let fields = [fields(code, password).as_slice(), &[("email", email.as_str())]].concat();
        submit(venue, "/setup", &[], &fields)
    };
    assert_eq!(set_up("wrong-code-wrong-code", "six frites au soir").status, 401);
    assert_eq!(set_up(SETUP_CODE, "password").status, 422);
    let done = set_up(SETUP_CODE, "six frites au soir");
    assert_eq!((done.status, done.header("location")), (303, "/login"), "{}", done.body);
    let again = set_up(SETUP_CODE, "sept frites au soir");
    assert_eq!((again.status, again.code().as_str()), (403, "setup_closed"));
    assert_eq!(venue.send("GET", "/setup", &html, b"").status, 403);
    let answer = log_in(venue, &email, "six frites au soir");
    assert_eq!((answer.status, answer.header("location")), (303, "/account/second-factor"));
}
