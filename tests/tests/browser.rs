//! Journeys through a running site in a real browser; the scripts stand in `tests/browser/`.

use anyhow::Result;
use venue_tests::site::{Edge, walk, walk_by_provider};

#[test]
fn a_stranger_orders_pays_and_is_called_and_orders_of_a_cut_link_meet_on_both_sides() -> Result<()>
{
    walk(Edge::Native, "stranger")
}

#[test]
fn a_stranger_does_the_same_with_the_edge_on_workerd() -> Result<()> {
    walk(Edge::Workerd, "stranger")
}

#[test]
fn a_reload_keeps_the_basket_and_an_idle_kiosk_forgets_its_customer() -> Result<()> {
    walk(Edge::Native, "basket")
}

#[test]
fn a_double_tap_and_a_killed_gateway_make_one_order() -> Result<()> {
    walk(Edge::Native, "once")
}

#[test]
fn a_kiosk_keeps_its_basket_and_its_customer_and_forgets_both_after() -> Result<()> {
    walk(Edge::Native, "manners")
}

#[test]
fn a_product_s_picture_arrives_on_the_kiosk_and_stays_with_the_line_cut() -> Result<()> {
    walk(Edge::Native, "dish")
}

#[test]
fn a_phone_reads_on_while_nothing_answers_and_orders_once_it_does() -> Result<()> {
    walk(Edge::Native, "unreached")
}

#[test]
fn what_changes_elsewhere_is_told_before_anything_is_ordered() -> Result<()> {
    walk(Edge::Native, "two_screens")
}

#[test]
fn what_changes_elsewhere_is_told_with_the_edge_on_workerd_too() -> Result<()> {
    walk(Edge::Workerd, "two_screens")
}

#[test]
fn what_happens_elsewhere_shows_at_once_and_again_after_the_socket_was_lost() -> Result<()> {
    walk(Edge::Native, "live")
}

#[test]
fn what_happens_elsewhere_shows_at_once_with_the_edge_on_workerd_too() -> Result<()> {
    walk(Edge::Workerd, "live")
}

#[test]
fn every_page_speaks_three_languages() -> Result<()> {
    walk(Edge::Native, "languages")
}

#[test]
fn somebody_gets_an_account_by_mail_and_by_a_provider() -> Result<()> {
    walk_by_provider("openid")
}

#[test]
fn an_order_needs_nothing_but_a_keyboard() -> Result<()> {
    walk(Edge::Native, "keyboard")
}

#[test]
fn every_page_is_whole_accessible_and_pictured_in_three_sizes() -> Result<()> {
    walk(Edge::Native, "pictures")
}

#[test]
fn a_closed_venue_and_large_letters_are_whole_accessible_and_pictured_too() -> Result<()> {
    walk(Edge::Native, "pictures_of_hours")
}

#[test]
fn a_second_factor_protects_an_account_and_a_pin_works_with_the_line_cut() -> Result<()> {
    walk(Edge::Native, "second_factor")
}

#[test]
fn a_member_is_recognised_by_phone_and_by_paper_with_the_line_cut() -> Result<()> {
    walk(Edge::Native, "members")
}

#[test]
fn a_member_follows_a_courier_on_a_map_with_the_line_cut() -> Result<()> {
    walk(Edge::Native, "delivery")
}

#[test]
fn a_member_rates_repeats_and_has_invoiced_what_they_had() -> Result<()> {
    walk(Edge::Native, "afterwards")
}

#[test]
fn a_login_is_carried_from_the_public_site_to_the_name_on_site() -> Result<()> {
    walk(Edge::Native, "hand_over")
}

#[test]
fn a_photo_is_cut_out_by_keyboard_and_taken_without_a_script() -> Result<()> {
    walk(Edge::Native, "photo")
}

#[test]
fn guests_are_seated_and_their_codes_hand_orders_over_with_the_line_cut() -> Result<()> {
    walk(Edge::Native, "tickets")
}

#[test]
fn a_member_pays_with_points_at_home_and_on_site_with_the_line_cut() -> Result<()> {
    walk(Edge::Native, "points")
}

#[test]
fn guests_are_seated_and_hand_over_their_codes_with_the_edge_on_workerd_too() -> Result<()> {
    walk(Edge::Workerd, "tickets")
}

#[test]
fn a_member_pays_with_points_with_the_edge_on_workerd_too() -> Result<()> {
    walk(Edge::Workerd, "points")
}

#[test]
fn a_member_follows_a_courier_with_the_edge_on_workerd_too() -> Result<()> {
    walk(Edge::Workerd, "delivery")
}
