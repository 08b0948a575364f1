//! Journeys through a running site in a real browser; the scripts stand in `tests/browser/`.

use venue_tests::site::{Edge, walk};

fn check(edge: Edge, script: &str) {
    walk(edge, script).unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn a_stranger_orders_pays_and_is_called_and_orders_of_a_cut_link_meet_on_both_sides() {
    check(Edge::Native, "stranger");
}

#[test]
fn a_stranger_does_the_same_with_the_edge_on_workerd() {
    check(Edge::Workerd, "stranger");
}

#[test]
fn a_reload_keeps_the_basket_and_an_idle_kiosk_forgets_its_customer() {
    check(Edge::Native, "basket");
}

#[test]
fn a_double_tap_and_a_killed_gateway_make_one_order() {
    check(Edge::Native, "once");
}

#[test]
fn what_changes_elsewhere_is_told_before_anything_is_ordered() {
    check(Edge::Native, "two_screens");
}

#[test]
fn what_changes_elsewhere_is_told_with_the_edge_on_workerd_too() {
    check(Edge::Workerd, "two_screens");
}

#[test]
fn every_page_speaks_three_languages() {
    check(Edge::Native, "languages");
}

#[test]
fn an_order_needs_nothing_but_a_keyboard() {
    check(Edge::Native, "keyboard");
}

#[test]
fn every_page_is_whole_accessible_and_pictured_in_three_sizes() {
    check(Edge::Native, "pictures");
}
