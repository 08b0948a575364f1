//! Where a peer holds another history of somebody than this store: the asking side's part in it.
//!
//! What counts as another history is decided in `sync_engine::history`.

use std::collections::BTreeMap;

use domain::schema::SCHEMA;
use sync_engine::{
    change::Change,
    held::Held,
    history,
    id::{Purpose, StreamId, Writer},
    message::{Part, Tips},
};

use crate::{
    call::Here,
    metered::Metered,
    ports::CommitFault,
    problem::Problem,
    replication::{held, unreadable},
};

/// Loads what stands before changes of others that are sent on.
///
/// # Errors
/// Fails when the database does.
pub(super) async fn bases(
    db: &Metered,
    held: &Held,
    own: &Writer,
    changes: &[Change],
) -> Result<Tips, Problem> {
    let rows = match history::bases_query(held, own, changes) {
        Some(query) => db.rows(query).await?,
        None => Vec::new(),
    };
    Ok(history::bases(held, own, (changes, &rows)).map_err(unreadable)?)
}

/// Takes over what only this store has of a life of which the other side holds another history;
/// tells whether there was one.
///
/// # Errors
/// Fails when the database does.
pub async fn join(
    db: &Metered,
    here: &Here,
    streams: &BTreeMap<Purpose, Part>,
) -> Result<bool, Problem> {
    let mut joined = false;
    for (purpose, part) in streams {
        let stream = StreamId { venue: here.venue.id.clone(), purpose: purpose.clone() };
        let held = held(db, &stream).await?;
        let less = history::wait_for_less(&stream, &held, part);
        if !less.is_empty() {
            match db.commit(&less).await {
                Ok(()) | Err(CommitFault::Conflict) => {}
                Err(CommitFault::Fault(fault)) => return Err(fault.into()),
            }
        }
        let mut doubts = history::doubts(&held, &here.writer, part);
        if let Some(query) = doubts.query(&held) {
            doubts.clear(&db.rows(query).await?).map_err(unreadable)?;
        }
        for (other, seq) in &doubts.parted {
            tracing::error!(%stream, %other, "a life has two histories: ours goes on as our own");
            let batch = history::take_over(&SCHEMA, &stream, &here.writer, (other, *seq), &held);
            match db.commit(&batch).await {
                // Somebody wrote meanwhile: the next exchange comes by again.
                Ok(()) | Err(CommitFault::Conflict) => joined = true,
                Err(CommitFault::Fault(fault)) => return Err(fault.into()),
            }
        }
    }
    Ok(joined)
}
