//! Accounts that people make themselves: registering, confirming, another password or address.
//!
//! What mails say is read where the host's mail service got them.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        logins::{change, cookie_of, forget_tries, log_in, submit},
        mail_service::mail_service,
        venue::{Answer, Venue},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    an_account_is_good_once_its_address_is_confirmed,
    a_known_address_and_a_new_one_are_answered_alike,
    a_known_address_costs_as_long_as_a_new_one,
    whoever_registers_a_foreign_address_gets_nothing_by_its_owner_s_click,
    a_link_in_a_mail_is_good_once_for_its_purpose_and_for_a_time,
    what_is_no_plain_address_registers_nobody,
    a_forgotten_password_is_chosen_anew,
    mails_and_codes_are_counted,
    an_account_that_was_never_confirmed_is_forgotten,
    an_invitation_is_mailed_too,
];

pub(super) const PASSWORD: &str = "sept frites a sept heures";

pub(super) fn address(venue: &Venue, name: &str) -> String {
    format!("{name}@{}", venue.domain)
}

pub(super) fn register(venue: &Venue, email: &str, password: &str) -> Answer {
    let fields = [("name", "Zoé"), ("email", email), ("password", password), ("agreed", "1")];
    submit(venue, "/register", &[], &fields)
}

/// Waits for the mail of this number to an address, and returns its subject and its link.
pub(super) fn mail(venue: &Venue, to: &str, number: usize) -> (String, String) {
    let came = mail_service().wait(to, number).remove(number - 1);
    let (subject, text) = (came.body["subject"].clone(), came.body["text"].clone());
    let start = format!("https://{}", venue.domain);
    let text = text.as_str().unwrap_or_default();
    let (_, rest) = text.split_once(&start).unwrap_or_else(|| panic!("a link: {text}"));
    let path = rest.split_whitespace().next().unwrap_or_default();
    (subject.as_str().unwrap_or_default().to_owned(), path.to_owned())
}

pub(super) fn code_of(path: &str) -> String {
    path.split_once("?code=").expect("the link has a code").1.to_owned()
}

pub(super) fn post_code(venue: &Venue, path: &str, code: &str, password: &str) -> Answer {
    submit(venue, path, &[], &[("code", code), ("password", password)])
}

/// Registers, confirms, and returns the cookie.
pub(super) fn member(venue: &Venue, name: &str) -> (String, String) {
    let email = address(venue, name);
    assert_eq!(register(venue, &email, PASSWORD).status, 303);
    let code = code_of(&mail(venue, &email, 1).1);
    let answer = post_code(venue, "/confirm", &code, PASSWORD);
    assert_eq!((answer.status, answer.header("location")), (303, "/account"), "{answer:?}");
    (email, cookie_of(&answer))
}

fn an_account_is_good_once_its_address_is_confirmed(venue: &Venue) {
    forget_tries(venue);
    let email = address(venue, "Ann");
    let answer = register(venue, &email, PASSWORD);
    assert_eq!((answer.status, answer.header("location")), (303, "/register?sent=1"));
    assert!(answer.header("set-cookie").is_empty(), "nobody is signed in by that");
    let email = email.to_lowercase();
    let (_, link) = mail(venue, &email, 1);
    assert!(link.starts_with("/confirm?code="), "{link}");
    // A wrong password is told as ever; the right one says what is missing.
    let wrong = log_in(venue, &email, "huit frites");
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "wrong_login"));
    let right = log_in(venue, &email, PASSWORD);
    assert_eq!((right.status, right.code().as_str()), (403, "address_unconfirmed"));
    assert!(right.header("set-cookie").is_empty());
    let fields = [("email", email.as_str()), ("password", PASSWORD)];
    let page = submit(venue, "/login", &[("accept", "text/html")], &fields);
    assert!(page.status == 403 && page.body.contains("action=\"/confirm/again\""));
    let again = submit(venue, "/confirm/again", &[], &[("email", &email)]);
    assert_eq!((again.status, again.header("location")), (303, "/register?sent=1"));
    let (_, second) = mail(venue, &email, 2);
    let replaced = post_code(venue, "/confirm", &code_of(&link), PASSWORD);
    assert_eq!((replaced.status, replaced.code().as_str()), (410, "code_not_good"));
    let page = venue.get(&second);
    assert!(page.status == 200 && page.body.contains("action=\"/confirm\""), "{}", page.body);
    let answer = post_code(venue, "/confirm", &code_of(&second), PASSWORD);
    assert_eq!((answer.status, answer.header("location")), (303, "/account"), "{answer:?}");
    let cookie = cookie_of(&answer);
    let page = venue.send("GET", "/account", &[("cookie", &cookie)], b"");
    assert!(page.status == 200 && page.body.contains(&email) && page.body.contains("Zoé"));
    let answer = log_in(venue, &email, PASSWORD);
    assert_eq!((answer.status, answer.header("location")), (303, "/account"));
    // Neither address, name nor password stands in the store.
    let kept = venue.rows(
        "SELECT group_concat(email_sealed || name_sealed || email_index || password) AS all_of_it \
         FROM account",
        json!([]),
    );
    let text = kept.to_string();
    assert!(!text.contains("ann@") && !text.contains("Zo") && !text.contains("frites"), "{text}");
}

fn a_known_address_and_a_new_one_are_answered_alike(venue: &Venue) {
    forget_tries(venue);
    let (known, _) = member(venue, "known");
    let new = address(venue, "new");
    let pending = address(venue, "pending");
    assert_eq!(register(venue, &pending, PASSWORD).status, 303);
    for path in ["/register", "/forgot", "/confirm/again"] {
        let answers: Vec<_> = [&known, &new, &pending]
            .map(|email| {
                let fields = [
                    ("name", "Zoé"),
                    ("email", email.as_str()),
                    ("password", PASSWORD),
                    ("agreed", "1"),
                ];
                let answer = submit(venue, path, &[("accept", "text/html")], &fields);
                let seen: Vec<_> = answer
                    .headers
                    .iter()
                    .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
                    .cloned()
                    .collect();
                (answer.status, seen, answer.body)
            })
            .into_iter()
            .collect();
        assert_eq!((&answers[0], &answers[0]), (&answers[1], &answers[2]), "{path}");
        change(venue, "DELETE FROM account WHERE confirmed_ms = 0 AND password <> ''");
        forget_tries(venue);
    }
    // What became of it is told by mail alone: an account already, with a link to a password.
    let (subject, link) = mail(venue, &known, 2);
    assert!(subject.contains("already") || subject.contains("déjà"), "{subject}");
    assert!(link.starts_with("/password?code="), "{link}");
    assert!(mail(venue, &new, 1).1.starts_with("/confirm?code="));
    // The password that somebody else chose is not the account's.
    assert_eq!(log_in(venue, &known, PASSWORD).status, 303);
    assert_eq!(register(venue, &known, "une autre frite ici").status, 303);
    assert_eq!(log_in(venue, &known, "une autre frite ici").status, 401);
}

fn a_known_address_costs_as_long_as_a_new_one(venue: &Venue) {
    forget_tries(venue);
    let (known, _) = member(venue, "clock");
    let took = |path: &str, email: &str| {
        let began = Instant::now();
        let fields = [("name", "Zoé"), ("email", email), ("password", PASSWORD), ("agreed", "1")];
        assert_eq!(submit(venue, path, &[], &fields).status, 303);
        let took = began.elapsed();
        forget_tries(venue);
        took
    };
    for path in ["/register", "/forgot"] {
        // In turns: whatever else the machine does meanwhile, it does to both.
        let pair = |number| {
            let new = address(venue, &format!("{}{number}", &path[1..]));
            (took(path, &known), took(path, &new))
        };
        let pairs: Vec<(Duration, Duration)> = (0..6).map(pair).collect();
        let known = pairs.iter().map(|pair| pair.0).min().unwrap_or(Duration::ZERO);
        let new = pairs.iter().map(|pair| pair.1).min().unwrap_or(Duration::ZERO);
        let ratio = known.as_secs_f64() / new.as_secs_f64();
        assert!((0.33..3.0).contains(&ratio), "{path}: known {known:?}, new {new:?}");
    }
}

fn whoever_registers_a_foreign_address_gets_nothing_by_its_owner_s_click(venue: &Venue) {
    forget_tries(venue);
    let email = address(venue, "victim");
    assert_eq!(register(venue, &email, "le mot du voleur").status, 303);
    let (_, link) = mail(venue, &email, 1);
    // Its owner follows the link, and does not know the password: nothing is confirmed.
    let answer = post_code(venue, "/confirm", &code_of(&link), PASSWORD);
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert_eq!(log_in(venue, &email, "le mot du voleur").code(), "address_unconfirmed");
    // They choose one of their own instead, by the same link.
    let answer = post_code(venue, "/password", &code_of(&link), PASSWORD);
    assert_eq!((answer.status, answer.header("location")), (303, "/login"), "{answer:?}");
    assert_eq!(log_in(venue, &email, "le mot du voleur").status, 401);
    assert_eq!(log_in(venue, &email, PASSWORD).status, 303);
}

fn a_link_in_a_mail_is_good_once_for_its_purpose_and_for_a_time(venue: &Venue) {
    forget_tries(venue);
    let email = address(venue, "once");
    assert_eq!(register(venue, &email, PASSWORD).status, 303);
    let code = code_of(&mail(venue, &email, 1).1);
    let not_good = |path: &str, code: &str| {
        let answer = post_code(venue, path, code, PASSWORD);
        assert_eq!((answer.status, answer.code().as_str()), (410, "code_not_good"), "{path}");
        forget_tries(venue);
    };
    for wrong in ["", "0", &"0".repeat(40), &code.to_uppercase(), &format!("{code}0")] {
        not_good("/confirm", wrong);
    }
    for foreign in ["/account/email", "/account/undo"] {
        not_good(foreign, &code);
        assert_eq!(venue.get(&format!("{foreign}?code={code}")).status, 410);
    }
    // The store keeps no code, only what it is known by.
    let rows = venue.rows("SELECT code FROM one_time_code WHERE venue = ?1", json!([venue.id]));
    assert!(!rows.to_string().contains(&code));
    not_good("/confirm", rows[0]["code"].as_str().unwrap_or_default());
    let day_over = "UPDATE one_time_code SET ends_ms = ends_ms - 24 * 3600000";
    change(venue, day_over);
    not_good("/confirm", &code);
    change(venue, "UPDATE one_time_code SET ends_ms = ends_ms + 24 * 3600000");
    assert_eq!(post_code(venue, "/confirm", &code, PASSWORD).status, 303);
    not_good("/confirm", &code);
    not_good("/password", &code);
    // A reset is good for an hour.
    assert_eq!(submit(venue, "/forgot", &[], &[("email", &email)]).status, 303);
    let reset = code_of(&mail(venue, &email, 2).1);
    not_good("/confirm", &reset);
    change(venue, "UPDATE one_time_code SET ends_ms = ends_ms - 3600000");
    not_good("/password", &reset);
}

fn what_is_no_plain_address_registers_nobody(venue: &Venue) {
    forget_tries(venue);
    let count = || venue.rows("SELECT count(*) AS n FROM account", json!([]))[0]["n"].clone();
    let before = count();
    for email in [
        "",
        "nobody",
        "a@b@example.org",
        "ann@example.org\r\nBcc: eve@example.org",
        "ann@example.org\nTo: eve@example.org",
        "ann@example.org, eve@example.org",
        "ann <ann@example.org>",
        "аnn@example.org",
        "ann\u{200b}@example.org",
        "ann@exam ple.org",
    ] {
        for path in ["/register", "/forgot", "/confirm/again"] {
            let fields =
                [("name", "Zoé"), ("email", email), ("password", PASSWORD), ("agreed", "1")];
            let answer = submit(venue, path, &[], &fields);
            assert_eq!((answer.status, answer.code().as_str()), (422, "invalid_field"), "{email}");
        }
    }
    let email = address(venue, "plain");
    for (name, password, code) in [
        ("Zoé\r\nBcc: eve@example.org", PASSWORD, "invalid_field"),
        ("", PASSWORD, "invalid_field"),
        ("Zoé", "password", "password_common"),
        ("Zoé", email.as_str(), "password_common"),
        ("Zoé", "court", "password_length"),
    ] {
        let fields = [("name", name), ("email", email.as_str()), ("password", password)];
        let answer = submit(venue, "/register", &[], &fields);
        assert_eq!((answer.status, answer.code().as_str()), (422, code), "{name:?} {password}");
    }
    assert_eq!(count(), before);
    // What looks like a known address is another one, and its mail goes to its own domain.
    let alike = "zoe@exämple.example";
    assert_eq!(register(venue, alike, PASSWORD).status, 303);
    assert!(mail(venue, "zoe@xn--exmple-cua.example", 1).1.starts_with("/confirm?code="));
    assert_eq!(mail_service().count("zoe@example.example"), 0);
}

fn a_forgotten_password_is_chosen_anew(venue: &Venue) {
    forget_tries(venue);
    let (email, cookie) = member(venue, "forgetful");
    let answer = submit(venue, "/forgot", &[], &[("email", &email)]);
    assert_eq!((answer.status, answer.header("location")), (303, "/forgot?sent=1"));
    let (_, link) = mail(venue, &email, 2);
    assert_eq!(venue.get(&link).status, 200);
    let answer = post_code(venue, "/password", &code_of(&link), "huit frites a huit heures");
    assert_eq!((answer.status, answer.header("location")), (303, "/login"), "{answer:?}");
    let old = venue.send("GET", "/account", &[("cookie", &cookie)], b"");
    assert_eq!(old.status, 401, "every session has ended");
    assert_eq!(log_in(venue, &email, PASSWORD).status, 401);
    assert_eq!(log_in(venue, &email, "huit frites a huit heures").status, 303);
}

fn mails_and_codes_are_counted(venue: &Venue) {
    forget_tries(venue);
    let told = |answer: &Answer| {
        assert_eq!((answer.status, answer.code().as_str()), (429, "too_many_tries"));
        answer.header("retry-after").parse::<u64>().expect("seconds to wait")
    };
    let (known, _) = member(venue, "counted");
    forget_tries(venue);
    // A receiver, known or not, gets three an hour, by whichever page.
    for email in [known, address(venue, "uncounted")] {
        for path in ["/forgot", "/register", "/confirm/again"] {
            let fields = [
                ("name", "Zoé"),
                ("email", email.as_str()),
                ("password", PASSWORD),
                ("agreed", "1"),
            ];
            assert_eq!(submit(venue, path, &[], &fields).status, 303, "{path} {email}");
        }
        let wait = told(&submit(venue, "/forgot", &[], &[("email", &email)]));
        assert!((1..=3600).contains(&wait), "{wait}");
        let page = submit(venue, "/forgot", &[("accept", "text/html")], &[("email", &email)]);
        assert!(page.status == 429 && page.body.contains("role=\"alert\""));
        assert!(!page.header("retry-after").is_empty());
    }
    // Somebody who asks for ever more receivers is stopped as well.
    let asked = (0..60).map(|n| address(venue, &format!("many{n}")));
    let answers: Vec<Answer> =
        asked.map(|email| submit(venue, "/forgot", &[], &[("email", &email)])).collect();
    let refused = answers.iter().position(|answer| answer.status == 429).expect("a limit");
    assert!((20..=40).contains(&refused), "{refused}");
    told(&answers[refused]);
    forget_tries(venue);
    // Codes that are not good count, for all kinds together.
    let tries: Vec<Answer> = (0..12)
        .map(|n| post_code(venue, ["/confirm", "/password"][n % 2], &n.to_string(), PASSWORD))
        .collect();
    let statuses: Vec<u16> = tries.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [[410; 10].as_slice(), &[429; 2]].concat());
    told(&tries[11]);
    forget_tries(venue);
}

fn an_account_that_was_never_confirmed_is_forgotten(venue: &Venue) {
    forget_tries(venue);
    let (kept, _) = member(venue, "kept");
    let email = address(venue, "never");
    assert_eq!(register(venue, &email, PASSWORD).status, 303);
    let pending = "SELECT count(*) AS n FROM account a JOIN person_key k ON k.person = a.person \
         WHERE a.confirmed_ms = 0 AND a.password <> '' AND a.made_ms < ?1";
    let horizon = i64::MAX >> 11;
    let count = || venue.rows(pending, json!([horizon]))[0]["n"].as_i64().unwrap_or_default();
    assert!(count() >= 1);
    let keys = || venue.rows("SELECT count(*) AS n FROM person_key", json!([]))[0]["n"].as_i64();
    change(venue, "UPDATE account SET made_ms = made_ms - 6 * 24 * 3600000");
    let before = (count(), keys());
    assert_eq!(submit(venue, "/forgot", &[], &[("email", &kept)]).status, 303);
    assert_eq!((count(), keys()), before, "they have a week");
    change(venue, "UPDATE account SET made_ms = made_ms - 24 * 3600000");
    assert_eq!(submit(venue, "/forgot", &[], &[("email", &kept)]).status, 303);
    assert_eq!(count(), 0);
    assert_eq!(keys(), before.1.map(|keys| keys - before.0), "their keys are gone as well");
    assert_eq!(log_in(venue, &email, PASSWORD).status, 401);
    assert_eq!(log_in(venue, &kept, PASSWORD).status, 303);
}

fn an_invitation_is_mailed_too(venue: &Venue) {
    forget_tries(venue);
    let owner = venue.sign_in("owner");
    let with = [("cookie", owner.as_str())];
    let invite = |name: &str| {
        let body = json!({"name": "Nina", "email": address(venue, name), "roles": ["counter"]});
        let answer = venue.post_with("/api/users", &body, &with);
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    };
    let told = invite("nina");
    let email = address(venue, "nina");
    assert_eq!(mail(venue, &email, 1).1, told["invitation"], "the manager sees the same link");
    let path = format!("/people/{}", told["id"].as_str().unwrap_or_default());
    let page = submit(venue, &path, &with, &[("do", "invite")]);
    assert_eq!(page.status, 200, "{}", page.body);
    let (_, link) = mail(venue, &email, 2);
    assert!(page.body.contains(&link) && link != told["invitation"]);
    // Whoever registered the address of a future colleague does not become one.
    let email = address(venue, "early");
    assert_eq!(register(venue, &email, "le mot du voleur").status, 303);
    let first = mail(venue, &email, 1).1;
    let told = invite("early");
    let code = code_of(told["invitation"].as_str().expect("an invitation all the same"));
    assert_eq!(post_code(venue, "/confirm", &code_of(&first), "le mot du voleur").status, 410);
    assert_eq!(log_in(venue, &email, "le mot du voleur").status, 401);
    assert_eq!(post_code(venue, "/password", &code, PASSWORD).status, 303);
    let answer = log_in(venue, &email, PASSWORD);
    assert_eq!((answer.status, answer.header("location")), (303, "/counter"));
}
