//! What a peer can do wrong, as stable codes. It must not know HTTP or a language.

use std::fmt;

/// Why a message or a write was refused; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The signature is missing, malformed or does not match.
    SignatureInvalid,
    /// The request's time is too far from ours.
    RequestStale,
    /// The message belongs to another venue than the one it was sent to.
    WrongVenue,
    /// The peer speaks a protocol that this build does not.
    UnsupportedProtocol,
    /// A change is missing before the ones that were sent.
    SeqGap,
    /// The peer holds changes of ours that we do not: this store was restored.
    RebaseRequired,
    /// More changes or bytes than one message may carry.
    BatchTooLarge,
    /// Nobody has confirmed yet that this store is not an old image: what is leased waits.
    LeasesWait,
    /// There is no such lease here.
    UnknownLease,
    /// The lease belongs to another life or another store.
    LeaseNotHeld,
    /// The lease was returned or written off.
    LeaseOver,
    /// The lease has less left than that.
    LeaseExhausted,
    /// The right has less left than that.
    RightExhausted,
    /// The same key was spent from another lease or with another amount.
    SpendConflict,
    /// A field is missing, malformed or out of range.
    InvalidField(&'static str),
}

impl Rejection {
    /// Returns the stable code that callers may rely on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SignatureInvalid => "signature_invalid",
            Self::RequestStale => "request_stale",
            Self::WrongVenue => "wrong_venue",
            Self::UnsupportedProtocol => "unsupported_protocol",
            Self::SeqGap => "seq_gap",
            Self::RebaseRequired => "rebase_required",
            Self::BatchTooLarge => "batch_too_large",
            Self::LeasesWait => "leases_wait",
            Self::UnknownLease => "unknown_lease",
            Self::LeaseNotHeld => "lease_not_held",
            Self::LeaseOver => "lease_over",
            Self::LeaseExhausted => "lease_exhausted",
            Self::RightExhausted => "right_exhausted",
            Self::SpendConflict => "spend_conflict",
            Self::InvalidField(_) => "invalid_field",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidField(field) => write!(f, "invalid_field: {field}"),
            other => f.write_str(other.code()),
        }
    }
}

impl std::error::Error for Rejection {}
