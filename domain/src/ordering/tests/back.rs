//! Tests of what is taken back: never more than was paid, to the cent, and with its VAT.

use proptest::prelude::*;

use super::{super::*, BY, order};
use crate::{
    limits,
    ordering::back::{POINTS, Pieces},
    pricing::{
        total::{Item, Share, VatPart, total},
        vat::{Class, InForce, Rates},
    },
};

fn rates() -> InForce {
    Rates::default().on("2026-11-21", Mode::EatIn)
}

fn line(quantity: i64, unit_cents: i64, class: Class) -> Line {
    let shares = vec![Share { class, cents: unit_cents }];
    Line { product: "one".to_owned(), quantity, unit_cents, shares, ..Line::default() }
}

/// An order of these lines that is paid in one sum.
fn paid(lines: Vec<Line>, off_cents: i64) -> Order {
    let item = |line: &Line| Item { quantity: line.quantity, shares: line.shares.clone() };
    let items: Vec<Item> = lines.iter().map(item).collect();
    let told = total(&items, (off_cents, 0), &rates());
    let discount = Discount { code: "MIDI3".to_owned(), cents: told.discount_cents };
    let discounts = if off_cents > 0 { vec![discount] } else { Vec::new() };
    let amount_cents = told.total_cents;
    let means = "cash".to_owned();
    Order {
        lines,
        total_cents: told.total_cents,
        discounts,
        vat: told.vat,
        rules: rates().rules,
        payments: vec![Payment { id: "counter/x".to_owned(), means, amount_cents, at_ms: 1 }],
        ..order(told.total_cents, &[])
    }
}

fn beer_and_burger() -> Order {
    paid(vec![line(2, 450, Class::Alcohol), line(3, 1_150, Class::Food)], 100)
}

fn wish(cents: Option<i64>, lines: &[(usize, i64)], seen_cents: i64) -> Back {
    let lines = lines.iter().map(|(line, quantity)| Pieces { line: *line, quantity: *quantity });
    let reason = "Froid".to_owned();
    Back { cents, lines: lines.collect(), seen_cents, means: Means::Cash, reason }
}

/// Gives back, and lets the order know.
fn give(order: &mut Order, wish: &Back, by: &By<'_>) -> Result<i64, Rejection> {
    let mut given = 0;
    for draft in refund(order, wish, (by, &rates()))? {
        let field = |name: &str| draft.payload[name].as_i64().unwrap();
        given += field("amount_cents");
        order.refunds.push(Refund {
            payment: draft.payload["payment"].as_str().unwrap().to_owned(),
            means: "cash".to_owned(),
            amount_cents: field("amount_cents"),
            so_far_cents: field("so_far_cents"),
            lines: serde_json::from_value(draft.payload["lines"].clone()).unwrap(),
            vat: serde_json::from_value(draft.payload["vat"].clone()).unwrap(),
            reason: String::new(),
            person: by.person.to_owned(),
            place: by.place.to_owned(),
            at_ms: 1,
        });
    }
    Ok(given)
}

fn vat(order: &Order, of: fn(&VatPart) -> i64) -> i64 {
    order.refunds.iter().flat_map(|refund| &refund.vat).map(of).sum()
}

#[test]
fn the_whole_goes_back_once_with_all_its_vat() {
    let mut order = beer_and_burger();
    let total = order.total_cents;
    assert_eq!(give(&mut order, &wish(None, &[], 0), &BY), Ok(total));
    assert_eq!(order.refunds[0].vat, order.vat);
    assert_eq!(give(&mut order, &wish(None, &[], 0), &BY), Ok(0), "a second tap");
    let other = By { person: "bas", ..BY };
    let changed = Err(Rejection::RefundChanged(total));
    assert_eq!(give(&mut order, &wish(None, &[], 0), &other), changed);
    let over = Err(Rejection::RefundTooMuch(0));
    assert_eq!(give(&mut order, &wish(None, &[], total), &BY), over);
    assert!(order.is_paid(), "paid stays paid");
}

#[test]
fn a_line_takes_its_own_rate_back_and_its_part_of_the_discount() {
    let mut order = beer_and_burger();
    // Two beers of 9.00 have 21 cents of the discount of one euro: 100 × 900 / 4350, rounded.
    assert_eq!(give(&mut order, &wish(None, &[(0, 2)], 0), &BY), Ok(879));
    let back = &order.refunds[0].vat;
    assert_eq!(back.len(), 1);
    assert_eq!((back[0].bp, back[0].gross_cents), (2_100, 879));
    for lines in [&[(0, 1)][..], &[(1, 4)], &[(1, 0)], &[(2, 1)], &[(1, 1), (1, 1)]] {
        let refused = give(&mut order, &wish(None, lines, 879), &BY);
        assert_eq!(refused, Err(Rejection::InvalidField("lines")), "{lines:?}");
    }
    let both = wish(Some(1), &[(1, 1)], 879);
    assert_eq!(give(&mut order, &both, &BY), Err(Rejection::InvalidField("cents")));
}

#[test]
fn two_places_that_give_back_apart_count_once_and_are_told() {
    let mut order = beer_and_burger();
    let total = order.total_cents;
    let there = By { place: "edge", person: "bas", ..BY };
    let mut apart = order.clone();
    assert_eq!(give(&mut order, &wish(None, &[], 0), &BY), Ok(total));
    assert_eq!(give(&mut apart, &wish(Some(500), &[], 0), &there), Ok(500));
    order.refunds.extend(apart.refunds);
    assert_eq!(order.refunded_cents(), total, "never more than was paid");
    assert_eq!(order.exceptions(), [Exception::RefundedTwice(500)]);
}

#[test]
fn what_goes_back_beyond_all_is_split_to_the_cent_too() {
    let mut here = beer_and_burger();
    let mut there = here.clone();
    let all = here.total_cents;
    // Each gives nearly all, without seeing the other; then one of them gives the rest.
    assert_eq!(give(&mut here, &wish(Some(all - 64), &[], 0), &BY), Ok(all - 64));
    assert_eq!(give(&mut there, &wish(Some(all - 500), &[], 0), &BY), Ok(all - 500));
    here.refunds.extend(there.refunds);
    assert_eq!(give(&mut here, &wish(None, &[], all - 64), &BY), Ok(64));
    let last = here.refunds.last().unwrap();
    assert_eq!(last.vat.iter().map(|part| part.gross_cents).sum::<i64>(), 64);
    assert!(last.vat.iter().all(|part| part.vat_cents > 0), "{last:?}");
}

#[test]
fn what_points_paid_is_no_money_and_nobody_gives_or_owes_it() {
    let mut order = beer_and_burger();
    let total = order.total_cents;
    order.payments[0].id = "points/x".to_owned();
    order.payments[0].means = POINTS.to_owned();
    for wish in [wish(None, &[], 0), wish(Some(1), &[], 0), wish(None, &[(0, 1)], 0)] {
        assert_eq!(give(&mut order, &wish, &BY), Err(Rejection::RefundTooMuch(0)));
    }
    // Paid in cash as well, where nobody knew: that alone goes back.
    let (id, means) = ("counter/x".to_owned(), "cash".to_owned());
    order.payments.push(Payment { id, means, amount_cents: total, at_ms: 2 });
    order.paid_cents += total;
    assert_eq!(give(&mut order, &wish(None, &[], 0), &BY), Ok(total));
    assert_eq!(order.refunds[0].payment, "counter/x");
    order.happened.add(Event::Cancelled);
    assert_eq!(order.exceptions(), []);
}

#[test]
fn an_order_is_called_off_until_somebody_has_it() {
    for (paid, events, expected) in [
        (0, &[][..], Ok(1)),
        (1_150, &[Event::Ready], Ok(1)),
        (1_150, &[Event::Cancelled], Ok(0)),
        (1_150, &[Event::Ready, Event::Left], Ok(1)),
        (1_150, &[Event::Ready, Event::Collected], Err(Rejection::NotCancellable)),
        (1_150, &[Event::Left, Event::Delivered], Err(Rejection::NotCancellable)),
    ] {
        let taken = cancel(&order(paid, events), "Client parti", &BY).map(|drafts| drafts.len());
        assert_eq!(taken, expected, "{paid} {events:?}");
    }
    for reason in ["", "  ", "\u{202e}no", &"x".repeat(limits::REASON_CHARS + 1)] {
        let refused = cancel(&order(0, &[]), reason, &BY);
        assert_eq!(refused, Err(Rejection::InvalidField("reason")), "{reason:?}");
    }
    let called_off = order(0, &[Event::Cancelled]);
    let off = Err(Rejection::OrderCancelled);
    assert_eq!(pay(&called_off, Means::Cash, 1), off);
    assert_eq!(prepare(&called_off, 1), off);
    assert_eq!(ready(&called_off, 1), off);
    assert_eq!(recall(&called_off, 1), off);
    assert_eq!(collect(&called_off, &BY), off);
}

#[test]
fn staff_hear_of_what_no_rule_puts_right() {
    let told = |paid, events: &[Event]| order(paid, events).exceptions();
    assert_eq!(told(1_150, &[Event::Cancelled]), [Exception::Owed(1_150)]);
    assert_eq!(told(0, &[Event::Cancelled]), []);
    let both = [Event::Cancelled, Event::Collected];
    assert_eq!(told(1_150, &both), [Exception::CollectedAndCancelled]);
    let twice = [Event::Ready, Event::Collected, Event::Collected];
    assert_eq!(told(1_150, &twice), [Exception::CollectedTwice]);
    let brought = [Event::Left, Event::Delivered, Event::Cancelled];
    assert_eq!(told(1_150, &brought), [Exception::CollectedAndCancelled]);
    let both_ways = [Event::Collected, Event::Left, Event::Delivered];
    assert_eq!(told(1_150, &both_ways), [Exception::CollectedTwice]);
}

proptest! {
    #[test]
    fn whatever_goes_back_in_whatever_steps_comes_to_what_was_paid_and_its_vat(
        prices in proptest::collection::vec((1..6_i64, 1..2_000_i64, 0..4_usize), 1..6),
        off in 0..500_i64,
        steps in proptest::collection::vec((0..8_usize, 1..4_i64), 0..12),
    ) {
        let line = |&(quantity, cents, class): &(i64, i64, usize)| {
            line(quantity, cents, Class::ALL[class])
        };
        let mut order = paid(prices.iter().map(line).collect(), off);
        let total = order.total_cents;
        let mut given = 0;
        for (step, size) in steps {
            let seen = order.refunded_cents();
            let wish = match step {
                0..6 => wish(None, &[(step, size)], seen),
                _ => wish(Some(size * 37), &[], seen),
            };
            given += give(&mut order, &wish, &BY).unwrap_or(0);
            prop_assert!(given <= total && given == order.refunded_cents());
            prop_assert_eq!(vat(&order, |part| part.gross_cents), given);
        }
        if given < total {
            given += give(&mut order, &wish(None, &[], given), &BY).unwrap();
        }
        prop_assert_eq!(given, total);
        for part in &order.vat {
            let back = order.refunds.iter().flat_map(|refund| &refund.vat);
            let back: i64 = back.filter(|b| b.bp == part.bp).map(|b| b.vat_cents).sum();
            prop_assert_eq!(back, part.vat_cents, "{}", part.bp);
        }
    }
}
