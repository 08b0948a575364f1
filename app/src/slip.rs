//! Codes of orders: signed where they are shown, believed at any counter, also without a line.
//!
//! It must not know pages, nor what is done for whoever shows one.

use axum::http::StatusCode;
use domain::{
    ordering::{Order, slip},
    trust::{self as documents, Document, receipt::Mode, text as form, ticket::Ticket},
};

use crate::{call::Call, problem::Problem, rows, time, trust};

/// Returns the code of an order, for its customer to show; none where none can be signed.
///
/// # Errors
/// Fails where the request is about no venue.
pub fn code(call: &Call, order: &Order) -> Result<Option<String>, Problem> {
    let venue = &call.here()?.venue;
    let host = &call.app.host;
    let money = if host.demo { Mode::Test } else { Mode::Live };
    let signed = slip::ticket(order, (&venue.id, &venue.time_zone), money)
        .and_then(|ticket| Document::sign(&host.signing_key(&venue.id), &ticket));
    Ok(signed.ok().map(|document| form::to_qr(document.as_bytes())))
}

/// Finds the order of a code that somebody shows.
///
/// # Errors
/// Refuses a code that does not hold here, and one whose order has not arrived.
pub async fn find(call: &Call, code: &str) -> Result<Order, Problem> {
    let kept: String =
        code.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let bytes = form::from_qr(&kept)?;
    let venue = &call.here()?.venue.id;
    let claimed = Document::<Ticket>::read(&bytes)?;
    // Of another house's key nobody here knows anything: its name says more.
    if claimed.claim().venue != *venue {
        return Err(documents::Rejection::WrongVenue.into());
    }
    let mut verifier = trust::verifier(&call.app, &call.db, venue, &[]).await?;
    // What this host signed it believes, also before the edge has certified it.
    verifier.trust(call.app.host.signing_key(venue).public());
    let now = time::load(&call.app, &call.db, venue).await?;
    let ticket = verifier.verify::<Ticket>(&bytes, &now)?.body;
    let found = rows::order::by_id(&call.db, venue, &slip::order_of(&ticket)).await?;
    let unknown = || Problem {
        subject: vec![ticket.call.clone()],
        ..Problem::new(StatusCode::NOT_FOUND, "ticket_not_arrived")
    };
    let order = found.ok_or_else(unknown)?.order;
    slip::is_of(&ticket, &order)?;
    Ok(order)
}
