//! A mail for suites: until a handler leaves one for a reason of its own, this is what does.
//!
//! It exists only where the host was started for a suite, as the SQL cases do.

use axum::http::StatusCode;
use domain::people::address::Address;
use serde::Deserialize;
use serde_json::json as value;

use crate::{
    call::{Answer, Call, json},
    locale::Locale,
    mail::{self, Letter},
    problem::Problem,
};

#[derive(Deserialize)]
struct Wanted {
    to: String,
    language: String,
    letter: Letter,
}

/// Leaves a mail, and rings.
pub async fn run(call: Call) -> Answer {
    if !call.app.host.contract {
        return Err(Problem::not_found());
    }
    let wanted: Wanted = call.json()?;
    let to = Address::parse(&wanted.to)?;
    let locale = Locale::from_tag(&wanted.language).unwrap_or_default();
    let venue = &call.here()?.venue.id;
    let left = mail::queue(&call.app, venue, (&to, locale), wanted.letter)?;
    call.db.commit(&[left]).await?;
    call.app.outbox.ring();
    json(StatusCode::OK, &value!({"left": true}))
}
