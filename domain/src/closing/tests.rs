//! Tests of the day's close: what a report tells, and how reports chain.

use super::*;

fn writer() -> Writer {
    Writer::parse("gateway", "g1").unwrap()
}

fn day(cash: i64, back: i64) -> Totals {
    let sum = |cents: i64| Sum { count: 1, cents };
    Totals {
        paid: [("cash".to_owned(), sum(cash)), ("terminal".to_owned(), sum(500))].into(),
        refunded: [("cash".to_owned(), sum(back))].into(),
        vat: vec![VatPart { bp: 600, gross_cents: cash + 500, vat_cents: 28 }],
        ..Totals::default()
    }
}

fn news(totals: Totals, drawer: Drawer) -> News {
    News { day: "2026-11-21".to_owned(), totals, drawer, told: None }
}

#[test]
fn a_drawer_that_was_told_is_no_news_until_it_is_counted_anew() {
    let drawer = |counted_cents| Drawer { counted_cents, ..Drawer::default() };
    for (counted, told, is_empty) in [
        (None, None, true),
        (Some(5), None, false),
        (Some(5), Some(drawer(Some(5))), true),
        (Some(5), Some(drawer(Some(4))), false),
        (Some(5), Some(drawer(None)), false),
    ] {
        let news = News { told, ..news(Totals::default(), drawer(counted)) };
        assert_eq!(news.is_empty(), is_empty, "{news:?}");
    }
    let sold = News { told: Some(drawer(Some(5))), ..news(day(1, 0), drawer(Some(5))) };
    assert!(!sold.is_empty());
}

#[test]
fn reports_of_a_day_add_up_to_it_also_what_comes_late_or_goes_to_another() {
    let (first, all) = (day(1_000, 0), day(1_700, 200));
    let second = all.less(&[&first]);
    assert_eq!((second.gross_cents(), second.refunded_cents()), (700, 200));
    assert_eq!(second.vat[0].gross_cents, 700);
    assert!(all.less(&[&first, &second]).is_empty());
    let corrected = first.less(&[&first, &second]);
    assert_eq!((corrected.gross_cents(), corrected.refunded_cents()), (-700, -200));
}

#[test]
fn a_drawer_should_hold_what_it_began_with_and_the_cash_and_nothing_else() {
    let drawer = Drawer::after(10_000, Some(11_300), &day(1_500, 200));
    assert_eq!((drawer.expected_cents, drawer.difference_cents()), (11_300, Some(0)));
    assert_eq!(Drawer::after(0, None, &day(1, 0)).difference_cents(), None);
}

#[test]
fn reports_chain_and_whatever_is_altered_shows() {
    let close = |before: Option<&Report>, totals: Totals| {
        Report::after(before, &writer(), news(totals, Drawer::default()), ("aline", 7))
    };
    assert_eq!(close(None, Totals::default()), Err(Rejection::NothingToClose));
    let first = close(None, day(1_000, 0)).unwrap();
    let second = close(Some(&first), day(300, 0)).unwrap();
    assert!(first.follows(None) && second.follows(Some(&first)) && !second.follows(None));
    let mut altered = first.clone();
    altered.totals.cancelled = 1;
    assert!(first.is_sound() && !altered.is_sound());
    assert_eq!(close(Some(&altered), day(1, 0)), Err(Rejection::ReportAltered));
}

#[test]
fn nobody_counts_less_than_nothing() {
    let by = ("aline", "gateway", 7);
    assert!(count("x", (Counted::Opening, 0), by).is_ok());
    for cents in [-1, limits::CENTS_MAX + 1] {
        let refused = count("x", (Counted::Count, cents), by);
        assert_eq!(refused.unwrap_err(), Rejection::InvalidField("cents"));
    }
}
