//! The counter's pages, for the tests of every page.

use askama::Template;

use super::{close::close_page, shell, sums, ticket};
use crate::views::{
    CounterOrderView, ExceptionView, Mode, PiecesView, ScanLine, ScanView, State, Surface, ToldView,
};

fn hostile() -> String {
    "<script>alert(1)</script>".to_owned()
}

pub(super) fn exceptions() -> Vec<ExceptionView> {
    vec![ExceptionView { id: "7d1f".to_owned(), ticket: hostile(), text: hostile() }]
}

pub(super) fn counter_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let told = ToldView {
        what: hostile(),
        when: hostile(),
        place: hostile(),
        who: hostile(),
        reason: hostile(),
    };
    let order = CounterOrderView {
        shell: shell(Surface::Staff),
        id: "7d1f".to_owned(),
        prints: (true, true),
        ticket: hostile(),
        state: State::Cancelled,
        mode: Mode::EatIn,
        placed: hostile(),
        lines: ticket().lines,
        total: hostile(),
        sums: sums(),
        paid: hostile(),
        refunded: Some(hostile()),
        left: Some(hostile()),
        seen_cents: 100,
        pieces: vec![PiecesView { line: 0, name: hostile(), left: 2 }],
        exceptions: vec![hostile()],
        told: vec![told],
        can_pay: true,
        waits: true,
        asked: true,
        doubt: true,
        can_hand_over: true,
        can_validate: true,
        can_cancel: true,
        may_refund: true,
        done: Some(hostile()),
        error: Some(hostile()),
        reason: hostile(),
        amount: hostile(),
    };
    page("counter_order", order.render());
    let line = ScanLine {
        id: "7d1f".to_owned(),
        ticket: hostile(),
        state: State::Ready,
        is_paid: true,
        what: hostile(),
        total: hostile(),
    };
    let scan = ScanView {
        shell: shell(Surface::Staff),
        found: vec![line],
        nothing: true,
        ticket: hostile(),
        paid: "yes".to_owned(),
        error: Some(hostile()),
    };
    page("scan", scan.render());
    close_page(page);
}
