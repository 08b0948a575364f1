//! Slots of the kitchen: which one an order takes, and what of them the web gets.
//!
//! Deciding is `domain::venue::capacity`'s. On site a guard in the order's own batch keeps a slot
//! within its limit; at the edge the same batch spends leases. It must not know how times look.

use domain::{
    Rejection,
    audit::Act,
    ordering::{Basket, Order, Slot},
    stock,
    venue::{
        capacity::{self, Capacity, Slots},
        hours::Hours,
    },
};
use serde_json::json;
use sync_engine::{change::Draft, id::Writer, lease::Issue, statement::Batch};

use crate::{
    App,
    audit::{self, Noted},
    call::{Call, Here, Tries, Written},
    host::Side,
    leases::Desk,
    limits,
    metered::Metered,
    problem::Problem,
    rows,
};

/// What an order takes: what is written for it, and what must hold before that and afterwards.
#[derive(Debug, Default)]
pub struct Taken {
    /// The slot; none where there is no limit.
    pub slot: Slot,
    /// What must hold before the drafts are written.
    pub before: Batch,
    /// What becomes changes.
    pub drafts: Vec<Draft>,
    /// What must hold once they are.
    pub after: Batch,
}

/// Loads the slots of the next day.
///
/// # Errors
/// Fails when the database does.
pub async fn load(app: &App, db: &Metered, here: &Here) -> Result<Slots, Problem> {
    let venue = &here.venue.id;
    let capacity = rows::capacity::settings(db, venue).await?;
    let is_edge = app.host.side == Side::Edge;
    if capacity.limit == 0 {
        return Ok(Slots { capacity, is_edge, ..Slots::default() });
    }
    let since_ms = capacity.slot_of(app.clock.now_ms());
    let shelves = rows::capacity::slots(db, venue, (&capacity, since_ms)).await?;
    Ok(Slots { shelves: shelves.into_iter().collect(), capacity, is_edge })
}

/// Decides which slot an order takes.
///
/// # Errors
/// Refuses a time that is past, closed or full, and names others.
pub async fn take(
    call: &Call,
    (order, basket): (&str, &Basket),
    hours: &Hours,
) -> Result<Taken, Problem> {
    let here = call.here()?;
    let now_ms = call.app.clock.now_ms();
    let slots = load(&call.app, &call.db, here).await?;
    let weight = slots.capacity.weight(&stock::wanted(&basket.lines));
    let is_asap = basket.wanted_ms.is_none();
    if is_asap && slots.capacity.limit == 0 {
        return Ok(Taken::default());
    }
    let at = (hours, &here.venue);
    let slot_ms = slots.find(at, basket.wanted_ms, (weight, now_ms)).map_err(Rejection::Time)?;
    if slots.capacity.limit == 0 || weight == 0 {
        return Ok(Taken::default());
    }
    let ready_ms = basket.wanted_ms.unwrap_or(slot_ms + slots.capacity.slot_ms());
    let slot = Slot { slot_ms, weight, ready_ms };
    if !slots.is_edge {
        let drafts = vec![capacity::take(order, (slot_ms, weight), now_ms)];
        let after = rows::capacity::guard(&here.venue.id, (slot_ms, slots.capacity.limit));
        return Ok(Taken { slot, drafts, after, before: Batch::new() });
    }
    let desk = Desk::open(&call.app, &call.db, here).await?;
    let held = desk.held(&capacity::right(slot_ms)).await?;
    // Whoever is not sure of its leases has no slots.
    let full = |_| Rejection::Time(capacity::Rejection::Full(Vec::new()));
    let mut taken = Taken { slot, ..Taken::default() };
    for plan in desk.plan_from(&held, &format!("{order}/slot"), weight).map_err(full)? {
        taken.before.extend(plan.guards);
        taken.drafts.extend(plan.drafts);
    }
    Ok(taken)
}

/// Decides what goes back to its slot when an order is called off; the gateway alone does.
#[must_use]
pub fn put_back(call: &Call, order: &Order) -> Vec<Draft> {
    let (slot, now_ms) = (order.slot, call.app.clock.now_ms());
    if slot.weight == 0 || !matches!(call.app.host.side, Side::Gateway(_)) {
        return Vec::new();
    }
    vec![capacity::put_back(&order.id, (slot.slot_ms, slot.weight), now_ms)]
}

/// Leases to the edge, which is there now in this life, its part of the slots of the next day.
///
/// # Errors
/// Fails when the database does.
pub async fn share(app: &App, db: &Metered, here: &Here, edge: &Writer) -> Result<(), Problem> {
    let slots = load(app, db, here).await?;
    if slots.capacity.limit == 0 || slots.capacity.web_percent == 0 {
        return Ok(());
    }
    let hours = rows::catalogue::hours(db, &here.venue.id).await?;
    let desk = Desk::open(app, db, here).await?;
    let mut issued = 0;
    for slot_ms in slots.open((&hours, &here.venue), app.clock.now_ms()) {
        let shelf = slots.shelves.get(&slot_ms).cloned();
        let shelf = shelf.unwrap_or_else(|| slots.capacity.empty(slot_ms));
        let Some(amount) = shelf.for_the_web() else { continue };
        let right = capacity::right(slot_ms);
        let ask = Issue { right, amount, total: shelf.total(), holder: edge.clone() };
        let holds = rows::capacity::guard(&here.venue.id, (slot_ms, slots.capacity.limit));
        if let Err(problem) = desk.issue_if(&ask, &holds).await {
            // Somebody ordered meanwhile, or nobody vouches for this store yet: another time.
            tracing::info!(slot_ms, code = problem.code, "the web gets no more");
            break;
        }
        issued += 1;
        if issued >= limits::SLOTS_AT_ONCE {
            break;
        }
    }
    Ok(())
}

/// Keeps how much a venue's kitchen takes on.
///
/// # Errors
/// Refuses settings that do not fit.
pub async fn keep(call: &Call, settings: Capacity) -> Result<(), Problem> {
    let settings = settings.checked()?;
    let venue = &call.here()?.venue.id;
    let detail = json!({"changed": "capacity", "limit": settings.limit,
        "slot_minutes": settings.slot_minutes, "web_percent": settings.web_percent});
    let mut tries = Tries::default();
    while rows::capacity::settings(&call.db, venue).await? != settings {
        let act = Act::VenueChanged;
        let noted = Noted { act, actor: "", subject: venue.as_str(), detail: detail.clone() };
        let drafts = [settings.draft(venue), audit::entry(call, &noted).await?];
        if call.write(&drafts).await? == Written::Done {
            break;
        }
        tries.again()?;
    }
    Ok(())
}
