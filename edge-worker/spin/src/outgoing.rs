//! Requests that leave the component: WASI's own client, which follows no redirect.
//!
//! Spin lets out only what the manifest's `allowed_outbound_hosts` lists. It must not know what is
//! asked.

use std::time::Duration;

use app::ports::{Fault, Http, Incoming, Method, Outgoing, Pending};
use axum::body::Bytes;
use futures_util::{
    StreamExt as _,
    future::{Either, select},
};
use send_wrapper::SendWrapper;
use spin_sdk::{
    http::{self, FullBody, body::IncomingBodyExt as _},
    time,
};

/// WASI's client.
pub(crate) struct WasiHttp;

impl Http for WasiHttp {
    fn send<'a>(&'a self, request: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(SendWrapper::new(within_its_time(request)))
    }
}

async fn within_its_time(request: Outgoing) -> Result<Incoming, Fault> {
    let limit = time::sleep(Duration::from_millis(request.wanted.within_ms));
    match select(Box::pin(ask(request)), Box::pin(limit)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(Fault::passing("no whole answer came in time")),
    }
}

async fn ask(outgoing: Outgoing) -> Result<Incoming, Fault> {
    let method = match outgoing.method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
    };
    let mut request = axum::http::Request::builder().method(method).uri(&outgoing.url);
    for (name, value) in &outgoing.headers {
        request = request.header(*name, value);
    }
    if matches!(outgoing.method, Method::Post | Method::Put) {
        // Without its length a body goes in chunks, which stores of files refuse.
        request = request.header("content-length", outgoing.body.len());
    }
    let request = request.body(FullBody::new(Bytes::from(outgoing.body)));
    let request =
        request.map_err(|error| Fault::lasting(format!("a request cannot be made: {error}")))?;
    let broken = |error| Fault::passing(format!("no answer: {error:?}"));
    let answer = http::send(request).await.map_err(broken)?;
    let wanted = outgoing.wanted;
    let header = |name: &'static str| {
        let value = answer.headers().get(name)?.to_str().ok()?;
        Some((name, value.to_owned()))
    };
    let headers = wanted.headers.iter().filter_map(|name| header(name)).collect();
    let status = answer.status().as_u16();
    let mut chunks = answer.into_body().stream();
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.map_err(broken)?);
        if body.len() > wanted.body_bytes {
            return Err(Fault::lasting("the answer is longer than any that is wanted"));
        }
    }
    Ok(Incoming { status, headers, body })
}
