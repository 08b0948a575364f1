//! Reading members' points: what entries add up to, the entries themselves, and the settings.
//!
//! What the owner of points may give is worked out twice, here as a sum for the guard of a batch
//! and in `domain::loyalty::Purse`: a test holds them against each other. It must not decide.

use domain::loyalty::{Kind, Loyalty, Part, Purse};
use sync_engine::{
    id::{VenueId, Writer},
    lease::ledger::GRANTED_SQL,
    statement::Statement,
};

use crate::{
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, json, readable, text},
};

const SETTINGS_SQL: &str = "SELECT loyalty FROM venue WHERE venue = ?1 AND id = ?1";
/// Whether the order of entry `e` was taken back.
const TAKEN_BACK_SQL: &str = "EXISTS (SELECT 1 FROM points_entry b WHERE b.venue = e.venue \
     AND b.id = 'back/' || e.order_id)";

/// An entry as it is listed.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it says.
    pub kind: Kind,
    /// The points as they were written.
    pub points: i64,
    /// The order was taken back: it counts no more.
    pub taken_back: bool,
    /// The order's ticket; empty where it is not here or there is none.
    pub ticket: String,
    /// The order.
    pub order: String,
    /// Why staff corrected it.
    pub reason: String,
    /// When.
    pub at_ms: i64,
}

/// Loads a venue's settings for points; settings that cannot be read are the usual ones.
///
/// # Errors
/// Fails when the database does.
pub async fn settings(db: &Metered, venue: &VenueId) -> Result<Loyalty, Fault> {
    let rows = db.rows(Statement::new(SETTINGS_SQL, vec![venue.as_str().into()])).await?;
    let read = |row| json::<Option<Loyalty>>(row, "loyalty").ok().flatten();
    Ok(rows.first().and_then(read).unwrap_or_default())
}

/// Adds a member's entries up.
///
/// # Errors
/// Fails when the database does.
pub async fn purse(db: &Metered, venue: &VenueId, person: &str) -> Result<Purse, Fault> {
    let sql = format!(
        "SELECT kind, leased, taken_back, sum(points) AS points FROM (SELECT e.kind AS kind, \
         e.lease <> '' AS leased, {TAKEN_BACK_SQL} AS taken_back, e.points AS points \
         FROM points_entry e WHERE e.venue = ?1 AND e.person = ?2) \
         GROUP BY kind, leased, taken_back"
    );
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), person.into()])).await?;
    let parts = rows.iter().map(part).collect::<Result<Vec<_>, Fault>>()?;
    Ok(Purse::of(parts.into_iter().flatten()))
}

/// Loads how much of a member's points is leased out, spent there or not.
///
/// # Errors
/// Fails when the database does.
pub async fn granted(db: &Metered, venue: &VenueId, right: &str) -> Result<i64, Fault> {
    let sql = format!("SELECT {GRANTED_SQL} AS granted");
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), right.into()])).await?;
    rows.first().map_or(Ok(0), |row| integer(row, "granted"))
}

/// Makes the statement that aborts a batch where the owner has not so many points free any more.
#[must_use]
pub fn free(venue: &VenueId, life: &Writer, (right, points): (&str, i64)) -> Statement {
    let sql = format!(
        "UPDATE local_venue SET generation = generation WHERE venue = ?1 AND replica = ?3 \
         AND generation = ?4 AND (SELECT coalesce(sum(CASE \
         WHEN e.kind = 'correction' THEN e.points \
         WHEN e.kind = 'spend' AND e.lease <> '' \
         THEN CASE WHEN {TAKEN_BACK_SQL} THEN -e.points ELSE 0 END \
         WHEN e.kind IN ('earn', 'spend') \
         THEN CASE WHEN {TAKEN_BACK_SQL} THEN 0 ELSE e.points END \
         ELSE 0 END), 0) FROM points_entry e \
         WHERE e.venue = ?1 AND e.person = substr(?2, 8)) - {GRANTED_SQL} >= ?5"
    );
    let life = [life.replica.as_str(), life.generation.as_str()];
    let params =
        vec![venue.as_str().into(), right.into(), life[0].into(), life[1].into(), points.into()];
    Statement::exactly(1, sql, params)
}

/// Tells whether an entry is here.
///
/// # Errors
/// Fails when the database does.
pub async fn is_here(db: &Metered, venue: &VenueId, id: &str) -> Result<bool, Fault> {
    let sql = "SELECT 1 AS one FROM points_entry WHERE venue = ?1 AND id = ?2";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), id.into()])).await?;
    Ok(!rows.is_empty())
}

/// Tells whether the venue knows somebody: by name, or by what they earned.
///
/// # Errors
/// Fails when the database does.
pub async fn knows(db: &Metered, venue: &VenueId, person: &str) -> Result<bool, Fault> {
    let sql = "SELECT 1 AS one FROM person WHERE venue = ?1 AND id = ?2 \
         UNION ALL SELECT 1 FROM points_entry WHERE venue = ?1 AND person = ?2 LIMIT 1";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), person.into()])).await?;
    Ok(!rows.is_empty())
}

/// Finds whose points paid an order.
///
/// # Errors
/// Fails when the database does.
pub async fn spender(db: &Metered, venue: &VenueId, order: &str) -> Result<Option<String>, Fault> {
    let sql = "SELECT person FROM points_entry WHERE venue = ?1 AND id = 'spend/' || ?2";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), order.into()])).await?;
    rows.first().map(|row| text(row, "person")).transpose()
}

/// Loads a member's entries, the newest first.
///
/// # Errors
/// Fails when the database does.
pub async fn list(
    db: &Metered,
    venue: &VenueId,
    (person, limit): (&str, i64),
) -> Result<Vec<Entry>, Fault> {
    let sql = format!(
        "SELECT e.id AS id, e.kind AS kind, e.points AS points, e.order_id AS order_id, \
         e.reason AS reason, e.at_ms AS at_ms, {TAKEN_BACK_SQL} AS taken_back, \
         coalesce(o.ticket_origin, '') AS origin, coalesce(o.ticket_number, 0) AS number \
         FROM points_entry e LEFT JOIN customer_order o ON o.venue = e.venue AND o.id = e.order_id \
         WHERE e.venue = ?1 AND e.person = ?2 ORDER BY e.at_ms DESC, e.id DESC LIMIT ?3"
    );
    let params = vec![venue.as_str().into(), person.into(), limit.into()];
    Ok(readable("points_entry", &db.rows(Statement::new(sql, params)).await?, entry))
}

/// What a newer build knows counts for nothing here.
fn part(row: &Row) -> Result<Option<Part>, Fault> {
    let Some(kind) = Kind::parse(&text(row, "kind")?) else { return Ok(None) };
    Ok(Some(Part {
        kind,
        points: integer(row, "points")?,
        leased: integer(row, "leased")? != 0,
        taken_back: integer(row, "taken_back")? != 0,
    }))
}

fn entry(row: &Row) -> Result<Entry, Fault> {
    let unknown = || Fault::lasting("an entry is of a newer build");
    let (origin, number) = (text(row, "origin")?, integer(row, "number")?);
    Ok(Entry {
        kind: Kind::parse(&text(row, "kind")?).ok_or_else(unknown)?,
        points: integer(row, "points")?,
        taken_back: integer(row, "taken_back")? != 0,
        ticket: if origin.is_empty() { origin } else { format!("{origin}-{number:03}") },
        order: text(row, "order_id")?,
        reason: text(row, "reason")?,
        at_ms: integer(row, "at_ms")?,
    })
}
