//! What the kitchen sees: what to prepare, what is being prepared, what waits to be collected.
//!
//! It must not decide: `domain::ordering` does.

use crate::{
    call::{Answer, Call, page},
    menu,
    pages::{
        pin, present,
        staff::{column, fragment, open_orders, seated},
    },
    problem::Problem,
    rows,
    views::{KitchenBoard, KitchenView, Surface, SwitchView},
};

const MINUTE_MS: i64 = 60_000;

/// The kitchen's page.
pub async fn show(call: Call) -> Answer {
    let board = load(&call).await?;
    let (shell, switches) = (call.shell(Surface::Staff), pin::is_station(&call));
    page(&KitchenView { shell, switches, board })
}

/// The kitchen's board alone.
pub async fn board(call: Call) -> Answer {
    fragment(&call, &load(&call).await?)
}

async fn load(call: &Call) -> Result<KitchenBoard, Problem> {
    let (open, seated) = (open_orders(call).await?, seated(call).await?);
    let venue = &call.here()?.venue.id;
    let catalogue = menu::of(call).await?.catalogue(&call.app);
    let mean_ms = rows::order::mean_ms(&call.db, venue, call.app.clock.now_ms()).await?;
    let minutes = |ms: i64| (ms + MINUTE_MS / 2) / MINUTE_MS;
    let mean = mean_ms
        .map(|ms| call.locale.t_with("board.minutes", &[("count", &minutes(ms).to_string())]));
    let switch = |product: &domain::catalogue::Product| SwitchView {
        id: product.id.clone(),
        name: present::text(&product.name, call.locale),
        available: product.available,
    };
    Ok(KitchenBoard {
        locale: call.locale,
        to_prepare: column(call, &open.to_prepare, &seated)?,
        preparing: column(call, &open.preparing, &seated)?,
        ready: column(call, &open.ready, &seated)?,
        mean,
        switches: catalogue.products.iter().map(switch).collect(),
    })
}
