//! Scheme, host and port of an address, read so strictly that no two readers can differ.
//!
//! Parsers of addresses disagree on what is odd: user names, escapes, backslashes, numbers for
//! hosts. All that is refused instead of understood. It must not ask a name server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::address::Reach;
use crate::limits::URL_BYTES;

/// Characters of a host name, and of one of its labels.
const HOST_CHARS: usize = 253;
const LABEL_CHARS: usize = 63;

/// Names that stand for what is near, whoever answers for them.
const NEAR: [&str; 6] = ["localhost", "local", "internal", "intranet", "lan", "home.arpa"];

/// Where a request may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    is_https: bool,
    host: Host,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Name(String),
    Address(IpAddr),
}

impl Origin {
    /// Reads the origin of an address.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn of(url: &str, reach: Reach) -> Result<Self, String> {
        let visible =
            url.bytes().all(|b| (0x21..0x7f).contains(&b) && !b"\\\"<>^`{|}".contains(&b));
        if url.len() > URL_BYTES || !visible {
            return Err("it is too long, or not written in plain characters".to_owned());
        }
        let (is_https, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err("it does not begin with https://".to_owned()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, port) = split(rest.get(..end).unwrap_or_default())?;
        let port = port.unwrap_or(if is_https { 443 } else { 80 });
        let host = Host::read(host)?;
        host.check(reach)?;
        if !is_https && !host.is_loopback() {
            return Err("plain http:// is for this machine only".to_owned());
        }
        Ok(Self { is_https, host, port })
    }
}

/// Parts `host:port` and `[address]:port`.
fn split(authority: &str) -> Result<(&str, Option<u16>), String> {
    let after = authority.rfind(']').map_or(0, |at| at + 1);
    let tail = authority.get(after..).unwrap_or_default();
    let Some(colon) = tail.find(':') else { return Ok((authority, None)) };
    let (host, port) = authority.split_at(after + colon);
    let digits = port.get(1..).unwrap_or_default();
    let is_plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    match digits.parse() {
        Ok(port) if is_plain => Ok((host, Some(port))),
        _ => Err("its port is no number".to_owned()),
    }
}

impl Host {
    fn read(text: &str) -> Result<Self, String> {
        if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let address = inner.parse::<Ipv6Addr>().map_err(|_| "its address cannot be read")?;
            return Ok(Self::Address(address.into()));
        }
        // Four numbers without leading zeros; every other way to write an address is refused below.
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        let is_label = |label: &str| {
            let plain =
                label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            let whole = !label.starts_with('-') && !label.ends_with('-');
            plain && whole && (1..=LABEL_CHARS).contains(&label.len())
        };
        let last = text.rsplit('.').next().unwrap_or_default();
        let is_number = last.starts_with(|c: char| c.is_ascii_digit());
        if text.len() > HOST_CHARS || is_number || !text.split('.').all(is_label) {
            return Err("its host is no plain name in small letters".to_owned());
        }
        Ok(Self::Name(text.to_owned()))
    }

    fn is_loopback(&self) -> bool {
        match self {
            Self::Name(name) => name == "localhost",
            Self::Address(address) => address.is_loopback(),
        }
    }

    fn check(&self, reach: Reach) -> Result<(), String> {
        let admitted = match self {
            Self::Address(address) => reach.admits(*address),
            Self::Name(_) if self.is_loopback() => reach == Reach::WithLoopback,
            Self::Name(name) => name.contains('.') && !NEAR.iter().any(|near| lies_in(name, near)),
        };
        if admitted { Ok(()) } else { Err("its host is not a public one".to_owned()) }
    }
}

fn lies_in(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
