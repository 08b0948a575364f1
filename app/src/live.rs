//! Who may listen on `/live`, and what is said there.
//!
//! A listener learns that something of a purpose changed, and fetches what it may see: a nudge
//! carries names of streams and a count that only grows, never data. The handler decides; the host
//! carries the socket. It must not know how a host holds one.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use serde_json::json;
use sync_engine::id::VenueId;

use crate::{
    call::{Answer, Call},
    device::{self, proof},
    gate,
    locale::Locale,
    problem::Problem,
};

/// The address at which listeners ask for a socket.
pub const PATH: &str = "/live";
/// What a listener says so that both sides know that the socket still stands.
pub const PING: &str = "ping";
/// What it hears then.
pub const PONG: &str = "pong";

/// A place that was granted to a listener; the host finds it among the answer's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// The venue whose changes are told.
    pub venue: VenueId,
    /// The device that listens; a browser has no name.
    pub device: Option<String>,
}

/// Decides whether the caller may listen; the host then makes the connection a socket.
pub async fn listen(mut call: Call) -> Answer {
    if !call.app.live.takes_sockets() {
        return Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "live_not_offered"));
    }
    if !call.header("upgrade").eq_ignore_ascii_case("websocket") {
        return Ok(upgrade_required(call.locale));
    }
    gate::check_origin(&call)?;
    let device = admit_device(&mut call).await?;
    if device.is_none() {
        call.here = gate::find_venue(&call).await?;
    }
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    answer.extensions_mut().insert(Seat { venue: call.here()?.venue.id.clone(), device });
    Ok(answer)
}

/// Says in which protocol the address speaks.
#[must_use]
pub fn upgrade_required(locale: Locale) -> Response<Body> {
    let mut answer = Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required").json(locale);
    answer.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    answer
}

/// Says that no place is free: whoever hears it asks now and then instead of listening.
#[must_use]
pub fn full(locale: Locale) -> Response<Body> {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "live_full").json(locale)
}

/// A device names its venue itself, and signs as for an exchange; a browser signs nothing.
async fn admit_device(call: &mut Call) -> Result<Option<String>, Problem> {
    if !call.headers.contains_key(device::DEVICE) {
        return Ok(None);
    }
    let claim = device::claim(&call.headers)?;
    proof::admit_replica(call, "GET", claim).await?;
    Ok(call.device.clone())
}

/// Writes a nudge: which purposes changed, each with a count that only grows.
#[must_use]
pub fn nudge(versions: &BTreeMap<String, u64>) -> String {
    json!({"topics": versions}).to_string()
}

/// Returns the version after `last`: the time, unless the clock stood or went back.
#[must_use]
pub fn next_version(last: u64, now_ms: u64) -> u64 {
    now_ms.max(last.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_grows_whatever_the_clock_does() {
        for (last, now_ms, next) in [(0, 7, 7), (7, 7, 8), (9, 3, 10), (u64::MAX, 3, u64::MAX)] {
            assert_eq!(next_version(last, now_ms), next, "{last} at {now_ms}");
        }
    }

    #[test]
    fn a_nudge_says_what_changed_and_nothing_else() {
        let versions = BTreeMap::from([("orders".to_owned(), 8), ("catalogue".to_owned(), 7)]);
        assert_eq!(nudge(&versions), r#"{"topics":{"catalogue":7,"orders":8}}"#);
    }
}
