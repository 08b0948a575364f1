//! Revocations: which keys and documents nobody believes any more, on every replica of the venue.
//!
//! They are a set that only grows, and so facts, keyed by what they revoke: from a set with
//! removals a stolen gateway could take itself out. It must not know why somebody revokes.

use std::fmt;

use serde_json::json;
use sync_engine::change::Draft;

use super::{Id, KeyId, Rejection};
use crate::catalogue::register;

/// The replicated table.
pub const TABLE: &str = "revocation";

/// What is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A key, and with it everything that it signed: a gateway that was stolen.
    Key(KeyId),
    /// One document by its id: a certificate, an entitlement, a delegation.
    Document(Id),
}

impl Subject {
    /// Reads `key/` and 16 digits, or `document/` and 32.
    ///
    /// # Errors
    /// Refuses anything else.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        match text.split_once('/') {
            Some(("key", id)) => KeyId::parse(id).map(Self::Key),
            Some(("document", id)) if id.len() == 32 => Id::parse(id).map(Self::Document),
            _ => Err(Rejection::Malformed),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key/{id}"),
            Self::Document(id) => write!(f, "document/{id}"),
        }
    }
}

/// Revokes for ever; what is revoked already stays so.
#[must_use]
pub fn revoke(subject: Subject, is_revoked: bool, now_ms: u64) -> Vec<Draft> {
    if is_revoked {
        return Vec::new();
    }
    vec![register(TABLE, &subject.to_string(), "", json!({"at_ms": now_ms}))]
}
