//! One exchange with the edge: drives a session over signed requests, to agreement.
//!
//! The gateway calls it for ever; the simulator calls it in virtual time. It remembers what the
//! peer holds and how far the edge's clock is from ours, and must not know when to come again.

use std::sync::Arc;

use serde::Deserialize;
use sync_engine::{
    id::VenueId,
    message::{Request, Response},
    outgoing::Towards,
    seal::{Seal, equal, hex, sign_answer},
    session::{Input, Output, Peer, Session},
    wire::{self, Asked},
};

use crate::{
    App,
    call::Here,
    device,
    host::Secret,
    metered::Metered,
    ports::{Http, Outgoing},
    problem::Problem,
    replication::{self, Incoming, learn, life, retention, stamps},
    rows,
    time::Teller,
    witness,
};

pub mod audit;
mod live;

const PATH: &str = "/api/exchange";
/// What a gateway's store calls its edge.
pub const EDGE: &str = "edge";

/// How a gateway reaches its edge.
#[derive(Debug, Clone)]
pub struct EdgeAccess {
    /// The edge's address, without a path.
    pub url: String,
    /// The gateway's device name there.
    pub device: String,
    /// The key with which it signs.
    pub key: Secret,
}

/// A gateway's line to its edge, and what was learnt over it.
pub struct Uplink {
    app: App,
    http: Arc<dyn Http>,
    venue: VenueId,
    edge: EdgeAccess,
    peer: Peer,
    /// Up to where the stamps are known that the edge recorded.
    settled: Peer,
    /// How far the edge's clock is from ours; only signatures use it.
    offset_ms: i64,
    /// What the edge says the time is.
    teller: Teller,
    /// Where the next audit begins.
    cursor: audit::Cursor,
    /// When the last one was.
    audited_ms: u64,
    form: Form,
}

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// By columns, deflated.
    Compact,
    /// As text, for an edge that knows no other form.
    Json,
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

impl Uplink {
    /// Starts without knowing anything of the edge.
    #[must_use]
    pub fn new(app: App, http: Arc<dyn Http>, venue: VenueId, edge: EdgeAccess) -> Self {
        Self {
            app,
            http,
            venue,
            edge,
            peer: Peer::new(),
            settled: Peer::new(),
            offset_ms: 0,
            teller: Teller::default(),
            cursor: audit::Cursor::default(),
            audited_ms: 0,
            form: Form::Compact,
        }
    }

    /// Writes messages in this form from now on.
    pub const fn speak(&mut self, form: Form) {
        self.form = form;
    }

    /// Exchanges until both sides hold the same; tells whether anything moved.
    ///
    /// # Errors
    /// Says what went wrong, for the log; whatever was taken in before stays.
    pub async fn exchange(&mut self) -> Result<bool, String> {
        let db = Metered::new(self.app.database.clone(), u32::MAX);
        let mut here = self.here(&db).await?;
        let before = self.peer.clone();
        let known = std::mem::take(&mut self.peer);
        let mut session = Session::new(self.venue.clone(), here.writer.clone(), known);
        let mut imported = false;
        while let Some(output) = session.poll() {
            let input = match output {
                Output::Load { peer, places } => {
                    let room = self.app.host.message_room;
                    let towards = (Towards::Hub, EDGE, &places);
                    let loaded =
                        replication::export(&db, (&self.venue, room), &peer, towards).await;
                    let (mut streams, more) = loaded.map_err(|problem| problem.detail)?;
                    stamps::ask(&peer, &mut self.settled, &mut streams);
                    Input::Loaded { streams, more }
                }
                Output::Send(request) => {
                    let last = replication::last_pages(&request.streams);
                    let response = self.send(*request).await?;
                    let paid = replication::paid(&db, &self.venue, (EDGE, &last)).await;
                    paid.map_err(|problem| problem.detail)?;
                    Input::Received(Box::new(response))
                }
                Output::Apply(streams) => {
                    let said = |p: Problem| format!("{}: {}", p.code, p.detail);
                    if life::renew(&db, &self.app, &mut here, &streams).await.map_err(said)? {
                        tracing::error!("this store was restored: it begins a new life");
                        return Ok(true);
                    }
                    let now_ms = self.app.clock.now_ms();
                    let origin = self.app.host.ticket_origin.as_str();
                    let incoming =
                        Incoming { from: EDGE, streams: &streams, limit_ms: None, now_ms, origin };
                    let purposes = replication::import(&db, &here, incoming).await;
                    imported |= !purposes.map_err(said)?.is_empty();
                    let settled =
                        stamps::settle(&db, &self.venue, &streams, &mut self.settled).await;
                    settled.map_err(said)?;
                    Input::Applied
                }
                Output::Done { peer, .. } => {
                    let moved = imported || peer != before;
                    if peer != before {
                        let saved = replication::remember_peer(&db, &self.venue, EDGE, &peer).await;
                        saved.map_err(|problem| problem.detail)?;
                        // Whoever looks now finds that the edge holds it.
                        live::tell(&self.app, &self.venue, &before, &peer);
                        let at_least = self.app.host.reap_changes;
                        let reaped = retention::reap(&db, &self.venue, peer.keys(), at_least).await;
                        reaped.map_err(|problem| problem.detail)?;
                    }
                    let heard = witness::hear(&db, &here, EDGE, &peer).await;
                    heard.map_err(|problem| problem.detail)?;
                    let kept = self.teller.keep(&db, &self.venue).await;
                    kept.map_err(|problem| problem.detail)?;
                    self.peer = peer;
                    self.audit_when_due().await?;
                    return Ok(moved);
                }
            };
            session.handle(input).map_err(|rejection| rejection.to_string())?;
        }
        Err("the session waits for nothing".to_owned())
    }

    async fn here(&self, db: &Metered) -> Result<Here, String> {
        let here = rows::venue::by_id(db, &self.venue).await.map_err(|e| e.to_string())?;
        let here = here.ok_or_else(|| "the venue is not open on this gateway".to_owned())?;
        learn::catch_up(db, &here).await.map_err(|fault| fault.to_string())?;
        Ok(here)
    }

    /// Both sides hold the same: the moment to see whether that is true, now and then.
    async fn audit_when_due(&mut self) -> Result<(), String> {
        let now_ms = self.app.clock.now_ms();
        if now_ms.abs_diff(self.audited_ms) >= self.app.host.audit_every_ms {
            self.audited_ms = now_ms;
            self.audit().await?;
        }
        Ok(())
    }

    async fn send(&mut self, request: Request) -> Result<Response, String> {
        let asked = Asked::of(&request);
        let body = match self.form {
            Form::Compact => wire::write_request(request),
            Form::Json => serde_json::to_vec(&request).map_err(|error| error.to_string())?,
        };
        let nonce = self.nonce()?;
        let outgoing = self.signed(body, &nonce);
        let answer = self.http.post(outgoing).await.map_err(|fault| fault.detail)?;
        let expected = sign_answer(self.edge.key.expose(), &nonce, answer.status, &answer.body);
        if !equal(expected.as_bytes(), answer.signature.as_bytes()) {
            return Err(format!("an answer {} is not signed by the edge", answer.status));
        }
        if answer.status == 200 {
            let response: Response = match self.form {
                Form::Compact => {
                    wire::read_response(&answer.body, &asked).map_err(|error| error.to_string())?
                }
                Form::Json => {
                    serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?
                }
            };
            self.teller.hear(&self.app, response.now_ms);
            return Ok(response);
        }
        if answer.status == 415 {
            self.form = Form::Json;
        }
        let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
        if refusal.error.code == "request_stale" {
            let theirs = refusal.error.subject.first().and_then(|t| t.parse::<i64>().ok());
            let ours = i64::try_from(self.app.clock.now_ms()).unwrap_or_default();
            let edge_ms = theirs.and_then(|theirs| u64::try_from(theirs).ok());
            self.teller.hear(&self.app, edge_ms.unwrap_or_default());
            self.offset_ms = theirs.map_or(0, |theirs| theirs.saturating_sub(ours));
        }
        Err(format!("the edge answered {} {}", answer.status, refusal.error.code))
    }

    fn signed(&self, body: Vec<u8>, nonce: &str) -> Outgoing {
        let at_ms = self.app.clock.now_ms().saturating_add_signed(self.offset_ms);
        let device = format!("{}/{}", self.venue, self.edge.device);
        let seal = Seal { device: &device, method: "POST", path: PATH, at_ms, nonce, body: &body };
        let signature = seal.sign(self.edge.key.expose());
        Outgoing {
            url: format!("{}{PATH}", self.edge.url),
            content_type: match self.form {
                Form::Compact => wire::CONTENT_TYPE,
                Form::Json => "application/json",
            },
            headers: vec![
                (device::VENUE, self.venue.to_string()),
                (device::DEVICE, self.edge.device.clone()),
                (device::AT, at_ms.to_string()),
                (device::NONCE, nonce.to_owned()),
                (device::SIGNATURE, signature),
            ],
            body,
        }
    }

    fn nonce(&self) -> Result<String, String> {
        let mut bytes = [0; 16];
        self.app.entropy.fill(&mut bytes).map_err(|fault| fault.detail)?;
        Ok(hex(&bytes))
    }
}
