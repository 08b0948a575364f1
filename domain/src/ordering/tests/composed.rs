//! Tests of what is put together: combos, builders, what is left out, words to the kitchen.

use super::*;
use crate::catalogue::Slot;

fn part(slot: &str, product: &str, choices: &[(&str, &str)], left_out: &[&str]) -> BasketPart {
    BasketPart {
        slot: slot.to_owned(),
        product: product.to_owned(),
        choices: basket("", 1, choices, 0).lines.remove(0).choices,
        left_out: left_out.iter().map(|id| (*id).to_owned()).collect(),
    }
}

/// The house combo with the king, fries with ketchup, and a lemonade: 14.50 + 1.50 + 0.70.
fn combo() -> Basket {
    let mut wanted = basket("menu-maison", 2, &[], 3_340);
    wanted.lines[0].parts = vec![
        part("drink", "limonade", &[], &[]),
        part("burger", "le-cheese-king", &[], &["oignon"]),
        part("side", "frites", &[("sauce", "ketchup")], &[]),
    ];
    wanted
}

fn placed(menu: &Catalogue, wanted: &Basket) -> Result<Vec<Draft>, Rejection> {
    let offer = Offer { catalogue: Arc::new(menu.clone()), ..offer() };
    place(&offer, wanted, (&at(), &Customer::default()))
}

fn again(order: &Order, wanted: &Basket) -> Result<(), Rejection> {
    place_again(order, wanted, (&Customer::default(), None))
}

fn line(wanted: &Basket) -> Line {
    let drafts = placed(&catalogue(), wanted).unwrap();
    serde_json::from_value(drafts[0].payload["lines"][0].clone()).unwrap()
}

fn refused(wanted: &Basket) -> &'static str {
    placed(&catalogue(), wanted).unwrap_err().code()
}

#[test]
fn a_combo_costs_its_price_and_the_surcharges_of_its_parts() {
    let line = line(&combo());
    assert_eq!(line.unit_cents, 1_450 + 150 + 70);
    let parts: Vec<_> = line.parts.iter().map(|p| (p.slot.as_str(), p.own_cents)).collect();
    assert_eq!(parts, [("burger", 1_150), ("side", 350), ("drink", 320)]);
    assert_eq!(line.parts[0].left_out[0].name["fr"], "oignons");
    assert_eq!(line.parts[1].choices[0].choice, "ketchup");
}

#[test]
fn the_price_of_a_combo_is_spread_over_its_classes_by_what_its_parts_cost_to_the_cent() {
    let line = line(&combo());
    // 11.50 and 3.50 of food, 3.20 of drinks, in 16.70.
    let shares: Vec<_> =
        line.shares.iter().map(|share| (share.class.name(), share.cents)).collect();
    assert_eq!(shares, [("food", 1_376), ("drink", 294)]);
    assert_eq!(line.shares.iter().map(|share| share.cents).sum::<i64>(), line.unit_cents);
}

#[test]
fn options_of_a_part_are_paid_as_they_are_alone() {
    let mut wanted = combo();
    wanted.lines[0].parts[1] = part("burger", "le-cheese-king", &[("supplement", "bacon")], &[]);
    let alone = basket("le-cheese-king", 1, &[("supplement", "bacon")], 1_300);
    let bacon = line(&alone).unit_cents - 1_150;
    wanted.total_cents += 2 * bacon;
    assert_eq!(line(&wanted).parts[0].own_cents, 1_150 + bacon);
}

#[test]
fn a_tampered_combo_is_refused() {
    let change = |change: &dyn Fn(&mut Vec<BasketPart>)| {
        let mut wanted = combo();
        change(&mut wanted.lines[0].parts);
        refused(&wanted)
    };
    assert_eq!(change(&|parts| drop(parts.pop())), "part_required");
    assert_eq!(change(&|parts| parts.push(parts[0].clone())), "unknown_part");
    assert_eq!(change(&|parts| parts[0].product = "le-classique".to_owned()), "unknown_part");
    assert_eq!(change(&|parts| parts[0].slot = "burger".to_owned()), "unknown_part");
    assert_eq!(change(&|parts| parts[1].product = "le-truffe".to_owned()), "unknown_part");
    assert_eq!(change(&|parts| parts[1].product = "menu-maison".to_owned()), "unknown_part");
    let stray = part("dessert", "frites", &[], &[]);
    assert_eq!(change(&|parts| parts.push(stray.clone())), "unknown_part");
    let cheap = part("side", "frites", &[("sauce", "gold")], &[]);
    assert_eq!(change(&|parts| parts[2] = cheap.clone()), "unknown_option");
    let mut wanted = combo();
    wanted.total_cents = 2_900;
    assert_eq!(refused(&wanted), "price_changed");
    let mut simple = basket("frites", 1, &[], 350);
    simple.lines[0].parts = vec![stray];
    assert_eq!(refused(&simple), "unknown_part");
}

#[test]
fn a_part_that_cannot_be_had_alone_cannot_be_had_in_a_combo() {
    let mut menu = catalogue();
    menu.products.iter_mut().filter(|p| p.id == "limonade").for_each(|p| p.available = false);
    let code = placed(&menu, &combo()).unwrap_err();
    assert_eq!(code, Rejection::SoldOut("limonade".to_owned()));
}

#[test]
fn a_builder_is_priced_step_by_step() {
    let steps = [
        ("base", "sans-gluten"),
        ("coeur", "falafel"),
        ("fromage", "chevre"),
        ("garniture", "salade"),
        ("sauce", "blanche"),
    ];
    assert_eq!(line(&basket("cree-ton-burger", 1, &steps, 1_170)).unit_cents, 1_170);
    assert_eq!(refused(&basket("cree-ton-burger", 1, &steps[..4], 1_170)), "option_required");
    let two = [&steps[..], &[("base", "tortilla")]].concat();
    assert_eq!(refused(&basket("cree-ton-burger", 1, &two, 1_170)), "too_many_choices");
}

#[test]
fn only_what_a_dish_has_is_left_out_and_it_stays_its_price() {
    let mut wanted = basket("le-classique", 1, &[], 1_000);
    wanted.lines[0].left_out = vec!["tomate".to_owned(), "oignon".to_owned()];
    let ids: Vec<_> = line(&wanted).left_out.into_iter().map(|one| one.ingredient).collect();
    assert_eq!(ids, ["oignon", "tomate"]);
    for odd in [&["boeuf"][..], &["oignon", "oignon"], &["oignon"; 40]] {
        wanted.lines[0].left_out = odd.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(refused(&wanted), "unknown_ingredient", "{odd:?}");
    }
}

#[test]
fn a_word_to_the_kitchen_is_short_and_plain_and_only_where_it_is_taken() {
    let mut wanted = basket("le-classique", 1, &[], 1_000);
    let longest = "🍔".repeat(140);
    for (word, expected) in [
        (" bien cuit, merci ", "bien cuit, merci"),
        (longest.as_str(), longest.as_str()),
        ("שלום", "שלום"),
        ("  ", ""),
    ] {
        wanted.lines[0].word = word.to_owned();
        assert_eq!(line(&wanted).word, expected);
    }
    let long = "é".repeat(141);
    for odd in [long.as_str(), "a\nb", "a\u{0}b", "a\u{202e}b", "a\u{2066}b"] {
        wanted.lines[0].word = odd.to_owned();
        assert_eq!(refused(&wanted), "invalid_word", "{odd:?}");
    }
    let mut cola = basket("cola", 1, &[], 250);
    cola.lines[0].word = "sans glaçons".to_owned();
    assert_eq!(refused(&cola), "invalid_word");
}

#[test]
fn a_dish_of_another_time_and_a_closed_venue_are_refused() {
    let mut menu = catalogue();
    let lunch = basket("plat-du-midi", 1, &[], 990);
    assert!(placed(&menu, &lunch).is_ok());
    menu.off.insert("midi".to_owned());
    assert_eq!(placed(&menu, &lunch).unwrap_err().code(), "not_served_now");
    assert!(placed(&menu, &combo()).is_ok());
    menu.closed = true;
    assert_eq!(placed(&menu, &combo()), Err(Rejection::VenueClosed));
}

#[test]
fn the_same_basket_again_is_the_same_order_and_another_is_not() {
    let order = Order { lines: vec![line(&combo())], total_cents: 3_340, ..order(0, &[]) };
    assert_eq!(again(&order, &combo()), Ok(()));
    let mut other = combo();
    other.lines[0].parts[1].left_out.clear();
    assert!(again(&order, &other).is_err());
    let mut other = combo();
    other.lines[0].word = "vite".to_owned();
    assert!(again(&order, &other).is_err());
}

#[test]
fn what_could_never_be_sold_is_a_mistake_of_the_menu() {
    let text = include_str!("../../../../fixtures/venues/chakri.json");
    let check = |change: &dyn Fn(&mut Document), expected: &str| {
        let mut document: Document = serde_json::from_str(text).unwrap();
        change(&mut document);
        let Err(Rejection::InvalidVenueDocument(found)) = document.check() else {
            panic!("{expected}");
        };
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}: {found:?}");
    };
    let combo = |document: &Document| -> usize {
        document.products.iter().position(|product| product.id == "menu-maison").unwrap()
    };
    check(&|d| d.products[0].allergens = vec!["salt".to_owned()], "an allergen");
    check(&|d| d.products[0].diets = vec!["vegan".to_owned(); 2], "a diet");
    check(&|d| d.products[0].upsell = vec!["nothing".to_owned()], "offered with it is missing");
    check(&|d| d.products[0].day_part = "tea".to_owned(), "part of the day is missing");
    check(&|d| d.products[0].kind = crate::catalogue::Kind::Combo, "a combo has slots");
    check(
        &|d| {
            let at = combo(d);
            d.products[at].slots.clear();
        },
        "a combo has slots",
    );
    let slot = |change: &dyn Fn(&mut Slot), expected: &str| {
        check(
            &|d| {
                let at = combo(d);
                change(&mut d.products[at].slots[0]);
            },
            expected,
        );
    };
    slot(&|s| s.choices[0].product = "nothing".to_owned(), "what a slot offers is missing");
    slot(&|s| s.choices[0].product = "menu-maison".to_owned(), "a combo stands in a slot");
    slot(&|s| s.choices[0].surcharge_cents = -1, "surcharge is out of range");
    slot(&|s| s.choices.clear(), "a slot's products do not fit");
    slot(&|s| s.choices.push(s.choices[0].clone()), "offers a product twice");
    slot(&|s| s.id = "drink".to_owned(), "a slot's id stands here twice");
    check(&|d| d.products[0].name = texts("a\u{202e}b"), "the name is missing");
    check(&|d| d.products[0].name = texts(&"é".repeat(121)), "the name is missing");
}

fn texts(text: &str) -> crate::catalogue::Texts {
    [("fr".to_owned(), text.to_owned())].into_iter().collect()
}
