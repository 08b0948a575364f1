//! The terms of a venue for programs: rates of VAT, deliveries, promotions.

use axum::http::StatusCode;
use domain::{
    pricing::{discount::Promotion, vat::Rate},
    venue::delivery::Delivery,
};
use serde_json::{Value as Json, json as value};

use crate::{
    call::{Answer, Call, json},
    problem::Problem,
    rows, terms,
};

/// Shows them all.
pub async fn show(call: Call) -> Answer {
    answer(&call).await
}

/// Keeps one rate.
pub async fn put_rate(call: Call) -> Answer {
    let rate: Rate = call.json()?;
    terms::keep_rate(&call, &rate).await?;
    answer(&call).await
}

/// Keeps where it is delivered to, as a whole.
pub async fn put_delivery(call: Call) -> Answer {
    // What a newer build kept is read with what is unknown in it; a program's mistakes are not.
    let given: Json = call.json()?;
    let delivery: Delivery = call.json()?;
    let known = value!(delivery);
    let strange = |field: &&String| known.get(field.as_str()).is_none();
    if let Some(field) = given.as_object().and_then(|fields| fields.keys().find(strange)) {
        return Err(Problem::invalid_field(field));
    }
    terms::keep_delivery(&call, delivery).await?;
    answer(&call).await
}

/// Keeps one promotion.
pub async fn put_promotion(call: Call) -> Answer {
    let promotion: Promotion = call.json()?;
    terms::keep_promotion(&call, promotion).await?;
    answer(&call).await
}

async fn answer(call: &Call) -> Answer {
    let found = rows::pricing::terms(&call.db, &call.here()?.venue.id).await?;
    let rates: Vec<&Rate> = found.rates.rows().collect();
    let body = value!({
        "vat": rates,
        "delivery": found.delivery,
        "promotions": found.promotions,
    });
    json(StatusCode::OK, &body)
}
