//! A venue's name on its own network, such as `https://chakri.lan.example.org`: a public name for a
//! private address.
//!
//! Logins are carried there, so it must belong to one of the venue's public names: whoever steals a
//! gateway must not lead people to a site of their own. It must not know who says it.

use crate::trust::limits::ORIGIN_BYTES;

/// The origin under which a venue's gateway is reached on site over HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanOrigin {
    origin: String,
    /// Where in it the name begins and ends.
    name: std::ops::Range<usize>,
}

const SCHEME: &str = "https://";

impl LanOrigin {
    /// Reads `https://<venue>.lan.<domain>`, with a port where it is not 443; nothing else will do.
    #[must_use]
    pub fn parse(origin: &str) -> Option<Self> {
        let authority = origin.strip_prefix(SCHEME)?;
        let (name, port) = match authority.split_once(':') {
            None => (authority, None),
            Some((name, port)) => (name, Some(port.parse::<u16>().ok().filter(|_| plain(port))?)),
        };
        if origin.len() > ORIGIN_BYTES || port == Some(443) || !is_name(name) {
            return None;
        }
        let name = SCHEME.len()..SCHEME.len() + name.len();
        Some(Self { origin: origin.to_owned(), name })
    }

    /// Returns the whole origin.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// Returns what a browser sends as the host.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.origin.get(SCHEME.len()..).unwrap_or_default()
    }

    /// Tells whether it belongs to a venue that has these public names.
    #[must_use]
    pub fn belongs_to<S: AsRef<str>>(&self, domains: &[S]) -> bool {
        let name = self.origin.get(self.name.clone()).unwrap_or_default();
        let Some((_, base)) = name.split_once(".lan.") else { return false };
        let is_below = |domain: &str| domain.strip_suffix(base).is_some_and(|d| d.ends_with('.'));
        domains.iter().map(AsRef::as_ref).any(|domain| domain == base || is_below(domain))
    }
}

/// Leading zeros and signs would be second forms of one port.
fn plain(port: &str) -> bool {
    port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0')
}

/// One label, `lan`, and a domain of two labels or more.
fn is_name(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && label.len() <= 63 && label.bytes().all(fits)
    };
    matches!(labels.as_slice(), [_, "lan", _, _, ..]) && labels.iter().all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_names_on_a_venue_s_own_network_are_read() {
        for (origin, authority) in [
            ("https://chakri.lan.chakri.be", Some("chakri.lan.chakri.be")),
            ("https://chakri.lan.chakri.be:8443", Some("chakri.lan.chakri.be:8443")),
            ("https://a-1.lan.relais.example.org", Some("a-1.lan.relais.example.org")),
            ("http://chakri.lan.chakri.be", None),
            ("https://chakri.lan.chakri.be/", None),
            ("https://chakri.lan.chakri.be:443", None),
            ("https://chakri.lan.chakri.be:0443", None),
            ("https://chakri.lan.chakri.be:+1", None),
            ("https://chakri.lan.chakri.be:", None),
            ("https://chakri.lan.chakri.be:99999", None),
            ("https://chakri.lan.chakri.be@evil.example", None),
            ("https://chakri.lan.be", None),
            ("https://chakri.be", None),
            ("https://Chakri.lan.chakri.be", None),
            ("https://.lan.chakri.be", None),
            ("https://chakri.lan.chakri.be.", None),
            ("https://a.b.lan.chakri.be", None),
            ("https://192.168.1.10", None),
            ("javascript:alert(1)", None),
            ("", None),
        ] {
            let read = LanOrigin::parse(origin);
            assert_eq!(read.as_ref().map(LanOrigin::authority), authority, "{origin}");
        }
        let long = format!("https://a.lan.{}example.org", "a23456789.".repeat(12));
        assert_eq!(LanOrigin::parse(&long), None);
    }

    #[test]
    fn a_name_belongs_to_whoever_has_the_domain_above_it() {
        for (origin, domains, belongs) in [
            ("https://chakri.lan.chakri.be", vec!["chakri.be"], true),
            ("https://chakri.lan.chakri.be:8443", vec!["localhost", "www.chakri.be"], true),
            ("https://chakri.lan.relais.example", vec!["chakri.relais.example"], true),
            ("https://chakri.lan.evil.example", vec!["chakri.be"], false),
            ("https://chakri.lan.chakri.be", vec!["evilchakri.be"], false),
            ("https://chakri.lan.chakri.be", vec!["be"], false),
            ("https://chakri.lan.chakri.be", vec![], false),
        ] {
            let read = LanOrigin::parse(origin).unwrap();
            assert_eq!(read.belongs_to(&domains), belongs, "{origin} {domains:?}");
        }
    }
}
