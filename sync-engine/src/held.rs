//! What a store holds of one stream: its writers, their numbers here, and how far each is held.
//!
//! It must not know how the rows are loaded.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Rejection,
    change::Change,
    change_columns,
    fold::Numbers,
    id::{StreamId, Writer},
    limits,
    message::{Tips, Upto},
    row::{self, Row},
    statement::Statement,
    vector::Vector,
};

/// One writer as this store holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// What rows and the log call it.
    pub number: i64,
    /// The seq up to which nothing is missing.
    pub seq: u64,
    /// The log is complete above this seq.
    pub floor: u64,
    /// The digest of the last change; empty for our own life, which has it in the log.
    pub tip: String,
    /// The digest of the change at the floor.
    pub floor_tip: String,
    /// Up to here the writer's history is the one that whom we ask holds, and nobody else's.
    pub due: u64,
    /// The first change above the floor that is set aside: it is known, and no row shows it.
    pub aside: Option<u64>,
}

/// Everything that is held of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// The writers.
    pub writers: BTreeMap<Writer, Known>,
    /// The number that the next new writer gets.
    pub next_number: i64,
    /// The highest time in the venue's stamps.
    pub clock_ms: u64,
}

const OWN_TIP_SQL: &str = concat!(
    "SELECT ",
    change_columns!(),
    " FROM stream_writer v JOIN change_log c ON c.writer = v.id AND c.seq = v.seq \
     WHERE v.stream = ?1 AND v.tip = ''"
);

const HELD_SQL: &str = "SELECT v.replica AS replica, v.generation AS generation, \
     v.id AS number, v.seq AS seq, v.floor AS floor, v.tip AS tip, v.floor_tip AS floor_tip, \
     v.due AS due, (SELECT min(a.seq) FROM set_aside a WHERE a.writer = v.id \
     AND a.seq > v.floor) AS aside, \
     (SELECT max(w.id) FROM stream_writer w) AS top, \
     (SELECT h.ms FROM hybrid_clock h WHERE h.venue = ?2) AS clock_ms \
     FROM stream_writer v WHERE v.stream = ?1";

/// Builds the query of the last change of our own life, whose digest no row holds.
#[must_use]
pub fn own_tip_query(stream: &StreamId) -> Statement {
    Statement::new(OWN_TIP_SQL, vec![stream.to_string().into()])
}

/// Builds the query of a stream's writers.
#[must_use]
pub fn query(stream: &StreamId) -> Statement {
    Statement::new(HELD_SQL, vec![stream.to_string().into(), stream.venue.as_str().into()])
}

impl Held {
    /// Reads what [`query`] returned.
    ///
    /// # Errors
    /// Names the column that cannot be read.
    pub fn read(rows: &[Row]) -> Result<Self, Rejection> {
        let mut held = Self { next_number: 1, ..Self::default() };
        for row in rows {
            let known = Known {
                number: row::number(row, "number")? as i64,
                seq: row::number(row, "seq")?,
                floor: row::number(row, "floor")?,
                tip: row::text(row, "tip")?.to_owned(),
                floor_tip: row::text(row, "floor_tip")?.to_owned(),
                due: row::number(row, "due")?,
                aside: row::number(row, "aside").ok(),
            };
            held.writers.insert(row::writer(row)?, known);
            held.next_number = row::number(row, "top")? as i64 + 1;
            held.clock_ms = row::number(row, "clock_ms")?;
        }
        Ok(held)
    }

    /// Adds what [`own_tip_query`] returned.
    ///
    /// # Errors
    /// Names the column that cannot be read.
    pub fn add_own_tip(&mut self, rows: &[Row]) -> Result<(), Rejection> {
        for row in rows {
            let change = row::change(row)?;
            if let Some(known) = self.writers.get_mut(&change.writer) {
                known.tip = change.digest();
            }
        }
        Ok(())
    }

    /// Returns the digests of the last changes.
    #[must_use]
    pub fn tips(&self) -> Tips {
        let known = self.writers.iter().filter(|(_, known)| !known.tip.is_empty());
        known.map(|(writer, known)| (writer.to_string(), known.tip.clone())).collect()
    }

    /// Returns the seq held of a writer; 0 when none is.
    #[must_use]
    pub fn seq(&self, writer: &Writer) -> u64 {
        self.writers.get(writer).map_or(0, |known| known.seq)
    }

    /// Tells whether another change is held last of this writer, under the seq of this one.
    #[must_use]
    pub fn differs_at_tip(&self, change: &Change) -> bool {
        self.writers.get(&change.writer).is_some_and(|known| {
            known.seq == change.seq && !known.tip.is_empty() && known.tip != change.digest()
        })
    }

    /// Returns it as what is told to a peer.
    #[must_use]
    pub fn vector(&self) -> Vector {
        let mut vector = Vector::default();
        for (writer, known) in &self.writers {
            vector.advance(writer, known.seq);
        }
        vector
    }

    /// Returns up to where the log is gone.
    #[must_use]
    pub fn floor(&self) -> Upto {
        let mut floor = Upto::default();
        for (writer, known) in self.writers.iter().filter(|(_, known)| known.floor > 0) {
            floor.have.advance(writer, known.floor);
            floor.tips.insert(writer.to_string(), known.floor_tip.clone());
        }
        floor
    }

    /// Gives those of the writers a number that have none yet, and returns them.
    ///
    /// # Errors
    /// Refuses more writers than a vector may name: no peer could read what is held any more.
    pub fn meet<'a>(
        &mut self,
        writers: impl Iterator<Item = &'a Writer>,
    ) -> Result<BTreeSet<&'a Writer>, Rejection> {
        let mut strangers = BTreeSet::new();
        for writer in writers {
            if self.writers.contains_key(writer) {
                continue;
            }
            if self.writers.len() >= limits::WRITERS_PER_STREAM {
                return Err(Rejection::BatchTooLarge);
            }
            let number = self.next_number;
            let known = Known { number, ..Known::default() };
            self.writers.insert(writer.clone(), known);
            self.next_number += 1;
            strangers.insert(writer);
        }
        Ok(strangers)
    }

    /// Returns the writers' numbers.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        self.writers.iter().map(|(writer, known)| (writer.clone(), known.number)).collect()
    }

    /// Tells whether the log holds everything that a peer with this vector lacks.
    #[must_use]
    pub fn reaches_back_to(&self, peer: &Vector) -> bool {
        self.writers.iter().all(|(writer, known)| peer.seq(writer) >= known.floor)
    }
}
