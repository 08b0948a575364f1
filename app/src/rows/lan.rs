//! By which name a venue's gateway is reached on site, as it told this host; and the venue's public
//! names. It must not judge either.

use domain::lan::LanOrigin;
use sync_engine::{id::VenueId, statement::Statement};

use crate::{metered::Metered, ports::Fault, rows::text};

/// Returns the origin that the venue's gateway told; none where it never did.
///
/// # Errors
/// Fails when the database does.
pub async fn origin(db: &Metered, venue: &VenueId) -> Result<Option<LanOrigin>, Fault> {
    let sql = "SELECT origin FROM venue_lan WHERE venue = ?1";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let kept = rows.first().map(|row| text(row, "origin")).transpose()?;
    Ok(kept.and_then(|origin| LanOrigin::parse(&origin)))
}

/// Returns the statement that keeps it, in the place of what was told before.
#[must_use]
pub fn keep(venue: &VenueId, origin: &LanOrigin) -> Statement {
    Statement::new(
        "INSERT INTO venue_lan (venue, origin) VALUES (?1, ?2) \
         ON CONFLICT (venue) DO UPDATE SET origin = excluded.origin \
         WHERE venue_lan.origin <> excluded.origin",
        vec![venue.as_str().into(), origin.as_str().into()],
    )
}

/// Lists the names under which the public finds a venue here.
///
/// # Errors
/// Fails when the database does.
pub async fn domains(db: &Metered, venue: &VenueId) -> Result<Vec<String>, Fault> {
    let sql = "SELECT domain FROM venue_domain WHERE venue = ?1 ORDER BY domain";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    rows.iter().map(|row| text(row, "domain")).collect()
}
