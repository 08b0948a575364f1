//! One exchange with the edge: drives a session over signed requests, to agreement.
//!
//! The gateway calls it for ever; the simulator calls it in virtual time. A standby does the same
//! with its venue's gateway in the edge's place, and says at once what it took in. It remembers
//! what the peer holds and how far its clock is from ours, and must not know when to come again.

use std::{collections::BTreeMap, sync::Arc};

use domain::device::replica::Credential;
use serde::Deserialize;
use sync_engine::{
    id::{Purpose, VenueId, Writer},
    message::{DOUBTS_ITSELF, Part, Request, Response},
    outgoing::Towards,
    seal::{Seal, equal, hex, sign_answer},
    session::{Input, Output, Peer, Session},
    wire::{self, Asked},
};

use crate::{
    App,
    audit::sealer,
    call::Here,
    device, limits,
    loyalty::allowance,
    metered::Metered,
    ports::{self, Fault, Http, Method, Outgoing, Wanted},
    problem::Problem,
    replication::{self, Incoming, epochs, histories, learn, life, retention, stamps},
    rows, tables,
    time::Teller,
    witness,
};

pub mod audit;
mod certify;
mod devices;
mod lan;
mod live;
mod people;
mod relay;
mod share;

use relay::Relay;

const PATH: &str = "/api/exchange";
/// What is longer than any message is not one.
const WANTED: Wanted = Wanted {
    headers: &[device::ANSWER],
    body_bytes: limits::EXCHANGE_ANSWER_BYTES,
    within_ms: limits::EXCHANGE_MS,
};
/// What a gateway's store calls its edge.
pub const EDGE: &str = "edge";

/// How a gateway reaches its edge, or a standby its gateway.
#[derive(Debug, Clone)]
pub struct EdgeAccess {
    /// Its address, without a path.
    pub url: String,
    /// The asking side's device name there.
    pub device: String,
    /// The key with which it signs.
    pub key: Credential,
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
    relay: Relay,
    /// How far the edge's clock is from ours; only signatures use it.
    offset_ms: i64,
    /// What the edge says the time is.
    teller: Teller,
    trust: certify::Trust,
    /// When the edge was told this gateway's name on site.
    lan_told_ms: u64,
    /// When it was told which devices were heard here, and up to when.
    contacts_told_ms: u64,
    contacts_until_ms: u64,
    /// Where the next audit begins.
    cursor: audit::Cursor,
    /// When the last one was.
    audited_ms: u64,
    form: Form,
    /// Whose keys were asked for the last time.
    keys_asked: Vec<String>,
    /// The life of the other side that answered last.
    answered: Option<Writer>,
    /// The life of ours to which the peer said what it holds.
    life: Option<Writer>,
}

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// By columns, deflated.
    Compact,
    /// As text, for an edge that knows no other form.
    Json,
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors, which come by value")]
fn said(problem: Problem) -> String {
    format!("{}: {}", problem.code, problem.detail)
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
            relay: Relay::default(),
            offset_ms: 0,
            teller: Teller::default(),
            trust: certify::Trust::default(),
            lan_told_ms: 0,
            contacts_told_ms: 0,
            contacts_until_ms: 0,
            cursor: audit::Cursor::default(),
            audited_ms: 0,
            form: Form::Compact,
            keys_asked: Vec::new(),
            answered: None,
            life: None,
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
        tables::tend(&self.app, &db, &here).await;
        allowance::tend(&self.app, &db, &here).await;
        self.share_slots(&db, &here).await;
        if self.life.replace(here.writer.clone()).is_some_and(|life| life != here.writer) {
            self.peer.clear();
        }
        let before = self.peer.clone();
        self.begin()?;
        let known = std::mem::take(&mut self.peer);
        let epoch = epochs::load(&db, &self.venue).await.map_err(said)?.seen;
        let session = Session::new(self.venue.clone(), here.writer.clone(), known);
        let mut session = session.in_epoch(epoch);
        let mut imported = false;
        while let Some(output) = session.poll() {
            let input = match output {
                Output::Load { peer, places } => {
                    let room = self.app.host.message_room;
                    let towards = (Towards::Hub, self.name(), &places);
                    let loaded = replication::export(&db, (&here, room), &peer, towards).await;
                    let (mut streams, more) = loaded.map_err(said)?;
                    self.ask_for_stamps(&peer, &mut streams);
                    Input::Loaded { streams, more }
                }
                Output::Send(request) => {
                    let last = replication::last_pages(&request.streams);
                    let mut response = self.send(*request).await?;
                    let paid = replication::paid(&db, &self.venue, (self.name(), &last)).await;
                    paid.map_err(said)?;
                    self.note(&db, &mut response).await?;
                    self.answered = Some(response.writer.clone());
                    Input::Received(Box::new(response))
                }
                Output::Apply(streams) => {
                    let renewed = life::renew(&db, &self.app, &mut here, (self.name(), &streams));
                    if renewed.await.map_err(said)? {
                        tracing::error!("this store was restored: it begins a new life");
                        return Ok(true);
                    }
                    if histories::join(&db, &here, &streams).await.map_err(said)? {
                        return Ok(true);
                    }
                    imported |= self.apply(&db, &here, &streams).await.map_err(said)?;
                    Input::Applied
                }
                Output::Done { peer, .. } => {
                    let moved = imported || peer != before;
                    self.agreed(&db, &here, (&before, &peer)).await?;
                    witness::hear(&db, &here, self.name(), &peer).await.map_err(said)?;
                    self.teller.keep(&db, &self.venue).await.map_err(said)?;
                    self.peer = peer;
                    self.fetch_person_keys(&db).await?;
                    self.share(&db, &here).await;
                    self.audit_when_due(&db, &here).await?;
                    return Ok(moved);
                }
            };
            session.handle(input).map_err(|rejection| rejection.to_string())?;
        }
        Err("the session waits for nothing".to_owned())
    }

    /// Returns what this store calls the other side.
    fn name(&self) -> &'static str {
        self.app.host.side.upstream()
    }

    /// Takes an answer in; tells whether it brought anything.
    async fn apply(
        &mut self,
        db: &Metered,
        here: &Here,
        streams: &BTreeMap<Purpose, Part>,
    ) -> Result<bool, Problem> {
        let now_ms = self.app.clock.now_ms();
        let origin = self.app.host.ticket_origin.as_str();
        let incoming =
            Incoming { from: self.name(), streams, limit_ms: None, now_ms, origin, judge: None };
        let purposes = replication::import(db, here, incoming).await?;
        let told = (streams, self.name() == EDGE);
        stamps::settle(db, &self.venue, told, &mut self.settled).await?;
        self.forget_stamps_if_told_otherwise();
        Ok(!purposes.is_empty())
    }

    /// Remembers what the other side holds, tells who listens, and forgets what all have.
    async fn agreed(
        &mut self,
        db: &Metered,
        here: &Here,
        (before, peer): (&Peer, &Peer),
    ) -> Result<(), String> {
        let relayed = self.relayed(db, here).await?;
        let venue = &self.venue;
        if peer != before {
            replication::remember_peer(db, here, self.name(), peer).await.map_err(said)?;
            // Whoever looks now finds that the other side holds it.
            live::tell(&self.app, venue, before, peer);
        }
        if peer != before || relayed {
            let at_least = self.app.host.reap_changes;
            let purposes = peer.keys().filter(|purpose| self.may_reap(purpose));
            retention::reap(db, venue, purposes, at_least).await.map_err(said)?;
        }
        self.renew_telling()
    }

    async fn here(&self, db: &Metered) -> Result<Here, String> {
        let here = rows::venue::by_id(db, &self.venue).await.map_err(|e| e.to_string())?;
        let here = here.ok_or_else(|| "the venue is not open on this gateway".to_owned())?;
        learn::catch_up(db, &here).await.map_err(|fault| fault.to_string())?;
        Ok(here)
    }

    /// Both sides hold the same: the moment to see whether that is true, now and then, and to seal
    /// what was noted since.
    async fn audit_when_due(&mut self, db: &Metered, here: &Here) -> Result<(), String> {
        let now_ms = self.app.clock.now_ms();
        if now_ms.abs_diff(self.audited_ms) >= self.app.host.audit_every_ms {
            self.audited_ms = now_ms;
            self.audit().await?;
            sealer::seal(&self.app, db, here).await.map_err(said)?;
        }
        Ok(())
    }

    async fn send(&mut self, mut request: Request) -> Result<Response, String> {
        if self.doubts_itself().await.map_err(|fault| fault.to_string())? {
            request.capabilities.push(DOUBTS_ITSELF.to_owned());
        }
        let asked = Asked::of(&request);
        let body = match self.form {
            Form::Compact => wire::write_request(request),
            Form::Json => serde_json::to_vec(&request).map_err(|error| error.to_string())?,
        };
        let content_type = match self.form {
            Form::Compact => wire::CONTENT_TYPE,
            Form::Json => "application/json",
        };
        let answer = self.post((PATH, content_type), body).await?;
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
            self.trust.hear(&response.extra);
            return Ok(response);
        }
        if answer.status == 415 {
            self.form = Form::Json;
        }
        Err(self.refused(&answer))
    }

    /// Posts a signed request; no answer counts that the other side did not sign.
    async fn post(
        &self,
        what: (&str, &'static str),
        body: Vec<u8>,
    ) -> Result<ports::Incoming, String> {
        let nonce = self.nonce()?;
        let outgoing = self.signed(what, body, &nonce);
        let answer = self.http.send(outgoing).await.map_err(|fault| fault.detail)?;
        let expected = sign_answer(&self.edge.key.secret, &nonce, answer.status, &answer.body);
        if !equal(expected.as_bytes(), answer.header(device::ANSWER).as_bytes()) {
            let (status, name) = (answer.status, self.name());
            return Err(format!("an answer {status} is not signed by the {name}"));
        }
        Ok(answer)
    }

    /// Says why the other side refused; where our clock is off, it says by how much.
    fn refused(&mut self, answer: &ports::Incoming) -> String {
        let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
        if refusal.error.code == "request_stale" {
            let theirs = refusal.error.subject.first().and_then(|t| t.parse::<i64>().ok());
            let ours = i64::try_from(self.app.clock.now_ms()).unwrap_or_default();
            let edge_ms = theirs.and_then(|theirs| u64::try_from(theirs).ok());
            self.teller.hear(&self.app, edge_ms.unwrap_or_default());
            self.offset_ms = theirs.map_or(0, |theirs| theirs.saturating_sub(ours));
        }
        let (name, status) = (self.name(), answer.status);
        format!("the {name} answered {status} {}", refusal.error.code)
    }

    /// Tells whether somebody beside the other side must still be heard: until then this store
    /// vouches for nobody.
    async fn doubts_itself(&self) -> Result<bool, Fault> {
        let db = Metered::new(self.app.database.clone(), u32::MAX);
        let witnesses = witness::read(&db.rows(witness::list(&self.venue)).await?)?;
        Ok(witnesses.iter().any(|w| !w.is_heard && w.name != self.name()))
    }

    fn signed(
        &self,
        (path, content_type): (&str, &'static str),
        body: Vec<u8>,
        nonce: &str,
    ) -> Outgoing {
        let at_ms = self.app.clock.now_ms().saturating_add_signed(self.offset_ms);
        let device = format!("{}/{}", self.venue, self.edge.device);
        let seal = Seal { device: &device, method: "POST", path, at_ms, nonce, body: &body };
        let signature = seal.sign(&self.edge.key.secret);
        Outgoing {
            method: Method::Post,
            url: format!("{}{path}", self.edge.url),
            headers: vec![
                ("content-type", content_type.to_owned()),
                (device::VENUE, self.venue.to_string()),
                (device::VERSION, env!("CARGO_PKG_VERSION").to_owned()),
                (device::DEVICE, self.edge.device.clone()),
                (device::KEY, self.edge.key.version.to_string()),
                (device::AT, at_ms.to_string()),
                (device::NONCE, nonce.to_owned()),
                (device::SIGNATURE, signature),
            ],
            body,
            wanted: WANTED,
        }
    }

    fn nonce(&self) -> Result<String, String> {
        let mut bytes = [0; 16];
        self.app.entropy.fill(&mut bytes).map_err(|fault| fault.detail)?;
        Ok(hex(&bytes))
    }
}
