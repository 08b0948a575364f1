//! The gateway's line to the edge: drives a session over HTTPS, for ever.
//!
//! It survives any answer: whatever goes wrong is one line in the log and a pause that grows, with
//! jitter, to a limit. Local writes ring it awake. It must not know what is exchanged.

use std::{sync::Arc, time::Duration};

use app::{App, device, metered::Metered, replication, rows};
use serde::Deserialize;
use sync_engine::{
    id::VenueId,
    message::{Request, Response},
    seal::{Seal, equal, hex, sign_answer},
    session::{Input, Output, Peer, Session},
};

use crate::{config::EdgeAccess, limits, native::Uplink};

const PATH: &str = "/api/exchange";

/// What one uplink works with.
pub(crate) struct Driver {
    pub(crate) app: App,
    pub(crate) venue: VenueId,
    pub(crate) edge: EdgeAccess,
    pub(crate) uplink: Arc<Uplink>,
}

/// What the edge says when it refuses.
#[derive(Default, Deserialize)]
struct Refusal {
    error: RefusalError,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RefusalError {
    code: String,
    subject: Vec<String>,
}

/// What is learnt along the way and kept between sessions.
#[derive(Default)]
struct Memory {
    peer: Peer,
    /// How far the edge's clock is from ours; only signatures use it.
    offset_ms: i64,
}

impl Driver {
    /// Exchanges until the process ends.
    pub(crate) async fn run(self) {
        let client = reqwest::Client::builder()
            .connect_timeout(limits::CONNECT)
            .timeout(limits::EXCHANGE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        let client = match client {
            Ok(client) => client,
            Err(error) => return tracing::error!(%error, "no HTTP client: there is no uplink"),
        };
        let mut memory = Memory::default();
        let mut pause_ms = limits::PAUSE_MIN_MS;
        loop {
            let limit_ms = match self.session(&client, &mut memory).await {
                Ok(moved) => {
                    self.uplink.connected();
                    pause_ms = if moved { limits::PAUSE_MIN_MS } else { grown(pause_ms) };
                    limits::PAUSE_IDLE_MS
                }
                Err(detail) => {
                    tracing::debug!(detail, "an exchange failed");
                    self.uplink.cut(self.app.clock.now_ms());
                    pause_ms = grown(pause_ms);
                    limits::PAUSE_CUT_MS
                }
            };
            pause_ms = pause_ms.min(limit_ms);
            let pause = Duration::from_millis(self.jittered(pause_ms));
            let _ = tokio::time::timeout(pause, self.uplink.rung()).await;
        }
    }

    /// Runs one session to agreement; tells whether anything moved.
    async fn session(&self, client: &reqwest::Client, memory: &mut Memory) -> Result<bool, String> {
        let db = Metered::new(self.app.database.clone(), u32::MAX);
        let here = rows::venue::by_id(&db, &self.venue).await.map_err(|e| e.to_string())?;
        let here = here.ok_or("the venue is not open on this gateway")?;
        let before = memory.peer.clone();
        let peer = std::mem::take(&mut memory.peer);
        let mut session = Session::new(self.venue.clone(), here.writer.clone(), peer);
        let mut imported = false;
        while let Some(output) = session.poll() {
            let input = match output {
                Output::Load { peer } => {
                    let loaded = replication::export(&db, &self.venue, Some(&peer)).await;
                    let (streams, more) = loaded.map_err(|problem| problem.detail)?;
                    Input::Loaded { streams, more }
                }
                Output::Send(request) => {
                    let response = self.send(client, &request, memory).await?;
                    Input::Received(Box::new(response))
                }
                Output::Apply(streams) => {
                    let now_ms = self.app.clock.now_ms();
                    let purposes = replication::import(&db, &here, &streams, now_ms).await;
                    let purposes = purposes.map_err(|p| format!("{}: {}", p.code, p.detail))?;
                    imported |= !purposes.is_empty();
                    Input::Applied
                }
                Output::Done { peer, .. } => {
                    let moved = imported || peer != before;
                    if peer != before {
                        let saved = replication::remember_peer(&db, &self.venue, &peer).await;
                        saved.map_err(|problem| problem.detail)?;
                    }
                    memory.peer = peer;
                    return Ok(moved);
                }
            };
            session.handle(input).map_err(|rejection| rejection.to_string())?;
        }
        Err("the session waits for nothing".to_owned())
    }

    async fn send(
        &self,
        client: &reqwest::Client,
        request: &Request,
        memory: &mut Memory,
    ) -> Result<Response, String> {
        let body = serde_json::to_vec(request).map_err(|error| error.to_string())?;
        let nonce = self.nonce()?;
        let at_ms = self.app.clock.now_ms().saturating_add_signed(memory.offset_ms);
        let device = format!("{}/{}", self.venue, self.edge.device);
        let seal =
            Seal { device: &device, method: "POST", path: PATH, at_ms, nonce: &nonce, body: &body };
        let signature = seal.sign(self.edge.key.expose());
        let answer = client
            .post(format!("{}{PATH}", self.edge.url))
            .header("content-type", "application/json")
            .header(device::VENUE, self.venue.as_str())
            .header(device::DEVICE, &self.edge.device)
            .header(device::AT, at_ms)
            .header(device::NONCE, &nonce)
            .header(device::SIGNATURE, signature)
            .body(body)
            .send()
            .await
            .map_err(|error| error.to_string())?;
        let (status, body) = self.verified(answer, &nonce).await?;
        if status == 200 {
            return serde_json::from_slice(&body).map_err(|error| error.to_string());
        }
        let problem: Refusal = serde_json::from_slice(&body).unwrap_or_default();
        if problem.error.code == "request_stale" {
            let theirs = problem.error.subject.first().and_then(|t| t.parse::<i64>().ok());
            let ours = i64::try_from(self.app.clock.now_ms()).unwrap_or_default();
            memory.offset_ms = theirs.map_or(0, |theirs| theirs.saturating_sub(ours));
        }
        Err(format!("the edge answered {status} {}", problem.error.code))
    }

    /// Reads an answer and checks that the edge signed it for this very request.
    async fn verified(
        &self,
        mut answer: reqwest::Response,
        nonce: &str,
    ) -> Result<(u16, Vec<u8>), String> {
        let status = answer.status().as_u16();
        let header = answer.headers().get(device::ANSWER).and_then(|value| value.to_str().ok());
        let signature = header.unwrap_or_default().to_owned();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| error.to_string())? {
            body.extend_from_slice(&chunk);
            if body.len() > limits::ANSWER_BYTES {
                return Err("the answer is too large".to_owned());
            }
        }
        let expected = sign_answer(self.edge.key.expose(), nonce, status, &body);
        if !equal(expected.as_bytes(), signature.as_bytes()) {
            return Err(format!("an answer with status {status} is not signed by the edge"));
        }
        Ok((status, body))
    }

    fn nonce(&self) -> Result<String, String> {
        let mut bytes = [0; 16];
        self.app.entropy.fill(&mut bytes).map_err(|fault| fault.detail)?;
        Ok(hex(&bytes))
    }

    /// Between three quarters and all of the pause, so that gateways do not march in step.
    fn jittered(&self, pause_ms: u64) -> u64 {
        let mut byte = [0];
        // Without entropy the full pause is as good.
        let _ = self.app.entropy.fill(&mut byte);
        let [byte] = byte;
        pause_ms - pause_ms * u64::from(byte) / 1_024
    }
}

fn grown(pause_ms: u64) -> u64 {
    pause_ms.saturating_mul(3) / 2
}
