//! Forged requests: what a page of ours sends back, and no other site can know.
//!
//! The token is derived from a cookie that scripts cannot read, so nothing is kept. It must not
//! know who is signed in, beyond their token.

use axum::http::StatusCode;
use sync_engine::seal::{derive, equal, hex};

use crate::{
    call::Call,
    device::proof,
    people::at_kiosk,
    ports::Entropy,
    problem::Problem,
    session::{cookie, random, set_cookie},
};

/// The cookie of a browser that is shown forms.
pub const COOKIE: &str = "relais_form";
/// The header in which scripts send the token; forms have a field.
pub const HEADER: &str = "relais-csrf";
/// The field in which forms send it.
pub const FIELD: &str = "csrf";

/// Returns the token that this request's forms and scripts must send back; empty where the browser
/// has no cookie that it could be bound to.
#[must_use]
pub fn token(call: &Call) -> String {
    let session = call.visitor.as_ref().map(|visitor| visitor.token.as_str());
    let source = session.or(call.new_form_token.as_deref());
    let source = source.or_else(|| cookie(&call.headers, COOKIE));
    let source = source.or_else(|| cookie(&call.headers, proof::COOKIE));
    let source = source.or_else(|| cookie(&call.headers, at_kiosk::COOKIE));
    source.map(of).unwrap_or_default()
}

/// Checks the token of a request that changes something.
///
/// A request without any of our cookies has no authority to be misused, and needs none.
///
/// # Errors
/// Refuses a request whose token is missing or another's.
pub fn check(call: &Call) -> Result<(), Problem> {
    let expected = token(call);
    if expected.is_empty() {
        return Ok(());
    }
    let header = call.header(HEADER);
    let given = if header.is_empty() { call.field(FIELD) } else { header.to_owned() };
    if equal(expected.as_bytes(), given.as_bytes()) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "form_expired"))
}

/// Derives what forms send back from what only the browser and we know.
#[must_use]
pub fn of(token: &str) -> String {
    hex(&derive(token.as_bytes(), "csrf")).chars().take(32).collect()
}

/// Draws a token for a browser that is shown its first form, and the cookie that keeps it.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn draw(secure: bool, entropy: &dyn Entropy) -> Result<(String, String), Problem> {
    let token = random(entropy, 16)?;
    let cookie = set_cookie(secure, COOKIE, &token, None);
    Ok((token, cookie))
}
