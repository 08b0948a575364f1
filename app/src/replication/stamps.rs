//! Stamps that the hub lowered: telling them, asking for them, and folding by them.

use std::collections::BTreeMap;

use domain::schema::SCHEMA;
use serde_json::json;
use sync_engine::{
    id::{Purpose, StreamId, VenueId},
    limits::LOWERED_PER_MESSAGE,
    message::{Lowered, Part},
    refold, row,
    session::Peer,
    statement::Statement,
    vector::Vector,
};

use crate::{
    metered::Metered,
    ports::CommitFault,
    problem::Problem,
    replication::{held, unreadable},
    rows::integer,
};

const LOWERED_SQL: &str = "SELECT v.replica AS replica, v.generation AS generation, \
     c.seq AS seq, printf('%016x', c.effective) AS effective FROM stream_writer v \
     JOIN change_log c ON c.writer = v.id AND c.effective <> c.claimed \
     AND c.seq > coalesce((SELECT k.value FROM json_each(?2) k \
     WHERE k.key = v.replica || '/' || v.generation), 0) WHERE v.stream = ?1 \
     ORDER BY v.replica, v.generation, c.seq LIMIT ?3";

/// Tells whether any of the told stamps is another one here.
const NEWS_SQL: &str = "SELECT EXISTS (SELECT 1 FROM json_each(?2) t CROSS JOIN stream_writer v \
     ON v.stream = ?1 AND v.replica = t.value->>'replica' \
     AND v.generation = t.value->>'generation' CROSS JOIN change_log c ON c.writer = v.id \
     AND c.seq = t.value->>'seq' \
     AND printf('%016x', c.effective) <> t.value->>'effective') AS news";

/// Asking side: says up to where the hub's stamps are known here.
///
/// Nothing is known by a process that has just started, and nothing beyond what the hub holds now:
/// either side may have been restored, and a hub records anew what it is sent again.
pub fn ask(peer: &Peer, settled: &mut Peer, streams: &mut BTreeMap<Purpose, Part>) {
    for (purpose, part) in streams {
        let known = settled.get(purpose).zip(peer.get(purpose));
        part.settled = known.map_or_else(Vector::default, |(known, held)| known.within(held));
        settled.insert(purpose.clone(), part.settled.clone());
    }
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
            part.lowered.push(Lowered {
                writer: row::writer(&row).map_err(unreadable)?,
                seq: row::number(&row, "seq").map_err(unreadable)?,
                effective: row::stamp(&row, "effective").map_err(unreadable)?,
            });
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
    settled: &mut Peer,
) -> Result<(), Problem> {
    for (purpose, part) in streams {
        let known = settled.entry(purpose.clone()).or_default();
        if part.lowered.len() < LOWERED_PER_MESSAGE {
            *known = part.have.clone();
        }
        for told in &part.lowered {
            known.advance(&told.writer, told.seq);
        }
        if part.lowered.is_empty() {
            continue;
        }
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        let told = json!(part.lowered).to_string();
        let query = Statement::new(NEWS_SQL, vec![stream.to_string().into(), told.into()]);
        let news = db.rows(query).await?;
        if !news.iter().any(|row| integer(row, "news") == Ok(1)) {
            continue;
        }
        let held = held(db, &stream).await?;
        let batch = refold::lower(&SCHEMA, &stream, &held.numbers(), &part.lowered);
        match db.commit(&batch).await {
            Ok(()) => {}
            Err(CommitFault::Conflict) => return Err(Problem::unavailable("a refold lost a race")),
            Err(CommitFault::Fault(fault)) => return Err(fault.into()),
        }
    }
    Ok(())
}
