//! The history of orders for other programs: as JSON and as a table for spreadsheets.
//!
//! It must not know who ordered.

use axum::http::{HeaderValue, StatusCode};
use domain::venue::local_time;
use serde_json::{Value as Json, json as value};

use crate::{
    call::{Answer, Call, json},
    csv,
    history::{Filter, find, state_name},
    limits,
    problem::{Problem, respond},
    rows::order::Found,
};

const HEAD: [&str; 7] = ["placed", "ticket", "mode", "state", "total", "id", "lines"];

/// Exports what a filter lets through, as JSON or CSV.
pub async fn export(call: Call) -> Answer {
    let found = find(&call, &Filter::of(&call), limits::HISTORY_EXPORTED).await?;
    let zone = call.here()?.venue.time_zone.as_str();
    match call.query("format").unwrap_or("json") {
        "json" => {
            let orders: Vec<Json> = found.orders.iter().map(|found| told(found, zone)).collect();
            let answer = json(StatusCode::OK, &value!({"orders": orders, "next": found.next}))?;
            Ok(csv::as_file(answer, "orders.json"))
        }
        "csv" => {
            let rows: Vec<[String; 7]> =
                found.orders.iter().map(|found| row(&call, found, zone)).collect();
            let text = csv::table(&HEAD, &rows);
            let mut response = respond(StatusCode::OK, "text/csv; charset=utf-8", text);
            if let Some(Ok(next)) = found.next.as_deref().map(HeaderValue::from_str) {
                response.headers_mut().insert("x-relais-next", next);
            }
            Ok(csv::as_file(response, "orders.csv"))
        }
        _ => Err(Problem::invalid_field("format")),
    }
}

fn placed(found: &Found, zone: &str) -> String {
    local_time(zone, u64::try_from(found.order.placed_ms).unwrap_or_default())
}

fn mode(found: &Found) -> String {
    found.order.mode.map_or(Json::Null, |mode| value!(mode)).as_str().unwrap_or("?").to_owned()
}

fn told(found: &Found, zone: &str) -> Json {
    let order = &found.order;
    value!({
        "id": order.id,
        "ticket": order.ticket(),
        "placed": placed(found, zone),
        "placed_ms": order.placed_ms,
        "paid_ms": found.paid_ms,
        "ready_ms": found.ready_ms,
        "mode": mode(found),
        "state": order.state(),
        "total_cents": order.total_cents,
        "lines": order.lines,
    })
}

fn row(call: &Call, found: &Found, zone: &str) -> [String; 7] {
    let order = &found.order;
    let lines = crate::pages::present::lines(order, call.locale);
    let lines: Vec<String> =
        lines.iter().map(|line| format!("{} {}", line.quantity, line.name)).collect();
    let (euros, cents) = (order.total_cents / 100, order.total_cents % 100);
    [
        placed(found, zone),
        order.ticket(),
        mode(found),
        state_name(order.state()),
        format!("{euros}.{cents:02}"),
        order.id.clone(),
        lines.join(" + "),
    ]
}
