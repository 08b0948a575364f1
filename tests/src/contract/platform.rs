//! Whoever administers the host: opening venues for others, and being let in again.

use serde_json::json;

use crate::{
    cases,
    contract::{
        Case,
        logins::{change, cookie_of, forget_tries, log_in, submit},
        venue::{RECOVERY_CODE, SETUP_CODE, Venue, cheese_king},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_platform_administrator_opens_a_venue_for_its_owner,
    a_lost_administrator_is_let_in_again_by_the_host_s_code,
    a_venue_without_a_module_has_none_of_its_pages,
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
            ("module_ordering", "1"),
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

fn a_venue_without_a_module_has_none_of_its_pages(venue: &Venue) {
    let admin = administrator(venue);
    let owner = venue.sign_in("owner");
    let english = ("accept-language", "en");
    let as_admin = [("cookie", admin.as_str()), english];
    let used_for = |who: &[(&str, &str)], id: &str, modules: &[(&str, &str)]| {
        submit(venue, &format!("/platform/{id}"), who, modules).status
    };
    let screens = [("module_signage", "1")];
    let as_owner = [("cookie", owner.as_str()), english];
    assert_eq!(used_for(&as_owner, &venue.id, &screens), 403);
    assert_eq!(used_for(&as_admin, &venue.id, &[]), 422, "a venue is used for something");
    assert_eq!(used_for(&as_admin, &venue.id, &[("module_of_the_future", "1")]), 422);
    assert_eq!(used_for(&as_admin, "nowhere", &screens), 404);
    assert_eq!(venue.get("/menu").status, 200, "nothing was changed");
    assert_eq!(used_for(&as_admin, &venue.id, &screens), 303);
    for path in ["/menu", "/kiosk", "/kiosk/menu", "/api/menu"] {
        assert_eq!(venue.get(path).code(), "module_off", "{path}");
    }
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).code(), "module_off");
    assert_eq!(venue.send("GET", "/kitchen", &as_owner, b"").code(), "module_off");
    let first = venue.send("GET", "/", &[english], b"");
    assert!(first.status == 200 && !first.body.contains("/menu"), "{}", first.body);
    let home = venue.send("GET", "/staff", &as_owner, b"");
    assert!(home.body.contains("/people") && !home.body.contains("/kitchen"), "{}", home.body);
    let both = [("module_signage", "1"), ("module_ordering", "1")];
    assert_eq!(used_for(&as_admin, &venue.id, &both), 303);
    assert_eq!(venue.post("/api/orders", &cheese_king(1)).status, 201);
    let acts = venue.send("GET", "/api/audit?act=venue_changed", &as_owner, b"").json();
    assert_eq!(acts["entries"].as_array().map(Vec::len), Some(2), "{acts}");
}
