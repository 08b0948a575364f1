//! Tests of what comes after an order: what somebody thinks of it, and its invoice.

use super::{
    super::{
        invoice::{Desk, issue},
        rating::{rate, words},
        *,
    },
    order,
};

#[test]
fn what_was_had_is_rated_with_one_to_five_stars() {
    let had = order(1_150, &[Event::Collected]);
    for (order, stars, expected) in [
        (&had, 1, Ok(1)),
        (&had, 5, Ok(1)),
        (&had, 0, Err("invalid_field")),
        (&had, 6, Err("invalid_field")),
        (&had, i64::MIN, Err("invalid_field")),
        (&order(1_150, &[Event::Ready]), 5, Err("not_had_yet")),
        (&order(0, &[]), 5, Err("not_had_yet")),
        (&order(1_150, &[Event::Left, Event::Delivered]), 3, Ok(1)),
    ] {
        let told = rate(order, (stars, "1sealed"), 7);
        let told = told.map(|drafts| drafts.len()).map_err(|refused| refused.code());
        assert_eq!(told, expected, "{stars}");
    }
    // One per order, whoever says it how often.
    let ids = [1, 2].map(|stars| rate(&had, (stars, ""), 7).unwrap()[0].entity.clone());
    assert_eq!(ids, [had.id.clone(), had.id.clone()]);
}

#[test]
fn words_have_a_limit_and_no_lines() {
    assert_eq!(words("  Très\n bon  ! 🌶️ ", "comment").unwrap(), "Très bon ! 🌶️");
    assert!(words(&"é".repeat(crate::limits::RATING_CHARS), "comment").is_ok());
    for odd in ["é".repeat(crate::limits::RATING_CHARS + 1), "\u{0}".to_owned()] {
        assert_eq!(words(&odd, "comment").unwrap_err().subject(), ["comment"]);
    }
}

#[test]
fn an_invoice_is_numbered_where_its_order_was_placed_and_never_unpaid() {
    let desk = |origin: &str| Desk { origin: origin.to_owned(), life: "3f9a7c".to_owned() };
    let told = |paid, origin: &str| {
        issue(&order(paid, &[]), (&desk(origin), ""), 7).map_err(|refused| refused.code())
    };
    assert_eq!(told(0, "K1"), Err("not_paid"));
    assert_eq!(told(1_150, "W"), Err("invoice_elsewhere"));
    let called_off = order(1_150, &[Event::Cancelled]);
    let refused = issue(&called_off, (&desk("K1"), ""), 7).unwrap_err();
    assert_eq!(refused.code(), "order_cancelled");
    let drafts = told(1_150, "K1").unwrap();
    assert_eq!(drafts[0].entity, order(0, &[]).id, "one per order");
    assert_eq!(drafts[0].payload["origin"], "K1-3F9A");
    assert_eq!(drafts[0].number.as_ref().unwrap().series, "invoice/K1-3F9A/3f9a7c");
}
