//! Reading a venue's devices, and noting when one was heard.
//!
//! It must not know how a device proves who it is.

use domain::device::{Device, Key, Kind, Renewal, replica::Keys};
use serde::Deserialize;
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    limits,
    metered::Metered,
    ports::{CommitFault, Fault, Row},
    rows::{integer, json, readable, small, text},
};

const SQL: &str = "SELECT d.id AS id, d.kind AS kind, d.name AS name, d.place AS place, \
     d.enrolled_ms AS enrolled_ms, d.blocked AS blocked, \
     (SELECT json_group_array(json_object('kind', e.kind, 'version', e.version, \
     'at_ms', e.at_ms)) FROM device_event e WHERE e.venue = d.venue AND e.device = d.id) \
     AS events, coalesce(c.at_ms, 0) AS heard_ms, coalesce(c.version, '') AS heard_version, \
     coalesce(c.network, '') AS heard_network, coalesce(r.first, 1) AS first, \
     coalesce(r.newest, 1) AS newest, coalesce(r.used, 1) AS used, \
     coalesce(r.used_ms, 0) AS used_ms, coalesce(r.shared, 1) AS shared \
     FROM device d LEFT JOIN device_contact c ON c.venue = d.venue AND c.device = d.id \
     LEFT JOIN replica_key r ON r.venue = d.venue AND r.device = d.id \
     WHERE d.venue = ?1 AND d.identity_stamp > 0";

/// A device and when it was heard.
#[derive(Debug, Clone)]
pub struct Found {
    /// The device.
    pub device: Device,
    /// When it was heard last; never is 0.
    pub contact: Contact,
    /// Which keys of it hold here, if it is a replica.
    pub keys: Keys,
}

impl Found {
    /// Returns the name of the key that it uses, as far as this host knows.
    #[must_use]
    pub fn key(&self) -> String {
        match self.device.kind.is_replica() {
            true => self.keys.used.to_string(),
            false => self.device.key().label(),
        }
    }
}

/// When a device was heard, and what is known of that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// When; 0 is never.
    pub at_ms: u64,
    /// Which build it says that it runs.
    pub version: String,
    /// From which network.
    pub network: String,
}

/// Finds a device of the venue.
///
/// # Errors
/// Fails when the database does.
pub async fn find(db: &Metered, venue: &VenueId, id: &str) -> Result<Option<Found>, Fault> {
    let sql = format!("{SQL} AND d.id = ?2");
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), id.into()])).await?;
    rows.first().map(read).transpose()
}

/// Lists the venue's devices, those in use first.
///
/// # Errors
/// Fails when the database does.
pub async fn list(db: &Metered, venue: &VenueId) -> Result<Vec<Found>, Fault> {
    let sql = format!(
        "{SQL} ORDER BY EXISTS (SELECT 1 FROM device_event e WHERE e.venue = d.venue \
         AND e.device = d.id AND e.kind = 'retired'), d.name, d.id LIMIT ?2"
    );
    let params = vec![venue.as_str().into(), limits::DEVICES_SHOWN.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    Ok(readable("device", &rows, read))
}

/// Counts the venue's devices: those in use, and all that it ever had.
///
/// # Errors
/// Fails when the database does.
pub async fn count(db: &Metered, venue: &VenueId) -> Result<(u64, u64), Fault> {
    let sql = "SELECT count(*) AS known, (SELECT count(*) FROM device_event e \
         WHERE e.venue = ?1 AND e.kind = 'retired') AS retired \
         FROM device d WHERE d.venue = ?1 AND d.identity_stamp > 0";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let Some(row) = rows.first() else { return Ok((0, 0)) };
    let known = integer(row, "known")?.unsigned_abs();
    Ok((known.saturating_sub(integer(row, "retired")?.unsigned_abs()), known))
}

/// Returns the statement that keeps a contact that was told, unless a later one is known.
#[must_use]
pub fn keep(venue: &VenueId, device: &str, contact: &Contact) -> Statement {
    let sql = "INSERT INTO device_contact (venue, device, at_ms, version, network) \
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (venue, device) DO UPDATE SET \
         at_ms = excluded.at_ms, version = excluded.version, network = excluded.network \
         WHERE device_contact.at_ms < excluded.at_ms";
    Statement::new(
        sql,
        vec![
            venue.as_str().into(),
            device.into(),
            (contact.at_ms as i64).into(),
            contact.version.as_str().into(),
            contact.network.as_str().into(),
        ],
    )
}

/// Notes that a device was heard, at most once a minute. A disk that takes no writes must not turn
/// a device away.
pub async fn hear(db: &Metered, venue: &VenueId, found: &Found, contact: &Contact) {
    let is_news = contact.at_ms.abs_diff(found.contact.at_ms) >= limits::CONTACT_NOTED_EVERY_MS;
    if !is_news {
        return;
    }
    let mut batch = vec![keep(venue, &found.device.id, contact)];
    if found.contact.at_ms > contact.at_ms {
        // A clock was ahead: what it noted must not stay the latest for years.
        let sql = "DELETE FROM device_contact WHERE venue = ?1 AND device = ?2";
        let params = vec![venue.as_str().into(), found.device.id.as_str().into()];
        batch.insert(0, Statement::new(sql, params));
    }
    if let Err(CommitFault::Fault(fault)) = db.commit(&batch).await {
        tracing::warn!(detail = %fault.detail, "the contact of a device was not noted");
    }
}

/// Lists the contacts after the first time and up to the second, the oldest first: what one request
/// can tell. What a clock that was ahead noted is no news.
///
/// # Errors
/// Fails when the database does.
pub async fn heard_since(
    db: &Metered,
    venue: &VenueId,
    (since_ms, until_ms): (u64, u64),
) -> Result<Vec<(String, Contact)>, Fault> {
    let sql = "SELECT device, at_ms, version, network FROM device_contact \
         WHERE venue = ?1 AND at_ms > ?2 AND at_ms <= ?3 ORDER BY at_ms, device LIMIT ?4";
    let most = limits::CONTACTS_TOLD as i64;
    let params = vec![
        venue.as_str().into(),
        (since_ms as i64).into(),
        (until_ms as i64).into(),
        most.into(),
    ];
    let rows = db.rows(Statement::new(sql, params)).await?;
    let read = |row: &Row| {
        let contact = Contact {
            at_ms: integer(row, "at_ms")?.unsigned_abs(),
            version: text(row, "version")?,
            network: text(row, "network")?,
        };
        Ok((text(row, "device")?, contact))
    };
    Ok(readable("device_contact", &rows, read))
}

#[derive(Deserialize)]
struct Event {
    kind: String,
    version: i64,
    at_ms: i64,
}

fn read(row: &Row) -> Result<Found, Fault> {
    let id = text(row, "id")?;
    let mut events: Vec<Event> = json(row, "events")?;
    let mut kind = Kind::parse(&text(row, "kind")?);
    // A replica is what its name says and never ends: whoever stole one may have written otherwise,
    // and the machine that takes its place has its name.
    if let Some(replica) = Kind::parse(&id).filter(|kind| kind.is_replica()) {
        kind = Some(replica);
        events.clear();
    }
    let renewal = |event: &Event| {
        let replaced = match event.kind.as_str() {
            "rotated" => false,
            "replaced" => true,
            _ => return None,
        };
        let key = Key { version: u32::try_from(event.version).ok()?, replaced };
        Some(Renewal { key, at_ms: event.at_ms.unsigned_abs() })
    };
    let retired = events.iter().filter(|event| event.kind == "retired");
    let device = Device {
        id,
        kind: kind.ok_or_else(|| Fault::lasting("a device's kind is not known"))?,
        name: text(row, "name")?,
        place: text(row, "place")?,
        enrolled_ms: integer(row, "enrolled_ms")?.unsigned_abs(),
        blocked: integer(row, "blocked")? != 0,
        // A device that went at an unknown time is gone all the same.
        retired_ms: retired.map(|event| event.at_ms.unsigned_abs().max(1)).max().unwrap_or(0),
        renewals: events.iter().filter_map(renewal).collect(),
    };
    let contact = Contact {
        at_ms: integer(row, "heard_ms")?.unsigned_abs(),
        version: text(row, "heard_version")?,
        network: text(row, "heard_network")?,
    };
    let keys = Keys {
        first: small(row, "first")?,
        newest: small(row, "newest")?,
        used: small(row, "used")?,
        used_ms: integer(row, "used_ms")?.unsigned_abs(),
        shared: small(row, "shared")?,
    };
    Ok(Found { device, contact, keys })
}
