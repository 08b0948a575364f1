//! Who must be heard before this store acts on what is leased, and whether they were.
//!
//! A store cannot see by itself that it is an old image, so others vouch for it: per venue one row
//! names a witness and the life as which it heard this store to the end. A new life is thereby
//! unconfirmed by itself. It lies in the store because an edge's workers share no memory; a
//! gateway's process begins by forgetting who has heard it, for its whole image may be an old one.
//! It must not know what is leased.

use domain::schema::SCHEMA;
use sync_engine::{
    held::{self, Held},
    id::{Purpose, StreamId, VenueId},
    lease::{self, Standing},
    session::Peer,
    statement::{Batch, Statement},
};

use crate::{
    call::Here,
    limits::PEERS_SHOWN,
    metered::Metered,
    ports::{CommitFault, Fault, Row},
    problem::Problem,
    replication::unreadable,
    rows::{integer, text},
};

const LIST_SQL: &str = "SELECT w.name AS name, w.heard = l.generation AS is_heard \
     FROM witness w JOIN local_venue l ON l.venue = w.venue \
     WHERE w.venue = ?1 ORDER BY is_heard, w.name LIMIT ?2";

const FORGET_SQL: &str = "DELETE FROM witness \
     WHERE venue = ?1 AND name NOT IN (SELECT value FROM json_each(?2))";

const AWAIT_SQL: &str = "INSERT INTO witness (venue, name, heard) \
     SELECT ?1, j.value, '' FROM json_each(?2) j WHERE true \
     ON CONFLICT (venue, name) DO UPDATE SET heard = ''";

const ENROL_SQL: &str = "INSERT INTO witness (venue, name, heard) \
     SELECT l.venue, ?2, l.generation FROM local_venue l WHERE l.venue = ?1 \
     ON CONFLICT (venue, name) DO NOTHING";

const IS_HEARD_SQL: &str =
    "SELECT 1 AS found FROM witness WHERE venue = ?1 AND name = ?2 AND heard = ?3";

/// A life that has ended in the meantime is confirmed by nobody.
const HEARD_SQL: &str = "INSERT INTO witness (venue, name, heard) \
     SELECT l.venue, ?2, l.generation FROM local_venue l \
     WHERE l.venue = ?1 AND l.generation = ?3 \
     ON CONFLICT (venue, name) DO UPDATE SET heard = excluded.heard";

/// Somebody who may know more of this store than it does itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What this store calls it.
    pub name: String,
    /// It was heard to the end by the present life, and knew no more of it.
    pub is_heard: bool,
}

/// Builds the query of a venue's witnesses, those that are waited for first.
#[must_use]
pub fn list(venue: &VenueId) -> Statement {
    Statement::new(LIST_SQL, vec![venue.as_str().into(), (PEERS_SHOWN as i64).into()])
}

/// Reads the rows of [`list`].
///
/// # Errors
/// Fails when a row cannot be read.
pub fn read(rows: &[Row]) -> Result<Vec<Witness>, Fault> {
    let witness = |row: &Row| {
        Ok(Witness { name: text(row, "name")?, is_heard: integer(row, "is_heard")? == 1 })
    };
    rows.iter().map(witness).collect()
}

/// Says how a store stands: every witness must have been heard.
///
/// Where there is none, nobody holds anything of this store: what it issues it issues to itself,
/// and nobody can know more of it than it does.
#[must_use]
pub fn standing(witnesses: &[Witness]) -> Standing {
    if witnesses.iter().all(|witness| witness.is_heard) {
        return Standing::Confirmed;
    }
    Standing::Unconfirmed
}

/// Loads how a venue's store stands.
///
/// # Errors
/// Fails when the database does.
pub async fn load(db: &Metered, venue: &VenueId) -> Result<Standing, Fault> {
    Ok(standing(&read(&db.rows(list(venue)).await?)?))
}

/// Builds the batch with which a process begins: exactly these witnesses, none of them heard yet.
#[must_use]
pub fn await_all(venue: &VenueId, names: &[&str]) -> Batch {
    let names = serde_json::json!(names).to_string();
    let params = vec![venue.as_str().into(), names.into()];
    vec![Statement::new(FORGET_SQL, params.clone()), Statement::new(AWAIT_SQL, params)]
}

/// Builds the statement that makes a device a witness: it is new, so it knows no more than we do.
#[must_use]
pub fn enrol(venue: &VenueId, name: &str) -> Statement {
    Statement::new(ENROL_SQL, vec![venue.as_str().into(), name.into()])
}

/// Builds the statement that doubts a store which a person has put back.
#[must_use]
pub fn doubt(venue: &VenueId) -> Statement {
    Statement::new("UPDATE witness SET heard = '' WHERE venue = ?1", vec![venue.as_str().into()])
}

/// Builds the statement that waits for a witness no more, because it will not come back.
#[must_use]
pub fn retire(venue: &VenueId, name: &str) -> Statement {
    let params = vec![venue.as_str().into(), name.into()];
    Statement::new("DELETE FROM witness WHERE venue = ?1 AND name = ?2", params)
}

/// Notes that a witness was heard, once this store holds everything that the witness does.
///
/// That nothing of it contradicts our own life was seen before, when a new life would have begun.
///
/// # Errors
/// Fails when the database does.
pub async fn hear(db: &Metered, here: &Here, name: &str, theirs: &Peer) -> Result<(), Problem> {
    let venue = &here.venue.id;
    let generation = here.writer.generation.as_str();
    let params = vec![venue.as_str().into(), name.into(), generation.into()];
    if !db.rows(Statement::new(IS_HEARD_SQL, params.clone())).await?.is_empty() {
        return Ok(());
    }
    // An older build does not know every stream; who says nothing of leases was not heard.
    if !theirs.keys().any(|purpose| purpose.as_str() == lease::PURPOSE) {
        return Ok(());
    }
    for purpose in SCHEMA.purposes() {
        let stream = StreamId { venue: venue.clone(), purpose: Purpose::parse(purpose)? };
        let held = Held::read(&db.rows(held::query(&stream)).await?).map_err(unreadable)?;
        if theirs.get(&stream.purpose).is_some_and(|theirs| !held.vector().covers(theirs)) {
            return Ok(());
        }
    }
    match db.commit(&[Statement::new(HEARD_SQL, params)]).await {
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}
