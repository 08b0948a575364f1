//! Tests of placing an order and moving it on.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{
    catalogue::{Catalogue, Product},
    limits,
    venue::Document,
};

mod afterwards;
mod back;
mod composed;
mod delivering;
mod progress;

fn document() -> Document {
    let text = include_str!("../../../fixtures/venues/chakri.json");
    let document: Document = serde_json::from_str(text).unwrap();
    document.check().unwrap();
    document
}

fn catalogue() -> Catalogue {
    let document = document();
    let (categories, products) = (document.categories, document.products);
    Catalogue { categories, products, ..Catalogue::default() }
}

fn offer() -> Offer {
    let delivery = document().delivery.unwrap();
    Offer { catalogue: Arc::new(catalogue()), delivery, ..Offer::default() }
}

fn with_code(code: &str) -> Offer {
    let promotion = document().promotions.into_iter().find(|promotion| promotion.code == code);
    Offer { promotion, ..offer() }
}

fn place_here(offer: &Offer, basket: &Basket) -> Result<Vec<Draft>, Rejection> {
    place(offer, basket, (&at(), &Customer::default()))
}

fn at() -> Place {
    Place {
        origin: "K1".to_owned(),
        day: "2026-11-21".to_owned(),
        now_ms: 1_795_000_000_000,
        to_accept: false,
        slot: super::Slot::default(),
    }
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
        lines: vec![BasketLine {
            product: product.to_owned(),
            quantity,
            choices,
            ..BasketLine::default()
        }],
        total_cents,
        code: String::new(),
        note: String::new(),
        wanted_ms: None,
        delivery: None,
        table: None,
    }
}

fn home() -> Contact {
    Contact {
        address: "Rue Haute 12".to_owned(),
        postal_code: "1000".to_owned(),
        phone: "0470 12 34 56".to_owned(),
        point: None,
    }
}

fn member() -> Customer {
    Customer { person: "ab".repeat(16), contact: "1sealed".to_owned() }
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
        happened: events.iter().copied().collect(),
        paid_cents,
        vat: Vec::new(),
        discounts: Vec::new(),
        fee_cents: 0,
        note: String::new(),
        wanted_ms: 0,
        person: String::new(),
        contact: String::new(),
        ..Order::default()
    }
}

const BY: By<'_> = By { person: "aline", place: "gateway", at_ms: 1 };

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
    let drafts = place_here(&offer(), &wanted).unwrap();
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
    let mut menu = offer();
    Arc::make_mut(&mut menu.catalogue).products[0].available = false;
    let check = |basket: Basket, expected: &str| {
        let code = place_here(&menu, &basket).unwrap_err().code();
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
fn the_rules_of_the_day_and_the_split_stand_in_the_order() {
    // 2 × 11.50 of food and 1 × 2.50 of drink, to go in November 2026: 12 % and 6 %.
    let mut wanted = basket("le-cheese-king", 2, &[], 2_550);
    let cola = BasketLine { product: "cola".to_owned(), quantity: 1, ..BasketLine::default() };
    wanted.lines.push(cola);
    wanted.mode = Mode::TakeAway;
    let split = |basket: &Basket| place_here(&offer(), basket).unwrap()[0].payload.clone();
    let placed = split(&wanted);
    let expected = json!([
        {"bp": 600, "gross_cents": 250, "vat_cents": 14},
        {"bp": 1_200, "gross_cents": 2_300, "vat_cents": 246},
    ]);
    assert_eq!(placed["vat"], expected);
    assert_eq!(placed["rules"].as_str().unwrap().len(), 16);
    assert_eq!(placed["lines"][1]["shares"], json!([{"class": "drink", "cents": 250}]));
    // At a table the price is the same, and all of it at 12 %.
    let at_table = split(&Basket { mode: Mode::EatIn, ..wanted });
    let expected = json!([{"bp": 1_200, "gross_cents": 2_550, "vat_cents": 273}]);
    assert_eq!((&at_table["vat"], &at_table["total_cents"]), (&expected, &placed["total_cents"]));
}

#[test]
fn a_code_takes_off_what_the_venue_says_and_no_other_code_does() {
    let typed = |code: &str, total_cents: i64| {
        let basket = basket("le-cheese-king", 2, &[], total_cents);
        Basket { code: code.to_owned(), ..basket }
    };
    let placed = place_here(&with_code("BIENVENUE10"), &typed(" bienvenue10", 2_070)).unwrap();
    let off = json!([{"code": "BIENVENUE10", "cents": 230}]);
    assert_eq!(placed[0].payload["discounts"], off);
    let code = |offer: &Offer, basket: &Basket| place_here(offer, basket).unwrap_err().code();
    assert_eq!(code(&with_code("BIENVENUE10"), &typed("bienvenue10", 2_300)), "price_changed");
    assert_eq!(code(&offer(), &typed("BIENVENUE10", 2_070)), "unknown_promotion");
    // The row of another code is no row of this one.
    assert_eq!(code(&with_code("MIDI3"), &typed("BIENVENUE10", 2_070)), "unknown_promotion");
    assert_eq!(code(&offer(), &typed(&"é".repeat(5_000), 2_300)), "unknown_promotion");
    let few = Basket { code: "midi3".to_owned(), ..basket("cola", 1, &[], 250) };
    assert_eq!(code(&with_code("MIDI3"), &few), "promotion_minimum");
}

#[test]
fn an_order_is_brought_to_somebody_who_is_known_where_the_venue_delivers() {
    let wanted = |total_cents: i64, contact: Option<Contact>| Basket {
        mode: Mode::Delivery,
        delivery: contact,
        ..basket("le-cheese-king", 2, &[], total_cents)
    };
    let placed = place(&offer(), &wanted(2_800, Some(home())), (&at(), &member())).unwrap();
    let fields = &placed[0].payload;
    assert_eq!((&fields["fee_cents"], &fields["total_cents"]), (&json!(500), &json!(2_800)));
    assert_eq!(fields["contact"], "1sealed");
    assert!(!serde_json::to_string(fields).unwrap().contains("Haute"), "it stands there sealed");
    // The fee is taxed as what it is: 5.00 at 21 %.
    assert_eq!(fields["vat"][1], json!({"bp": 2_100, "gross_cents": 500, "vat_cents": 87}));
    let code = |basket: &Basket, customer: &Customer| {
        place(&offer(), basket, (&at(), customer)).unwrap_err().code()
    };
    assert_eq!(code(&wanted(2_300, Some(home())), &member()), "price_changed");
    let stranger = Customer::default();
    assert_eq!(code(&wanted(2_800, Some(home())), &stranger), "delivery_needs_account");
    let keyless = Customer { contact: String::new(), ..member() };
    assert_eq!(code(&wanted(2_800, Some(home())), &keyless), "delivery_needs_account");
    let far = Contact { postal_code: "9999".to_owned(), ..home() };
    assert_eq!(code(&wanted(2_800, Some(far)), &member()), "delivery_outside");
    assert_eq!(code(&wanted(2_800, None), &member()), "invalid_field");
    let unreachable = Contact { phone: "non".to_owned(), ..home() };
    assert_eq!(code(&wanted(2_800, Some(unreachable)), &member()), "invalid_field");
    let few =
        Basket { mode: Mode::Delivery, delivery: Some(home()), ..basket("cola", 1, &[], 750) };
    assert_eq!(code(&few, &member()), "delivery_minimum");
    let to_go = Basket { mode: Mode::TakeAway, ..wanted(2_300, Some(home())) };
    assert_eq!(code(&to_go, &member()), "invalid_field", "a private address is not for nothing");
}

#[test]
fn a_note_is_short_and_plain_and_a_time_lies_ahead() {
    let with = |note: &str, wanted_ms: Option<u64>| Basket {
        note: note.to_owned(),
        wanted_ms,
        ..basket("le-cheese-king", 1, &[], 1_150)
    };
    let now = at().now_ms;
    let day = limits::WANTED_AHEAD_MS;
    let long = "👨\u{200d}🍳".repeat(47);
    for (basket, expected) in [
        (with(" Sans oignon\u{a0}! 🌶️ بدون بصل ", None), None),
        (with(&"é".repeat(140), None), None),
        (with(&"é".repeat(141), None), Some("invalid_field")),
        (with(&long, None), Some("invalid_field")),
        (with("deux\nlignes", None), Some("invalid_field")),
        (with("\u{7}", None), Some("invalid_field")),
        (with("", Some(now + 1)), None),
        (with("", Some(now + day)), None),
        (with("", Some(now)), Some("invalid_time")),
        (with("", Some(now + day + 1)), Some("invalid_time")),
        (with("", Some(u64::MAX)), Some("invalid_time")),
    ] {
        let code = place_here(&offer(), &basket).err().map(|refused| refused.code());
        assert_eq!(code, expected, "{:?} {:?}", basket.note, basket.wanted_ms);
    }
    let kept = place_here(&offer(), &with("  Sans oignon  ", None)).unwrap();
    assert_eq!(kept[0].payload["note"], "Sans oignon");
}

#[test]
fn the_same_basket_again_is_the_same_order_and_another_one_is_not() {
    let basket = Basket {
        mode: Mode::Delivery,
        delivery: Some(home()),
        note: " Sonnez ".to_owned(),
        code: "bienvenue10".to_owned(),
        wanted_ms: Some(7),
        ..basket("le-cheese-king", 2, &[], 2_570)
    };
    let order = Order {
        mode: Some(Mode::Delivery),
        total_cents: 2_570,
        lines: place(
            &offer(),
            &Basket { code: String::new(), total_cents: 2_800, wanted_ms: None, ..basket.clone() },
            (&at(), &member()),
        )
        .map(|drafts| serde_json::from_value(drafts[0].payload["lines"].clone()).unwrap())
        .unwrap(),
        discounts: vec![Discount { code: "BIENVENUE10".to_owned(), cents: 230 }],
        note: "Sonnez".to_owned(),
        wanted_ms: 7,
        person: member().person,
        ..order(0, &[])
    };
    let again = |basket: &Basket, customer: &Customer| {
        place_again(&order, basket, (customer, Some(&home()))).is_ok()
    };
    assert!(again(&basket, &member()));
    let other = Contact { phone: "0470 99 99 99".to_owned(), ..home() };
    for differs in [
        Basket { mode: Mode::TakeAway, ..basket.clone() },
        Basket { code: String::new(), ..basket.clone() },
        Basket { code: "MIDI3".to_owned(), ..basket.clone() },
        Basket { note: "Frappez".to_owned(), ..basket.clone() },
        Basket { wanted_ms: None, ..basket.clone() },
        Basket { total_cents: 2_571, ..basket.clone() },
        Basket { delivery: Some(other), ..basket.clone() },
        Basket { delivery: None, ..basket.clone() },
    ] {
        assert!(!again(&differs, &member()), "{differs:?}");
    }
    assert!(!again(&basket, &Customer::default()), "it is somebody else's");
    // Whoever was erased left an order behind that nobody can open.
    assert!(place_again(&order, &basket, (&member(), None)).is_ok());
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
        let offer = offer();
        let menu = &offer.catalogue;
        let free = |p: &&Product| {
            p.slots.is_empty() && p.option_groups.iter().all(|group| group.min == 0)
        };
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
                ..BasketLine::default()
            });
        }
        wanted.total_cents = cents + off_by;
        let placed = place_here(&offer, &wanted);
        if off_by == 0 {
            prop_assert_eq!(&placed.unwrap()[0].payload["total_cents"], cents);
        } else {
            prop_assert_eq!(placed, Err(Rejection::PriceChanged { total_cents: cents }));
        }
    }
}
