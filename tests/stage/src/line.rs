//! A line from one host to another within a test's process, which can be cut.
//!
//! It must not know what is said on it.

use std::sync::atomic::{AtomicBool, Ordering};

use app::{
    device,
    ports::{Fault, Http, Incoming, Outgoing, Pending},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use tower::ServiceExt as _;

/// As what the other host is known on the line.
pub const OTHER_SIDE: &str = "http://other-side";

/// A line to one host.
pub struct Line {
    router: Router,
    /// Nothing gets through.
    pub is_cut: AtomicBool,
}

impl Line {
    /// Lays a line to a host.
    #[must_use]
    pub const fn to(router: Router) -> Self {
        Self { router, is_cut: AtomicBool::new(false) }
    }
}

impl Http for Line {
    fn send<'a>(&'a self, outgoing: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(async move {
            if self.is_cut.load(Ordering::Relaxed) {
                return Err(Fault::passing("the line is cut"));
            }
            carry(self.router.clone(), outgoing).await
        })
    }
}

/// Carries one signed request to a host, and its signed answer back.
///
/// # Errors
/// Fails where the request is none, or the answer is not signed.
pub async fn carry(router: Router, outgoing: Outgoing) -> Result<Incoming, Fault> {
    let broken = |error: &dyn ToString| Fault::lasting(error.to_string());
    let path = outgoing.url.trim_start_matches(OTHER_SIDE).to_owned();
    let mut request = Request::post(path).header("host", "other-side");
    for (name, value) in &outgoing.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::from(outgoing.body)).map_err(|error| broken(&error))?;
    let answer = router.oneshot(request).await.map_err(|error| broken(&error))?;
    let status = answer.status().as_u16();
    let signature = answer.headers().get(device::ANSWER).and_then(|value| value.to_str().ok());
    let signature = signature.ok_or_else(|| Fault::lasting("the answer is not signed"))?.to_owned();
    let headers = vec![(device::ANSWER, signature)];
    let body = to_bytes(answer.into_body(), usize::MAX).await.map_err(|error| broken(&error))?;
    Ok(Incoming { status, headers, body: body.to_vec() })
}
