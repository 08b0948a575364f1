//! Forgetting what every peer has, now and then.
//!
//! A peer is whoever was remembered and not retired. What it says that it holds is written down
//! only when that lets something go, so that an idle line costs no write. It must not know which
//! peers there ought to be.

use std::collections::BTreeMap;

use domain::schema::SCHEMA;
use sync_engine::{
    id::{Purpose, StreamId, VenueId},
    retention, row,
    session::Peer,
    statement::{Batch, Statement},
    vector::Vector,
};

use crate::{
    call::Here,
    metered::Metered,
    ports::{CommitFault, Fault},
    problem::Problem,
    replication::{held, noted, remember_peer, unreadable},
    rows::text,
};

/// Whoever must be heard before this store acts must hold what goes, too, and who was never heard
/// holds nothing. Otherwise a change could reach the hub beside its log, and keep its stamp where
/// those that follow it are lowered.
const PEERS_SQL: &str = "SELECT peer, replica, generation, seq FROM peer_vector \
     WHERE stream = ?1 UNION ALL SELECT name, '', '', 0 FROM witness WHERE venue = ?2";

/// Nothing is known yet of what it holds: so nothing goes.
const WELCOME_SQL: &str = "INSERT INTO peer_vector (peer, stream, replica, generation, seq) \
     VALUES (?1, ?2, ?3, ?4, 0) ON CONFLICT (stream, peer, replica, generation) DO NOTHING";

/// Notes what a peer holds and reaps what all of them do, once that is at least so many changes.
///
/// # Errors
/// Fails when the database does.
pub async fn acknowledge(
    db: &Metered,
    here: &Here,
    (name, vectors): (&str, &Peer),
    at_least: u64,
) -> Result<(), Problem> {
    let venue = &here.venue.id;
    let mut worth_it = false;
    for (purpose, vector) in vectors {
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        let held = held(db, &stream).await?;
        worth_it |= retention::decide(&held, std::slice::from_ref(vector), at_least).is_some();
    }
    if !worth_it {
        return Ok(());
    }
    // Where nothing is settled, that the peer was heard of stays noted.
    let settled = vectors.iter().filter(|(_, vector)| !vector.is_empty());
    let settled: Peer = settled.map(|(p, v)| (p.clone(), v.clone())).collect();
    remember_peer(db, here, name, &settled).await?;
    reap(db, venue, vectors.keys(), at_least).await
}

/// Notes a peer from which nothing was heard yet, so that the log waits for it from now on: also
/// where nothing that it holds is settled so far, and in every image of this store.
///
/// # Errors
/// Fails when the database does.
pub async fn welcome(
    db: &Metered,
    here: &Here,
    (name, heard): (&str, &[&Purpose]),
) -> Result<(), Problem> {
    let (venue, own) = (&here.venue.id, &here.writer);
    let noted = noted(db, venue, name).await?;
    let new = heard.iter().filter(|purpose| !noted.contains_key(**purpose));
    let welcomed = |purpose: &&Purpose| {
        let stream = StreamId { venue: venue.clone(), purpose: (*purpose).clone() };
        let params = vec![
            name.into(),
            stream.to_string().into(),
            own.replica.as_str().into(),
            own.generation.as_str().into(),
        ];
        Statement::new(WELCOME_SQL, params)
    };
    let batch: Batch = new.map(welcomed).collect();
    if batch.is_empty() {
        return Ok(());
    }
    match db.commit(&batch).await {
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

/// Reaps the log below what every peer holds, once that is at least so many changes.
///
/// # Errors
/// Fails when the database does.
pub async fn reap(
    db: &Metered,
    venue: &VenueId,
    purposes: impl Iterator<Item = &Purpose>,
    at_least: u64,
) -> Result<(), Problem> {
    let mut batch = Batch::new();
    for purpose in purposes {
        let stream = StreamId { venue: venue.clone(), purpose: purpose.clone() };
        let held = held(db, &stream).await?;
        let peers = peers(db, &stream).await?;
        let Some(reap) = retention::decide(&held, &peers, at_least) else { continue };
        let last = db.rows(reap.query()).await?;
        batch.extend(reap.batch(&SCHEMA, &stream, &last).map_err(unreadable)?);
    }
    match db.commit(&batch).await {
        // Whoever was first has reaped as well.
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

async fn peers(db: &Metered, stream: &StreamId) -> Result<Vec<Vector>, Fault> {
    let mut peers: BTreeMap<String, Vector> = BTreeMap::new();
    let params = vec![stream.to_string().into(), stream.venue.as_str().into()];
    for row in db.rows(Statement::new(PEERS_SQL, params)).await? {
        let peer = peers.entry(text(&row, "peer")?).or_default();
        if !text(&row, "replica")?.is_empty() {
            let seq = row::number(&row, "seq").map_err(unreadable)?;
            peer.advance(&row::writer(&row).map_err(unreadable)?, seq);
        }
    }
    Ok(peers.into_values().collect())
}
