//! Where staff pause orders from the web and say who promises them, and what customers are told.
//!
//! It must not decide: `web_orders` does.

use std::collections::BTreeMap;

use domain::{
    access::Right,
    venue::{
        capacity::Capacity,
        local_time,
        web::{Paused, Web},
    },
};

use crate::{
    call::{Answer, Call, page},
    capacity,
    host::Side,
    pages::login::redirect,
    problem::Problem,
    rows,
    views::{Surface, WebOrdersView},
    web_orders,
};

const PATH: &str = "/web-orders";

/// Says why no orders are taken from the web, and until when.
///
/// # Errors
/// Fails where the request is about no venue.
pub fn sentence(call: &Call, paused: Option<&Paused>) -> Result<Option<String>, Problem> {
    let Some(paused) = paused else { return Ok(None) };
    Ok(Some(match paused {
        Paused::Silent => call.locale.t("web.silent").to_owned(),
        Paused::ByStaff(pause) => {
            let at = local_time(&call.here()?.venue.time_zone, pause.until_ms);
            let time = at.get(11..).unwrap_or_default().to_owned();
            call.locale.t_with("web.paused", &[("time", &time), ("reason", &pause.reason)])
        }
    }))
}

/// Says it to whoever looks at the menu on the web; nothing on site, where orders are always taken.
///
/// # Errors
/// Fails when the database does.
pub async fn told(call: &Call) -> Result<Option<String>, Problem> {
    if call.app.host.side != Side::Edge {
        return Ok(None);
    }
    sentence(call, web_orders::state(call).await?.paused.as_ref())
}

/// Shows how orders from the web stand.
pub async fn show(call: Call) -> Answer {
    shown(&call, None).await
}

/// Does what a form says.
pub async fn change(call: Call) -> Answer {
    match changed(&call).await {
        Ok(()) => Ok(redirect(&format!("{PATH}?saved=1"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => shown(&call, Some(problem)).await,
    }
}

async fn changed(call: &Call) -> Result<(), Problem> {
    let number = |field: &'static str| {
        let text = call.field(field);
        text.trim().parse::<u64>().map_err(|_| Problem::invalid_field(field))
    };
    match call.field("do").as_str() {
        "pause" => web_orders::pause(call, number("minutes")?, &call.field("reason")).await,
        "resume" => web_orders::pause(call, 0, "").await,
        "settings" => {
            call.visitor()?.check(Right::People)?;
            let staff_accept = !call.field("staff_accept").is_empty();
            let silent_s = number("silent_minutes")?.saturating_mul(60);
            web_orders::keep(call, Web { staff_accept, silent_s }).await
        }
        "capacity" => {
            call.visitor()?.check(Right::People)?;
            let whole =
                |field| number(field)?.try_into().map_err(|_| Problem::invalid_field(field));
            let settings = Capacity {
                slot_minutes: number("slot_minutes")?,
                limit: whole("limit")?,
                web_percent: whole("web_percent")?,
                weights: weights(&call.field("weights"))?,
            };
            capacity::keep(call, settings).await
        }
        _ => Err(Problem::invalid_field("do")),
    }
}

/// Reads lines such as `le-cheese-king 3`.
fn weights(text: &str) -> Result<BTreeMap<String, i64>, Problem> {
    let refuse = || Problem::invalid_field("weights");
    let read = |line: &str| {
        let (product, weight) = line.rsplit_once(char::is_whitespace).ok_or_else(refuse)?;
        Ok((product.trim().to_owned(), weight.parse().map_err(|_| refuse())?))
    };
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(read).collect()
}

/// Calls an order off from its page, for its customer, and leads back there.
pub async fn withdraw(call: Call) -> Answer {
    let id = call.param("id")?.to_owned();
    let told = match web_orders::withdraw(&call, &id).await {
        Ok(_) => "",
        // Whoever was too late is told so on the page of the order.
        Err(problem) if problem.code == "order_accepted" => "late=1",
        Err(problem) => return Err(problem),
    };
    let kiosk = if call.is_kiosk() { "kiosk=1" } else { "" };
    let said: Vec<&str> = [kiosk, told].into_iter().filter(|said| !said.is_empty()).collect();
    let joint = if said.is_empty() { "" } else { "?" };
    Ok(redirect(&format!("/orders/{id}{joint}{}", said.join("&")), &[]))
}

async fn shown(call: &Call, problem: Option<Problem>) -> Answer {
    let state = web_orders::state(call).await?;
    let slots = rows::capacity::settings(&call.db, &call.here()?.venue.id).await?;
    let weight = |(product, weight): (&String, &i64)| format!("{product} {weight}");
    let mut response = page(&WebOrdersView {
        shell: call.shell(Surface::Staff),
        paused: sentence(call, state.paused.as_ref())?,
        by_staff: matches!(state.paused, Some(Paused::ByStaff(_))),
        staff_accept: state.web.staff_accept,
        silent_minutes: state.web.silent_s / 60,
        slot_minutes: slots.slot_minutes,
        limit: slots.limit,
        web_percent: slots.web_percent,
        weights: slots.weights.iter().map(weight).collect::<Vec<_>>().join("\n"),
        may_set: call.may(Right::People),
        reason: call.field("reason"),
        saved: problem.is_none() && call.query("saved").is_some(),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
