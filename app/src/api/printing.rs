//! Printing for programs: the settings, a test, and paper of an order.

use axum::http::StatusCode;
use domain::printing::Printing;
use serde::Deserialize;
use serde_json::{Value as Json, json as value};

use crate::{
    call::{Answer, Call, json},
    printing::{self, By},
    problem::Problem,
    rows,
};

/// Tells the settings.
pub async fn settings(call: Call) -> Answer {
    json(StatusCode::OK, &rows::printing::settings(&call.db, &call.here()?.venue.id).await?)
}

/// Keeps the settings, as a whole.
pub async fn put_settings(call: Call) -> Answer {
    // What a newer build kept is read with what is unknown in it; a program's mistakes are not.
    let given: Json = call.json()?;
    let wanted: Printing = call.json()?;
    let known = value!(wanted);
    let strange = |field: &&String| known.get(field.as_str()).is_none();
    if let Some(field) = given.as_object().and_then(|fields| fields.keys().find(strange)) {
        return Err(Problem::invalid_field(field));
    }
    printing::keep(&call, wanted).await?;
    settings(call).await
}

/// Prints something that says that a printer works.
pub async fn test(call: Call) -> Answer {
    printing::test(&call, call.param("id")?).await?;
    json(StatusCode::ACCEPTED, &value!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    what: String,
}

/// Prints an order's receipt or its tickets for the kitchen; again, it is marked and audited.
pub async fn order(call: Call) -> Answer {
    let wanted: Wanted = call.json()?;
    printing::order(&call, (call.param("id")?, &wanted.what), By::Staff).await?;
    json(StatusCode::ACCEPTED, &value!({}))
}

/// Prints an order's receipt for whoever has its page, once.
pub async fn receipt(call: Call) -> Answer {
    printing::order(&call, (call.param("id")?, "receipt"), By::Customer).await?;
    json(StatusCode::ACCEPTED, &value!({}))
}
