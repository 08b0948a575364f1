//! The content security policy of every answer. It must not know what the answer is.

use axum::http::HeaderValue;

const BEFORE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'";
const AFTER: &str = "; manifest-src 'self'; \
     form-action 'self' https://checkout.stripe.com; frame-ancestors 'none'; base-uri 'none'";

/// What one answer may do beside what every page may; a handler puts it beside its answer.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// From which origin it shows pictures; empty for its own alone.
    pub images: String,
    /// Which origin it asks; empty for its own alone.
    pub asks: String,
    /// It may ask where its reader is.
    pub geolocation: bool,
}

/// Writes the policy; `socket_host` is the name under which the page may open a socket.
///
/// Not every browser reads `'self'` as the page's own host in the schemes of sockets too.
pub(super) fn policy(socket_host: Option<&str>, secure: bool, allowed: &Allowed) -> HeaderValue {
    let sockets = match socket_host.filter(|host| is_plain(host)) {
        Some(host) if secure => format!(" wss://{host}"),
        Some(host) => format!(" ws://{host} wss://{host}"),
        None => String::new(),
    };
    let [images, asks] = [&allowed.images, &allowed.asks].map(|origin| match is_origin(origin) {
        true => format!(" {origin}"),
        false => String::new(),
    });
    let text =
        format!("{BEFORE}; img-src 'self' data:{images}; connect-src 'self'{sockets}{asks}{AFTER}");
    // What is plain fits a header; without the sockets nothing is lost but the nudges.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Only a name and a port: whatever else a caller calls the host must not write its policy.
fn is_plain(host: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte);
    !host.is_empty() && host.len() <= 255 && host.bytes().all(fits)
}

/// Only a scheme, a name and a port: settings of a venue must not write more of a policy.
fn is_origin(origin: &str) -> bool {
    domain::venue::map::origin(&format!("{origin}/")) == Some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_a_map_may_ask_its_hosts_and_no_others() {
        let tiles = "https://tiles.example.org:8443".to_owned();
        let allowed = Allowed { images: tiles.clone(), asks: tiles, geolocation: false };
        let policy = policy(None, true, &allowed);
        let text = policy.to_str().unwrap();
        assert!(text.contains("img-src 'self' data: https://tiles.example.org:8443;"), "{text}");
        assert!(text.contains("connect-src 'self' https://tiles.example.org:8443;"), "{text}");
        for odd in ["*", "https://a.example; script-src *", "https://*", "data:", "http://a.b"] {
            let odd = Allowed { images: odd.to_owned(), ..Allowed::default() };
            let policy = super::policy(None, true, &odd);
            assert!(policy.to_str().unwrap().contains("img-src 'self' data:; "), "{policy:?}");
        }
    }

    #[test]
    fn a_page_may_open_a_socket_to_its_own_host_and_nowhere_else() {
        for (host, secure, connect) in [
            (None, true, "connect-src 'self';"),
            (Some("chakri.be"), true, "connect-src 'self' wss://chakri.be;"),
            (Some("10.0.0.2:80"), false, "connect-src 'self' ws://10.0.0.2:80 wss://10.0.0.2:80;"),
            (Some("a; script-src *"), true, "connect-src 'self';"),
            (Some(""), true, "connect-src 'self';"),
        ] {
            let policy = policy(host, secure, &Allowed::default());
            let text = policy.to_str().unwrap();
            assert!(text.contains(connect), "{text}");
            assert!(text.contains("; script-src 'self';") && text.ends_with("base-uri 'none'"));
        }
    }
}
