//! Noticing that this program knows tables that the store has not met yet, after an upgrade.
//!
//! What follows from it is decided in `sync_engine::learn`; this must not know which tables.

use std::sync::LazyLock;

use domain::schema::SCHEMA;
use sync_engine::learn;

use crate::{
    call::Here,
    metered::Metered,
    ports::{CommitFault, Fault},
};

static NAMES: LazyLock<String> = LazyLock::new(|| learn::names(&SCHEMA));

/// Lets the store learn what it does not know; mostly that is nothing, and costs nothing.
///
/// # Errors
/// Fails when the database does.
pub async fn catch_up(db: &Metered, here: &Here) -> Result<(), Fault> {
    if here.learnt == *NAMES {
        return Ok(());
    }
    match db.commit(&learn::batch(&SCHEMA, &here.venue.id, &here.learnt)).await {
        // Whoever was first has learnt the same.
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault),
    }
}
