//! Pages of couriers, and the page of an order that is brought, to be drawn in every language.

use askama::Template as _;

use super::{
    super::{
        ContactView, DeliveriesBoard, DeliveriesView, DeliveryView, OrderView, RideView, Shell,
        State, Surface, TableNote, TicketView, WayView,
    },
    floor::order_with,
    shell, ticket,
};
use crate::{locale::Locale, views::Mode};

fn brought() -> TicketView {
    let address = "Rue de l’Église \"12\" <b>, 1000".to_owned();
    let contact = Some(ContactView { address, phone: "0470 12 34 56".to_owned() });
    TicketView { mode: Mode::Delivery, contact, ..ticket() }
}

pub(super) fn delivery_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    let ride = |is_own| RideView { ticket: brought(), is_own };
    let board = DeliveriesBoard {
        locale: Locale::Fr,
        ready: vec![ride(false)],
        left: vec![ride(true)],
        is_cut: true,
        on_site: true,
        simulates: true,
    };
    page("deliveries", DeliveriesView { shell: shell(Surface::Staff), board }.render());
    let door = DeliveryView {
        shell: shell(Surface::Staff),
        ticket: brought(),
        state: State::OnItsWay,
        is_paid: false,
        takes_photos: true,
        receiver: "Ann".to_owned(),
        has_photo: true,
        typed: "\"<b>".to_owned(),
        error: Some("Non".to_owned()),
    };
    page("delivery", door.render());
    for state in State::BROUGHT {
        let way = Some(WayView { has_photo: true, ..WayView::default() });
        let order = order_with(TableNote { code: "none", ..TableNote::default() });
        let shell = shell(Surface::Web);
        let brought = OrderView { shell, mode: Mode::Delivery, state, way, ..order };
        page("order that is brought", brought.render());
    }
}

#[test]
fn a_page_that_follows_an_order_knows_the_words_of_every_state() {
    for locale in Locale::ALL {
        let order = order_with(TableNote { code: "none", ..TableNote::default() });
        let shell = Shell { locale, ..shell(Surface::Web) };
        let (mode, code) = (Mode::Delivery, None);
        let said = OrderView { shell, mode, code, ..order }.sentences();
        for state in State::ALL {
            assert!(said.contains(&format!("\"{}\":[", state.code())), "{said}");
        }
        for word in ["headline_", "advice_"] {
            assert!(!said.contains(word), "{said}");
        }
    }
}

#[test]
fn what_is_brought_is_never_asked_for_at_the_counter() {
    for locale in Locale::ALL {
        for state in State::ALL {
            if state == State::Collected {
                continue;
            }
            let told =
                [state.headline(&Mode::Delivery, &locale), state.advice(&Mode::Delivery, &locale)];
            for word in ["comptoir", "toog", "kassa", "counter"] {
                assert!(told.iter().all(|text| !text.contains(word)), "{state:?}: {told:?}");
            }
        }
    }
}
