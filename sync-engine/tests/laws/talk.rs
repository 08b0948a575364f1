//! Two stores that exchange as the edge and a gateway do.

use std::collections::BTreeMap;

use sync_engine::{
    Rejection,
    id::{Purpose, StreamId},
    message::{Part, Place, Request, Response, Room},
    outgoing::{Outgoing, Towards},
    session::{Input, Output, Peer, Session},
    snapshot::{self, Taking},
    wire::{self, Asked},
};

use crate::store::{Store, purposes};

/// What happens to an answer on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// It arrives.
    Stands,
    /// It is lost, and the asking side tries again.
    Loses,
    /// It is lost, and so is the line.
    Breaks,
}

impl Store {
    /// Answers a message as the edge does.
    pub(crate) fn answer(&self, request: &Request, now_ms: u64) -> Result<Response, Rejection> {
        request.check(&self.venue)?;
        for (purpose, part) in &request.streams {
            self.take_in_part(purpose, part, request.writer.replica.as_str())?;
        }
        let peer: Peer =
            request.streams.iter().map(|(p, part)| (p.clone(), part.have.clone())).collect();
        let parts = request.streams.iter();
        let places =
            parts.filter_map(|(p, part)| Some((p.clone(), part.resume.clone()?))).collect();
        let (streams, more) =
            self.export(&peer, (Towards::Asker, request.writer.replica.as_str(), &places));
        self.paid(request.writer.replica.as_str(), &streams);
        Ok(Response {
            protocol: 1,
            capabilities: Vec::new(),
            writer: self.writer.clone(),
            epoch: sync_engine::epoch::FIRST,
            now_ms,
            stamps: String::new(),
            streams,
            more,
            extra: serde_json::Map::new(),
        })
    }

    fn export(
        &self,
        peer: &Peer,
        (towards, name, places): (Towards, &str, &BTreeMap<Purpose, Place>),
    ) -> (BTreeMap<Purpose, Part>, bool) {
        let mut room = Room { changes: 3, ..Room::default() };
        let mut more = false;
        let mut streams = BTreeMap::new();
        for purpose in purposes() {
            let (held, stream) = (self.held(&purpose), self.stream(&purpose));
            let mut taking = self.taking(&stream, name);
            if peer.get(&purpose).is_some_and(|peer| taking.is_lost(peer)) {
                assert!(self.commit(&[snapshot::lost(&stream, name)]));
                taking = Taking { place: None, owed: true };
            }
            let resume = taking.place.clone();
            let mut part = Part { have: held.vector(), resume, ..Part::default() };
            if let Some(have) = peer.get(&purpose) {
                let way = (towards, places.get(&purpose), &taking);
                let mut outgoing = Outgoing::new(&self.schema, &stream, &held, have, way);
                while let Some(query) = outgoing.query(&room) {
                    let rows = self.rows(&query);
                    outgoing.take(&rows, &mut room, &mut part).expect("it can be read");
                }
                more |= outgoing.has_more();
            }
            streams.insert(purpose, part);
        }
        (streams, more)
    }

    /// Notes what a peer holds, as a store does after an exchange.
    pub(crate) fn remember(&self, peer: &Self) {
        for purpose in purposes() {
            for (writer, seq) in peer.vector(&purpose).iter() {
                let params = (
                    peer.writer.replica.as_str(),
                    self.stream(&purpose).to_string(),
                    writer.replica.as_str(),
                    writer.generation.as_str(),
                    seq as i64,
                );
                let sql = "INSERT INTO peer_vector VALUES (?1, ?2, ?3, ?4, ?5)";
                self.db.execute(sql, params).expect("it is noted");
            }
        }
    }

    /// Notes what a peer got that was owed to it.
    fn paid(&self, peer: &str, streams: &BTreeMap<Purpose, Part>) {
        for (purpose, part) in streams {
            if part.page.as_ref().is_some_and(|page| page.next.is_none()) {
                assert!(self.commit(&snapshot::paid(&self.stream(purpose), peer)));
            }
        }
    }

    fn taking(&self, stream: &StreamId, peer: &str) -> Taking {
        snapshot::read_taking(&self.rows(&snapshot::taking_query(stream, peer)))
    }

    fn take_in_part(&self, purpose: &Purpose, part: &Part, from: &str) -> Result<(), Rejection> {
        if let Some(page) = &part.page {
            let (stream, mut held) = (self.stream(purpose), self.held(purpose));
            let taking = self.taking(&stream, from);
            let held = (&mut held, from, &taking);
            let batch = snapshot::take_in(&self.schema, &stream, held, page, part)?;
            assert!(self.commit(&batch), "nobody else writes here");
        }
        self.take_in(purpose, &part.changes, 0)
    }

    /// Runs a session with the peer; `lost` says for each message whether its answer is lost.
    pub(crate) fn exchange(
        &self,
        peer: &Self,
        now_ms: u64,
        mut lost: impl FnMut() -> bool,
    ) -> Peer {
        let line = || if lost() { Line::Loses } else { Line::Stands };
        self.session(peer, now_ms, line).expect("the line stands")
    }

    /// Runs a session over such a line; what the peer holds in the end, unless the line broke.
    pub(crate) fn session(
        &self,
        peer: &Self,
        now_ms: u64,
        mut line: impl FnMut() -> Line,
    ) -> Option<Peer> {
        'session: loop {
            let mut session = Session::new(self.venue.clone(), self.writer.clone(), Peer::new());
            while let Some(output) = session.poll() {
                let input = match output {
                    Output::Load { peer: knows, places } => {
                        let name = peer.writer.replica.as_str();
                        let (streams, more) = self.export(&knows, (Towards::Hub, name, &places));
                        Input::Loaded { streams, more }
                    }
                    Output::Send(request) => {
                        let asked = Asked::of(&request);
                        let request = travelled(*request);
                        let response = peer.answer(&request, now_ms).expect("the peer accepts");
                        let bytes = wire::write_response(response.clone(), &asked);
                        assert_eq!(wire::read_response(&bytes, &asked), Ok(response.clone()));
                        match line() {
                            Line::Stands => {
                                self.paid(response.writer.replica.as_str(), &request.streams);
                            }
                            Line::Loses => continue 'session,
                            Line::Breaks => return None,
                        }
                        Input::Received(Box::new(response))
                    }
                    Output::Apply(streams) => {
                        for (purpose, part) in &streams {
                            let name = peer.writer.replica.as_str();
                            self.take_in_part(purpose, part, name).expect("we accept");
                        }
                        Input::Applied
                    }
                    Output::Done { peer, .. } => {
                        return Some(peer);
                    }
                };
                session.handle(input).expect("the session goes on");
            }
        }
    }
}

/// Sends a request on its way, in both forms: each must carry everything.
fn travelled(request: Request) -> Request {
    let text = serde_json::to_string(&request).expect("it can be written");
    let read: Request = serde_json::from_str(&text).expect("it can be read");
    assert_eq!(wire::read_request(&wire::write_request(request)), Ok(read.clone()));
    read
}
