//! What a courier's phone says, and what the page of a customer asks.

use axum::http::StatusCode;
use domain::venue::map::{Map, Point};
use serde::Deserialize;
use serde_json::{Value as Json, json as value};

use crate::{
    call::{Answer, Call, json},
    delivering::{self, AtDoor},
    problem::Problem,
    rows, terms,
};

/// Takes an order along.
pub async fn leave(call: Call) -> Answer {
    let id = call.param("id")?;
    delivering::leave(&call, id).await?;
    answer(&call, id).await
}

/// Notes where the courier is.
pub async fn note(call: Call) -> Answer {
    let point: Point = call.json()?;
    delivering::note(&call, call.param("id")?, Some(point)).await?;
    json(StatusCode::OK, &value!({"kept": true}))
}

/// Makes a courier up who walks the way, in a demo.
pub async fn simulate(call: Call) -> Answer {
    if !(call.app.host.demo || call.app.host.contract) {
        return Err(Problem::not_found());
    }
    delivering::note(&call, call.param("id")?, None).await?;
    json(StatusCode::OK, &value!({"kept": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Received {
    /// By whom.
    name: String,
}

/// Hands an order over to somebody with a name.
pub async fn deliver(call: Call) -> Answer {
    let received: Received = call.json()?;
    let id = call.param("id")?;
    let door = AtDoor { receiver: received.name, photo: Vec::new() };
    delivering::deliver(&call, id, door).await?;
    answer(&call, id).await
}

/// Says where restaurant, courier and address are.
pub async fn way(call: Call) -> Answer {
    json(StatusCode::OK, &delivering::way(&call, call.param("id")?).await?)
}

/// Keeps where the venue stands, and from where its maps come.
pub async fn put_map(call: Call) -> Answer {
    let given: Json = call.json()?;
    let map: Map = call.json()?;
    let known = value!(map);
    let strange = |field: &&String| known.get(field.as_str()).is_none();
    if let Some(field) = given.as_object().and_then(|fields| fields.keys().find(strange)) {
        return Err(Problem::invalid_field(field));
    }
    terms::keep_map(&call, map).await?;
    show_map(call).await
}

/// Shows where the venue stands, and from where its maps come.
pub async fn show_map(call: Call) -> Answer {
    json(StatusCode::OK, &rows::delivery::map(&call.db, &call.here()?.venue.id).await?)
}

async fn answer(call: &Call, id: &str) -> Answer {
    let order = delivering::load(call, id).await?.order;
    let body = value!({
        "id": order.id,
        "ticket": order.ticket(),
        "state": order.state(),
        "revision": order.revision(),
    });
    json(StatusCode::OK, &body)
}
