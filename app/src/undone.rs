//! What follows when an order is called off or money is given back: all of it is said here.
//!
//! What must be true together is written in the batch of the act itself; what may come a moment
//! later is done behind it, and by a chore where that fails. It must not decide whether it may be.

use domain::{
    ordering::{Order, back::POINTS},
    stock::put_back,
    venue,
};
use sync_engine::change::Draft;

use crate::{
    App,
    call::{Call, Here, Written, commit},
    capacity,
    host::Side,
    loyalty,
    metered::Metered,
    problem::Problem,
    rows, stock, tables,
};

/// What was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// The order was called off; what was paid is given back by acts of their own.
    Cancelled,
    /// So much was given back.
    Refunded {
        /// The amount.
        cents: i64,
    },
}

/// Returns what is written in the same batch: points count no more, and what was taken from the
/// shelves is there again.
///
/// # Errors
/// Fails when the database does.
pub async fn follows(call: &Call, order: &Order, what: Undone) -> Result<Vec<Draft>, Problem> {
    let mut drafts = Vec::new();
    if is_undone(order, what) {
        let known = (order, call.app.clock.now_ms());
        drafts.extend(loyalty::taken_back(&call.db, &call.here()?.venue.id, known).await?);
    }
    if what == Undone::Cancelled {
        drafts.extend(stock::put_back(call, &order.id).await?);
        drafts.extend(capacity::put_back(call, order));
    }
    Ok(drafts)
}

/// Tells whether an order counts for no points any more.
fn is_undone(order: &Order, what: Undone) -> bool {
    match what {
        Undone::Cancelled => true,
        // A part that went back takes no points along, and whoever paid with points too has only
        // what they paid twice.
        Undone::Refunded { cents } => {
            let is_all = order.refunded_cents() + cents >= order.money_cents();
            is_all && order.payments.iter().all(|payment| payment.means != POINTS)
        }
    }
}

/// Does what may come behind: menus show what is there again, and a table goes to whoever waits,
/// at the gateway.
///
/// # Errors
/// Fails where the request is about no venue.
pub async fn after(call: &Call, what: Undone) -> Result<(), Problem> {
    if what == Undone::Cancelled {
        stock::tell(&call.app, &call.here()?.venue.id);
    }
    tables::tend(&call.app, &call.db, call.here()?).await;
    Ok(())
}

/// Puts back what orders took that were called off elsewhere; the gateway alone does. Where that
/// fails, or somebody was faster, it is done with the next exchange.
pub async fn tend(app: &App, db: &Metered, here: &Here) {
    if let Err(problem) = put_back_all(app, db, here).await {
        let (code, detail) = (problem.code, &problem.detail);
        tracing::warn!(code, detail, "what was called off comes back later");
    }
}

async fn put_back_all(app: &App, db: &Metered, here: &Here) -> Result<(), Problem> {
    if !matches!(app.host.side, Side::Gateway(_)) {
        return Ok(());
    }
    let (taken, slots) = rows::undone::owed(db, &here.venue.id).await?;
    let now_ms = app.clock.now_ms();
    let mut drafts = put_back(&taken, now_ms);
    drafts.extend(
        slots.iter().map(|slot| {
            venue::capacity::put_back(&slot.order, (slot.slot_ms, slot.weight), now_ms)
        }),
    );
    if drafts.is_empty() {
        return Ok(());
    }
    let batch = here.batch(app, &drafts)?;
    if commit(app, db, here, (&batch, &drafts)).await? == Written::Done && !taken.is_empty() {
        stock::tell(app, &here.venue.id);
    }
    Ok(())
}
