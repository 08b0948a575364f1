//! Every limit of this host in one place; how each is applied is the business of its user.

/// How long a statement waits for another connection's lock: what rusqlite, and so Spin, sets.
pub(crate) const BUSY_TIMEOUT_MS: u64 = 5_000;
/// Open connections that one instance may hold, as in Spin.
pub(crate) const CONNECTIONS_MAX: usize = 256;
/// Rows that wait between SQLite and the guest.
pub(crate) const ROWS_QUEUED_MAX: usize = 4;
/// Requests that one instance serves before a fresh one takes its place.
pub(crate) const REQUESTS_PER_INSTANCE_MAX: usize = 128;
/// Requests that one instance serves at the same time.
pub(crate) const REQUESTS_AT_ONCE_MAX: usize = 16;
/// How long an instance without work is kept.
pub(crate) const IDLE_MS: u64 = 1_000;
/// Connecting to an outgoing host may take this long.
pub(crate) const CONNECT_MS: u64 = 10_000;
/// An outgoing host may take this long to answer when the guest names no limit of its own.
pub(crate) const ANSWER_MS: u64 = 600_000;
/// Files below one directory that a component may be given.
pub(crate) const FILES_MAX: usize = 20_000;
/// How deep directories of files may be nested.
pub(crate) const FILES_DEPTH_MAX: usize = 32;
