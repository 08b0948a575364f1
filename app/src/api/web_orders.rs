//! Orders from the web, for programs: whether any are taken, and who promises them. It must not
//! decide: `web_orders` does.

use axum::http::StatusCode;
use domain::venue::web::{Paused, Web};
use serde::Deserialize;
use serde_json::{Value as Json, json as value};

use crate::{
    api::orders::answer,
    call::{Answer, Call, json},
    pages::web_orders::sentence,
    problem::Problem,
    web_orders,
};

/// Tells whether orders are taken from the web, and why not.
pub async fn show(call: Call) -> Answer {
    let state = web_orders::state(&call).await?;
    let (code, until_ms) = match &state.paused {
        None => ("open", None),
        Some(Paused::Silent) => ("silent", None),
        Some(Paused::ByStaff(pause)) => ("paused", Some(pause.until_ms)),
    };
    let why = sentence(&call, state.paused.as_ref())?;
    let body = value!({
        "state": code,
        "until_ms": until_ms,
        "why": why,
        "staff_accept": state.web.staff_accept,
    });
    json(StatusCode::OK, &body)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    minutes: u64,
    #[serde(default)]
    reason: String,
}

/// Pauses orders from the web for so many minutes; none resumes them.
pub async fn pause(call: Call) -> Answer {
    let wanted: Wanted = call.json()?;
    web_orders::pause(&call, wanted.minutes, &wanted.reason).await?;
    show(call).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    #[serde(default)]
    anyway: bool,
}

/// Promises an order from the web.
pub async fn accept(call: Call) -> Answer {
    let wish: Accepted = call.json()?;
    let order = web_orders::accept(&call, call.param("id")?, wish.anyway).await?;
    answer(&call, StatusCode::OK, &order).await
}

/// Calls an order off for its customer, until it is promised.
pub async fn withdraw(call: Call) -> Answer {
    let order = web_orders::withdraw(&call, call.param("id")?).await?;
    answer(&call, StatusCode::OK, &order).await
}

/// Shows how the venue takes orders from the web.
pub async fn settings(call: Call) -> Answer {
    json(StatusCode::OK, &web_orders::state(&call).await?.web)
}

/// Keeps how the venue takes orders from the web.
pub async fn put_settings(call: Call) -> Answer {
    let given: Json = call.json()?;
    let settings: Web = call.json()?;
    let known = value!(settings);
    let strange = |field: &&String| known.get(field.as_str()).is_none();
    if let Some(field) = given.as_object().and_then(|fields| fields.keys().find(strange)) {
        return Err(Problem::invalid_field(field));
    }
    web_orders::keep(&call, settings).await?;
    self::settings(call).await
}
