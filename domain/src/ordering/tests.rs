//! Tests of placing an order and moving it on.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{
    catalogue::{Catalogue, Product},
    venue::Document,
};

fn catalogue() -> Catalogue {
    let text = include_str!("../../../fixtures/venues/chakri.json");
    let document: Document = serde_json::from_str(text).unwrap();
    document.check().unwrap();
    Catalogue { categories: document.categories, products: document.products }
}

fn at() -> Place {
    Place { origin: "K1".to_owned(), day: "2026-11-21".to_owned(), now_ms: 1_795_000_000_000 }
}

fn basket(product: &str, quantity: i64, choices: &[(&str, &str)], total_cents: i64) -> Basket {
    let choice = |(group, choice): &(&str, &str)| BasketChoice {
        group: (*group).to_owned(),
        choice: (*choice).to_owned(),
    };
    let choices = choices.iter().map(choice).collect();
    Basket {
        id: "00000000-0000-4000-8000-000000000001".to_owned(),
        mode: Mode::EatIn,
        lines: vec![BasketLine { product: product.to_owned(), quantity, choices }],
        total_cents,
        table: None,
    }
}

fn order(paid_cents: i64, events: &[Event]) -> Order {
    Order {
        id: "00000000-0000-4000-8000-000000000001".to_owned(),
        ticket_origin: "K1".to_owned(),
        ticket_number: 17,
        mode: Some(Mode::EatIn),
        lines: Vec::new(),
        total_cents: 1_150,
        placed_ms: 0,
        events: events.iter().copied().collect(),
        paid_cents,
    }
}

#[test]
fn the_demo_menu_has_the_prices_that_are_printed_on_the_wall() {
    let menu = catalogue();
    for (product, cents) in [
        ("le-classique", 1_000),
        ("le-cheese-king", 1_150),
        ("le-bacon-lover", 1_250),
        ("le-chicken-run", 1_100),
        ("le-vegetarien", 1_200),
        ("le-spicy-jalapeno", 1_300),
        ("le-montagnard", 1_400),
        ("le-truffe", 1_550),
        ("tacos-al-pastor", 900),
    ] {
        assert_eq!(menu.product(product).unwrap().price_cents, cents, "{product}");
    }
}

#[test]
fn an_order_keeps_names_and_prices_as_they_were() {
    let wanted =
        basket("le-cheese-king", 2, &[("sauce", "ketchup"), ("supplement", "bacon")], 2_600);
    let drafts = place(&catalogue(), &wanted, &at()).unwrap();
    let [draft] = drafts.as_slice() else { panic!("one draft") };
    assert_eq!(draft.entity, order_id("K1", &wanted.id));
    assert_eq!(draft.payload["lines"][0]["unit_cents"], 1_300);
    assert_eq!(draft.payload["lines"][0]["name"]["fr"], "Le Cheese King");
    assert_eq!(draft.payload["lines"][0]["choices"].as_array().unwrap().len(), 2);
    assert_eq!(draft.number.as_ref().unwrap().series, "K1/2026-11-21");
}

#[test]
fn one_basket_placed_on_both_sides_of_a_cut_line_is_two_orders() {
    let basket = "00000000-0000-4000-8000-000000000001";
    let (here, there) = (order_id("K1", basket), order_id("W", basket));
    assert_ne!(here, there);
    assert!(is_uuid(&here) && is_uuid(&there), "{here} {there}");
    assert_eq!(here, order_id("K1", basket), "sent again it is the same order");
}

#[test]
fn what_the_menu_does_not_offer_is_refused() {
    let mut menu = catalogue();
    menu.products[0].available = false;
    let check = |basket: Basket, expected: &str| {
        let code = place(&menu, &basket, &at()).unwrap_err().code();
        assert_eq!(code, expected, "{basket:?}");
    };
    check(basket("le-fantome", 1, &[], 0), "unknown_product");
    check(basket("le-classique", 1, &[], 1_000), "sold_out");
    for quantity in [0, -1, 51, i64::MAX, i64::MIN] {
        check(basket("le-cheese-king", quantity, &[], 0), "invalid_quantity");
    }
    check(basket("le-cheese-king", 1, &[("sauce", "tartare")], 1_150), "unknown_option");
    check(basket("le-truffe", 1, &[], 1_550), "option_required");
    check(basket("le-cheese-king", 1, &[], 1_149), "price_changed");
}

#[test]
fn a_state_is_the_furthest_that_any_fact_proves() {
    for (paid, events, expected) in [
        (0, &[][..], State::Placed),
        (1_149, &[], State::Placed),
        (1_150, &[], State::Paid),
        (1_150, &[Event::Ready], State::Ready),
        (1_150, &[Event::Collected], State::Collected),
        // A hand-over whose other facts are still on their way.
        (0, &[Event::Collected], State::Collected),
    ] {
        assert_eq!(order(paid, events).state(), expected, "{paid} {events:?}");
    }
}

#[test]
fn steps_are_taken_in_order_and_once() {
    assert_eq!(ready(&order(0, &[]), 1), Err(Rejection::NotPaid));
    assert_eq!(collect(&order(1_150, &[]), 1), Err(Rejection::NotReady));
    assert_eq!(pay(&order(500, &[]), Means::Cash, 1), Err(Rejection::NotPayable));
    assert_eq!(pay(&order(0, &[]), Means::Cash, 1).unwrap().len(), 1);
    assert_eq!(pay(&order(1_150, &[]), Means::Terminal, 1), Ok(Vec::new()));
    assert_eq!(ready(&order(1_150, &[]), 1).unwrap().len(), 1);
    assert_eq!(ready(&order(1_150, &[Event::Ready]), 1), Ok(Vec::new()));
    assert_eq!(collect(&order(1_150, &[Event::Ready]), 1).unwrap().len(), 1);
}

#[test]
fn a_ticket_is_what_is_called_out() {
    assert_eq!(order(0, &[]).ticket(), "K1-017");
}

proptest! {
    #[test]
    fn a_total_is_the_sum_of_its_lines_and_only_that_total_is_accepted(
        picks in proptest::collection::vec((0..20_usize, 1..=50_i64), 1..8),
        off_by in prop_oneof![Just(0_i64), -5_000..5_000_i64],
    ) {
        let menu = catalogue();
        let free = |p: &&Product| p.option_groups.iter().all(|group| group.min == 0);
        let products: Vec<&Product> = menu.products.iter().filter(free).collect();
        let mut wanted = basket("x", 1, &[], 0);
        wanted.lines.clear();
        let mut cents = 0;
        for (pick, quantity) in picks {
            let product = products[pick % products.len()];
            cents += product.price_cents * quantity;
            wanted.lines.push(BasketLine {
                product: product.id.clone(),
                quantity,
                choices: Vec::new(),
            });
        }
        wanted.total_cents = cents + off_by;
        let placed = place(&menu, &wanted, &at());
        if off_by == 0 {
            prop_assert_eq!(&placed.unwrap()[0].payload["total_cents"], cents);
        } else {
            prop_assert_eq!(placed, Err(Rejection::PriceChanged { total_cents: cents }));
        }
    }

    #[test]
    fn facts_that_arrive_in_any_order_never_turn_a_state_back(
        facts in proptest::collection::vec(0..3_u8, 0..6),
    ) {
        let mut current = order(0, &[]);
        let mut before = current.state();
        for fact in facts {
            match fact {
                0 => current.paid_cents = current.total_cents,
                1 => { current.events.insert(Event::Ready); }
                _ => { current.events.insert(Event::Collected); }
            }
            prop_assert!(current.state() >= before);
            before = current.state();
        }
        let events: BTreeSet<Event> = current.events.clone();
        prop_assert!(events.len() <= 2);
    }
}
