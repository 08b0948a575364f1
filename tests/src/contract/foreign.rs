//! What belongs to others: every route that can be made to name something, asked for what is of
//! another customer, of another person or of another venue.
//!
//! A route that nobody has thought about fails: each stands in exactly one of the lists here. What
//! is asked stands in `attempts`, what is there to be found in `world`.

mod attempts;
mod world;

use std::collections::BTreeSet;

use app::routes::ROUTES;

use crate::{
    cases,
    contract::{
        Case, cases as every_case,
        venue::{Answer, Venue},
    },
};
use attempts::{ATTEMPTS, Attempt, Body, By};
use world::World;

/// The cases of this file.
pub const CASES: &[Case] = cases![
    every_route_is_known_to_name_something_or_nothing,
    what_a_route_is_asked_of_others_it_neither_shows_nor_changes,
    pages_of_a_venue_show_nothing_of_the_venue_beside_it,
];

/// Neither address, query nor body says what it is about: the venue, the session or the signature
/// does.
const NAMES_NOTHING: &[&str] = &[
    "GET /",
    "GET /menu",
    "GET /kiosk",
    "GET /kiosk/menu",
    "GET /kiosk/card",
    "GET /staff",
    "GET /dashboard",
    "GET /people",
    "GET /settings/ordering",
    "GET /api/settings/ordering",
    "PUT /api/settings/delivery",
    "GET /api/settings/loyalty",
    "PUT /api/settings/loyalty",
    "GET /audit/check",
    "GET /account",
    "POST /account/erase",
    "GET /account/second-factor",
    "GET /account/photo",
    "POST /account/photo",
    "GET /account/card",
    "POST /api/account/card",
    "GET /account/points",
    "GET /api/account/points",
    "GET /members",
    "GET /privacy",
    "GET /privacy/edit",
    "POST /privacy/edit",
    "POST /platform/retention",
    "GET /register",
    "POST /register",
    "POST /confirm/again",
    "GET /forgot",
    "POST /forgot",
    "GET /setup",
    "POST /setup",
    "GET /recover",
    "POST /recover",
    "GET /hours",
    "GET /sw.js",
    "GET /offline",
    "GET /history",
    "GET /sales",
    "GET /api/history",
    "GET /board",
    "GET /board/numbers",
    "GET /kitchen",
    "GET /kitchen/board",
    "GET /counter",
    "GET /counter/board",
    "GET /account/addresses",
    "GET /api/account/addresses",
    "GET /ratings",
    "GET /deliveries",
    "GET /deliveries/board",
    "GET /api/settings/map",
    "PUT /api/settings/map",
    "GET /printers",
    "GET /api/settings/printing",
    "PUT /api/settings/printing",
    "GET /api/settings/kitchen",
    "PUT /api/settings/kitchen",
    "GET /floor",
    "GET /api/order-times",
    "GET /api/settings/capacity",
    "PUT /api/settings/capacity",
    "GET /web-orders",
    "GET /api/web-orders",
    "GET /api/settings/web",
    "PUT /api/settings/web",
    "GET /stock",
    "GET /api/stock",
    "GET /floor/board",
    "GET /api/tables",
    "GET /sync-status",
    "POST /sync-status/retry",
    "GET /outbox",
    "GET /login",
    "GET /login/code",
    "POST /login/code",
    "GET /login/hand-over/start",
    "GET /login/openid",
    "POST /logout",
    "GET /api/menu",
    "POST /api/menu/publish",
    "GET /api/catalogue",
    "GET /catalogue",
    "GET /api/menu/versions",
    "GET /api/users",
    "GET /api/sync-status",
    "POST /api/sync-status/retry",
    "GET /api/outbox",
    "GET /api/audit/check",
    "POST /api/certificate",
    "GET /api/openapi.json",
    "GET /healthz",
    "GET /version",
    "GET /devices",
    "POST /devices",
    "GET /api/devices",
    "POST /api/devices",
    "GET /enrol",
    "GET /switch",
    "POST /api/enrol/ask",
];

/// They name something, and another case shows what they make of what is others'.
const SHOWN_ELSEWHERE: &[(&str, &str)] = &[
    ("GET /platform", "a_platform_administrator_opens_a_venue_for_its_owner"),
    ("POST /platform", "a_platform_administrator_opens_a_venue_for_its_owner"),
    ("GET /login/openid/callback", "a_sign_in_is_good_once_and_in_the_browser_that_began_it"),
    ("GET /live", "a_write_is_heard_at_its_venue_and_nowhere_else"),
    ("GET /static/{*path}", "an_address_that_is_no_text_is_answered_like_every_other"),
    ("POST /api/device/contact", "a_forged_stale_or_replayed_contact_is_refused"),
    ("POST /api/device/contacts", "a_kiosk_s_key_does_not_replicate_and_opens_no_page_of_staff"),
    ("GET /counter/orders/{id}", "what_the_counter_undoes_is_its_own_venue_s"),
    ("POST /counter/orders/{id}", "what_the_counter_undoes_is_its_own_venue_s"),
    ("GET /close", "only_the_counter_closes_and_only_owners_take_reports_out"),
    ("POST /close", "only_the_counter_closes_and_only_owners_take_reports_out"),
    ("GET /api/close", "only_the_counter_closes_and_only_owners_take_reports_out"),
    ("POST /api/close", "only_the_counter_closes_and_only_owners_take_reports_out"),
    ("POST /api/close/count", "only_the_counter_closes_and_only_owners_take_reports_out"),
    ("GET /api/close/reports", "only_the_counter_closes_and_only_owners_take_reports_out"),
    ("GET /counter/scan", "a_number_finds_orders_paid_or_not"),
    (
        "POST /counter/scan",
        "a_code_that_is_forged_altered_foreign_or_old_opens_nothing_and_says_why",
    ),
    ("POST /api/scan", "a_code_that_is_forged_altered_foreign_or_old_opens_nothing_and_says_why"),
    ("POST /api/orders/{id}/validated", "what_the_counter_undoes_is_its_own_venue_s"),
    ("POST /api/orders/{id}/handed-over", "what_the_counter_undoes_is_its_own_venue_s"),
    ("POST /api/orders/{id}/cancelled", "what_the_counter_undoes_is_its_own_venue_s"),
    ("POST /api/orders/{id}/refunded", "what_the_counter_undoes_is_its_own_venue_s"),
    ("POST /api/menu/versions/{id}/restore", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /api/catalogue/import", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /api/catalogue/products/{id}", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /api/catalogue/products/{id}/removed", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /api/catalogue/categories/{id}", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /api/catalogue/categories/{id}/removed", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /api/catalogue/categories/{id}/order", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /api/catalogue/prices", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /api/catalogue/hours", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /hours", "an_editor_s_form_says_when_the_venue_is_open_and_nobody_else_s"),
    ("GET /catalogue/products/{id}", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /catalogue/products/{id}", "what_an_editor_changes_stays_at_their_venue"),
    ("GET /pictures/{id}", "a_picture_is_written_anew_shown_to_everybody_and_of_its_venue"),
    ("POST /catalogue", "what_an_editor_changes_stays_at_their_venue"),
    ("POST /printers", "printers_are_settings_of_their_venue_and_nothing_is_printed_elsewhere"),
    (
        "POST /api/printers/{id}/test",
        "printers_are_settings_of_their_venue_and_nothing_is_printed_elsewhere",
    ),
    ("POST /api/orders/{id}/print", "what_is_printed_of_an_order_is_of_its_own_venue"),
    ("POST /api/orders/{id}/receipt", "what_is_printed_of_an_order_is_of_its_own_venue"),
    ("POST /orders/{id}/receipt", "what_is_printed_of_an_order_is_of_its_own_venue"),
    ("POST /api/exchange", "a_message_for_another_venue_is_refused"),
    ("POST /api/update_tables", "a_table_and_its_sensor_are_of_one_venue_alone"),
    ("POST /api/orders/{id}/table", "a_table_and_its_sensor_are_of_one_venue_alone"),
    ("POST /api/tables", "a_table_and_its_sensor_are_of_one_venue_alone"),
    ("POST /api/tables/{id}", "a_table_and_its_sensor_are_of_one_venue_alone"),
    ("POST /web-orders", "staff_pause_the_web_and_say_why_and_it_resumes"),
    ("POST /api/web-orders/pause", "staff_pause_the_web_and_say_why_and_it_resumes"),
    ("POST /orders/{id}/withdrawn", "an_order_is_promised_or_called_off_and_never_both"),
    ("POST /api/orders/{id}/withdrawn", "an_order_is_promised_or_called_off_and_never_both"),
    ("POST /api/orders/{id}/accepted", "an_order_is_promised_or_called_off_and_never_both"),
    ("POST /stock", "what_is_counted_is_counted_on_site_and_nowhere_else"),
    ("POST /api/stock/{id}", "what_is_counted_is_counted_on_site_and_nowhere_else"),
    ("POST /floor", "a_table_and_its_sensor_are_of_one_venue_alone"),
    ("GET /floor/{id}", "a_table_and_its_sensor_are_of_one_venue_alone"),
    ("POST /floor/{id}", "a_table_and_its_sensor_are_of_one_venue_alone"),
    ("POST /api/kiosk/card", "a_kiosk_sells_to_whoever_showed_their_card"),
    ("POST /kiosk/orders/{id}/points", "a_kiosk_sells_to_whoever_showed_their_card"),
    ("POST /orders/{id}/points", "points_are_of_one_venue_alone"),
    ("POST /api/orders/{id}/points", "points_are_of_one_venue_alone"),
    ("GET /api/members/{id}/points", "points_are_of_one_venue_alone"),
    ("POST /api/members/{id}/points", "points_are_of_one_venue_alone"),
    ("POST /members/{id}/points", "points_are_of_one_venue_alone"),
    ("GET /api/orders/{id}/way", "another_s_delivery_is_neither_shown_nor_moved"),
    ("GET /orders/{id}/place", "another_s_delivery_is_neither_shown_nor_moved"),
    ("GET /deliveries/{id}", "another_s_delivery_is_neither_shown_nor_moved"),
    ("POST /deliveries/{id}", "another_s_delivery_is_neither_shown_nor_moved"),
    ("POST /api/deliveries/{id}/left", "another_s_delivery_is_neither_shown_nor_moved"),
    ("POST /api/deliveries/{id}/position", "another_s_delivery_is_neither_shown_nor_moved"),
    ("POST /api/deliveries/{id}/simulated", "another_s_delivery_is_neither_shown_nor_moved"),
    ("POST /api/deliveries/{id}/delivered", "another_s_delivery_is_neither_shown_nor_moved"),
    ("POST /account/orders/{id}", "what_came_after_another_s_order_is_neither_shown_nor_changed"),
    (
        "GET /account/orders/{id}/invoice",
        "what_came_after_another_s_order_is_neither_shown_nor_changed",
    ),
    (
        "GET /api/account/orders/{id}/again",
        "what_came_after_another_s_order_is_neither_shown_nor_changed",
    ),
    (
        "POST /api/account/orders/{id}/rating",
        "what_came_after_another_s_order_is_neither_shown_nor_changed",
    ),
    (
        "POST /api/account/orders/{id}/invoice",
        "what_came_after_another_s_order_is_neither_shown_nor_changed",
    ),
    ("POST /ratings/{id}", "what_came_after_another_s_order_is_neither_shown_nor_changed"),
    ("GET /account/orders", "somebody_s_orders_are_theirs_to_see_and_to_order_again"),
    ("POST /account/addresses", "addresses_are_kept_sealed_and_go_with_their_person"),
    ("POST /api/setup/venues", "a_venue_document_cannot_take_another_venue_s_name"),
];

/// They exist in suites and demos only, and ask nobody who they are.
const OF_SUITES: &[&str] = &[
    "GET /demo/mails",
    "GET /styleguide",
    "POST /api/setup/venues/{id}/people",
    "POST /contract/sql",
    "POST /contract/sign-in",
    "POST /contract/mail",
    "POST /contract/outbound",
    "POST /contract/lease",
    "POST /contract/blobs",
];

fn every_route_is_known_to_name_something_or_nothing(_venue: &Venue) {
    let attempted: BTreeSet<&str> = ATTEMPTS.iter().map(|(route, _)| *route).collect();
    let elsewhere = SHOWN_ELSEWHERE.iter().map(|(route, _)| *route);
    let listed: Vec<&str> = NAMES_NOTHING
        .iter()
        .copied()
        .chain(elsewhere)
        .chain(OF_SUITES.iter().copied())
        .chain(attempted)
        .collect();
    for route in ROUTES {
        let name = format!("{} {}", route.method, route.path);
        let times = listed.iter().filter(|listed| **listed == name).count();
        assert_eq!(times, 1, "{name}: what can it be made to name? it stands in {times} lists");
        let takes_a_name = route.path.contains('{');
        assert!(!(takes_a_name && NAMES_NOTHING.contains(&name.as_str())), "{name}");
    }
    assert_eq!(listed.len(), ROUTES.len(), "a list names a route that there is not");
    let known: BTreeSet<&str> = every_case().iter().map(|case| case.name).collect();
    for (route, case) in SHOWN_ELSEWHERE {
        assert!(known.contains(case), "{route}: there is no case `{case}`");
    }
}

fn what_a_route_is_asked_of_others_it_neither_shows_nor_changes(venue: &Venue) {
    let world = World::around(venue);
    for (route, attempts) in ATTEMPTS {
        let attempts = attempts(&world);
        assert!(!attempts.is_empty(), "{route}: nothing is attempted");
        for attempt in attempts {
            world.forget_tries();
            let before = world.of_others();
            let answer = send(&world, route, &attempt);
            let what = format!("{route} by {:?} with {:?}", attempt.by, attempt.body);
            assert_eq!(answer.status, attempt.status, "{what}: {answer:?}");
            if !attempt.code.is_empty() {
                assert_eq!(answer.code(), attempt.code, "{what}");
            }
            shows_nothing(&world, attempt.by, (&what, &answer));
            assert_eq!(world.of_others(), before, "{what} changes what is another's");
        }
    }
}

fn pages_of_a_venue_show_nothing_of_the_venue_beside_it(venue: &Venue) {
    let world = World::around(venue);
    let read = NAMES_NOTHING.iter().filter_map(|route| route.strip_prefix("GET "));
    for path in read {
        for by in [By::Nobody, By::Customer, By::Owner] {
            let answer = world.here.send("GET", path, &world.headers(by), b"");
            shows_nothing(&world, by, (&format!("GET {path}"), &answer));
        }
    }
    // What is looked for is there to be found: its own owner sees it.
    let team = world.beside.send("GET", "/people", &[("cookie", &world.their_owner)], b"");
    for mark in &world.team_marks {
        assert!(team.body.contains(mark), "the venue beside shows `{mark}` to its owner");
    }
    let menu = world.beside.get("/menu").body;
    assert!(menu.contains(world::PRODUCT), "the venue beside has a product of its own");
}

fn shows_nothing(world: &World<'_>, by: By, (what, answer): (&str, &Answer)) {
    let headers: String = answer.headers.iter().map(|(_, value)| value.as_str()).collect();
    for mark in world.marks(by) {
        let shown = answer.body.contains(mark) || headers.contains(mark);
        assert!(!shown, "{what} shows `{mark}`, which is another's, to {by:?}");
    }
}

fn send(world: &World<'_>, route: &str, attempt: &Attempt) -> Answer {
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let path = match &attempt.names {
        Some(name) if path.contains("{id}") => path.replace("{id}", name),
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let (kind, body) = match &attempt.body {
        Body::Nothing => ("", String::new()),
        Body::Json(body) => ("application/json", body.to_string()),
        Body::Form(fields) => ("application/x-www-form-urlencoded", world::form(fields)),
    };
    if attempt.by == By::Gateway {
        return world.signed(&path, (kind, body.as_bytes()));
    }
    let mut headers = world.headers(attempt.by);
    if !kind.is_empty() {
        headers.push(("content-type", kind));
    }
    world.here.send(method, &path, &headers, body.as_bytes())
}
