//! What the kitchen shows of orders whose words are hostile.

use super::{
    super::{ItemView, KitchenBoard, KitchenTicket, KitchenView, Surface, SwitchView, Tick},
    shell, ticket,
};
use crate::locale::Locale;

fn in_kitchen() -> KitchenTicket {
    let hostile = || "<script>".to_owned();
    let item = ItemView {
        name_in_order: "0-1".to_owned(),
        line: 0,
        part: Some(1),
        quantity: 2,
        name: hostile(),
        options: vec![hostile()],
        word: hostile(),
        heading: Some((hostile(), hostile())),
        allergens: hostile(),
        done: true,
    };
    KitchenTicket {
        ticket: ticket(),
        items: vec![item],
        is_mine_done: true,
        waits: true,
        may_call: true,
        elsewhere: hostile(),
    }
}

pub(super) fn kitchen_page(switch: SwitchView) -> KitchenView {
    let board = KitchenBoard {
        locale: Locale::Fr,
        station: "grill".to_owned(),
        soon_minutes: 6,
        late_minutes: 12,
        to_prepare: vec![in_kitchen()],
        preparing: vec![in_kitchen()],
        ready: vec![in_kitchen()],
        troubles: vec!["<script>".to_owned()],
        mean: Some("4 min".to_owned()),
        switches: vec![switch],
    };
    let fryer = Tick { value: "fries".to_owned(), label: "\"><script>".to_owned(), chosen: true };
    KitchenView { shell: shell(Surface::Staff), switches: true, stations: vec![fryer], board }
}
