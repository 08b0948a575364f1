//! Which network addresses a request may go to.
//!
//! Whatever is not known to be public is refused: the lists of special addresses grow, that of the
//! public ones does not. It must not know names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To public addresses only.
    Public,
    /// To this machine too: a demo's and a suite's stand-ins live there.
    WithLoopback,
}

impl Reach {
    /// Returns how far the requests of a host go that was started so.
    #[must_use]
    pub const fn of(demo: bool, contract: bool) -> Self {
        if demo || contract { Self::WithLoopback } else { Self::Public }
    }

    /// Tells whether this address may be connected to.
    #[must_use]
    pub fn admits(self, address: IpAddr) -> bool {
        let is_public = match address {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(address) => is_public_v6(address),
        };
        is_public || (self == Self::WithLoopback && address.is_loopback())
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private, shared, loopback, link-local.
        [0 | 10 | 127, ..] | [100, 64..=127, ..] | [169, 254, ..] => true,
        [172, 16..=31, ..] | [192, 168, ..] => true,
        // Protocols, documentation, the former 6to4, benchmarks.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => true,
        [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Protocols and Teredo, documentation, 6to4: some of them carry another address within.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // All that is public lies here; mapped, local, link-local and multicast ones do not.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}
