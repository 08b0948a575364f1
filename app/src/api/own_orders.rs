//! What pages ask about somebody's own orders and addresses.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json as value};

use crate::{
    call::{Answer, Call, json},
    own_orders,
    people::address_book,
};

/// Gives an order's lines as a basket holds them, at the prices of then.
pub async fn again(call: Call) -> Answer {
    let found = own_orders::load(&call, call.param("id")?).await?;
    let lines = own_orders::basket_lines(&found.order, call.locale);
    json(StatusCode::OK, &value!({"ticket": found.order.ticket(), "lines": lines}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Opinion {
    stars: i64,
    #[serde(default)]
    comment: String,
}

/// Rates an order.
pub async fn rate(call: Call) -> Answer {
    let opinion: Opinion = call.json()?;
    let id = call.param("id")?;
    own_orders::rate(&call, id, (opinion.stars, &opinion.comment)).await?;
    json(StatusCode::OK, &value!({"id": id, "stars": opinion.stars}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Addressee {
    #[serde(default)]
    billed: String,
}

/// Has an order invoiced; one that is invoiced stays as it is.
pub async fn invoice(call: Call) -> Answer {
    let addressee: Addressee = call.json()?;
    let id = call.param("id")?;
    own_orders::invoice(&call, id, &addressee.billed).await?;
    let invoice = own_orders::invoice_of(&call, id).await?;
    json(StatusCode::OK, &value!({"id": id, "invoice": invoice.name()}))
}

/// Gives somebody's own addresses, for the basket.
pub async fn addresses(call: Call) -> Answer {
    let kept = address_book::list(&call).await?;
    let contacts: Vec<Json> = kept.iter().map(|kept| value!(kept.contact)).collect();
    json(StatusCode::OK, &value!({"addresses": contacts}))
}
