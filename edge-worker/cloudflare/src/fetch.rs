//! Requests that leave the Worker, by the runtime's own `fetch`.
//!
//! The runtime resolves names itself and reaches no private network from there. It must not know
//! what is asked.

use std::time::Duration;

use app::ports::{Fault, Http, Incoming, Method, Outgoing, Pending};
use futures_util::{
    TryStreamExt as _,
    future::{Either, select},
};
use worker::{
    AbortController, AbortSignal, Delay, Fetch, Headers, Request, RequestInit, RequestRedirect,
    ResponseBody, js_sys::Uint8Array, send::SendFuture,
};

/// The runtime's `fetch`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlatformFetch;

impl Http for PlatformFetch {
    fn send<'a>(&'a self, request: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(SendFuture::new(within_its_time(request)))
    }
}

async fn within_its_time(request: Outgoing) -> Result<Incoming, Fault> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let limit = Delay::from(Duration::from_millis(request.wanted.within_ms));
    match select(Box::pin(ask(request, &signal)), limit).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => {
            controller.abort();
            Err(Fault::passing("no whole answer came in time"))
        }
    }
}

async fn ask(outgoing: Outgoing, signal: &AbortSignal) -> Result<Incoming, Fault> {
    let malformed = |error| Fault::lasting(format!("a request cannot be made: {error}"));
    let broken = |error| Fault::passing(format!("no answer: {error}"));
    let headers = Headers::new();
    for (name, value) in &outgoing.headers {
        headers.set(name, value).map_err(malformed)?;
    }
    let mut init = RequestInit::new();
    init.with_headers(headers).with_redirect(RequestRedirect::Manual);
    let method = match outgoing.method {
        Method::Get => worker::Method::Get,
        Method::Post => worker::Method::Post,
        Method::Put => worker::Method::Put,
        Method::Delete => worker::Method::Delete,
    };
    init.with_method(method);
    if matches!(outgoing.method, Method::Post | Method::Put) {
        let body = Uint8Array::from(outgoing.body.as_slice());
        init.with_body(Some(body.into()));
    }
    let request = Request::new_with_init(&outgoing.url, &init).map_err(malformed)?;
    let mut answer = Fetch::Request(request).send_with_signal(signal).await.map_err(broken)?;
    let wanted = outgoing.wanted;
    let header = |name: &'static str| Some((name, answer.headers().get(name).ok().flatten()?));
    let headers = wanted.headers.iter().filter_map(|name| header(name)).collect();
    let status = answer.status_code();
    let mut body = Vec::new();
    if !matches!(answer.body(), ResponseBody::Empty) {
        let mut chunks = answer.stream().map_err(broken)?;
        while let Some(mut chunk) = chunks.try_next().await.map_err(broken)? {
            body.append(&mut chunk);
            if body.len() > wanted.body_bytes {
                return Err(Fault::lasting("the answer is longer than any that is wanted"));
            }
        }
    }
    Ok(Incoming { status, headers, body })
}
