//! What the counter takes back: an order is called off, money is given back.
//!
//! Load, decide, apply; page and API ask here. It must not know what follows from it:
//! [`crate::undone`] does.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    ordering::{self, Back, By, Means, Order, acceptance, back::Pieces},
    pricing::vat::InForce,
    venue::business_day,
};
use serde::Deserialize;
use serde_json::{Value as Json, json as value};
use sync_engine::change::Draft;

use crate::{
    api::orders::{answer, load, moved, who},
    audit::{self, Noted},
    call::{Answer, Call, Tries, Written},
    problem::Problem,
    rows, slip,
    undone::{self, Undone},
    web_orders,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    code: String,
}

/// Tells the order of a code that somebody shows.
pub async fn scan(call: Call) -> Answer {
    let shown: Shown = call.json()?;
    let order = slip::find(&call, &shown.code).await?;
    answer(&call, StatusCode::OK, &order).await
}

/// Says that the counter has seen an order's customer.
pub async fn validate(call: Call) -> Answer {
    let order = at_counter(&call, call.param("id")?, ordering::slip::validate).await?;
    answer(&call, StatusCode::OK, &order).await
}

/// Hands an order over for its code.
pub async fn hand_over(call: Call) -> Answer {
    let order = at_counter(&call, call.param("id")?, ordering::slip::hand_over).await?;
    answer(&call, StatusCode::OK, &order).await
}

/// What the counter decides about an order.
pub type Step = fn(&Order, &By<'_>) -> Result<Vec<Draft>, domain::Rejection>;

/// Takes a step of the counter's with an order, and returns it as it is then.
///
/// # Errors
/// Refuses what the rules refuse.
pub async fn at_counter(call: &Call, id: &str, step: Step) -> Result<Order, Problem> {
    let (person, place) = who(call)?;
    let by = |at_ms| By { person: &person, place: &place, at_ms };
    moved(call, id, (None, |order: &Order, now_ms| step(order, &by(now_ms)))).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancelled {
    reason: String,
    #[serde(default)]
    anyway: bool,
}

/// Calls an order off.
pub async fn cancel(call: Call) -> Answer {
    let wish: Cancelled = call.json()?;
    let id = call.param("id")?;
    let order = call_off(&call, id, (&wish.reason, wish.anyway)).await?;
    answer(&call, StatusCode::OK, &order).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refunded {
    #[serde(default)]
    cents: Option<i64>,
    #[serde(default)]
    lines: Vec<Pieces>,
    seen_cents: i64,
    means: Means,
    reason: String,
}

/// Gives money back.
pub async fn refund(call: Call) -> Answer {
    let Refunded { cents, lines, seen_cents, means, reason } = call.json()?;
    let wish = Back { cents, lines, seen_cents, means, reason };
    let order = give_back(&call, call.param("id")?, &wish).await?;
    answer(&call, StatusCode::OK, &order).await
}

/// Calls an order off, and returns it as it is then; of one that waits to be promised the edge is
/// asked, and only where that has not answered it is called off here, anyway.
///
/// # Errors
/// Refuses what the rules refuse.
pub async fn call_off(
    call: &Call,
    id: &str,
    (reason, anyway): (&str, bool),
) -> Result<Order, Problem> {
    let (person, place) = who(call)?;
    let court = web_orders::court(call, anyway);
    let mut tries = Tries::default();
    loop {
        let order = load(call, id).await?;
        let by = By { person: &person, place: &place, at_ms: call.app.clock.now_ms() };
        let drafts = acceptance::call_off(&order, reason, (court, &by))?;
        if !acceptance::is_called_off(&drafts) {
            // The edge is asked: nothing follows from that yet.
            if call.write(&drafts).await? == Written::Done {
                return load(call, id).await;
            }
            tries.again()?;
            continue;
        }
        let detail = value!({"total_cents": order.total_cents});
        let act = (Act::Cancelled, Undone::Cancelled, detail);
        if apply(call, &order, (drafts, act)).await? == Written::Done {
            return load(call, id).await;
        }
        tries.again()?;
    }
}

/// Gives money back, and returns the order as it is then.
///
/// # Errors
/// Refuses what the rules refuse.
pub async fn give_back(call: &Call, id: &str, wish: &Back) -> Result<Order, Problem> {
    let (person, place) = who(call)?;
    let mut tries = Tries::default();
    loop {
        let order = load(call, id).await?;
        let rates = rates(call, &order).await?;
        let by = By { person: &person, place: &place, at_ms: call.app.clock.now_ms() };
        let drafts = ordering::refund(&order, wish, (&by, &rates))?;
        let amounts = drafts.iter().filter_map(|draft| draft.payload.get("amount_cents")?.as_i64());
        let cents = amounts.sum();
        let detail = value!({"total_cents": cents, "means": wish.means});
        let act = (Act::Refunded, Undone::Refunded { cents }, detail);
        if apply(call, &order, (drafts, act)).await? == Written::Done {
            return load(call, id).await;
        }
        tries.again()?;
    }
}

/// Writes what was decided, its entry in the audit, and what follows from it, in one batch.
async fn apply(
    call: &Call,
    order: &Order,
    (mut drafts, (act, what, detail)): (Vec<Draft>, (Act, Undone, Json)),
) -> Result<Written, Problem> {
    if drafts.is_empty() {
        return Ok(Written::Done);
    }
    let venue = &call.here()?.venue.id;
    let mut holds = vec![rows::order::guard_course(venue, order, &drafts)];
    if matches!(what, Undone::Refunded { .. }) {
        // What was decided from what was back stands only where nobody gave back more meanwhile.
        let refunds = order.refunds.len() + drafts.len();
        holds.push(rows::order::guard_refunds(venue, &order.id, refunds));
    }
    drafts.extend(undone::follows(call, order, what).await?);
    let noted = Noted { act, actor: "", subject: &order.id, detail };
    drafts.push(audit::entry(call, &noted).await?);
    let written = call.write_with(&drafts, holds).await?;
    if written == Written::Done {
        undone::after(call, what).await?;
    }
    Ok(written)
}

/// Returns the rates at which an order was taxed, as they are known today.
async fn rates(call: &Call, order: &Order) -> Result<InForce, Problem> {
    let venue = &call.here()?.venue;
    let terms = rows::pricing::terms(&call.db, &venue.id).await?;
    let placed_ms = u64::try_from(order.placed_ms).unwrap_or_default();
    let mode = order.mode.unwrap_or(ordering::Mode::EatIn);
    Ok(terms.rates.on(&business_day(&venue.time_zone, placed_ms), mode))
}
