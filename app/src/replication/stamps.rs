//! Stamps that the hub lowered: telling them, asking for them, and folding by them.

use std::collections::BTreeMap;

use domain::schema::SCHEMA;
use serde_json::json;
use sync_engine::{
    id::{Purpose, StreamId, VenueId},
    limits::LOWERED_PER_MESSAGE,
    message::{Lowered, Part},
    refold::{self, Rows},
    statement::Statement,
};

use crate::{
    metered::Metered,
    ports::CommitFault,
    problem::Problem,
    replication::{vector, writer},
    rows::{integer, text},
};

const KNOWN_SQL: &str = "SELECT replica, generation, seq FROM peer_vector WHERE stream = ?1";

const LOWERED_SQL: &str = "SELECT c.replica AS replica, c.generation AS generation, \
     c.seq AS seq, c.effective AS effective FROM change_log c \
     WHERE c.stream = ?1 AND c.effective <> c.claimed \
     AND c.seq > coalesce((SELECT k.value FROM json_each(?2) k \
     WHERE k.key = c.replica || '/' || c.generation), 0) \
     ORDER BY c.replica, c.generation, c.seq LIMIT ?3";

const TOUCHED_SQL: &str = "SELECT DISTINCT c.table_name AS table_name, c.register AS register, \
     c.entity AS entity FROM json_each(?2) r CROSS JOIN change_log c WHERE c.stream = ?1 \
     AND c.replica = r.value->>'replica' AND c.generation = r.value->>'generation' \
     AND c.seq = r.value->>'seq' AND c.effective <> r.value->>'effective'";

/// What the hub told a stamp of, it holds: the next question begins behind it.
const SETTLED_SQL: &str = "INSERT INTO peer_vector (stream, replica, generation, seq) \
     SELECT ?1, r.value->>'replica', r.value->>'generation', max(r.value->>'seq') \
     FROM json_each(?2) r WHERE true GROUP BY 2, 3 \
     ON CONFLICT (stream, replica, generation) \
     DO UPDATE SET seq = max(peer_vector.seq, excluded.seq)";

/// Asking side: says up to where the hub's stamps are known here.
///
/// # Errors
/// Fails when the database does.
pub async fn ask(
    db: &Metered,
    venue: &VenueId,
    streams: &mut BTreeMap<Purpose, Part>,
) -> Result<(), Problem> {
    for (purpose, part) in streams {
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        let query = Statement::new(KNOWN_SQL, vec![stream.to_string().into()]);
        part.settled = vector(&db.rows(query).await?)?;
    }
    Ok(())
}

/// Answering side: tells the stamps that were lowered beyond what the asking side knows; returns
/// whether there are more than one answer carries.
///
/// # Errors
/// Fails when the database does.
pub async fn tell(
    db: &Metered,
    venue: &VenueId,
    asked: &BTreeMap<Purpose, Part>,
    streams: &mut BTreeMap<Purpose, Part>,
) -> Result<bool, Problem> {
    let mut more = false;
    for (purpose, part) in streams {
        let Some(asked) = asked.get(purpose) else { continue };
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        let settled = json!(asked.settled).to_string();
        let limit = LOWERED_PER_MESSAGE as i64;
        let params = vec![stream.to_string().into(), settled.into(), limit.into()];
        for row in db.rows(Statement::new(LOWERED_SQL, params)).await? {
            let seq = integer(&row, "seq")?.unsigned_abs();
            let effective = text(&row, "effective")?;
            part.lowered.push(Lowered { writer: writer(&row)?, seq, effective });
        }
        more |= part.lowered.len() >= LOWERED_PER_MESSAGE;
    }
    Ok(more)
}

/// Asking side: records the stamps that the hub told, and folds the rows that they touch.
///
/// # Errors
/// Fails when the database does.
pub async fn settle(
    db: &Metered,
    venue: &VenueId,
    streams: &BTreeMap<Purpose, Part>,
) -> Result<(), Problem> {
    for (purpose, part) in streams.iter().filter(|(_, part)| !part.lowered.is_empty()) {
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        let told = json!(part.lowered).to_string();
        let query = Statement::new(TOUCHED_SQL, vec![stream.to_string().into(), told.into()]);
        let mut touched = Rows::new();
        for row in db.rows(query).await? {
            let place = (text(&row, "table_name")?, text(&row, "register")?);
            touched.entry(place).or_default().insert(text(&row, "entity")?);
        }
        let mut batch = refold::lower(&SCHEMA, &stream, &part.lowered, &touched);
        let told = json!(part.lowered).to_string();
        batch.push(Statement::new(SETTLED_SQL, vec![stream.to_string().into(), told.into()]));
        match db.commit(&batch).await {
            Ok(()) => {}
            Err(CommitFault::Conflict) => return Err(Problem::unavailable("a refold lost a race")),
            Err(CommitFault::Fault(fault)) => return Err(fault.into()),
        }
    }
    Ok(())
}
