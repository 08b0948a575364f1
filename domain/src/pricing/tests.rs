//! Laws of the engine, on whatever baskets there may be.

use proptest::prelude::*;

use super::{
    amount,
    discount::{Promotion, code},
    split::{spread, vat_within},
    total::{Item, Share, Total, total},
    vat::{Class, Rates},
};
use crate::ordering::Mode;

fn at(items: &[Item], off_cents: i64, fee_cents: i64, mode: Mode) -> Total {
    total(items, (off_cents, fee_cents), &Rates::default().on("2026-02-01", mode))
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let share = (0..4_usize, 0..5_000_i64)
        .prop_map(|(class, cents)| Share { class: Class::ALL[class], cents });
    let item = (1..=50_i64, prop::collection::vec(share, 1..4))
        .prop_map(|(quantity, shares)| Item { quantity, shares });
    prop::collection::vec(item, 1..12)
}

#[test]
fn every_price_from_a_cent_to_a_hundred_euros_survives_the_round_trip() {
    for cents in 1..=10_000_i64 {
        assert_eq!(amount::parse(&amount::write(cents)), Some(cents));
        assert_eq!(amount::parse(&amount::write(cents).replace('.', ",")), Some(cents));
        let json = serde_json::to_string(&Share { class: Class::Food, cents }).unwrap();
        assert_eq!(serde_json::from_str::<Share>(&json).unwrap().cents, cents);
        let item = [Item { quantity: 1, shares: vec![Share { class: Class::Drink, cents }] }];
        for mode in Mode::ALL {
            let sum = at(&item, 0, 0, mode);
            let part = sum.vat[0];
            assert_eq!((sum.total_cents, part.gross_cents), (cents, cents), "{mode:?}");
            let net = part.gross_cents - part.vat_cents;
            // Nobody can come nearer to the rate with whole cents.
            let off = |vat: i64| ((10_000 + part.bp) * vat - cents * part.bp).abs();
            assert!(off(part.vat_cents) <= off(part.vat_cents + 1), "{cents}");
            assert!(off(part.vat_cents) <= off(part.vat_cents - 1), "{cents}");
            assert_eq!(net + part.vat_cents, cents);
        }
    }
}

#[test]
fn half_a_cent_of_vat_is_rounded_up() {
    for (gross, bp, vat) in [
        (0, 2_100, 0),
        (1, 600, 0),
        (121, 2_100, 21),
        (112, 1_200, 12),
        (1_150, 1_200, 123),
        (1_150, 600, 65),
        // 53 × 600 / 10,600 is 3; 9 × 600 / 10,600 lies just above a half.
        (53, 600, 3),
        (9, 600, 1),
        (8, 600, 0),
        // Exactly half a cent: 1 × 10,000 / 20,000.
        (1, 10_000, 1),
        (1_000_000_000, 2_100, 173_553_719),
    ] {
        assert_eq!(vat_within(gross, bp), vat, "{gross} at {bp}");
    }
}

#[test]
fn a_remainder_goes_to_the_largest() {
    for (amount, weights, expected) in [
        (100, &[1, 1, 1][..], &[34, 33, 33][..]),
        (1, &[1, 1], &[1, 0]),
        (1, &[1, 3], &[0, 1]),
        (2, &[3, 1], &[2, 0]),
        (5, &[0, 0], &[0, 0]),
        (5, &[], &[]),
        (0, &[7, 9], &[0, 0]),
        (7, &[0, 7, 0], &[0, 7, 0]),
    ] {
        assert_eq!(spread(amount, weights), expected, "{amount} over {weights:?}");
    }
}

#[test]
fn an_odd_cent_comes_off_the_same_class_whichever_stands_first() {
    let one = |class| Item { quantity: 1, shares: vec![Share { class, cents: 100 }] };
    let (food, drink) = (one(Class::Food), one(Class::Drink));
    let first = at(&[food.clone(), drink.clone()], 1, 0, Mode::EatIn);
    let second = at(&[drink, food], 1, 0, Mode::EatIn);
    assert_eq!(first.vat, second.vat);
    let gross: Vec<i64> = first.vat.iter().map(|part| part.gross_cents).collect();
    assert_eq!(gross, [99, 100], "12 % and 21 %");
}

#[test]
fn what_is_no_amount_is_not_read() {
    for (text, expected) in [
        ("12", Some(1_200)),
        ("12,5", Some(1_250)),
        (" 0.05 ", Some(5)),
        ("12.", Some(1_200)),
        ("10000000", Some(1_000_000_000)),
        ("10000000.01", None),
        ("", None),
        (",5", None),
        ("1,234", None),
        ("-1", None),
        ("1 000", None),
        ("٣", None),
        ("1e3", None),
    ] {
        assert_eq!(amount::parse(text), expected, "{text}");
    }
}

#[test]
fn a_code_is_read_as_people_type_it() {
    for (text, expected) in [
        (" bienvenue10 ", Some("BIENVENUE10")),
        ("A-1", Some("A-1")),
        ("ab", None),
        ("été2026", None),
        ("two words", None),
        ("", None),
    ] {
        assert_eq!(code(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn a_promotion_counts_on_its_days_and_from_its_minimum_on() {
    let promotion = Promotion {
        code: "dix".to_owned(),
        percent: 10,
        from: "2026-03-01".to_owned(),
        until: "2026-03-31".to_owned(),
        minimum_cents: 1_000,
        active: true,
        ..Promotion::default()
    };
    let promotion = promotion.checked().unwrap();
    let off = |goods, day| promotion.taken_off(goods, day).map(|discount| discount.cents);
    let code = |goods, day| off(goods, day).unwrap_err().code();
    assert_eq!(off(1_005, "2026-03-01"), Ok(101), "half a cent upwards");
    assert_eq!(off(1_000, "2026-03-31"), Ok(100));
    assert_eq!(code(1_000, "2026-02-28"), "promotion_not_now");
    assert_eq!(code(1_000, "2026-04-01"), "promotion_not_now");
    assert_eq!(code(999, "2026-03-01"), "promotion_minimum");
    let off = Promotion { active: false, ..promotion.clone() };
    assert_eq!(off.taken_off(5_000, "2026-03-01").unwrap_err().code(), "promotion_not_now");
    let large =
        Promotion { code: "GROS".to_owned(), cents: 5_000, active: true, ..Default::default() };
    assert_eq!(large.taken_off(1_200, "").unwrap().cents, 1_200, "nobody is paid for ordering");
}

#[test]
fn a_promotion_that_says_nothing_or_two_things_is_refused() {
    let base = Promotion { code: "DIX".to_owned(), percent: 10, ..Promotion::default() };
    for (wrong, field) in [
        (Promotion { code: "x".to_owned(), ..base.clone() }, "code"),
        (Promotion { percent: 0, ..base.clone() }, "percent"),
        (Promotion { percent: 101, ..base.clone() }, "percent"),
        (Promotion { cents: 100, ..base.clone() }, "cents"),
        (Promotion { percent: 0, cents: -1, ..base.clone() }, "cents"),
        (Promotion { from: "demain".to_owned(), ..base.clone() }, "from"),
        (
            Promotion {
                from: "2026-03-02".to_owned(),
                until: "2026-03-01".to_owned(),
                ..base.clone()
            },
            "until",
        ),
        (Promotion { minimum_cents: -1, ..base.clone() }, "minimum_cents"),
    ] {
        assert_eq!(wrong.checked().unwrap_err().subject(), [field]);
    }
    assert!(base.checked().is_ok());
}

proptest! {
    #[test]
    fn parts_add_up_to_the_whole(
        items in items(), off in 0..200_000_i64, fee in 0..2_000_i64, mode in 0..3_usize,
    ) {
        let sum = at(&items, off, fee, Mode::ALL[mode]);
        let goods: i64 = items
            .iter()
            .map(|item| item.quantity * item.shares.iter().map(|s| s.cents).sum::<i64>())
            .sum();
        prop_assert_eq!(sum.goods_cents, goods);
        prop_assert_eq!(sum.discount_cents, off.min(goods));
        prop_assert_eq!(sum.total_cents, goods - sum.discount_cents + fee);
        prop_assert_eq!(sum.vat.iter().map(|p| p.gross_cents).sum::<i64>(), sum.total_cents);
        prop_assert_eq!(sum.lines.iter().map(|l| l.gross_cents).sum::<i64>(), goods);
        let off: i64 = sum.lines.iter().map(|line| line.discount_cents).sum();
        prop_assert_eq!(off, sum.discount_cents);
        for part in &sum.vat {
            prop_assert_eq!(part.vat_cents, vat_within(part.gross_cents, part.bp));
        }
        for line in &sum.lines {
            prop_assert!(line.discount_cents <= line.gross_cents);
            prop_assert!(line.vat_cents <= line.gross_cents - line.discount_cents);
        }
        if fee == 0 {
            let lines: i64 = sum.lines.iter().map(|line| line.vat_cents).sum();
            prop_assert_eq!(lines, sum.vat.iter().map(|p| p.vat_cents).sum::<i64>());
        }
    }

    #[test]
    fn how_it_is_sold_never_changes_the_price(
        items in items(), off in 0..200_000_i64, fee in 0..2_000_i64,
    ) {
        let sums = Mode::ALL.map(|mode| at(&items, off, fee, mode));
        for sum in &sums {
            prop_assert_eq!(sum.total_cents, sums[0].total_cents);
            prop_assert_eq!(sum.discount_cents, sums[0].discount_cents);
        }
    }

    #[test]
    fn lines_in_another_order_are_taxed_alike(
        (items, shuffled) in items().prop_flat_map(|items| {
            (Just(items.clone()), Just(items).prop_shuffle())
        }),
        off in 0..200_000_i64, fee in 0..2_000_i64, mode in 0..3_usize,
    ) {
        let [a, b] = [&items, &shuffled].map(|items| at(items, off, fee, Mode::ALL[mode]));
        prop_assert_eq!(&a.vat, &b.vat);
        prop_assert_eq!(a.total_cents, b.total_cents);
        let sorted = |sum: &Total| {
            let mut lines: Vec<(i64, i64)> =
                sum.lines.iter().map(|l| (l.gross_cents, l.discount_cents)).collect();
            lines.sort_unstable();
            lines.iter().map(|(_, off)| *off).sum::<i64>()
        };
        prop_assert_eq!(sorted(&a), sorted(&b));
    }

    #[test]
    fn a_spread_is_exact_and_fair(
        amount in 0..1_000_000_000_i64, weights in prop::collection::vec(0..1_000_000_i64, 1..40),
    ) {
        let parts = spread(amount, &weights);
        let all: i64 = weights.iter().sum();
        prop_assert_eq!(parts.iter().sum::<i64>(), if all == 0 { 0 } else { amount });
        for (part, weight) in parts.iter().zip(&weights) {
            let exact = i128::from(amount) * i128::from(*weight);
            let off = exact - i128::from(*part) * i128::from(all);
            prop_assert!(off.abs() < i128::from(all.max(1)), "{part} of {weight}");
        }
    }
}
