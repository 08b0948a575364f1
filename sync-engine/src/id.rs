//! The names of things that replicate: venues, replicas, generations, streams.
//!
//! Every id is short ASCII text that sorts and prints without escaping. This file must not know how
//! ids are made: entropy is an input.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Rejection, limits};

/// Tells whether the text can be an id: `a-z`, `0-9`, `-`, `_`, at most 64 characters.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= limits::NAME_CHARS
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// Checks the text and wraps it.
            ///
            /// # Errors
            /// Refuses text that is empty, too long or not a plain lower-case name.
            pub fn parse(text: &str) -> Result<Self, Rejection> {
                if is_name(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Rejection::InvalidField($field))
                }
            }

            /// Returns the id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = Rejection;

            fn try_from(text: String) -> Result<Self, Rejection> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(id: $type) -> Self {
                id.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// One venue: the unit of replication and of blast radius.
    VenueId,
    "venue"
);
name!(
    /// One store that writes: a gateway, the edge, a published document.
    ReplicaId,
    "replica"
);
name!(
    /// One life of a store: random, renewed at first boot and after a restore or a clone.
    Generation,
    "generation"
);
name!(
    /// What a stream is for: catalogue, orders, and so on; the names belong to the domain.
    Purpose,
    "purpose"
);

/// One life of one store; the actor of every change it makes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Writer {
    /// The store.
    pub replica: ReplicaId,
    /// Its life.
    pub generation: Generation,
}

impl Writer {
    /// Checks both parts and joins them.
    ///
    /// # Errors
    /// Refuses what [`ReplicaId::parse`] and [`Generation::parse`] refuse.
    pub fn parse(replica: &str, generation: &str) -> Result<Self, Rejection> {
        Ok(Self { replica: ReplicaId::parse(replica)?, generation: Generation::parse(generation)? })
    }
}

impl fmt::Display for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.replica, self.generation)
    }
}

/// One sequence of changes: a venue's changes for one purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Whose data.
    pub venue: VenueId,
    /// Which part of it.
    pub purpose: Purpose,
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.venue, self.purpose)
    }
}
