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
