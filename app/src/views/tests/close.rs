//! The page of the day's close, for the tests of every page.

use askama::Template;

use super::shell;
use crate::views::{CloseView, RateSum, ReportView, SumLine, SumsView, Surface};

fn hostile() -> String {
    "<script>alert(1)</script>".to_owned()
}

fn sums() -> SumsView {
    let line = || SumLine { name: hostile(), count: hostile(), amount: hostile() };
    let rate = || RateSum { rate: hostile(), gross: hostile(), vat: hostile() };
    SumsView {
        orders: hostile(),
        gross: hostile(),
        refunded: hostile(),
        cancelled: hostile(),
        paid: vec![line()],
        back: vec![line()],
        vat: vec![rate()],
        back_vat: vec![rate()],
        tickets: hostile(),
    }
}

fn close() -> CloseView {
    let report = ReportView {
        name: hostile(),
        anchor: "z-5e55".to_owned(),
        at: "sam. 21 nov. 2026, 22:14".to_owned(),
        who: hostile(),
        sums: sums(),
        drawer: Vec::new(),
        digest: hostile(),
        is_sound: false,
    };
    let line =
        SumLine { name: hostile(), count: String::new(), amount: "-0,50\u{a0}€".to_owned() };
    CloseView {
        is_today: true,
        shell: shell(Surface::Staff),
        day: "2026-11-21".to_owned(),
        day_name: "sam. 21 nov. 2026".to_owned(),
        sums: sums(),
        is_open: true,
        open: "23,00\u{a0}€".to_owned(),
        is_news: true,
        asks: false,
        uncounted: true,
        done: Some(report.clone()),
        drawer: vec![line],
        reports: vec![report],
        csv: None,
        error: Some(hostile()),
        wrong: None,
    }
}

pub(super) fn close_page(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    page("close", close().render());
}

#[test]
fn a_day_is_closed_only_behind_a_question_and_only_where_there_is_news() {
    let first = r#"name="ask""#;
    let sure = r#"value="close""#;
    for (is_news, asks, has_first, has_sure) in
        [(true, false, true, false), (true, true, false, true), (false, false, false, false)]
    {
        let html = CloseView { is_news, asks, ..close() }.render().unwrap();
        assert_eq!((html.contains(first), html.contains(sure)), (has_first, has_sure), "{html}");
    }
    let html = CloseView { asks: true, ..close() }.render().unwrap();
    let question = html.split("id=\"ask\"").nth(1).unwrap();
    for text in ["sam. 21 nov. 2026", "23,00\u{a0}€", "-0,50\u{a0}€", "pas comptée"] {
        assert!(question.contains(text), "{text}: {question}");
    }
}

#[test]
fn what_was_closed_is_told_with_a_way_to_its_report() {
    let html = close().render().unwrap();
    let told = html.split("id=\"closed\"").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(told.contains("22:14") && told.contains("href=\"#z-5e55\""), "{told}");
    assert!(html.contains("id=\"z-5e55\""), "{html}");
}
