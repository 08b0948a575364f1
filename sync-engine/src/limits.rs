//! Every limit of replication, in one place. It must not hold behaviour.

/// The exchange protocol that this build speaks.
pub const PROTOCOL: u16 = 1;
/// Changes in one message, each way.
pub const CHANGES_PER_MESSAGE: usize = 2_000;
/// Bytes of a message when it is unpacked.
pub const MESSAGE_BYTES: usize = 8 << 20;
/// Bytes of a compact message that are JSON: all of it but the changes.
pub const HEAD_BYTES: usize = 2_000_000;
/// Bytes that reading a compact message's changes may keep: there a text is said once for many.
pub const MESSAGE_KEPT_BYTES: usize = 4 * MESSAGE_BYTES;
/// How often a column of texts may be made of others; deeper ones are written as they are.
pub const COLUMN_DEPTH: usize = 6;
/// Changes that a peer may lack before it gets rows instead, which are fewer and quicker.
pub const CHANGES_PER_SNAPSHOT: u64 = 5_000;
/// Changes that every peer has and that are reaped from the log at once: fewer would wear the disk.
pub const REAP_CHANGES: u64 = 1_000;
/// Writers of a stream of whose log something is reaped at once.
pub const WRITERS_PER_REAP: usize = 50;
/// Bytes of payload in one message, each way; below D1's 2 MB row with room for the envelope.
pub const PAYLOAD_BYTES_PER_MESSAGE: usize = 800_000;
/// Bytes of one change's payload.
pub const PAYLOAD_BYTES: usize = 64 * 1024;
/// Lists and objects within each other in one field of a payload; readers of JSON stop at 128.
pub const PAYLOAD_DEPTH: usize = 64;
/// Drafts in one local write.
pub const DRAFTS_PER_WRITE: usize = 100;
/// Characters of an id, a table name, a register name or a purpose.
pub const NAME_CHARS: usize = 64;
/// The largest integer that every host carries without loss.
pub const INTEGER_MAX: i64 = (1 << 53) - 1;
/// How far ahead of the hub's clock a stamp may lie before the hub lowers it.
pub const CLOCK_AHEAD_MS: u64 = 60_000;
/// The latest time that a writer stamps with; far from what can be encoded, so that ticks fit.
pub const CLOCK_MS_MAX: u64 = 1 << 46;
/// The latest time in a stamp that is taken in: whoever sees it writes later ones for ever after.
pub const STAMP_MS_MAX: u64 = CLOCK_MS_MAX + (1 << 45);
/// Numbers of a series that a new life skips: the old one may have given them out unseen.
pub const SERIES_SKIP: i64 = 100;
/// How long it is between two audits.
pub const AUDIT_EVERY_MS: u64 = 60_000;
/// Rows that an audit compares at once.
pub const ROWS_PER_AUDIT: usize = 200;
/// How many changes back from a log's floor the lowered ones stay.
pub const LOWERED_KEPT: i64 = 10_000;
/// Lowered stamps in one answer; the rest comes with the next.
pub const LOWERED_PER_MESSAGE: usize = 400;
/// How old or how new a signed request may be.
pub const SIGNATURE_TOLERANCE_MS: u64 = 300_000;
/// Rounds in one session before it starts afresh; a peer that always says "more" cannot hold us.
pub const ROUNDS_PER_SESSION: usize = 1_000;
/// The most of a right that one lease or one spend is about: sums of many stay whole.
pub const LEASE_AMOUNT_MAX: i64 = 1 << 40;
/// Leases of one right that are read at once.
pub const LEASES_PER_READ: usize = 100;
/// Writers of one stream: so many may a vector name.
pub const WRITERS_PER_STREAM: usize = 1_000;
/// Letters and digits of a position in a sequence before all are given out anew.
pub const POSITION_CHARS: usize = 64;
/// Rows of a set that a page names and does not bring; as many again may have been set aside.
pub const KEPT_PER_STRETCH: usize = 2_000;
/// Stretches of sets in one page.
pub const STRETCHES_PER_PAGE: usize = 64;
/// How many changes behind what all peers have a log's floor waits for what is set aside.
pub const ASIDE_WAITS: u64 = 10_000;
