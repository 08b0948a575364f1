//! Reading the audit: entries for people and for the check, seals, lives.

use domain::audit::seal::{Life, Record, Seal};
use serde_json::Value as Json;
use sync_engine::{
    id::{VenueId, Writer},
    statement::{Statement, Value},
};

use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, json, readable, text},
};

const ENTRY_SQL: &str = "SELECT id, number, act, actor, subject, detail, source, at_ms, certain, \
     replica, generation FROM audit_entry WHERE venue = ?1";
const SEAL_SQL: &str = "SELECT id, replica, generation, number, first, last, before, entries, \
     at_ms, digest FROM audit_seal WHERE venue = ?1 AND replica = ?2 AND generation = ?3";
const LIVES_SQL: &str = "SELECT replica, generation FROM audit_entry WHERE venue = ?1 \
     UNION SELECT replica, generation FROM audit_seal WHERE venue = ?1 \
     ORDER BY replica, generation LIMIT ?2";

/// Which entries somebody wants to see; the newest come first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The stable name of an act.
    pub act: Option<String>,
    /// Done by or to one of these.
    pub who: Option<Vec<String>>,
    /// From this moment on.
    pub from_ms: Option<i64>,
    /// Before this moment.
    pub until_ms: Option<i64>,
    /// Behind this entry: its moment and its id.
    pub after: Option<(i64, String)>,
}

/// Loads the entries that somebody wants to see, so many at most.
///
/// # Errors
/// Fails when the database does.
pub async fn list(
    db: &Metered,
    venue: &VenueId,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<Record>, Fault> {
    let mut sql = ENTRY_SQL.to_owned();
    let mut params: Vec<Value> = vec![venue.as_str().into()];
    let mut narrow = |condition: &str, value: Value| {
        params.push(value);
        sql.push_str(&condition.replace('?', &format!("?{}", params.len())));
    };
    if let Some(act) = &wanted.act {
        narrow(" AND act = ?", act.as_str().into());
    }
    if let Some(who) = &wanted.who {
        let who = Value::from(serde_json::json!(who).to_string());
        let named = "IN (SELECT value FROM json_each(?))";
        narrow(&format!(" AND (actor {named} OR subject {named})"), who);
    }
    if let Some(from) = wanted.from_ms {
        narrow(" AND at_ms >= ?", from.into());
    }
    if let Some(until) = wanted.until_ms {
        narrow(" AND at_ms < ?", until.into());
    }
    if let Some((at_ms, id)) = &wanted.after {
        narrow(" AND at_ms <= ?", (*at_ms).into());
        let at = format!("{at_ms}");
        narrow(&format!(" AND (at_ms < {at} OR id < ?)"), id.as_str().into());
    }
    narrow(" ORDER BY at_ms DESC, id DESC LIMIT ?", limit.into());
    let rows = db.rows(Statement::new(sql, params)).await?;
    Ok(readable("audit_entry", &rows, record))
}

/// Tells whether there is an entry of this id.
///
/// # Errors
/// Fails when the database does.
pub async fn is_noted(db: &Metered, venue: &VenueId, id: &str) -> Result<bool, Fault> {
    let sql = "SELECT id FROM audit_entry WHERE venue = ?1 AND id = ?2";
    let params = vec![venue.as_str().into(), id.into()];
    Ok(!db.rows(Statement::new(sql, params)).await?.is_empty())
}

/// Lists the lives that the audit tells of.
///
/// # Errors
/// Fails when the database does.
pub async fn lives(db: &Metered, venue: &VenueId) -> Result<Vec<Life>, Fault> {
    let params = vec![venue.as_str().into(), limits::AUDIT_LIVES.into()];
    let rows = db.rows(Statement::new(LIVES_SQL, params)).await?;
    Ok(readable("audit life", &rows, life))
}

/// Loads the seals of a life behind a number and an id, in order.
///
/// # Errors
/// Fails when the database does.
pub async fn seals(
    db: &Metered,
    venue: &VenueId,
    (life, after): (&Life, (i64, &str)),
) -> Result<Vec<(String, Seal)>, Fault> {
    let sql = format!(
        "{SEAL_SQL} AND number >= ?4 AND (number > ?4 OR id > ?5) ORDER BY number, id LIMIT ?6"
    );
    let more = [after.0.into(), after.1.into(), limits::SEALS_AT_ONCE.into()];
    let rows = db.rows(Statement::new(sql, of_life(venue, life, &more))).await?;
    let with_id = |row: &Row| Ok((text(row, "id")?, seal(row)?));
    Ok(readable("audit_seal", &rows, with_id))
}

/// Loads the last seal of a life, or the last one up to a number.
///
/// # Errors
/// Fails when the database does, or when the seal cannot be read: nothing is sealed behind it.
pub async fn last_seal(
    db: &Metered,
    venue: &VenueId,
    (life, upto): (&Life, Option<i64>),
) -> Result<Option<Seal>, Fault> {
    let sql = format!("{SEAL_SQL} AND number <= ?4 ORDER BY number DESC, id LIMIT 1");
    let upto = upto.unwrap_or(sync_engine::limits::INTEGER_MAX);
    let rows = db.rows(Statement::new(sql, of_life(venue, life, &[upto.into()]))).await?;
    rows.first().map(seal).transpose()
}

/// Loads the entries of a life behind a number, by number, up to another one and so many at most.
///
/// # Errors
/// Fails when the database does.
pub async fn between(
    db: &Metered,
    venue: &VenueId,
    life: &Life,
    (after, until, limit): (i64, i64, i64),
) -> Result<Vec<Record>, Fault> {
    let sql = format!(
        "{ENTRY_SQL} AND replica = ?2 AND generation = ?3 AND number > ?4 AND number <= ?5 \
         ORDER BY number, id LIMIT ?6"
    );
    let more = [after.into(), until.into(), limit.into()];
    let rows = db.rows(Statement::new(sql, of_life(venue, life, &more))).await?;
    Ok(readable("audit_entry", &rows, record))
}

/// Returns how many numbers this store has given out in its present life.
///
/// # Errors
/// Fails when the database does.
pub async fn given(db: &Metered, venue: &VenueId, writer: &Writer) -> Result<i64, Fault> {
    let sql = "SELECT last FROM number_series WHERE series = ?1";
    let series = format!("{venue}/audit/{}", writer.generation);
    let rows = db.rows(Statement::new(sql, vec![series.into()])).await?;
    Ok(rows.first().map(|row| integer(row, "last")).transpose()?.unwrap_or_default())
}

fn of_life(venue: &VenueId, life: &Life, more: &[Value]) -> Vec<Value> {
    let named = [venue.as_str(), &life.replica, &life.generation].map(Value::from);
    [named.as_slice(), more].concat()
}

fn life(row: &Row) -> Result<Life, Fault> {
    Ok(Life { replica: text(row, "replica")?, generation: text(row, "generation")? })
}

/// What cannot be read as JSON is shown and checked as the text that it is: it is not as written.
fn record(row: &Row) -> Result<Record, Fault> {
    let detail = json::<Json>(row, "detail").or_else(|_| text(row, "detail").map(Json::from))?;
    Ok(Record {
        id: text(row, "id")?,
        number: integer(row, "number")?,
        act: text(row, "act")?,
        actor: text(row, "actor")?,
        subject: text(row, "subject")?,
        detail,
        source: text(row, "source")?,
        at_ms: integer(row, "at_ms")?,
        certain: integer(row, "certain")?,
        life: life(row)?,
    })
}

fn seal(row: &Row) -> Result<Seal, Fault> {
    Ok(Seal {
        life: life(row)?,
        number: integer(row, "number")?,
        first: integer(row, "first")?,
        last: integer(row, "last")?,
        before: text(row, "before")?,
        entries: text(row, "entries")?,
        at_ms: integer(row, "at_ms")?,
        digest: text(row, "digest")?,
    })
}
