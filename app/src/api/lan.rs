//! A venue's gateway tells its edge under which name people on site reach it: logins are handed
//! over there and nowhere else. It must not know how a login is handed over.

use axum::http::StatusCode;
use domain::lan::LanOrigin;
use serde::{Deserialize, Serialize};
use serde_json::json as value;

use crate::{
    api::setup::GATEWAY,
    call::{Answer, Call, json},
    problem::Problem,
    rows::lan,
};

/// What a gateway tells.
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    /// Such as `https://chakri.lan.example.org`.
    pub origin: String,
}

/// Keeps the name, if it belongs to one of the venue's public names.
pub async fn tell(call: Call) -> Answer {
    let refused = || Problem::new(StatusCode::FORBIDDEN, "signer_not_permitted");
    if call.device.as_deref() != Some(GATEWAY) || !call.app.host.side.is_hub() {
        return Err(refused());
    }
    let told: Told = call.json()?;
    let venue = &call.here()?.venue.id;
    let origin = LanOrigin::parse(&told.origin);
    let origin = origin.ok_or_else(|| Problem::invalid_field("origin"))?;
    if !origin.belongs_to(&lan::domains(&call.db, venue).await?) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "origin_not_of_venue"));
    }
    call.db.commit(&[lan::keep(venue, &origin)]).await?;
    json(StatusCode::OK, &value!({"origin": origin.as_str()}))
}
