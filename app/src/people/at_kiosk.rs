//! Whoever stands at a kiosk and has shown their card there.
//!
//! A cookie names them for a while, sealed by this host; nothing is stored, and the kiosk's first
//! page forgets it. It must not know what makes a card good, nor what a kiosk does for a member.

use domain::people::person::PersonId;
use sync_engine::seal::{derive, equal, hex, mac};

use crate::{
    call::Call,
    limits,
    people::directory::{self, Member},
    problem::Problem,
    session::{cookie, set_cookie},
    transport,
};

/// The cookie.
pub const COOKIE: &str = "relais_at_kiosk";

/// Returns the cookie that names somebody whose card was recognised at this kiosk.
///
/// # Errors
/// Fails where the request is about no venue.
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
    let text = format!("{}\n{said}", call.here()?.venue.id);
    Ok(hex(&mac(&key, text.as_bytes())))
}
