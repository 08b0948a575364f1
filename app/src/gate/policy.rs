//! The content security policy of every answer. It must not know what the answer is.

use axum::http::HeaderValue;

const BEFORE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'";
const AFTER: &str = "; manifest-src 'self'; \
     form-action 'self' https://checkout.stripe.com; frame-ancestors 'none'; base-uri 'none'";

/// Writes the policy; `socket_host` is the name under which the page may open a socket.
///
/// Not every browser reads `'self'` as the page's own host in the schemes of sockets too.
pub(super) fn policy(socket_host: Option<&str>, secure: bool) -> HeaderValue {
    let sockets = match socket_host.filter(|host| is_plain(host)) {
        Some(host) if secure => format!(" wss://{host}"),
        Some(host) => format!(" ws://{host} wss://{host}"),
        None => String::new(),
    };
    let text = format!("{BEFORE}{sockets}{AFTER}");
    // What is plain fits a header; without the sockets nothing is lost but the nudges.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Only a name and a port: whatever else a caller calls the host must not write its policy.
fn is_plain(host: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte);
    !host.is_empty() && host.len() <= 255 && host.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_open_a_socket_to_its_own_host_and_nowhere_else() {
        for (host, secure, connect) in [
            (None, true, "connect-src 'self';"),
            (Some("chakri.be"), true, "connect-src 'self' wss://chakri.be;"),
            (Some("10.0.0.2:80"), false, "connect-src 'self' ws://10.0.0.2:80 wss://10.0.0.2:80;"),
            (Some("a; script-src *"), true, "connect-src 'self';"),
            (Some(""), true, "connect-src 'self';"),
        ] {
            let policy = policy(host, secure);
            let text = policy.to_str().unwrap();
            assert!(text.contains(connect), "{text}");
            assert!(text.contains("; script-src 'self';") && text.ends_with("base-uri 'none'"));
        }
    }
}
