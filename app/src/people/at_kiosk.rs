//! Whoever stands at a kiosk and has shown their card there.
//!
//! A cookie names them for a while, sealed by this host for that kiosk alone; nothing is stored,
//! and the kiosk's first page forgets it. A kiosk is an enrolled one, or the gateway's own screen:
//! at any other browser a photograph of a card would do. It must not know what makes a card good,
//! nor what a kiosk does for a member.

use axum::http::StatusCode;
use domain::{device::Kind, people::person::PersonId};
use sync_engine::seal::{derive, equal, hex, mac};

use crate::{
    call::Call,
    host::Side,
    limits,
    people::directory::{self, Member},
    problem::Problem,
    session::{cookie, set_cookie},
    transport,
};

/// The cookie.
pub const COOKIE: &str = "relais_at_kiosk";

/// Names the kiosk that asks.
///
/// # Errors
/// Refuses every other browser.
pub fn place(call: &Call) -> Result<&str, Problem> {
    let station = call.proven.as_ref().map(|proven| &proven.found.device);
    let kiosk = station.filter(|device| matches!(device.kind, Kind::Kiosk | Kind::Till));
    let is_own = matches!(call.app.host.side, Side::Gateway(_))
        && call.from.is_some_and(|address| address.is_loopback());
    let place = kiosk.map(|device| device.id.as_str()).or(is_own.then_some("gateway"));
    place.ok_or_else(|| Problem::new(StatusCode::FORBIDDEN, "kiosk_only"))
}

/// Returns the cookie that names somebody whose card was recognised at this kiosk.
///
/// # Errors
/// Fails where the request is about no venue, or of no kiosk.
pub fn remember(call: &Call, person: &PersonId) -> Result<String, Problem> {
    let until_ms = call.app.clock.now_ms() + limits::AT_KIOSK_MS;
    let said = format!("{}.{until_ms}", person.as_str());
    let value = format!("{said}.{}", seal(call, &said)?);
    let secure = transport::is_secure(call);
    Ok(set_cookie(secure, COOKIE, &value, Some(limits::AT_KIOSK_MS)))
}

/// Returns the cookie that forgets whoever stood here; none where nobody did.
#[must_use]
pub fn forget(call: &Call) -> Option<String> {
    let secure = transport::is_secure(call);
    cookie(&call.headers, COOKIE).map(|_| set_cookie(secure, COOKIE, "", Some(0)))
}

/// Returns who stands at the kiosk that asks; nobody elsewhere, and nobody who was barred since.
///
/// # Errors
/// Fails when the database does.
pub async fn member(call: &Call) -> Result<Option<Member>, Problem> {
    let Some(person) = named(call) else { return Ok(None) };
    let venue = &call.here()?.venue.id;
    let found = directory::find(&call.app.host, &call.db, (venue, &person)).await?;
    Ok(found.filter(|found| found.access.active && found.access.roles.is_member()))
}

fn named(call: &Call) -> Option<PersonId> {
    let value = cookie(&call.headers, COOKIE).filter(|_| call.is_kiosk())?;
    let (said, sealed) = value.rsplit_once('.')?;
    let (person, until_ms) = said.split_once('.')?;
    let until_ms: u64 = until_ms.parse().ok()?;
    let expected = seal(call, said).ok()?;
    let now_ms = call.app.clock.now_ms();
    // A clock that was put back must not keep anybody here for longer.
    let is_now = now_ms < until_ms && until_ms <= now_ms + limits::AT_KIOSK_MS;
    let is_ours = equal(expected.as_bytes(), sealed.as_bytes());
    PersonId::parse(person).filter(|_| is_now && is_ours)
}

fn seal(call: &Call, said: &str) -> Result<String, Problem> {
    let key = derive(call.app.host.secret.expose(), "at-kiosk");
    let text = format!("{}\n{}\n{said}", call.here()?.venue.id, place(call)?);
    Ok(hex(&mac(&key, text.as_bytes())))
}
