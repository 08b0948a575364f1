//! Finding a venue: by public name at the edge, by id on site; and opening one.

use domain::{
    schema::SCHEMA,
    venue::{Venue, module::Modules, privacy::Notice},
};
use sync_engine::{
    id::{VenueId, Writer},
    learn,
    statement::{Batch, Statement},
};

use crate::{
    call::Here,
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, json, readable, small, text},
};

const SELECT_SQL: &str = "SELECT l.venue AS venue, l.replica AS replica, \
     l.generation AS generation, l.learnt AS learnt, v.name AS name, v.time_zone AS time_zone, \
     v.languages AS languages, coalesce(v.modules, 'null') AS modules, \
     coalesce(k.shared, 1) AS shared FROM local_venue l \
     LEFT JOIN venue v ON v.venue = l.venue AND v.id = l.venue \
     LEFT JOIN replica_key k ON k.venue = l.venue AND k.device = 'gateway' WHERE l.venue = ";

/// Finds the venue that a host name belongs to.
///
/// # Errors
/// Fails when the database does.
pub async fn by_domain(db: &Metered, domain: &str) -> Result<Option<Here>, Fault> {
    let sql = format!("{SELECT_SQL}(SELECT d.venue FROM venue_domain d WHERE d.domain = ?1)");
    first(db, sql, domain).await
}

/// Finds a venue by its id.
///
/// # Errors
/// Fails when the database does.
pub async fn by_id(db: &Metered, venue: &VenueId) -> Result<Option<Here>, Fault> {
    first(db, format!("{SELECT_SQL}?1"), venue.as_str()).await
}

/// Lists the venues of this store.
///
/// # Errors
/// Fails when the database does.
pub async fn all(db: &Metered) -> Result<Vec<Here>, Fault> {
    let rows = db.rows(Statement::new(format!("{SELECT_SQL}l.venue"), Vec::new())).await?;
    Ok(readable("local_venue", &rows, read))
}

async fn first(db: &Metered, sql: String, key: &str) -> Result<Option<Here>, Fault> {
    let rows = db.rows(Statement::new(sql, vec![key.into()])).await?;
    rows.first().map(read).transpose()
}

/// A venue whose description has not arrived yet goes by its id.
fn read(row: &Row) -> Result<Here, Fault> {
    let malformed = |_| Fault::lasting("a local venue's ids cannot be read");
    let id = VenueId::parse(&text(row, "venue")?).map_err(malformed)?;
    let writer = Writer::parse(&text(row, "replica")?, &text(row, "generation")?);
    let or = |name, missing: &str| match text(row, name) {
        Ok(found) if !found.is_empty() => found,
        _ => missing.to_owned(),
    };
    let languages = serde_json::from_str(&or("languages", "[]")).unwrap_or_default();
    let modules: Option<Vec<String>> = json(row, "modules")?;
    let venue = Venue {
        name: or("name", id.as_str()),
        time_zone: or("time_zone", "UTC"),
        languages,
        modules: Modules::known(modules.unwrap_or_default()),
        id,
    };
    let (writer, learnt) = (writer.map_err(malformed)?, text(row, "learnt")?);
    Ok(Here { venue, writer, learnt, shared: small(row, "shared")? })
}

/// Loads what a venue tells its people about what is kept of them.
///
/// # Errors
/// Fails when the database does.
pub async fn notice(db: &Metered, venue: &VenueId) -> Result<Notice, Fault> {
    let sql = "SELECT contact, notice, privacy_ms FROM venue WHERE venue = ?1 AND id = ?1";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let Some(row) = rows.first() else { return Ok(Notice::default()) };
    Ok(Notice {
        contact: text(row, "contact")?,
        words: json(row, "notice")?,
        since_ms: integer(row, "privacy_ms")?,
    })
}

/// Builds the batch that lets this store serve and write a venue; repeating it changes nothing.
#[must_use]
pub fn open(venue: &VenueId, writer: &Writer, domains: &[String]) -> Batch {
    let mut batch = vec![
        Statement::new(
            "INSERT INTO local_venue (venue, replica, generation, learnt) \
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (venue) DO NOTHING",
            vec![
                venue.as_str().into(),
                writer.replica.as_str().into(),
                writer.generation.as_str().into(),
                learn::names(&SCHEMA).into(),
            ],
        ),
        Statement::new(
            "INSERT INTO hybrid_clock (venue, ms, counter) VALUES (?1, 0, 0) \
             ON CONFLICT (venue) DO NOTHING",
            vec![venue.as_str().into()],
        ),
    ];
    batch.extend(learn::open(&SCHEMA, venue));
    for domain in domains {
        // A name that belongs to another venue makes the whole batch abort.
        batch.push(Statement::exactly(
            1,
            "INSERT INTO venue_domain (domain, venue) VALUES (?1, ?2) \
             ON CONFLICT (domain) DO UPDATE SET venue = excluded.venue \
             WHERE venue_domain.venue = excluded.venue",
            vec![domain.as_str().into(), venue.as_str().into()],
        ));
    }
    batch
}
