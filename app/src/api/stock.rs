//! Stock, for programs: what is left, what staff counted, what spoilt or came. It must not decide:
//! `stock` does.

use axum::http::StatusCode;
use domain::stock::{Shelf, Why};
use serde::Deserialize;
use serde_json::json as value;

use crate::{
    call::{Answer, Call, json},
    problem::Problem,
    rows,
    stock::{self, Change, left},
};

/// Which part of what is left the web gets when nobody says.
pub const WEB_PERCENT: i64 = 30;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    counted: Option<i64>,
    web_percent: Option<i64>,
    why: Option<String>,
    pieces: Option<i64>,
    /// Under this key the same is done once.
    #[serde(default)]
    act: String,
}

/// Lists every product that was ever counted.
pub async fn list(call: Call) -> Answer {
    let shelves = rows::stock::shelves(&call.db, &call.here()?.venue.id).await?;
    let side = &call.app.host.side;
    let shelves: Vec<_> = shelves.iter().map(|shelf| shown(shelf, left(side, shelf))).collect();
    json(StatusCode::OK, &value!({"stock": shelves}))
}

/// Keeps what staff counted, or what spoilt or came; `counted` without a number ends the counting.
pub async fn change(call: Call) -> Answer {
    let wanted: Wanted = call.json()?;
    let change = match (wanted.why, wanted.pieces) {
        (None, None) => Change::Count(wanted.counted, wanted.web_percent.unwrap_or(WEB_PERCENT)),
        (Some(why), Some(pieces)) if wanted.counted.is_none() => {
            let why = Why::parse(&why).ok_or_else(|| Problem::invalid_field("why"))?;
            Change::Adjust(why, pieces)
        }
        _ => return Err(Problem::invalid_field("pieces")),
    };
    let product = call.param("id")?.to_owned();
    let by = call.visitor.as_ref().map(|visitor| visitor.person.as_str().to_owned());
    stock::change(&call, (&product, change), &by.unwrap_or_default(), &wanted.act).await?;
    list(call).await
}

fn shown(shelf: &Shelf, left: i64) -> serde_json::Value {
    value!({
        "product": shelf.product,
        "counted": shelf.tracked,
        "left": shelf.tracked.then_some(left.max(0)),
        "on_site": shelf.tracked.then_some(shelf.left().max(0)),
        "web": shelf.web,
        "web_percent": shelf.web_percent,
    })
}
