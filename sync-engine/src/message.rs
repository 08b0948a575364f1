//! What two replicas say to each other, as plain data.
//!
//! Owns the wire form of protocol 1 and its checks. Fields that this build does not know are kept
//! in `extra` and ignored, so that an older and a newer build understand each other. It must not
//! know how a message travels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::{
    Rejection,
    change::Change,
    epoch,
    id::{Purpose, VenueId, Writer},
    limits,
    stamp::Hlc,
    vector::Vector,
};

/// Among the abilities of a request: the sender has not heard all of its other witnesses yet, so
/// what it knows of the answering side may be as old as itself.
pub const DOUBTS_ITSELF: &str = "doubts-itself";

/// The asking side: what I have, what I think you lack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The protocol version.
    pub protocol: u16,
    /// Named abilities beyond the protocol version; unknown ones are ignored.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Whose data.
    pub venue: VenueId,
    /// Who asks.
    #[serde(flatten)]
    pub writer: Writer,
    /// The highest epoch of the venue that the sender knows of; the first goes without saying.
    #[serde(default = "epoch::first", skip_serializing_if = "epoch::is_first")]
    pub epoch: u64,
    /// Per purpose what I have and send.
    pub streams: BTreeMap<Purpose, Part>,
    /// Fields of newer builds.
    #[serde(flatten)]
    pub extra: Map<String, Json>,
}

/// The answering side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The protocol version.
    pub protocol: u16,
    /// Named abilities beyond the protocol version.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Who answers.
    #[serde(flatten)]
    pub writer: Writer,
    /// The highest epoch of the venue that the sender knows of; the first goes without saying.
    #[serde(default = "epoch::first", skip_serializing_if = "epoch::is_first")]
    pub epoch: u64,
    /// The answering side's clock.
    pub now_ms: u64,
    /// Of a sender that is not the hub: by another name than before, it may know other stamps now
    /// for what it told already, and is to be asked for all of them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stamps: String,
    /// Per purpose what I have after taking yours in, and what you lack.
    pub streams: BTreeMap<Purpose, Part>,
    /// There is more than one message could carry.
    pub more: bool,
    /// Fields of newer builds.
    #[serde(flatten)]
    pub extra: Map<String, Json>,
}

/// A change whose claimed stamp lay in the future; everyone merges by the effective one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lowered {
    /// Who wrote it.
    #[serde(flatten)]
    pub writer: Writer,
    /// Which change.
    pub seq: u64,
    /// The stamp that the hub recorded.
    pub effective: Hlc,
}

/// A change that the sender keeps and tells on, and does not believe.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refused {
    /// Who is said to have written it.
    #[serde(flatten)]
    pub writer: Writer,
    /// Which change.
    pub seq: u64,
}

/// The state that a snapshot leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upto {
    /// What is held then.
    pub have: Vector,
    /// The digests of the last changes, as far as they are known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tips: Tips,
}

/// Per writer, as `replica/generation`, the digest of its last change.
pub type Tips = BTreeMap<String, String>;

/// A place in a snapshot, which goes through a stream's tables by the ids of their rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// What the receiver will hold once it has all of the snapshot.
    pub upto: Upto,
    /// The table of the last row that was sent.
    pub table: String,
    /// Its id.
    pub id: String,
}

/// Which part of a snapshot the rows of a message are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// What the receiver will hold once it has all of the snapshot.
    pub upto: Upto,
    /// Where the next page begins; none when this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Place>,
    /// The stretches of sets that it brings whole: what is not in them is no member.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whole: Vec<Whole>,
}

/// A stretch of a set of which a page brings every row that its sender has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    /// The table.
    pub table: String,
    /// The rows after this id,
    pub after: String,
    /// up to this one; to the end of the table when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Rows of it that the sender has and the page does not bring: its log tells of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
}

/// Some rows of a table that both sides compare once they hold the same changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// The table.
    pub table: String,
    /// The rows after this id,
    pub after: String,
    /// up to this one; to the end of the table when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// What they say on the sender's side.
    pub digest: String,
    /// Asking: they differed; here are the sender's, to be merged. Answering: here is the outcome.
    #[serde(default)]
    pub mend: bool,
}

/// One stream's share of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What the sender holds.
    pub have: Vector,
    /// The digest of the last change held of each writer: equal seqs with other digests are two
    /// histories under one name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tips: Tips,
    /// Up to where the sender knows the stamps that the hub recorded; the hub itself says nothing.
    #[serde(default, skip_serializing_if = "Vector::is_empty")]
    pub settled: Vector,
    /// Answering: changes whose stamp the hub lowered, beyond what the asking side knows of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lowered: Vec<Lowered>,
    /// Changes that the receiver seems to lack, each writer's in order of seq.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// Answering: those of the changes that nobody may believe.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
    /// Of writers other than the sender: the digest of the change before the first that it sends.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bases: Tips,
    /// How far the sender has come with the snapshot that it takes from the receiver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Place>,
    /// What the receiver lacks is no longer there change by change: it gets rows instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// Rows that are to be compared, or with `rows` those that differed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
    /// The rows of the page or of the audit: changes with seq 0, each some registers of a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Change>,
}

impl Part {
    /// Returns all that it says of rows: changes, and rows as they are.
    pub fn told(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().chain(&self.rows)
    }
}

impl Request {
    /// Checks what can be checked without the store.
    ///
    /// # Errors
    /// Refuses another protocol, another venue and too many changes.
    pub fn check(&self, venue: &VenueId) -> Result<(), Rejection> {
        if self.protocol != limits::PROTOCOL {
            return Err(Rejection::UnsupportedProtocol);
        }
        if &self.venue != venue {
            return Err(Rejection::WrongVenue);
        }
        epoch::check(self.epoch)?;
        check_parts(&self.streams)
    }
}

impl Response {
    /// Checks what can be checked without the store.
    ///
    /// # Errors
    /// Refuses another protocol and too many changes.
    pub fn check(&self) -> Result<(), Rejection> {
        if self.protocol != limits::PROTOCOL {
            return Err(Rejection::UnsupportedProtocol);
        }
        epoch::check(self.epoch)?;
        check_parts(&self.streams)
    }
}

fn check_parts(streams: &BTreeMap<Purpose, Part>) -> Result<(), Rejection> {
    let count: usize = streams.values().map(|part| part.changes.len() + part.rows.len()).sum();
    if count > limits::CHANGES_PER_MESSAGE {
        return Err(Rejection::BatchTooLarge);
    }
    Ok(())
}

/// What is left of one message's limits while it is being filled.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Changes that still fit.
    pub changes: usize,
    /// Payload bytes that still fit.
    pub bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { changes: limits::CHANGES_PER_MESSAGE, bytes: limits::PAYLOAD_BYTES_PER_MESSAGE }
    }
}

impl Room {
    /// Takes room for a change; tells whether there was enough.
    pub fn takes(&mut self, change: &Change) -> bool {
        let weight = change.weight();
        let fits = self.changes > 0 && weight <= self.bytes;
        if fits {
            self.changes -= 1;
            self.bytes -= weight;
        }
        fits
    }

    /// Keeps of the changes what fits; tells whether something was left out.
    pub fn fill(&mut self, mut changes: Vec<Change>) -> (Vec<Change>, bool) {
        let kept = changes.iter().take_while(|change| self.takes(change)).count();
        let left_out = kept < changes.len();
        changes.truncate(kept);
        (changes, left_out)
    }
}
