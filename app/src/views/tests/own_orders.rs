//! Pages about orders that were placed, to be drawn with words that try to be more than words.

use askama::Template as _;

use super::{
    super::{
        AddressLine, AddressesView, ContactView, InvoiceView, Mode, OwnOrder, OwnOrdersView,
        RatingLine, RatingsView, State, Surface,
    },
    shell, sums, ticket,
};

pub(super) fn own_order_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let hostile = || "<script>alert(1)</script>".to_owned();
    let order = |stars, invoice: &str| OwnOrder {
        id: "7d1f".to_owned(),
        ticket: "W-017".to_owned(),
        placed: "2026-11-21 14:32".to_owned(),
        mode: Mode::Delivery,
        state: State::Delivered,
        lines: ticket().lines,
        total: ticket().total,
        can_rate: true,
        stars,
        comment: hostile(),
        answer: hostile(),
        can_invoice: true,
        invoice: invoice.to_owned(),
    };
    let list = OwnOrdersView {
        shell: shell(Surface::Staff),
        orders: vec![order(0, ""), order(4, "W-3F9A-00001")],
        next: Some("1.7d1f".to_owned()),
        done: true,
        error: Some(hostile()),
    };
    page("own orders", list.render());
    let invoice = InvoiceView {
        shell: shell(Surface::Staff),
        number: "W-3F9A-00001".to_owned(),
        at: "2026-11-21 14:32".to_owned(),
        seller: vec![hostile()],
        billed: hostile(),
        ticket: "W-017".to_owned(),
        placed: "2026-11-21 14:32".to_owned(),
        lines: ticket().lines,
        sums: sums(),
        net: sums().vat.iter().map(|_| "20,54\u{a0}€".to_owned()).collect(),
        total: ticket().total,
    };
    page("invoice", invoice.render());
    let rating = RatingLine {
        order: "7d1f".to_owned(),
        ticket: "W-017".to_owned(),
        at: "2026-11-21 14:32".to_owned(),
        stars: 4,
        comment: hostile(),
        answer: hostile(),
    };
    let ratings = RatingsView {
        shell: shell(Surface::Staff),
        ratings: vec![rating],
        mean: Some("4,0".to_owned()),
        count: "1".to_owned(),
        error: Some(hostile()),
    };
    page("ratings", ratings.render());
    let contact = ContactView { address: hostile(), phone: "0470 12 34 56".to_owned() };
    let addresses = AddressesView {
        shell: shell(Surface::Staff),
        addresses: vec![AddressLine { id: "ab".to_owned(), contact }],
        typed: [hostile(), hostile(), hostile()],
        error: Some(hostile()),
    };
    page("addresses", addresses.render());
}
