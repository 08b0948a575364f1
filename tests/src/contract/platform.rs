//! Whoever administers the host: opening venues for others, and being let in again.

use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        logins::{change, cookie_of, forget_tries, log_in, submit},
        venue::{RECOVERY_CODE, SETUP_CODE, Venue},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_platform_administrator_opens_a_venue_for_its_owner,
    a_lost_administrator_is_let_in_again_by_the_host_s_code,
];

/// Signs in as whoever administers the host, as after both factors.
fn administrator(venue: &Venue) -> String {
    forget_tries(venue);
    change(venue, "UPDATE account SET platform = 0");
    let email = format!("paule@{}", venue.domain);
    let fields = [
        ("code", SETUP_CODE),
        ("name", "Paule"),
        ("email", &email),
        ("password", "huit frites au soir"),
    ];
    let answer = submit(venue, "/setup", &[], &fields);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let answer = log_in(venue, &email, "huit frites au soir");
    assert_eq!(answer.header("location"), "/account/second-factor");
    // What the second factor is, other cases show.
    change(venue, "UPDATE session SET second_factor = 1");
    cookie_of(&answer)
}

fn a_platform_administrator_opens_a_venue_for_its_owner(venue: &Venue) {
    let (owner, _) = venue.sign_in_as(&json!({"roles": ["owner"]}));
    assert_eq!(venue.send("GET", "/platform", &[("cookie", &owner)], b"").code(), "forbidden");
    let admin = administrator(venue);
    let with = [("cookie", admin.as_str()), ("accept-language", "en")];
    let id = format!("{}-new", venue.id);
    let domain = format!("{id}.example");
    let email = format!("nour@{}", venue.domain);
    let opening = |id: &str, domain: &str| {
        let fields = [
            ("id", id),
            ("name", "Chez Nour"),
            ("domains", domain),
            ("time_zone", "Europe/Brussels"),
            ("language_nl", "1"),
            ("owner_name", "Nour"),
            ("owner_email", email.as_str()),
        ];
        submit(venue, "/platform", &with, &fields)
    };
    for (id, domain, status) in [
        ("Not An Id", domain.as_str(), 422),
        (id.as_str(), "", 200),
        (venue.id.as_str(), domain.as_str(), 409),
    ] {
        if !domain.is_empty() {
            assert_eq!(opening(id, domain).status, status, "{id}");
        }
    }
    let taken = opening(&id, &venue.domain);
    assert_eq!(taken.status, 422, "a name of another venue: {}", taken.body);
    let opened = opening(&format!("{id}-2"), &domain);
    assert_eq!(opened.status, 200, "{}", opened.body);
    let (_, rest) = opened.body.split_once("/password?code=").expect("an invitation");
    let code = rest.split(['<', '"']).next().unwrap_or_default();
    let there = [("host", domain.as_str())];
    let fields = [("code", code), ("password", "neuf frites au soir")];
    let answer = submit(venue, "/password", &there, &fields);
    assert_eq!((answer.status, answer.header("location")), (303, "/login"), "{}", answer.body);
    let fields = [("email", email.as_str()), ("password", "neuf frites au soir")];
    let answer = submit(venue, "/login", &there, &fields);
    assert_eq!(answer.header("location"), "/account/second-factor", "an owner sets one up");
    let menu = venue.send("GET", "/menu", &there, b"");
    assert!(menu.status == 200 && menu.body.contains("<html lang=\"nl\""), "{}", menu.status);
    // Here Nour is nobody.
    let answer = log_in(venue, &email, "neuf frites au soir");
    assert_eq!(answer.header("location"), "/account");
}

fn a_lost_administrator_is_let_in_again_by_the_host_s_code(venue: &Venue) {
    let admin = administrator(venue);
    let email = format!("paule@{}", venue.domain);
    let wrong = [("code", "not-the-recovery-code"), ("email", email.as_str())];
    assert_eq!(submit(venue, "/recover", &[], &wrong).status, 401);
    let right = [("code", RECOVERY_CODE), ("email", email.as_str())];
    let answer = submit(venue, "/recover", &[], &right);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let code = answer.header("location").strip_prefix("/password?code=").expect("a code");
    assert_eq!(venue.send("GET", "/platform", &[("cookie", &admin)], b"").status, 401);
    let fields = [("code", code), ("password", "dix frites au soir")];
    assert_eq!(submit(venue, "/password", &[], &fields).status, 303);
    let answer = log_in(venue, &email, "dix frites au soir");
    assert_eq!(answer.header("location"), "/account/second-factor");
    let sql = "SELECT actor FROM audit_entry WHERE venue = ?1 AND act = 'recovered'";
    assert_eq!(venue.rows(sql, json!([venue.id])), json!([{"actor": "machine"}]));
}
