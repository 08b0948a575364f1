//! Outgoing HTTP: only to the hosts that the manifest lists, and only without TLS.
//!
//! TLS is left out on purpose. The stand-ins that the tests talk to speak plain HTTP, and a TLS
//! client would cost a minute of build for nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::uri::PathAndQuery;
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use tokio::net::TcpStream;
use tokio::time::timeout;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::limits::{ANSWER_MS, CONNECT_MS};

/// The scheme, host and port that a request may go to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// Reads one entry of `allowed_outbound_hosts`; wildcards and paths are refused.
    pub(crate) fn listed(entry: &str) -> Result<Self, String> {
        let remedy = "write `http://host:port` or `https://host:port`; wildcards are not supported";
        let refused = || format!("allowed_outbound_hosts `{entry}`: {remedy}");
        if entry.contains('*') {
            return Err(refused());
        }
        let uri = entry.trim_end_matches('/').parse::<Uri>().map_err(|_| refused())?;
        let plain = uri.path_and_query().is_none_or(|path| path.as_str() == "/");
        Self::of(&uri).filter(|_| plain).ok_or_else(refused)
    }

    /// The origin of a request, with the scheme's own port where none is named.
    fn of(uri: &Uri) -> Option<Self> {
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let usual_port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let host = uri.host()?.to_ascii_lowercase();
        Some(Self { scheme, host, port: uri.port_u16().unwrap_or(usual_port) })
    }
}

/// What an instance's outgoing requests are held against.
pub(crate) struct Outbound {
    pub(crate) allowed: Arc<BTreeSet<Origin>>,
}

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Answer = Result<(http::Response<WasiBody>, Io), Error>;

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Io,
    ) -> Box<dyn Future<Output = Answer> + Send> {
        let origin = Origin::of(request.uri()).filter(|origin| self.allowed.contains(origin));
        Box::new(async move {
            match origin {
                None => {
                    eprintln!("spin-host: refused an outgoing request to {}", request.uri());
                    Err(Error::HttpRequestDenied)
                }
                Some(origin) if origin.scheme == "https" => {
                    eprintln!("spin-host: {} needs TLS, which is not supported", request.uri());
                    Err(Error::TlsProtocolError)
                }
                Some(origin) => send(origin, request, options).await,
            }
        })
    }
}

async fn send(
    origin: Origin,
    mut request: http::Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Answer {
    let limits = options.unwrap_or_default();
    let connect = limits.connect_timeout.unwrap_or(Duration::from_millis(CONNECT_MS));
    let answer = limits.first_byte_timeout.unwrap_or(Duration::from_millis(ANSWER_MS));
    let address = format!("{}:{}", origin.host, origin.port);
    let stream = timeout(connect, TcpStream::connect(address))
        .await
        .map_err(|_| Error::ConnectionTimeout)?
        .map_err(Error::Connect)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    // A request line names the path alone; the origin travels in the Host header.
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    let response = timeout(answer, sender.send_request(request))
        .await
        .map_err(|_| Error::ConnectionReadTimeout)??;
    let ended: Io = Box::new(async move {
        match driver.await {
            Ok(ended) => ended.map_err(Error::from),
            Err(_) => Err(Error::ConnectionTerminated),
        }
    });
    Ok((response.map(|body| body.map_err(Error::from).boxed_unsync()), ended))
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn an_entry_without_a_port_means_the_port_of_its_scheme() {
        assert_eq!(Origin::listed("http://shop.test"), Origin::listed("http://SHOP.test:80/"));
        assert_ne!(Origin::listed("http://shop.test"), Origin::listed("https://shop.test"));
    }

    #[test]
    fn wildcards_paths_and_other_schemes_are_refused() {
        for entry in ["*://shop.test", "http://*.test", "http://shop.test/a", "redis://a", "shop"] {
            assert!(Origin::listed(entry).is_err(), "{entry}");
        }
    }
}
