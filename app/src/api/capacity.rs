//! Slots of the kitchen, for programs: when something may be wanted, and how much is taken on. It
//! must not decide: `capacity` does.

use axum::http::StatusCode;
use domain::venue::{capacity::Capacity, local_time};
use serde_json::{Value as Json, json as value};

use crate::{
    call::{Answer, Call, json},
    capacity,
    problem::Problem,
    rows,
};

/// Lists when an order may be wanted within a day, by the venue's clocks.
pub async fn times(call: Call) -> Answer {
    let here = call.here()?;
    let weight = match call.query("weight") {
        None => 1,
        Some(text) => text.parse().map_err(|_| Problem::invalid_field("weight"))?,
    };
    let hours = rows::catalogue::hours(&call.db, &here.venue.id).await?;
    let slots = capacity::load(&call.app, &call.db, here).await?;
    let now_ms = call.app.clock.now_ms();
    let at = (&hours, &here.venue);
    let time = |at_ms: u64| -> String {
        local_time(&here.venue.time_zone, at_ms).chars().skip(11).collect()
    };
    let ahead = slots.free(at, (weight, now_ms)).filter(|slot_ms| *slot_ms > now_ms);
    let times: Vec<Json> =
        ahead.map(|at_ms| value!({"at_ms": at_ms, "time": time(at_ms)})).collect();
    let limit = slots.capacity.limit;
    let first = slots.free(at, (weight, now_ms)).next().filter(|_| limit > 0);
    let ready_ms = first.map(|slot_ms| slot_ms + slots.capacity.slot_ms());
    let soonest = ready_ms.map(|at_ms| value!({"at_ms": at_ms, "time": time(at_ms)}));
    json(StatusCode::OK, &value!({"soonest": soonest, "times": times}))
}

/// Shows how much the kitchen takes on.
pub async fn settings(call: Call) -> Answer {
    json(StatusCode::OK, &rows::capacity::settings(&call.db, &call.here()?.venue.id).await?)
}

/// Keeps how much the kitchen takes on.
pub async fn put_settings(call: Call) -> Answer {
    let given: Json = call.json()?;
    let settings: Capacity = call.json()?;
    let known = value!(settings);
    let strange = |field: &&String| known.get(field.as_str()).is_none();
    if let Some(field) = given.as_object().and_then(|fields| fields.keys().find(strange)) {
        return Err(Problem::invalid_field(field));
    }
    capacity::keep(&call, settings).await?;
    self::settings(call).await
}
