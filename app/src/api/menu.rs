//! The menu for programs and for pages that refresh themselves.

use axum::http::StatusCode;

use crate::{
    call::{Answer, Call, json},
    pages::present,
    rows,
};

/// Shows the menu in the reader's language.
pub async fn show(call: Call) -> Answer {
    let catalogue = rows::catalogue::load(&call.db, &call.here()?.venue.id).await?;
    json(StatusCode::OK, &present::menu(&catalogue, call.locale))
}
