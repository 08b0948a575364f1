//! Members by JSON: binding a card to a phone, and recognising who shows one.
//!
//! It must not know what makes a card good.

use axum::http::StatusCode;
use domain::trust::{PublicKey, text as form};
use serde::Deserialize;
use serde_json::json as value;

use crate::{
    call::{Answer, Call, json},
    people::card,
    problem::Problem,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phone {
    key: String,
}

/// Gives a member a card that is bound to the key in their phone.
pub async fn bind(call: Call) -> Answer {
    let phone: Phone = call.json()?;
    let key = PublicKey::parse(&phone.key)?;
    let card = card::issue(&call, Some(key)).await?;
    let says = card.claim();
    let answer = value!({
        "id": says.id.to_string(),
        "card": form::to_qr(card.as_bytes()),
        "venue": says.venue,
        "member": says.member.to_string(),
        "key_id": key.id().to_string(),
        "until_ms": says.window.until_ms,
        "now_ms": call.app.clock.now_ms(),
    });
    json(StatusCode::CREATED, &answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Showing {
    code: String,
    #[serde(default)]
    pin: String,
}

/// Recognises whoever shows the card that a request brings.
///
/// # Errors
/// Refuses what `card::recognise` refuses.
pub async fn shown(call: &Call) -> Result<card::Recognised, Problem> {
    let showing: Showing = call.json()?;
    card::recognise(call, &showing.code, &showing.pin).await
}

/// Tells who shows a card.
pub async fn recognise(call: Call) -> Answer {
    let found = shown(&call).await?;
    let answer = value!({
        "person": found.person.as_str(),
        "name": found.name,
        "roles": found.roles.names(),
        "means": found.means.name(),
    });
    json(StatusCode::OK, &answer)
}
