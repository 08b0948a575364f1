//! The store's side of epochs: what is known, and hearing of a higher one.
//!
//! It must not know who told it, nor what follows from it.

use sync_engine::{
    epoch::{self, Epochs},
    id::VenueId,
};

use crate::{metered::Metered, problem::Problem, replication::unreadable};

/// Loads what is known of a venue's epochs.
///
/// # Errors
/// Fails when the database does.
pub async fn load(db: &Metered, venue: &VenueId) -> Result<Epochs, Problem> {
    let rows = db.rows(epoch::query(venue)).await?;
    Ok(Epochs::read(&rows).map_err(unreadable)?)
}

/// Keeps an epoch that somebody told, if it is higher than what is known; returns what is then.
///
/// # Errors
/// Fails when the database does.
pub async fn heed(db: &Metered, venue: &VenueId, told: u64) -> Result<Epochs, Problem> {
    let known = load(db, venue).await?;
    if told <= known.seen {
        return Ok(known);
    }
    db.commit(&[epoch::raise(venue, told)]).await?;
    tracing::warn!(%venue, epoch = told, "another gateway became the venue's primary");
    Ok(Epochs { seen: told, ..known })
}
