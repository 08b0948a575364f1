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
/// Bytes of answers that a store remembers; beyond it all are forgotten.
pub(crate) const MEMORY_BYTES: usize = 4 << 20;
/// Bytes of one answer that is worth remembering: an exchange's pages are not.
pub(crate) const MEMORY_ANSWER_BYTES: usize = 64 << 10;
/// What a value takes beside its text.
pub(crate) const CELL_BYTES: usize = 64;
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
/// How long an exclusive sale waits for the standby; it then counts as lost until it has caught up.
pub(crate) const STANDBY: Duration = Duration::from_secs(2);
/// How long the edge may take to accept a connection.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);
/// How long a request that leaves may take, unless it says itself.
pub(crate) const REQUEST_OUT: Duration = Duration::from_secs(30);
/// The pause after the first failure of an exchange.
pub(crate) const PAUSE_FAILED_MS: u64 = 300;
/// The longest pause while the edge does not answer.
pub(crate) const PAUSE_CUT_MS: u64 = 5_000;
/// The pause between exchanges while changes come.
pub(crate) const PAUSE_BUSY_MS: u64 = 1_000;
/// Exchanges without news until the pauses grow.
pub(crate) const BUSY_ROUNDS: u32 = 8;
/// The longest pause between exchanges with an edge that cannot say when it has news.
pub(crate) const PAUSE_IDLE_MS: u64 = 5_000;
/// The longest pause while the edge's socket stands: it is for the nudge that got lost.
pub(crate) const PAUSE_LISTENING_MS: u64 = 30_000;
/// How often the gateway says on its socket that it is there; silence as long ends the socket.
pub(crate) const EAR_PING: Duration = Duration::from_secs(10);
/// The pause before the second attempt to get a socket.
pub(crate) const EAR_PAUSE_MIN_MS: u64 = 500;
/// The longest pause between attempts to get a socket.
pub(crate) const EAR_PAUSE_MAX_MS: u64 = 60_000;
/// The pause after an edge said that it has no sockets.
pub(crate) const EAR_NOT_OFFERED_MS: u64 = 600_000;
/// Sockets of listeners that are open at once, of all venues.
pub(crate) const SOCKETS: usize = 2_000;
/// Bytes of a message from a listener: it has no more to say than that it is there.
pub(crate) const LISTENER_BYTES: usize = 64;
/// Bytes of a message from the edge.
pub(crate) const NUDGE_BYTES: usize = 2_048;
/// Bytes that a socket reads ahead, and that it keeps back before it writes.
pub(crate) const SOCKET_BUFFER: usize = 1_024;
/// How long a nudge may wait to be written: who reads slower is cut off and may come again.
pub(crate) const NUDGE: Duration = Duration::from_secs(10);
/// Bytes of one file of `static/`.
pub(crate) const ASSET_BYTES: u64 = 8_000_000;
/// How often the marker moves on while the host runs: an older copy of the database than that is
/// recognised also when it is put back without a restart between.
pub(crate) const MARKER_EVERY: Duration = Duration::from_secs(60 * 60);
/// Pieces of slow work, such as passwords to hash, that may wait: each takes a Pi a fifth of a
/// second, and a login is to be answered within seconds.
pub(crate) const SLOW_WORK_WAITING: usize = 20;
/// How long a TLS handshake may take.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files of certificate and key are looked at.
pub(crate) const CERTIFICATE_EVERY: Duration = Duration::from_secs(60);
/// Bytes of a file with a certificate or a key.
pub(crate) const PEM_BYTES: u64 = 256 * 1024;
/// Bytes that are read of what an enrolment answers.
pub(crate) const ENROL_BYTES: usize = 64 * 1024;
