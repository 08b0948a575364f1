//! What the kitchen changes about products during the day.

use axum::http::StatusCode;
use domain::catalogue::availability;
use serde::Deserialize;
use serde_json::json as value;

use crate::{
    call::{Answer, Call, Tries, Written, json},
    menu,
    problem::Problem,
    rows,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    available: bool,
}

/// Says whether a product is to be had; saying it again writes nothing.
pub async fn set_availability(call: Call) -> Answer {
    let wanted: Wanted = call.json()?;
    let id = call.param("id")?;
    let mut tries = Tries::default();
    loop {
        let catalogue = menu::of(&call).await?.catalogue(&call.app);
        let unknown = || domain::Rejection::UnknownProduct(id.to_owned());
        let product = catalogue.product(id).ok_or_else(unknown).map_err(|rejection| Problem {
            status: StatusCode::NOT_FOUND,
            ..Problem::from(rejection)
        })?;
        // What is sold out because none is left is still switched on or off.
        let draft = rows::catalogue::load(&call.db, &call.here()?.venue.id).await?;
        let is_on = draft.product(id).map_or(product.available, |product| product.available);
        let drafts = if is_on == wanted.available {
            Vec::new()
        } else {
            vec![availability(id, wanted.available)]
        };
        if call.write(&drafts).await? == Written::Done {
            return json(StatusCode::OK, &value!({"id": id, "available": wanted.available}));
        }
        tries.again()?;
    }
}
