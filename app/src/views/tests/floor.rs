//! The floor's pages, for the tests of every page.

use askama::Template;

use super::{shell, sums, ticket};
use crate::{
    locale::Locale,
    views::{
        FloorBoard, FloorView, Mode, OrderView, PastView, PointsNote, ReceiptNote, Safe, State,
        Surface, TableNote, TablePage, TileView,
    },
};

fn hostile() -> String {
    "<script>alert(1)</script>".to_owned()
}

fn tile() -> TileView {
    TileView {
        number: 5,
        name: hostile(),
        seats: 4,
        state: "assigned",
        label: "Attribuée",
        tickets: vec!["K1-017".to_owned(), hostile()],
        since_ms: 1_763_700_000_000,
        silent: true,
        by_hand: true,
    }
}

/// An order at whose page this is said of its table.
pub(super) fn order_with(table: TableNote) -> OrderView {
    OrderView {
        receipt: ReceiptNote::Offered,
        shell: shell(Surface::Kiosk),
        id: "7d1f".to_owned(),
        acceptance: "waiting",
        withdraws: true,
        late: true,
        ticket: "K1-017".to_owned(),
        state: State::Paid,
        safe: Safe::Here,
        mode: Mode::EatIn,
        table,
        lines: ticket().lines,
        total: ticket().total,
        sums: sums(),
        note: ticket().note,
        wanted: ticket().wanted,
        ready_at: ticket().wanted,
        code: Some("ABCD234".to_owned()),
        points: PointsNote {
            earns: Some("270".to_owned()),
            price: Some("2 700".to_owned()),
            usable: "3 000".to_owned(),
            why: None,
            refused: Some("<refused>"),
        },
        link: ("https://chakri.be/orders/7d1f".to_owned(), "<svg></svg>".to_owned()),
        way: None,
    }
}

pub(super) fn floor_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let board = FloorBoard { locale: Locale::Fr, tables: vec![tile()], free: 0, waiting: 2 };
    let floor = FloorView {
        shell: shell(Surface::Staff),
        board,
        manages: true,
        typed: [hostile(), hostile(), hostile()],
        error: Some(hostile()),
    };
    page("floor", floor.render());
    let past = PastView {
        ticket: "K1-016".to_owned(),
        from: "2026-11-21 12:00".to_owned(),
        until: "2026-11-21 12:40".to_owned(),
        why: "partis".to_owned(),
    };
    let table = TablePage {
        shell: shell(Surface::Staff),
        table: tile(),
        hand: "auto",
        sensor: "sensor-1".to_owned(),
        history: vec![past],
        link: format!("https://chakri.be/menu?table=5{}", hostile()),
        picture: String::new(),
        manages: true,
        error: Some(hostile()),
    };
    page("floor_table", table.render());
    let without = TableNote { code: "choose", number: 0, choices: vec![1, 2] };
    page("order_without_table", order_with(without).render());
}

#[test]
fn a_customer_is_told_their_table_or_what_there_is_to_choose() {
    for (code, texts) in [
        ("assigned", ["Votre table : 5", "Installez-vous", "commande au comptoir"]),
        ("on_site", ["attribuée sur place", "", ""]),
        ("choose", ["Aucune table", "data-table-choice=\"wait\"", "<option value=\"1\">"]),
        ("waiting", ["attendez une table", "data-table-choice=\"take_away\"", ""]),
        ("doubled", ["deux fois", "Demandez une autre table", ""]),
    ] {
        let choices = if ["choose", "waiting"].contains(&code) { vec![1, 2] } else { Vec::new() };
        let html = order_with(TableNote { code, number: 5, choices }).render().expect("renders");
        for text in texts {
            assert!(html.contains(text), "{code} says {text}");
        }
    }
    for code in ["none", "over"] {
        let note = TableNote { code, ..TableNote::default() };
        assert!(!order_with(note).render().expect("renders").contains("order-table__title"));
    }
}
