//! What a store holds of each writer, without gaps.
//!
//! A thin skin over the vector clock of the `crdts` crate: the algebra is theirs, the names and the
//! wire form are ours. It must not know where vectors are stored.

use std::collections::BTreeMap;

use crdts::{CmRDT, Dot, VClock};
use serde::{Deserialize, Serialize};

use crate::{Rejection, id::Writer, limits};

/// For each writer the highest seq up to which nothing is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Vector(VClock<Writer>);

/// The wire form: `{"replica/generation": seq}`.
type Wire = BTreeMap<String, u64>;

impl Vector {
    /// Returns the highest seq held of the writer; 0 when none is.
    #[must_use]
    pub fn seq(&self, writer: &Writer) -> u64 {
        self.0.get(writer)
    }

    /// Tells whether nothing is held of anybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes that everything of the writer up to this seq is held; never goes back.
    pub fn advance(&mut self, writer: &Writer, seq: u64) {
        self.0.apply(Dot::new(writer.clone(), seq));
    }

    /// Walks the writers in order with what is held of each.
    pub fn iter(&self) -> impl Iterator<Item = (&Writer, u64)> {
        self.0.iter().map(|dot| (dot.actor, dot.counter))
    }

    /// Returns what both vectors hold.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let mut both = Self::default();
        for (writer, seq) in self.iter() {
            both.advance(writer, seq.min(other.seq(writer)));
        }
        both
    }

    /// Tells whether everything that the other vector holds is held here too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.iter().all(|(writer, seq)| self.seq(writer) >= seq)
    }
}

impl From<Vector> for Wire {
    fn from(vector: Vector) -> Self {
        vector.iter().map(|(writer, seq)| (writer.to_string(), seq)).collect()
    }
}

impl TryFrom<Wire> for Vector {
    type Error = Rejection;

    fn try_from(wire: Wire) -> Result<Self, Rejection> {
        if wire.len() > limits::WRITERS_PER_STREAM {
            return Err(Rejection::BatchTooLarge);
        }
        let mut vector = Self::default();
        for (name, seq) in wire {
            let invalid = Rejection::InvalidField("vector");
            let (replica, generation) = name.split_once('/').ok_or(invalid.clone())?;
            if seq > limits::INTEGER_MAX as u64 {
                return Err(invalid);
            }
            vector.advance(&Writer::parse(replica, generation)?, seq);
        }
        Ok(vector)
    }
}
