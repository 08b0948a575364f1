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
    limits,
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
         AND generation = ?4 AND {} - {GRANTED_SQL} >= ?5",
        owned_sql("substr(?2, 8)"),
    );
    let life = [life.replica.as_str(), life.generation.as_str()];
    let params =
        vec![venue.as_str().into(), right.into(), life[0].into(), life[1].into(), points.into()];
    Statement::exactly(1, sql, params)
}

/// What the owner of a person's points has to give or to lease.
fn owned_sql(person: &str) -> String {
    format!(
        "(SELECT coalesce(sum(CASE WHEN e.kind = 'correction' THEN e.points \
         WHEN e.kind = 'spend' AND e.lease <> '' \
         THEN CASE WHEN {TAKEN_BACK_SQL} THEN -e.points ELSE 0 END \
         WHEN e.kind IN ('earn', 'spend') \
         THEN CASE WHEN {TAKEN_BACK_SQL} THEN 0 ELSE e.points END \
         ELSE 0 END), 0) FROM points_entry e WHERE e.venue = ?1 AND e.person = {person})"
    )
}

/// Who is to be granted an allowance.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The edge's own origin of tickets: what was earned on site is of another.
    pub origin: &'a str,
    /// The life that would hold it.
    pub holder: &'a Writer,
    /// They earned since then.
    pub since_ms: i64,
    /// Nothing of theirs was asked back since then.
    pub recalled_ms: i64,
    /// They have no more than that there.
    pub below: i64,
    /// And have so much to give at least.
    pub least: i64,
}

/// A member who was on site lately.
#[derive(Debug, Clone)]
pub struct Recent {
    /// Who.
    pub person: String,
    /// What is held of theirs there, unspent.
    pub held: i64,
}

/// Finds members who are to be granted an allowance, whoever was there last first.
///
/// # Errors
/// Fails when the database does.
pub async fn recent(
    db: &Metered,
    venue: &VenueId,
    wanted: &Wanted<'_>,
) -> Result<Vec<Recent>, Fault> {
    let right = "('points/' || m.person)";
    let sql = format!(
        "SELECT m.person AS person, m.held AS held FROM (SELECT m.person AS person, \
         m.last_ms AS last_ms, (SELECT coalesce(sum(l.amount - (SELECT coalesce(sum(s.amount), 0) \
         FROM lease_spend s WHERE s.venue = l.venue AND s.lease = l.id)), 0) FROM lease l \
         WHERE l.venue = ?1 AND l.right_name = {right} AND l.holder = ?3 \
         AND l.holder_generation = ?4 AND NOT EXISTS (SELECT 1 FROM lease_return r \
         WHERE r.venue = l.venue AND r.id = l.id)) AS held \
         FROM (SELECT e.person AS person, max(e.at_ms) AS last_ms FROM (SELECT n.person AS \
         person, n.order_id AS order_id, n.at_ms AS at_ms FROM points_entry n \
         WHERE n.venue = ?1 AND n.at_ms > ?5 ORDER BY n.at_ms DESC LIMIT {}) e \
         JOIN customer_order o ON o.venue = ?1 AND o.id = e.order_id \
         WHERE o.ticket_origin <> ?2 GROUP BY e.person) m) m \
         WHERE m.held <= ?7 AND NOT EXISTS (SELECT 1 FROM points_recall c WHERE c.venue = ?1 \
         AND c.person = m.person AND c.at_ms > ?6) AND {} - {} >= ?8 \
         ORDER BY m.last_ms DESC, m.person LIMIT {}",
        limits::ALLOWANCE_ENTRIES,
        owned_sql("m.person"),
        GRANTED_SQL.replace("?2", right),
        limits::ALLOWANCES_AT_ONCE,
    );
    let Wanted { origin, holder, since_ms, recalled_ms, below, least } = *wanted;
    let params = vec![
        venue.as_str().into(),
        origin.into(),
        holder.replica.as_str().into(),
        holder.generation.as_str().into(),
        since_ms.into(),
        recalled_ms.into(),
        below.into(),
        least.into(),
    ];
    let rows = db.rows(Statement::new(sql, params)).await?;
    let read = |row| Ok(Recent { person: text(row, "person")?, held: integer(row, "held")? });
    rows.iter().map(read).collect()
}

/// Lists the leases of a right that are out with something unspent, and not asked back yet.
///
/// # Errors
/// Fails when the database does.
pub async fn out(db: &Metered, venue: &VenueId, right: &str) -> Result<Vec<String>, Fault> {
    let sql = "SELECT l.id AS id FROM lease l WHERE l.venue = ?1 AND l.right_name = ?2 \
         AND l.amount > (SELECT coalesce(sum(s.amount), 0) FROM lease_spend s \
         WHERE s.venue = l.venue AND s.lease = l.id) \
         AND NOT EXISTS (SELECT 1 FROM lease_return r WHERE r.venue = l.venue AND r.id = l.id) \
         AND NOT EXISTS (SELECT 1 FROM lease_lost x WHERE x.venue = l.venue AND x.id = l.id) \
         AND NOT EXISTS (SELECT 1 FROM points_recall c WHERE c.venue = l.venue AND c.id = l.id) \
         ORDER BY l.id LIMIT 20";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), right.into()])).await?;
    rows.iter().map(|row| text(row, "id")).collect()
}

/// Lists what this life holds and was asked back.
///
/// # Errors
/// Fails when the database does.
pub async fn asked_back(
    db: &Metered,
    venue: &VenueId,
    life: &Writer,
) -> Result<Vec<String>, Fault> {
    let sql = "SELECT c.id AS id FROM points_recall c JOIN lease l ON l.venue = c.venue \
         AND l.id = c.id WHERE c.venue = ?1 AND l.holder = ?2 AND l.holder_generation = ?3 \
         AND NOT EXISTS (SELECT 1 FROM lease_return r WHERE r.venue = l.venue AND r.id = l.id) \
         AND NOT EXISTS (SELECT 1 FROM lease_lost x WHERE x.venue = l.venue AND x.id = l.id) \
         ORDER BY c.id LIMIT 20";
    let params =
        vec![venue.as_str().into(), life.replica.as_str().into(), life.generation.as_str().into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    rows.iter().map(|row| text(row, "id")).collect()
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
