//! The lives of a store: noticing that it was restored or cloned, and beginning a new one.
//!
//! A peer that holds more of our present life than we do, or another change under one of its seqs,
//! proves that this store is a copy of an older state. The old life is then closed at the point up
//! to which both sides surely agree, what was written since is moved into the new life with its
//! stamps, and what the peer holds of the old one comes back as foreign changes. It must not run
//! the batch.

use crate::{
    id::{Generation, StreamId, Writer},
    limits,
    message::Part,
    retention,
    statement::{Batch, Statement},
};

const OPEN_SQL: &str = "INSERT INTO stream_writer (stream, replica, generation, seq) \
     SELECT v.stream, v.replica, ?4, v.seq - ?5 FROM stream_writer v \
     WHERE v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3";

const MOVE_SQL: &str = "INSERT INTO change_log (writer, seq, claimed, effective, table_name, \
     entity, register, payload) SELECT n.id, c.seq - ?5, c.claimed, c.effective, c.table_name, \
     c.entity, c.register, c.payload FROM stream_writer v JOIN stream_writer n \
     ON n.stream = v.stream AND n.replica = v.replica AND n.generation = ?4 \
     JOIN change_log c ON c.writer = v.id AND c.seq > ?5 \
     WHERE v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3";

const FORGET_SQL: &str = "DELETE FROM change_log WHERE seq > ?4 AND writer = (SELECT v.id \
     FROM stream_writer v WHERE v.stream = ?1 AND v.replica = ?2 AND v.generation = ?3)";

const CLOSE_SQL: &str = "UPDATE stream_writer SET seq = ?4, tip = '' \
     WHERE stream = ?1 AND replica = ?2 AND generation = ?3";

const RENEW_SQL: &str = "UPDATE local_venue SET generation = ?3 \
     WHERE venue = ?1 AND generation = ?2";

const SKIP_SQL: &str = "UPDATE number_series SET last = last + ?2 \
     WHERE substr(series, 1, length(?1) + 1) = ?1 || '/'";

/// What this store knows of its own present life in one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The last seq.
    pub seq: u64,
    /// Up to where the log is gone.
    pub floor: u64,
    /// Up to where the peers were known to hold it.
    pub agreed: u64,
    /// The digest of our change at the seq that the peer holds last of us; none where we have none.
    pub digest_at_peer: Option<String>,
}

/// What a peer says of our present life: up to which seq it knows it, and by which digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The last seq that it knows.
    pub seq: u64,
    digest: Option<&'a String>,
}

/// Returns what a peer's part says of our present life: by what it holds, and by the snapshot that
/// it is taking, of whose rows no vector tells.
pub fn claims<'a>(part: &'a Part, own: &Writer) -> impl Iterator<Item = Claim<'a>> {
    let name = own.to_string();
    let own = own.clone();
    let held = std::iter::once((&part.have, &part.tips));
    let taken = part.resume.iter().map(|place| (&place.upto.have, &place.upto.tips));
    held.chain(taken)
        .map(move |(have, tips)| Claim { seq: have.seq(&own), digest: tips.get(&name) })
}

/// Tells whether what the peer says proves that our life has two histories.
#[must_use]
pub fn has_forked(claim: &Claim<'_>, known: &Own) -> bool {
    claim.seq > known.seq || differs(claim, known)
}

/// Tells whether the peer holds another change where it was known to hold ours: it was put back,
/// and a copy of this store was faster. Then no more is agreed than what the log has forgotten, and
/// of that the rows alone tell.
#[must_use]
pub fn is_put_back(claim: &Claim<'_>, known: &Own) -> bool {
    claim.seq <= known.agreed && differs(claim, known)
}

fn differs(claim: &Claim<'_>, known: &Own) -> bool {
    let differs = claim.digest.is_some() && claim.digest != known.digest_at_peer.as_ref();
    claim.seq > known.floor && differs
}

/// Builds the batch that begins a new life; `agreed` is per stream the last seq of the old life
/// that the peer was known to hold before.
///
/// It aborts as a whole when another worker began a new life first.
#[must_use]
pub fn begin(old: &Writer, new: &Generation, agreed: &[(StreamId, u64)]) -> Batch {
    let Some((first, _)) = agreed.first() else { return Vec::new() };
    let venue = first.venue.as_str();
    let renew = vec![venue.into(), old.generation.as_str().into(), new.as_str().into()];
    let mut batch = vec![Statement::exactly(1, RENEW_SQL, renew)];
    for (stream, agreed) in agreed {
        batch.push(retention::doubt(stream, old, *agreed));
        let seq = *agreed as i64;
        let life = vec![
            stream.to_string().into(),
            old.replica.as_str().into(),
            old.generation.as_str().into(),
        ];
        let with = |more: Vec<crate::statement::Value>| [life.clone(), more].concat();
        batch.push(Statement::exactly(1, OPEN_SQL, with(vec![new.as_str().into(), seq.into()])));
        batch.push(Statement::new(MOVE_SQL, with(vec![new.as_str().into(), seq.into()])));
        batch.push(Statement::new(FORGET_SQL, with(vec![seq.into()])));
        batch.push(Statement::exactly(1, CLOSE_SQL, with(vec![seq.into()])));
    }
    batch.push(Statement::new(SKIP_SQL, vec![venue.into(), limits::SERIES_SKIP.into()]));
    batch
}
