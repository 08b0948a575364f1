//! What people change of their own accounts: another address, and the way back; another name.
//!
//! What mails say is read where the host's mail service got them.

use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        accounts::{PASSWORD, address, code_of, mail, member, post_code, register},
        logins::{change, cookie_of, forget_tries, log_in, submit},
        mail_service::mail_service,
        venue::Venue,
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    another_address_is_proved_there_and_undone_at_the_former_one,
    whoever_took_an_account_over_cannot_take_the_way_back_away,
    a_name_is_changed_and_an_address_from_a_provider_is_not,
];

fn another_address_is_proved_there_and_undone_at_the_former_one(venue: &Venue) {
    forget_tries(venue);
    let (former, cookie) = member(venue, "former");
    let with = [("cookie", cookie.as_str())];
    let wanted = address(venue, "wanted");
    let ask = |email: &str, current: &str| {
        let fields = [("do", "email"), ("email", email), ("current", current)];
        submit(venue, "/account", &with, &fields)
    };
    assert_eq!(ask(&wanted, "un autre mot de passe").status, 422);
    let answer = ask(&wanted, PASSWORD);
    assert_eq!((answer.status, answer.header("location")), (303, "/account?sent=1"));
    let (_, link) = mail(venue, &wanted, 1);
    assert_eq!(mail_service().count(&former), 1, "nothing has changed yet");
    assert_eq!(log_in(venue, &wanted, PASSWORD).status, 401);
    let details = venue.rows("SELECT detail FROM one_time_code", json!([])).to_string();
    assert!(!details.contains(&wanted), "{details}");
    assert_eq!(venue.get(&link).status, 200);
    assert_eq!(post_code(venue, "/account/email", &code_of(&link), "").status, 303);
    assert_eq!(post_code(venue, "/account/email", &code_of(&link), "").status, 410);
    assert_eq!(log_in(venue, &former, PASSWORD).status, 401);
    assert_eq!(log_in(venue, &wanted, PASSWORD).status, 303);
    let (_, undo) = mail(venue, &former, 2);
    assert!(undo.starts_with("/account/undo?code="), "{undo}");
    assert_eq!(venue.get(&undo).status, 200);
    // Six days later the former owner says that it was not them.
    change(venue, "UPDATE one_time_code SET ends_ms = ends_ms - 6 * 24 * 3600000");
    let answer = post_code(venue, "/account/undo", &code_of(&undo), "");
    assert_eq!(answer.status, 303, "{}", answer.body);
    let link = answer.header("location").to_owned();
    assert_eq!(venue.send("GET", "/account", &with, b"").status, 401);
    for email in [&former, &wanted] {
        assert_eq!(log_in(venue, email, PASSWORD).status, 401, "no password is good any more");
    }
    let chosen = post_code(venue, "/password", &code_of(&link), "neuf frites a neuf heures");
    assert_eq!(chosen.status, 303, "{}", chosen.body);
    assert_eq!(log_in(venue, &former, "neuf frites a neuf heures").status, 303);
    assert_eq!(post_code(venue, "/account/undo", &code_of(&undo), "").status, 410);
    let acts = "SELECT detail FROM audit_entry WHERE venue = ?1 AND act = 'address_changed' \
         ORDER BY at_ms, number";
    let rows = venue.rows(acts, json!([venue.id]));
    assert_eq!(rows.as_array().map(Vec::len), Some(2), "{rows}");
    assert!(!rows.to_string().contains('@'), "{rows}");
}

fn whoever_took_an_account_over_cannot_take_the_way_back_away(venue: &Venue) {
    forget_tries(venue);
    let (own, cookie) = member(venue, "own");
    let with = [("cookie", cookie.as_str())];
    let (first, second) = (address(venue, "thief1"), address(venue, "thief2"));
    for wanted in [&first, &second] {
        let fields = [("do", "email"), ("email", wanted.as_str()), ("current", PASSWORD)];
        assert_eq!(submit(venue, "/account", &with, &fields).status, 303);
        let code = code_of(&mail(venue, wanted, 1).1);
        assert_eq!(post_code(venue, "/account/email", &code, "").status, 303);
    }
    // The thief goes back one step, and registers the owner's address anew.
    let back = code_of(&mail(venue, &first, 2).1);
    assert_eq!(post_code(venue, "/account/undo", &back, "").status, 303);
    assert_eq!(register(venue, &own, "le mot du voleur").status, 303);
    let undo = code_of(&mail(venue, &own, 2).1);
    let answer = post_code(venue, "/account/undo", &undo, "");
    assert_eq!(answer.status, 303, "{}", answer.body);
    let code = code_of(answer.header("location"));
    assert_eq!(post_code(venue, "/password", &code, "dix frites a dix heures").status, 303);
    assert_eq!(log_in(venue, &own, "dix frites a dix heures").status, 303);
    assert_eq!(log_in(venue, &own, "le mot du voleur").status, 401);
    // An address that somebody else has proved is not given away, and who asks learns nothing.
    let (other, _) = member(venue, "other");
    let cookie = cookie_of(&log_in(venue, &own, "dix frites a dix heures"));
    let fields =
        [("do", "email"), ("email", other.as_str()), ("current", "dix frites a dix heures")];
    let answer = submit(venue, "/account", &[("cookie", &cookie)], &fields);
    assert_eq!((answer.status, answer.header("location")), (303, "/account?sent=1"));
    assert!(mail(venue, &other, 2).1.starts_with("/password?code="));
}

fn a_name_is_changed_and_an_address_from_a_provider_is_not(venue: &Venue) {
    forget_tries(venue);
    let (_, cookie) = member(venue, "named");
    let with = [("cookie", cookie.as_str())];
    let answer = submit(venue, "/account", &with, &[("do", "name"), ("name", "La Baronne")]);
    assert_eq!((answer.status, answer.header("location")), (303, "/account?done=1"));
    for name in ["", "a\u{202e}b", "a\r\nb", &"n".repeat(61)] {
        let answer = submit(venue, "/account", &with, &[("do", "name"), ("name", name)]);
        assert_eq!(answer.status, 422, "{name:?}");
    }
    let page = venue.send("GET", "/account", &with, b"");
    assert!(page.body.contains("La Baronne") && page.body.contains("value=\"email\""));
    change(venue, "UPDATE account SET locked = 1");
    let page = venue.send("GET", "/account", &with, b"");
    assert!(!page.body.contains("value=\"email\""), "there is no such form");
    let wanted = address(venue, "elsewhere");
    let fields = [("do", "email"), ("email", wanted.as_str()), ("current", PASSWORD)];
    let answer = submit(venue, "/account", &with, &fields);
    assert_eq!(answer.status, 409, "{}", answer.body);
    change(venue, "UPDATE account SET locked = 0");
    assert_eq!(mail_service().count(&wanted), 0);
}
