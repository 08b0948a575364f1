//! Who is signed in: a station's cookie, signed by this host.
//!
//! The cookie says role, venue and end; there is no row behind it. It must not know what a role may
//! do.

use axum::http::HeaderMap;
use domain::access::Role;
use sync_engine::{
    id::VenueId,
    seal::{equal, hex, mac},
};

use crate::{host::Host, limits};

const COOKIE: &str = "relais_station";

/// Makes the `Set-Cookie` value that signs a station in.
#[must_use]
pub fn sign_in(host: &Host, venue: &VenueId, role: Role, now_ms: u64) -> String {
    let ends_ms = now_ms + limits::SESSION_MS;
    let claim = format!("{}.{venue}.{ends_ms}", role.name());
    let signature = hex(&mac(&host.session_key(), claim.as_bytes()));
    let seconds = limits::SESSION_MS / 1_000;
    format!("{COOKIE}={claim}.{signature}; Max-Age={seconds}; {}", attributes(host))
}

/// Makes the `Set-Cookie` value that signs a station out.
#[must_use]
pub fn sign_out(host: &Host) -> String {
    format!("{COOKIE}=; Max-Age=0; {}", attributes(host))
}

fn attributes(host: &Host) -> &'static str {
    if host.secure_cookies {
        "Path=/; HttpOnly; SameSite=Strict; Secure"
    } else {
        "Path=/; HttpOnly; SameSite=Strict"
    }
}

/// Returns the role that the request's cookie proves at this venue.
#[must_use]
pub fn role(host: &Host, venue: &VenueId, headers: &HeaderMap, now_ms: u64) -> Option<Role> {
    let value = cookie(headers, COOKIE)?;
    let (claim, signature) = value.rsplit_once('.')?;
    let expected = hex(&mac(&host.session_key(), claim.as_bytes()));
    if !equal(expected.as_bytes(), signature.as_bytes()) {
        return None;
    }
    let mut parts = claim.split('.');
    let role = Role::parse(parts.next()?)?;
    let same_venue = parts.next()? == venue.as_str();
    let ends_ms: u64 = parts.next()?.parse().ok()?;
    (same_venue && now_ms < ends_ms).then_some(role)
}

/// Returns a cookie's value.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all("cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}
