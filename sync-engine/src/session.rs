//! The asking side of an exchange: a state machine without I/O.
//!
//! `handle` takes what happened, `poll` says what to do next; the driver (uplink, simulator) does
//! it and reports back. The session owns rounds and what the peer is known to hold. It must not
//! know how messages travel or where changes are stored, and it reads no clock.
//!
//! ```text
//!  poll: Load ──handle: Loaded──▶ poll: Send ──handle: Received──▶ poll: Apply
//!    ▲                                                                │
//!    └───────────── more on either side ◀──handle: Applied────────────┘──▶ poll: Done
//! ```
//!
//! The first round sends no changes: it learns what the peer holds. A lost answer costs a round,
//! never data, because the peer says again in every answer what it holds.

use std::collections::BTreeMap;

use crate::{
    Rejection, epoch,
    id::{Purpose, VenueId, Writer},
    limits,
    message::{Part, Place, Request, Response},
    vector::Vector,
};

/// What the peer is known to hold, per purpose.
pub type Peer = BTreeMap<Purpose, Vector>;

/// How far the peer has come with snapshots that it takes from us, per purpose.
pub type Places = BTreeMap<Purpose, Place>;

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The store answered a [`Output::Load`]: per purpose what is held and what to send, and
    /// whether more is waiting than fits.
    Loaded {
        /// Per purpose what is held and what the peer lacks.
        streams: BTreeMap<Purpose, Part>,
        /// More is waiting than fits.
        more: bool,
    },
    /// The peer answered.
    Received(Box<Response>),
    /// The store has taken the answer's changes in, durably.
    Applied,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Load what we hold, and what we hold beyond this.
    Load {
        /// What the peer is known to hold; nothing is sent of a purpose that is absent.
        peer: Peer,
        /// Where the snapshots go on that the peer takes.
        places: Places,
    },
    /// Send this and hand in the answer.
    Send(Box<Request>),
    /// Take these changes in, in one batch per stream.
    Apply(BTreeMap<Purpose, Part>),
    /// Both sides hold the same; come again when something changes or after a while.
    Done {
        /// What the peer holds: the next session starts from it.
        peer: Peer,
        /// The peer's clock when it answered.
        peer_now_ms: u64,
    },
}

#[derive(Debug, Clone)]
enum State {
    Load,
    Loading,
    Send(Box<Request>),
    Sent,
    Apply(BTreeMap<Purpose, Part>),
    Applying,
    Done,
}

/// One exchange, from the first question to agreement.
#[derive(Debug, Clone)]
pub struct Session {
    venue: VenueId,
    writer: Writer,
    epoch: u64,
    peer: Peer,
    peer_now_ms: u64,
    places: Places,
    more_here: bool,
    more_there: bool,
    asked_blind: bool,
    rounds: usize,
    state: State,
}

impl Session {
    /// Starts a session; `peer` is what an earlier one learned, empty the first time.
    #[must_use]
    pub fn new(venue: VenueId, writer: Writer, peer: Peer) -> Self {
        Self {
            venue,
            writer,
            epoch: epoch::FIRST,
            asked_blind: peer.is_empty(),
            peer,
            peer_now_ms: 0,
            places: Places::new(),
            more_here: false,
            more_there: false,
            rounds: 0,
            state: State::Load,
        }
    }

    /// Says this epoch in its messages.
    #[must_use]
    pub const fn in_epoch(mut self, epoch: u64) -> Self {
        self.epoch = epoch;
        self
    }

    /// Says what to do next; `None` while an earlier output waits for its input.
    pub fn poll(&mut self) -> Option<Output> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Load => {
                self.state = State::Loading;
                let (peer, places) = (self.peer.clone(), self.places.clone());
                Some(Output::Load { peer, places })
            }
            State::Send(request) => {
                self.state = State::Sent;
                Some(Output::Send(request))
            }
            State::Apply(streams) => {
                self.state = State::Applying;
                Some(Output::Apply(streams))
            }
            State::Done => {
                Some(Output::Done { peer: self.peer.clone(), peer_now_ms: self.peer_now_ms })
            }
            waiting @ (State::Loading | State::Sent | State::Applying) => {
                self.state = waiting;
                None
            }
        }
    }

    /// Takes what happened.
    ///
    /// # Errors
    /// Refuses a malformed answer and a peer that never comes to an end; the session is then over
    /// and a new one may be started. An input that no output asked for is ignored.
    pub fn handle(&mut self, input: Input) -> Result<(), Rejection> {
        match (&self.state, input) {
            (State::Loading, Input::Loaded { streams, more }) => {
                self.more_here = more;
                self.state = State::Send(Box::new(self.request(streams)));
            }
            (State::Sent, Input::Received(response)) => self.received(*response)?,
            (State::Applying, Input::Applied) => {
                let again = self.more_here || self.more_there || self.asked_blind;
                self.asked_blind = false;
                self.state = if again { State::Load } else { State::Done };
            }
            _ => {}
        }
        Ok(())
    }

    fn request(&self, streams: BTreeMap<Purpose, Part>) -> Request {
        Request {
            protocol: limits::PROTOCOL,
            capabilities: Vec::new(),
            venue: self.venue.clone(),
            writer: self.writer.clone(),
            epoch: self.epoch,
            streams,
            extra: serde_json::Map::new(),
        }
    }

    fn received(&mut self, response: Response) -> Result<(), Rejection> {
        self.rounds += 1;
        if self.rounds > limits::ROUNDS_PER_SESSION {
            self.state = State::Done;
            return Err(Rejection::BatchTooLarge);
        }
        response.check()?;
        self.more_there = response.more;
        self.peer_now_ms = response.now_ms;
        self.places.clear();
        for (purpose, part) in &response.streams {
            self.peer.insert(purpose.clone(), part.have.clone());
            let place = part.resume.clone().map(|place| (purpose.clone(), place));
            self.places.extend(place);
        }
        self.state = State::Apply(response.streams);
        Ok(())
    }
}
