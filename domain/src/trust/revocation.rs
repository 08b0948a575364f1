//! Revocations: which keys and documents nobody believes any more, on every replica of the venue.
//!
//! They are members of a replicated set that only grows: nothing here removes one, and readers heed
//! also what somebody else marked as removed. It must not know why somebody revokes.

use std::{collections::BTreeSet, fmt};

use serde_json::json;
use sync_engine::{change::Draft, set};

use super::{Id, KeyId, Rejection, limits};
use crate::rejection;

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

/// Revokes for ever; what is revoked already stays so. The member's id is drawn by the caller.
///
/// # Errors
/// Refuses more than a verifier takes in.
pub fn revoke(
    revoked: &BTreeSet<Subject>,
    subject: Subject,
    member: String,
    now_ms: u64,
) -> Result<Vec<Draft>, rejection::Rejection> {
    if revoked.contains(&subject) {
        return Ok(Vec::new());
    }
    if revoked.len() >= limits::REVOKED_MAX {
        return Err(rejection::Rejection::InvalidField("revocations"));
    }
    let fields = json!({"subject": subject.to_string(), "at_ms": now_ms});
    let serde_json::Value::Object(fields) = fields else { return Ok(Vec::new()) };
    Ok(vec![set::add(TABLE, member, fields)])
}
