//! Over what a request came, and what may be sent back over it.
//!
//! A session that goes over a network in clear is everybody's. It must not know sessions.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::StatusCode;

use crate::{call::Call, host::Host, problem::Problem};

/// Over what a request came; a host that knows it puts it among the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Over TLS that ends at this host.
    Https,
    /// In clear, as far as this host can see.
    Http,
}

/// Tells whether nobody between the browser and us reads along: the connection says it, or the
/// configuration does for a proxy or a platform that speaks HTTPS in front of us.
#[must_use]
pub fn of(host: &Host, transport: Option<Transport>) -> bool {
    transport == Some(Transport::Https) || host.secure_cookies
}

/// Tells the same of a request.
#[must_use]
pub fn is_secure(call: &Call) -> bool {
    of(&call.app.host, call.transport)
}

/// Refuses people who would prove who they are in clear, over a network.
///
/// A kiosk or till loads from its own machine's loopback, and a demo listens nowhere else.
///
/// # Errors
/// Says that HTTPS is needed.
pub fn check(call: &Call) -> Result<(), Problem> {
    let host = &call.app.host;
    let in_clear = call.transport == Some(Transport::Http) && !is_secure(call);
    if !in_clear || host.demo || host.contract || call.from.is_some_and(is_own) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "https_required"))
}

/// Only the two addresses that browsers on this machine call it by: the rest of the loopback
/// network may be what a tunnel or a container makes of it.
fn is_own(from: IpAddr) -> bool {
    match from.to_canonical() {
        IpAddr::V4(address) => address == Ipv4Addr::LOCALHOST,
        IpAddr::V6(address) => address == Ipv6Addr::LOCALHOST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_machine_itself_is_on_its_loopback() {
        for (from, own) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("127.0.0.2", false),
            ("192.168.1.20", false),
            ("10.0.0.1", false),
            ("fe80::1", false),
            ("::ffff:192.168.1.20", false),
        ] {
            assert_eq!(is_own(from.parse().unwrap()), own, "{from}");
        }
    }
}
