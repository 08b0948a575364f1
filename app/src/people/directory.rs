//! Who is who at a venue: what its replicas know of people, with the names that can be opened here.
//!
//! It must not know accounts: a gateway has none, and reads the same.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    access::Roles,
    people::person::{Access, PersonId},
};
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    host::Host,
    limits,
    metered::Metered,
    people::keys,
    ports::{Fault, Row},
    rows::{integer, json, readable, text},
};

/// Somebody at a venue.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// The name; none where their key is not here, or was dropped.
    pub name: Option<String>,
    /// As what they are here.
    pub access: Access,
    /// They can sign in with a PIN at the venue's gateway.
    pub has_pin: bool,
}

const LIST_SQL: &str = "SELECT p.id AS id, p.roles AS roles, p.active AS active, \
     p.name_sealed AS name_sealed, coalesce(k.wrapped, '') AS wrapped, \
     EXISTS (SELECT 1 FROM person_pin n WHERE n.venue = p.venue AND n.person = p.id \
     AND n.verifier <> '') AS has_pin \
     FROM person p LEFT JOIN person_key k ON k.person = p.id \
     WHERE p.venue = ?1 AND p.access_stamp > 0";

/// Who administers the host need not be known at the venue.
const NAMES_SQL: &str = "SELECT k.person AS id, k.wrapped AS wrapped, \
     coalesce(p.name_sealed, a.name_sealed, '') AS name_sealed FROM person_key k \
     LEFT JOIN person p ON p.venue = ?1 AND p.id = k.person \
     LEFT JOIN account a ON a.person = k.person \
     WHERE k.person IN (SELECT value FROM json_each(?2))";

struct Listed {
    row: Row,
    person: PersonId,
    access: Access,
    has_pin: bool,
}

/// Lists everybody whom the venue's replicas know.
///
/// # Errors
/// Fails when the database does.
pub async fn list(host: &Host, db: &Metered, venue: &VenueId) -> Result<Vec<Member>, Fault> {
    let sql = format!("{LIST_SQL} ORDER BY p.id LIMIT ?2");
    let params = vec![venue.as_str().into(), limits::PEOPLE_SHOWN.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    let mut members: Vec<Member> =
        readable("person", &rows, read).into_iter().map(|listed| member(host, listed)).collect();
    members.sort_by(|a, b| (&a.name, &a.person).cmp(&(&b.name, &b.person)));
    Ok(members)
}

/// Finds somebody at a venue.
///
/// # Errors
/// Fails when the database does.
pub async fn find(
    host: &Host,
    db: &Metered,
    (venue, person): (&VenueId, &PersonId),
) -> Result<Option<Member>, Fault> {
    let sql = format!("{LIST_SQL} AND p.id = ?2");
    let params = vec![venue.as_str().into(), person.as_str().into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    Ok(rows.first().map(read).transpose()?.map(|listed| member(host, listed)))
}

/// Returns the names of those of these people whose key is here; others stay nameless.
///
/// # Errors
/// Fails when the database does.
pub async fn names(
    host: &Host,
    db: &Metered,
    (venue, people): (&VenueId, &BTreeSet<PersonId>),
) -> Result<BTreeMap<PersonId, String>, Fault> {
    if people.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<&str> = people.iter().map(PersonId::as_str).collect();
    let params = vec![venue.as_str().into(), serde_json::json!(ids).to_string().into()];
    let rows = db.rows(Statement::new(NAMES_SQL, params)).await?;
    let named = |row: &Row| {
        let person = PersonId::parse(&text(row, "id").ok()?)?;
        let name = keys::name(host, &person, row)?;
        Some((person, name))
    };
    Ok(rows.iter().filter_map(named).collect())
}

/// Counts the owners of a venue who may act.
///
/// # Errors
/// Fails when the database does.
pub async fn owners(db: &Metered, venue: &VenueId) -> Result<u32, Fault> {
    let sql = "SELECT count(*) AS owners FROM person p, json_each(p.roles) r \
         WHERE p.venue = ?1 AND p.active = 1 AND r.value = 'owner'";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let owners = rows.first().map(|row| integer(row, "owners")).transpose()?.unwrap_or_default();
    Ok(u32::try_from(owners).unwrap_or(u32::MAX))
}

/// Returns what the venue's gateway compares a person's PIN with; empty where there is none.
///
/// # Errors
/// Fails when the database does.
pub async fn verifier(
    db: &Metered,
    venue: &VenueId,
    (device, person): (&str, &PersonId),
) -> Result<String, Fault> {
    let sql = "SELECT verifier FROM person_pin WHERE venue = ?1 AND id = ?2";
    let entity = domain::people::pin::entity(device, person);
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), entity.into()])).await?;
    Ok(rows.first().map(|row| text(row, "verifier")).transpose()?.unwrap_or_default())
}

fn read(row: &Row) -> Result<Listed, Fault> {
    let person = PersonId::parse(&text(row, "id")?);
    let names: Vec<String> = json(row, "roles")?;
    Ok(Listed {
        person: person.ok_or_else(|| Fault::lasting("a person's id cannot be read"))?,
        access: Access { roles: Roles::known(names), active: integer(row, "active")? != 0 },
        has_pin: integer(row, "has_pin")? != 0,
        row: row.clone(),
    })
}

fn member(host: &Host, listed: Listed) -> Member {
    let name = keys::name(host, &listed.person, &listed.row);
    Member { name, person: listed.person, access: listed.access, has_pin: listed.has_pin }
}
