//! A member's card at a kiosk: the page that reads it, and what comes of it.
//!
//! It must not know what makes a card good.

use axum::http::{HeaderValue, StatusCode, header};
use serde_json::json as value;

use crate::{
    api::members,
    call::{Answer, Call, json, page},
    people::at_kiosk,
    problem::Problem,
    views::{KioskCardView, Surface},
};

/// Asks for a card.
pub async fn show(call: Call) -> Answer {
    page(&KioskCardView { shell: call.shell(Surface::Kiosk) })
}

/// Recognises whoever shows a card; the kiosk sells to them until it is left.
pub async fn read(call: Call) -> Answer {
    at_kiosk::place(&call)?;
    let found = members::shown(&call).await?;
    let cookie = at_kiosk::remember(&call, &found.person)?;
    let mut response = json(StatusCode::OK, &value!({"next": "/kiosk/menu"}))?;
    let cookie = HeaderValue::from_str(&cookie).map_err(|e| Problem::internal(e.to_string()))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}
