//! The board in the room: which numbers are being prepared, and which are called.
//!
//! Anybody may look at it: it shows numbers and nothing else.

use domain::ordering::Mode;

use crate::{
    call::{Answer, Call, page},
    pages::staff::{fragment, open_orders},
    problem::Problem,
    rows::order::Found,
    views::{ReadyBoard, ReadyView, Surface},
};

/// The page.
pub async fn show(call: Call) -> Answer {
    let board = load(&call).await?;
    page(&ReadyView { shell: call.shell(Surface::Web), board })
}

/// The numbers alone.
pub async fn numbers(call: Call) -> Answer {
    fragment(&call, &load(&call).await?)
}

async fn load(call: &Call) -> Result<ReadyBoard, Problem> {
    let open = open_orders(call).await?;
    let tickets = |found: &[Found]| found.iter().map(|found| found.order.ticket()).collect();
    // Nobody in the room fetches what a courier does.
    let is_fetched = |found: &Found| found.order.mode != Some(Mode::Delivery);
    let mut ready = open.ready;
    ready.retain(is_fetched);
    // Who was called last looks at the top.
    ready.sort_by_key(|found| std::cmp::Reverse(found.ready_ms));
    Ok(ReadyBoard {
        locale: call.locale,
        preparing: tickets(&[open.preparing, open.to_prepare].concat()),
        ready: tickets(&ready),
    })
}
