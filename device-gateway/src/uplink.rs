//! When the gateway exchanges with its edge: for ever, sooner when something was written here.
//!
//! It survives any answer: whatever goes wrong is one line in the log and a pause that grows, with
//! jitter, to a limit. It must not know what is exchanged.

use std::{sync::Arc, time::Duration};

use app::{
    device,
    ports::{Clock, Entropy, Fault, Http, Incoming, Outgoing, Pending},
    uplink::Uplink,
};

use http::header;
use tokio_tungstenite::tungstenite::handshake::{client::generate_key, derive_accept_key};

use crate::{
    ear::Ear,
    limits,
    native::Bell,
    pace::{Pace, jittered},
};

/// What one uplink works with.
pub(crate) struct Driver {
    pub(crate) uplink: Uplink,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) bell: Arc<Bell>,
    pub(crate) ear: Ear,
}

impl Driver {
    /// Exchanges until the process ends.
    pub(crate) async fn run(mut self) {
        let mut pace = Pace::default();
        let mut uncertified = String::new();
        loop {
            match self.uplink.exchange().await {
                Ok(moved) => {
                    self.bell.connected(self.clock.now_ms());
                    pace.succeeded(moved);
                    self.certify(&mut uncertified).await;
                    self.ear.attend(|| self.uplink.knock()).await;
                }
                Err(reason) => {
                    self.bell.failed(&reason, refuses(&reason), self.clock.now_ms());
                    pace.failed();
                }
            }
            let pause_ms = pace.pause_ms(self.ear.listens());
            let pause = Duration::from_millis(jittered(pause_ms, self.lot()));
            // A bell and the end of the pause are both a reason to look.
            let _ = tokio::time::timeout(pause, self.bell.rung()).await;
        }
    }

    /// Sees to the certificate; what stands in its way is told once.
    async fn certify(&mut self, told: &mut String) {
        let reason = self.uplink.certify().await.err().unwrap_or_default();
        if !reason.is_empty() && reason != *told {
            tracing::warn!(reason, "no certificate from the edge; it is asked again");
        }
        *told = reason;
    }

    fn lot(&self) -> u8 {
        let mut byte = [0];
        // Without entropy the full pause is as good.
        let _ = self.entropy.fill(&mut byte);
        let [byte] = byte;
        byte
    }
}

/// Tells whether the edge, or whoever answers in its place, finds fault with the request itself.
///
/// An edge that knows another key refuses with a signature that this gateway cannot check. Server
/// errors, timeouts (408) and throttling (429) pass by themselves.
fn refuses(reason: &str) -> bool {
    let answers = ["the edge answered ", "the primary answered ", "an answer "];
    let answer = answers.iter().find_map(|p| reason.strip_prefix(p));
    let status = answer.and_then(|rest| rest.split(' ').next()).and_then(|s| s.parse::<u16>().ok());
    matches!(status, Some(400..=407 | 409..=428 | 430..=499))
}

/// The gateway's way out.
#[derive(Clone)]
pub(crate) struct Client(reqwest::Client);

impl Client {
    /// Makes the client: no redirects, no proxy, time limits.
    pub(crate) fn new() -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .connect_timeout(limits::CONNECT)
            .timeout(limits::EXCHANGE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        client.map(Self).map_err(|error| error.to_string())
    }

    /// Asks for a socket.
    ///
    /// # Errors
    /// Returns the status with which the edge refused, if it answered at all.
    pub(crate) async fn upgrade(
        &self,
        outgoing: Outgoing,
    ) -> Result<reqwest::Upgraded, Option<u16>> {
        let key = generate_key();
        let mut request = self.0.get(outgoing.url);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        let request = request
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, &key);
        let answer = request.send().await.map_err(|_| None)?;
        let status = answer.status().as_u16();
        let accept = answer.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        let proof = derive_accept_key(key.as_bytes());
        if status != 101 || accept.is_none_or(|accept| accept.as_bytes() != proof.as_bytes()) {
            return Err(Some(status));
        }
        answer.upgrade().await.map_err(|_| None)
    }

    async fn send(&self, outgoing: Outgoing) -> Result<Incoming, reqwest::Error> {
        let mut request = self.0.post(outgoing.url).header("content-type", outgoing.content_type);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        let mut answer = request.body(outgoing.body).send().await?;
        let header = answer.headers().get(device::ANSWER).and_then(|value| value.to_str().ok());
        let signature = header.unwrap_or_default().to_owned();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            // What is longer than any message is not one: the signature will not fit it.
            if body.len() > limits::ANSWER_BYTES {
                break;
            }
        }
        Ok(Incoming { status: answer.status().as_u16(), signature, body })
    }
}

/// Returns an error with its causes: what a library says first is rarely why.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl Http for Client {
    fn post<'a>(&'a self, request: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(async move {
            self.send(request).await.map_err(|error| Fault::passing(chain(&error.without_url())))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_waiting_does_not_mend_is_a_refusal() {
        let cases = [
            ("the edge answered 401 signature_invalid", true),
            ("the edge answered 409 rebase_required", true),
            ("the primary answered 403 unknown_device", true),
            ("an answer 401 is not signed by the edge", true),
            ("an answer 404 is not signed by the edge", true),
            ("the edge answered 503 unavailable", false),
            ("an answer 429 is not signed by the edge", false),
            ("an answer 200 is not signed by the edge", false),
            ("error sending request: connection refused", false),
        ];
        for (reason, expect) in cases {
            assert_eq!(refuses(reason), expect, "{reason}");
        }
    }
}
