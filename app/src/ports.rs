//! What the application needs from its host, each a small trait.
//!
//! Owns the contracts; the hosts own the adapters. Every future is `Send` here: a host whose
//! futures are not (D1, Spin) wraps them at its adapter, never in a handler.

use std::{future::Future, pin::Pin};

use domain::people::address::Address;
use sync_engine::{
    id::{Purpose, VenueId},
    statement::Statement,
};

use crate::blobs::BlobId;

/// A boxed future, so that ports can be trait objects.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One row: column name to value; numbers are integers.
pub type Row = serde_json::Map<String, serde_json::Value>;

/// The host's SQLite-speaking database.
///
/// Contract, enforced by the host contract suite: statements take `?1`, `?2`, … ; a read sees one
/// consistent state; a committed batch is durable when the future ends, and takes effect whole or
/// not at all; integers beyond 2^53 are refused before anything runs.
pub trait Database: Send + Sync + 'static {
    /// Runs queries against one consistent state and returns each one's rows.
    fn read<'a>(&'a self, queries: &'a [Statement]) -> Pending<'a, Result<Vec<Vec<Row>>, Fault>>;

    /// Runs the statements as one transaction; each must affect the rows that it expects.
    fn commit<'a>(&'a self, batch: &'a [Statement]) -> Pending<'a, Result<(), CommitFault>>;

    /// Leaves no trace of what was deleted or written over before, as far as the platform allows.
    fn scrub(&self) -> Pending<'_, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }

    /// Fails while writes are known to fail; a host whose platform watches its disk knows nothing.
    fn writable(&self) -> Pending<'_, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }
}

/// Why the database could not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// For the log, never for a person.
    pub detail: String,
    /// The same call may work in a moment.
    pub retryable: bool,
}

impl Fault {
    /// A fault that asking again does not mend.
    #[must_use]
    pub fn lasting(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), retryable: false }
    }

    /// A fault that may pass.
    #[must_use]
    pub fn passing(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), retryable: true }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Fault {}

/// Why a batch did not take effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitFault {
    /// A statement affected other rows than it must, or a constraint was violated: somebody else
    /// was first. Load and decide again.
    Conflict,
    /// The database could not run it.
    Fault(Fault),
}

impl From<Fault> for CommitFault {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The time.
pub trait Clock: Send + Sync + 'static {
    /// Returns the milliseconds since 1970.
    fn now_ms(&self) -> u64;

    /// Tells whether the platform vouches for it, as data centres do.
    fn is_kept(&self) -> bool {
        true
    }

    /// Notes how far ahead the edge's time lies, as an answer says that the edge signed. Nothing is
    /// set by it.
    fn told(&self, _edge_ahead_ms: i64) {}

    /// Returns how far ahead the edge's time lies now, if it was told since the start.
    fn edge_ahead_ms(&self) -> Option<i64> {
        None
    }
}

/// Randomness fit for secrets.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the bytes.
    ///
    /// # Errors
    /// Fails when the host has no randomness to give; nothing secret is made then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault>;
}

/// Tells whoever listens that something changed.
pub trait Live: Send + Sync + 'static {
    /// Notes that changes of this purpose were written here.
    fn changed(&self, venue: &VenueId, purpose: &Purpose);

    /// Notes that an exchange brought changes of this purpose, or what the other side now holds;
    /// the device that sent them has no need to hear of it.
    fn arrived(&self, _venue: &VenueId, _purpose: &Purpose, _from: Option<&str>) {}

    /// Tells whether listeners find a socket here; where they do not, they ask now and then.
    fn takes_sockets(&self) -> bool {
        false
    }
}

/// The line to the other side, as this host sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// There is no other side that this host asks: it is the edge.
    None,
    /// The last exchange succeeded, or none was tried yet.
    Connected {
        /// Milliseconds since 1970; none before the first exchange.
        since_ms: Option<u64>,
    },
    /// The other side has not answered since this time.
    Cut {
        /// Milliseconds since 1970.
        since_ms: u64,
    },
    /// The other side answers since this time, and refuses: waiting does not mend it.
    Refused {
        /// Milliseconds since 1970.
        since_ms: u64,
    },
}

/// Says how the line to the other side stands.
pub trait Line: Send + Sync + 'static {
    /// Returns the present state.
    fn link(&self) -> Link;
}

/// How a request that leaves the host asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads; the body is empty.
    Get,
    /// Sends the body.
    Post,
    /// Puts the body there.
    Put,
    /// Deletes what is there; the body is empty.
    Delete,
}

/// A request that leaves the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// How it asks.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// The headers, the content type among them; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What of the answer is wanted.
    pub wanted: Wanted,
}

/// What of an answer is wanted, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The headers that are kept; names in lower case.
    pub headers: &'static [&'static str],
    /// The most bytes of body; a longer one is a fault.
    pub body_bytes: usize,
    /// How long everything may take, the body included.
    pub within_ms: u64,
}

/// The answer to an [`Outgoing`] request, read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The status.
    pub status: u16,
    /// Those of the wanted headers that came.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Incoming {
    /// Returns a wanted header; empty when it did not come.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// The one way out of the host.
pub trait Http: Send + Sync + 'static {
    /// Sends the request; follows no redirect and trusts no answer.
    fn send<'a>(&'a self, request: Outgoing) -> Pending<'a, Result<Incoming, Fault>>;
}

/// A mail as it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Stays the same when it is sent again: receivers and services tell copies by it.
    pub id: String,
    /// Whose mail it is, in words.
    pub from_name: String,
    /// The sender's address.
    pub from: Address,
    /// The one receiver.
    pub to: Address,
    /// The subject, one line.
    pub subject: String,
    /// The text, for readers without HTML.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl Mail {
    /// Returns what stands under `Message-ID`.
    #[must_use]
    pub fn message_id(&self) -> String {
        format!("<{}@{}>", self.id, self.from.domain())
    }
}

/// Why a mail did not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// A short code without personal data, such as `refused_550`.
    pub reason: String,
    /// Trying again does not mend it.
    pub is_lasting: bool,
}

/// Hands mails to whoever carries them.
pub trait Mailer: Send + Sync + 'static {
    /// Sends one mail, within a time limit.
    fn send<'a>(&'a self, mail: &'a Mail) -> Pending<'a, Result<(), Undelivered>>;
}

/// Why nothing is known to be on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unprinted {
    /// The printer took nothing.
    NotReached(String),
    /// The printer took some of it, or all, and did not say that it printed.
    Unclear(String),
}

/// Hands strips to printers on the venue's network.
pub trait Press: Send + Sync + 'static {
    /// Prints one strip, within a time limit; waits for the printer's word where it gives one.
    fn print(
        &self,
        at: std::net::SocketAddrV4,
        strip: Vec<u8>,
        answers: bool,
    ) -> Pending<'_, Result<(), Unprinted>>;
}

/// Wakes whoever sends what waits.
pub trait Bell: Send + Sync + 'static {
    /// Says that something waits; it costs nothing and never fails.
    fn ring(&self);
}

/// The files of `static/`, where the application itself has to serve them.
pub trait Assets: Send + Sync + 'static {
    /// Returns the file's bytes; the path is relative, checked, without `..`.
    fn get<'a>(&'a self, path: &'a str) -> Pending<'a, Option<Vec<u8>>>;
}

/// Bytes under the hash of their content, beside the database: on a disk, in a bucket.
///
/// Contract, enforced by the host contract suite: a put is durable and whole when its future ends,
/// and putting the same again changes nothing; deleting what is not there is no fault. Whether
/// bytes are what they were is [`crate::blobs::Shelf`]'s business.
pub trait Blobs: Send + Sync + 'static {
    /// Returns the bytes; none where there are none.
    fn get<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<Option<Vec<u8>>, Fault>>;

    /// Keeps the bytes, whole or not at all.
    fn put<'a>(&'a self, id: &'a BlobId, bytes: Vec<u8>) -> Pending<'a, Result<(), Fault>>;

    /// Deletes the bytes.
    fn delete<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<(), Fault>>;
}

/// A piece of slow work.
pub type Work = Box<dyn FnOnce() + Send>;

/// Does slow work, such as hashing a password, where it holds nobody else up.
pub trait Labour: Send + Sync + 'static {
    /// Does one piece at a time; fails when too many wait.
    fn carry_out(&self, work: Work) -> Pending<'_, Result<(), Fault>>;
}

/// Nobody listens, there is no line, no way out and no files: what a stateless host is born with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Live for Alone {
    fn changed(&self, _venue: &VenueId, _purpose: &Purpose) {}
}

impl Line for Alone {
    fn link(&self) -> Link {
        Link::None
    }
}

/// Where one thread serves one request, it does the work itself.
impl Labour for Alone {
    fn carry_out(&self, work: Work) -> Pending<'_, Result<(), Fault>> {
        work();
        Box::pin(async { Ok(()) })
    }
}

impl Bell for Alone {
    fn ring(&self) {}
}

impl Http for Alone {
    fn send<'a>(&'a self, _request: Outgoing) -> Pending<'a, Result<Incoming, Fault>> {
        Box::pin(async { Err(Fault::lasting("this host has no way out")) })
    }
}

impl Assets for Alone {
    fn get<'a>(&'a self, _path: &'a str) -> Pending<'a, Option<Vec<u8>>> {
        Box::pin(async { None })
    }
}
