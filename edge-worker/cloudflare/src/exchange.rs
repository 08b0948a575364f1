//! Between the runtime's requests and answers and those of the router.
//!
//! A request's body is always read to its end before anything is answered: one that is dropped
//! unread stalls the next request of the same connection. It must not know the routes.

use app::gate::Client;
use axum::body::Body;
use futures_util::TryStreamExt as _;
use http::{HeaderName, HeaderValue, Method, Uri, header};
use http_body_util::BodyExt as _;
use worker::{Headers, Request, Response, ResponseBuilder, Result};

/// The header in which Cloudflare says who asks; nobody else can set it there.
const CLIENT: &str = "cf-connecting-ip";
/// How much of a body is kept: more than any route takes, so that the route refuses it.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Converts a request, with its body read; `None` when its address makes no sense.
pub(crate) async fn incoming(mut request: Request) -> Result<Option<http::Request<Body>>> {
    let body = body(&mut request).await?;
    let raw = request.inner();
    let method = Method::from_bytes(raw.method().as_bytes());
    let address = raw.url().parse::<Uri>();
    let (Ok(method), Ok(address)) = (method, address) else {
        return Ok(None);
    };
    let mut incoming = http::Request::new(Body::from(body));
    *incoming.method_mut() = method;
    let client = request.headers().get(CLIENT)?.and_then(|address| address.parse().ok());
    if let Some(client) = client {
        incoming.extensions_mut().insert(Client(client));
    }
    let headers = incoming.headers_mut();
    for (name, value) in request.headers() {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            headers.append(name, value);
        }
    }
    if let (None, Some(authority)) = (headers.get(header::HOST), address.authority())
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        headers.insert(header::HOST, host);
    }
    *incoming.uri_mut() = origin_form(address);
    Ok(Some(incoming))
}

/// Leaves path and query, as a server sees them on the wire.
fn origin_form(address: Uri) -> Uri {
    address.into_parts().path_and_query.map_or_else(Uri::default, Uri::from)
}

async fn body(request: &mut Request) -> Result<Vec<u8>> {
    let mut kept = Vec::new();
    if request.inner().body().is_none() {
        return Ok(kept);
    }
    let mut stream = request.stream()?;
    while let Some(mut chunk) = stream.try_next().await? {
        chunk.truncate(BODY_BYTES_MAX - kept.len());
        kept.append(&mut chunk);
    }
    Ok(kept)
}

/// Converts the router's answer, whole: every page and every exchange fits in memory by its limits.
pub(crate) async fn outgoing(answer: axum::response::Response) -> Result<Response> {
    let (parts, body) = answer.into_parts();
    let bytes = match body.collect().await {
        Ok(whole) => whole.to_bytes(),
        Err(error) => {
            return Err(worker::Error::RustError(format!("the answer broke off: {error}")));
        }
    };
    let headers = Headers::new();
    for (name, value) in &parts.headers {
        // The runtime writes the length itself.
        if name != header::CONTENT_LENGTH {
            headers.append(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))?;
        }
    }
    let builder = ResponseBuilder::new().with_status(parts.status.as_u16()).with_headers(headers);
    Ok(if bytes.is_empty() { builder.empty() } else { builder.fixed(bytes.to_vec()) })
}
