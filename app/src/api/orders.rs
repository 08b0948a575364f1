//! Placing an order and moving it on: load, decide, apply; a lost race decides again.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    ordering::{self, Basket, Means, Mode, Order, Place, State},
    venue::business_day,
};
use serde::Deserialize;
use serde_json::json as value;
use sync_engine::change::Draft;

use crate::{
    audit::{self, Noted},
    call::{Answer, Call, Tries, Written, json},
    pages::{customer::safe, order_table},
    problem::Problem,
    rows,
    tables::{self, Room},
};

/// Places an order; the same id again answers with the order that stands.
pub async fn place(call: Call) -> Answer {
    let basket: Basket = call.json()?;
    let here = call.here()?;
    let id = ordering::order_id(&call.app.host.ticket_origin, &basket.id);
    let mut tries = Tries::default();
    loop {
        if let Some(found) = rows::order::by_id(&call.db, &here.venue.id, &id).await? {
            ordering::place_again(&found.order, &basket)?;
            return answer(&call, StatusCode::OK, &found.order).await;
        }
        let catalogue = rows::catalogue::load(&call.db, &here.venue.id).await?;
        let now_ms = call.app.clock.now_ms();
        let at = Place {
            origin: call.app.host.ticket_origin.clone(),
            day: business_day(&here.venue.time_zone, now_ms),
            now_ms,
        };
        let mut drafts = ordering::place(&catalogue, &basket, &at)?;
        let seat = Room::of(&call)?.seat(&id, (basket.mode, basket.table), tries.lost()).await?;
        drafts.extend(seat.0);
        if call.write_with(&drafts, seat.1).await? == Written::Done {
            if tries.lost() > 0 {
                tables::tend(&call.app, &call.db, call.here()?).await;
            }
            let order = load(&call, &id).await?;
            return answer(&call, StatusCode::CREATED, &order).await;
        }
        tries.again()?;
    }
}

/// Shows where an order stands.
pub async fn show(call: Call) -> Answer {
    let order = load(&call, call.param("id")?).await?;
    answer(&call, StatusCode::OK, &order).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payment {
    means: Means,
}

/// Takes the payment at the counter.
pub async fn pay(call: Call) -> Answer {
    let payment: Payment = call.json()?;
    change(call, Some(Act::Paid), move |order, now_ms| ordering::pay(order, payment.means, now_ms))
        .await
}

/// Says that the kitchen is done.
pub async fn ready(call: Call) -> Answer {
    change(call, None, ordering::ready).await
}

/// Says that the customer has the order.
pub async fn collect(call: Call) -> Answer {
    change(call, None, ordering::collect).await
}

async fn change<D>(call: Call, audited: Option<Act>, decide: D) -> Answer
where
    D: Fn(&Order, u64) -> Result<Vec<Draft>, domain::Rejection> + Send,
{
    let mut tries = Tries::default();
    loop {
        let order = load(&call, call.param("id")?).await?;
        let mut drafts = decide(&order, call.app.clock.now_ms())?;
        if let Some(act) = audited.filter(|_| !drafts.is_empty()) {
            let detail = value!({"total_cents": order.total_cents});
            let noted = Noted { act, actor: "", subject: &order.id, detail };
            drafts.push(audit::entry(&call, &noted).await?);
        }
        if call.write(&drafts).await? == Written::Done {
            let order = load(&call, &order.id).await?;
            return answer(&call, StatusCode::OK, &order).await;
        }
        tries.again()?;
    }
}

/// Refuses an order that is eaten elsewhere, and one that was handed over.
///
/// # Errors
/// Says that it is not known, or that it wants no table.
pub async fn wants_table(call: &Call, id: &str) -> Result<(), Problem> {
    let order = load(call, id).await?;
    if order.mode != Some(Mode::EatIn) || order.state() == State::Collected {
        return Err(domain::Rejection::NoTableWanted.into());
    }
    Ok(())
}

async fn load(call: &Call, id: &str) -> Result<Order, Problem> {
    let found = rows::order::by_id(&call.db, &call.here()?.venue.id, id).await?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_order");
    Ok(found.ok_or_else(unknown)?.order)
}

async fn answer(call: &Call, status: StatusCode, order: &Order) -> Answer {
    let table = order_table::note(call, order).await?;
    let body = value!({
        "id": order.id,
        "ticket": order.ticket(),
        "state": order.state(),
        "total_cents": order.total_cents,
        "safe": safe(call, &order.id).await?.code(),
        "table": {"code": table.code, "number": table.number},
        "url": format!("/orders/{}", order.id),
    });
    json(status, &body)
}
