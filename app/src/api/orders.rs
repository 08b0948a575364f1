//! Placing an order and moving it on: load, decide, apply; a lost race decides again.

use axum::{
    body::Body,
    http::{Response, StatusCode},
};
use domain::{
    audit::Act,
    ordering::{self, Basket, BasketLine, By, Means, Mode, Order, Place, State, Wanted},
    venue::{business_day, hours::Hours},
};
use serde::Deserialize;
use serde_json::json as value;
use sync_engine::change::Draft;

use crate::{
    audit::{self, Noted},
    call::{Answer, Call, Tries, Written, json},
    capacity, customer, limits, loyalty, menu,
    metered::Metered,
    pages::{customer::safe, order_table},
    problem::Problem,
    rate, rows, stock,
    tables::{self, Room},
    web_orders,
};

/// Places an order; the same id again answers with the order that stands.
pub async fn place(call: Call) -> Answer {
    let basket: Basket = call.json()?;
    let here = call.here()?;
    let id = ordering::order_id(&call.app.host.ticket_origin, &basket.id);
    let who = customer::of(&call, &basket, &id).await?;
    if let Some(answer) = placed_before(&call, (&id, &basket), &who).await? {
        return Ok(answer);
    }
    let to_accept = web_orders::taken(&call).await?;
    // Who loses a race is offered the same again: a request has so many queries.
    let (offer, hours) = offered(&call, &basket.code).await?;
    let mut tries = Tries::default();
    loop {
        let now_ms = call.app.clock.now_ms();
        let kitchen = capacity::take(&call, (&id, &basket), &hours).await?;
        let at = Place {
            origin: call.app.host.ticket_origin.clone(),
            day: business_day(&here.venue.time_zone, now_ms),
            now_ms,
            to_accept,
            slot: kitchen.slot,
        };
        let mut drafts = ordering::place(&offer, &basket, (&at, &who.customer))?;
        drafts.extend(who.drafts.iter().cloned());
        let taken = stock::take(&call, &id, &basket.lines).await?;
        let seat = Room::of(&call)?.seat(&id, (basket.mode, basket.table), tries.lost()).await?;
        drafts.extend(taken.drafts.into_iter().chain(kitchen.drafts).chain(seat.0));
        let after = [taken.after, kitchen.after, seat.1].concat();
        let before = [taken.before, kitchen.before].concat();
        if call.write_between(before, &drafts, after).await? == Written::Done {
            if taken.is_last {
                stock::tell(&call.app, &call.here()?.venue.id);
            }
            if tries.lost() > 0 {
                // What is due for others does not use up what this answer still asks.
                let db = Metered::new(call.app.database.clone(), limits::PAGE_QUERIES);
                tables::tend(&call.app, &db, call.here()?).await;
            }
            let order = load(&call, &id).await?;
            return answer(&call, StatusCode::CREATED, &order).await;
        }
        tries.again()?;
        if let Some(answer) = placed_before(&call, (&id, &basket), &who).await? {
            return Ok(answer);
        }
    }
}

/// Answers a basket whose order stands already.
async fn placed_before(
    call: &Call,
    (id, basket): (&str, &Basket),
    who: &customer::Ordering,
) -> Result<Option<Response<Body>>, Problem> {
    let Some(found) = rows::order::by_id(&call.db, &call.here()?.venue.id, id).await? else {
        return Ok(None);
    };
    let contact = who.contact(&found.order);
    ordering::place_again(&found.order, basket, (&who.customer, contact.as_ref()))?;
    answer(call, StatusCode::OK, &found.order).await.map(Some)
}

async fn offered(call: &Call, code: &str) -> Result<(ordering::Offer, Hours), Problem> {
    let venue = &call.here()?.venue.id;
    let tries = format!("{venue}/{}", rate::origin(call));
    let is_typed = !code.trim().is_empty();
    if is_typed {
        rate::check(call, &rate::PROMOTION, &tries).await?;
    }
    let on_sale = menu::of(call).await?;
    let catalogue = on_sale.catalogue(&call.app);
    let offer = rows::pricing::offer(&call.db, venue, (catalogue, code)).await?;
    if is_typed && offer.promotion.is_none() {
        let same = format!("{tries}/{code}");
        if rate::check(call, &rate::SAME_PROMOTION, &same).await.is_ok() {
            rate::take(call, &rate::SAME_PROMOTION, &same).await?;
            rate::take(call, &rate::PROMOTION, &tries).await?;
        }
    }
    Ok((offer, on_sale.hours))
}

/// What somebody would like to know the price of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    mode: Mode,
    lines: Vec<BasketLine>,
    #[serde(default)]
    code: String,
    #[serde(default)]
    postal_code: String,
}

/// Tells what a basket costs now, and writes nothing.
pub async fn price(call: Call) -> Answer {
    let asked: Asked = call.json()?;
    let here = call.here()?;
    let (offer, _) = offered(&call, &asked.code).await?;
    let Asked { mode, lines, code, postal_code } = &asked;
    let wanted = Wanted { mode: *mode, lines, code, postal_code };
    let day = business_day(&here.venue.time_zone, call.app.clock.now_ms());
    let priced = offer.price(&wanted, &day)?;
    let lines: Vec<_> = priced
        .lines
        .iter()
        .zip(&priced.total.lines)
        .map(|(line, part)| {
            value!({
                "product": line.product,
                "unit_cents": line.unit_cents,
                "quantity": line.quantity,
                "discount_cents": part.discount_cents,
                "vat_cents": part.vat_cents,
            })
        })
        .collect();
    let body = value!({
        "lines": lines,
        "goods_cents": priced.total.goods_cents,
        "discounts": priced.discounts,
        "fee_cents": priced.total.fee_cents,
        "total_cents": priced.total.total_cents,
        "vat": priced.total.vat,
        "rules": priced.rules,
    });
    json(StatusCode::OK, &body)
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

/// Says that the kitchen has begun.
pub async fn prepare(call: Call) -> Answer {
    change(call, None, ordering::prepare).await
}

/// Calls an order back that was called out.
pub async fn recall(call: Call) -> Answer {
    change(call, None, ordering::recall).await
}

/// Says that the kitchen is done.
pub async fn ready(call: Call) -> Answer {
    change(call, None, ordering::ready).await
}

/// Says that the customer has the order.
pub async fn collect(call: Call) -> Answer {
    let (person, place) = who(&call)?;
    let by = |at_ms| By { person: &person, place: &place, at_ms };
    change(call, None, |order, now_ms| ordering::collect(order, &by(now_ms))).await
}

/// Tells who does something here, and which replica this is.
///
/// # Errors
/// Fails where nobody is signed in.
pub(crate) fn who(call: &Call) -> Result<(String, String), Problem> {
    let place = call.here()?.writer.replica.to_string();
    Ok((call.visitor()?.person.to_string(), place))
}

async fn change<D>(call: Call, audited: Option<Act>, decide: D) -> Answer
where
    D: Fn(&Order, u64) -> Result<Vec<Draft>, domain::Rejection> + Send,
{
    let order = moved(&call, call.param("id")?, (audited, decide)).await?;
    answer(&call, StatusCode::OK, &order).await
}

/// Moves an order on, and returns it as it is then.
///
/// # Errors
/// Refuses what the rules refuse.
pub(crate) async fn moved<D>(
    call: &Call,
    id: &str,
    (audited, decide): (Option<Act>, D),
) -> Result<Order, Problem>
where
    D: Fn(&Order, u64) -> Result<Vec<Draft>, domain::Rejection> + Send,
{
    let mut tries = Tries::default();
    loop {
        let order = load(call, id).await?;
        let mut drafts = decide(&order, call.app.clock.now_ms())?;
        if let Some(act) = audited.filter(|_| !drafts.is_empty()) {
            let detail = value!({"total_cents": order.total_cents});
            let noted = Noted { act, actor: "", subject: &order.id, detail };
            drafts.push(audit::entry(call, &noted).await?);
        }
        let mut local = loyalty::join(call, (&order, audited), &mut drafts).await?;
        if !drafts.is_empty() {
            local.push(rows::order::guard_course(&call.here()?.venue.id, &order, &drafts));
        }
        if call.write_with(&drafts, local).await? == Written::Done {
            return load(call, id).await;
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
    let is_over = matches!(order.state(), State::Cancelled | State::Collected | State::Delivered);
    if order.mode != Some(Mode::EatIn) || is_over {
        return Err(domain::Rejection::NoTableWanted.into());
    }
    Ok(())
}

pub(super) async fn load(call: &Call, id: &str) -> Result<Order, Problem> {
    let found = rows::order::by_id(&call.db, &call.here()?.venue.id, id).await?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_order");
    Ok(found.ok_or_else(unknown)?.order)
}

pub(super) async fn answer(call: &Call, status: StatusCode, order: &Order) -> Answer {
    let table = order_table::note(call, order).await?;
    let body = value!({
        "id": order.id,
        "ticket": order.ticket(),
        "state": order.state(),
        "revision": order.revision(),
        "acceptance": order.acceptance().name(),
        "ready_ms": (order.slot.ready_ms > 0).then_some(order.slot.ready_ms),
        "total_cents": order.total_cents,
        "refunded_cents": order.refunded_cents(),
        "fee_cents": order.fee_cents,
        "discounts": order.discounts,
        "vat": order.vat,
        "safe": safe(call, &order.id).await?.code(),
        "table": {"code": table.code, "number": table.number},
        "url": format!("/orders/{}", order.id),
    });
    json(status, &body)
}
