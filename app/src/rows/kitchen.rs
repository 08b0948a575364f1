//! Reading the settings of a venue's kitchen; settings that cannot be read are the usual ones.
//!
//! It must not know orders.

use domain::venue::kitchen::Kitchen;
use sync_engine::{id::VenueId, statement::Statement};

use crate::{metered::Metered, ports::Fault, rows::json};

/// Loads them.
///
/// # Errors
/// Fails when the database does.
pub async fn settings(db: &Metered, venue: &VenueId) -> Result<Kitchen, Fault> {
    let sql = "SELECT kitchen FROM venue WHERE venue = ?1 AND id = ?1";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let read = |row| json::<Option<Kitchen>>(row, "kitchen").ok().flatten();
    Ok(rows.first().and_then(read).unwrap_or_default())
}
