//! Every limit of replication, in one place. It must not hold behaviour.

/// The exchange protocol that this build speaks.
pub const PROTOCOL: u16 = 1;
/// Changes in one message, each way.
pub const CHANGES_PER_MESSAGE: usize = 400;
/// Bytes of payload in one message, each way; below D1's 2 MB row with room for the envelope.
pub const PAYLOAD_BYTES_PER_MESSAGE: usize = 800_000;
/// Bytes of one change's payload.
pub const PAYLOAD_BYTES: usize = 64 * 1024;
/// Drafts in one local write.
pub const DRAFTS_PER_WRITE: usize = 100;
/// Characters of an id, a table name, a register name or a purpose.
pub const NAME_CHARS: usize = 64;
/// The largest integer that every host carries without loss.
pub const INTEGER_MAX: i64 = (1 << 53) - 1;
/// How far ahead of our own clock a foreign stamp may pull it.
pub const CLOCK_PULL_MS: u64 = 60_000;
/// How old or how new a signed request may be.
pub const SIGNATURE_TOLERANCE_MS: u64 = 300_000;
/// Rounds in one session before it starts afresh; a peer that always says "more" cannot hold us.
pub const ROUNDS_PER_SESSION: usize = 10_000;
/// Writers in one stream's vector.
pub const WRITERS_PER_STREAM: usize = 1_000;
