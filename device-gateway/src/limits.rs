//! Every limit of the native host, in one place.

use std::time::Duration;

/// Writes that wait for the writer; beyond it a request is told to come again.
pub(crate) const WRITE_QUEUE: usize = 1_024;
/// Writes that share one transaction and so one sync of the disk.
pub(crate) const GROUP_COMMIT: usize = 64;
/// Connections that read beside the writer.
pub(crate) const READERS: usize = 3;
/// Reads that wait for a reader.
pub(crate) const READ_QUEUE: usize = 1_024;
/// Prepared statements that a connection keeps.
pub(crate) const STATEMENT_CACHE: usize = 128;
/// Connections that are open at once; further ones wait in the system's queue.
pub(crate) const CONNECTIONS: usize = 512;
/// How long the head of a request may take, and a connection lie idle.
pub(crate) const HEAD: Duration = Duration::from_secs(10);
/// From the head of a request to its answer, the body's arrival included.
pub(crate) const REQUEST: Duration = Duration::from_secs(30);
/// The age at which a connection takes no further request.
pub(crate) const CONNECTION: Duration = Duration::from_secs(120);
/// How long an aged connection may still write its last answer.
pub(crate) const LAST_ANSWER: Duration = Duration::from_secs(60);
/// The pause after a connection that could not be accepted.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How long a clean shutdown may take.
pub(crate) const SHUTDOWN: Duration = Duration::from_secs(5);
/// How long the edge may take to accept a connection.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);
/// How long one exchange message may take.
pub(crate) const EXCHANGE: Duration = Duration::from_secs(30);
/// The largest answer that the uplink reads.
pub(crate) const ANSWER_BYTES: usize = 4_000_000;
/// The shortest pause between sessions.
pub(crate) const PAUSE_MIN_MS: u64 = 300;
/// The longest pause between sessions while nothing happens.
pub(crate) const PAUSE_IDLE_MS: u64 = 5_000;
/// The longest pause while the edge does not answer.
pub(crate) const PAUSE_CUT_MS: u64 = 5_000;
/// Bytes of one file of `static/`.
pub(crate) const ASSET_BYTES: u64 = 8_000_000;
