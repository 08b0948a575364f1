//! The keys of people whom a venue's replica knows, for a device that replicates the venue.
//!
//! They travel neither in the log nor in snapshots: a key that was dropped comes back from nowhere.
//! On the way they are sealed for the device, because a standby is reached over plain http.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::{
    people::person::PersonId,
    sealed::{self, NONCE_BYTES},
};
use serde::{Deserialize, Serialize};
use sync_engine::{id::VenueId, seal::derive, statement::Statement};

use crate::{
    call::{Answer, Call, json},
    device, limits,
    metered::Metered,
    people::keys::{self, fill},
    ports::{Entropy, Fault},
    problem::Problem,
    rows::text,
};

/// Where they are asked for.
pub const PATH: &str = "/api/person-keys";

/// Whose keys a device lacks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Their ids.
    pub persons: Vec<String>,
}

/// The keys, sealed for the device that asked; nobody's where there is none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Given {
    /// By person.
    pub keys: BTreeMap<String, String>,
}

/// Answers with the keys of those who are known at the device's venue.
pub async fn give(call: Call) -> Answer {
    let asked: Asked = call.json()?;
    if asked.persons.len() > limits::PERSON_KEYS {
        return Err(Problem::invalid_field("persons"));
    }
    let (venue, claim) = (&call.here()?.venue.id, device::claim(&call.headers)?);
    let app = &call.app;
    let transport = transport(&claim.key(&app.host));
    let sql = "SELECT k.person AS person, k.wrapped AS wrapped FROM json_each(?2) a \
         JOIN person p ON p.venue = ?1 AND p.id = a.value \
         JOIN person_key k ON k.person = p.id";
    let persons = serde_json::json!(asked.persons).to_string();
    let params = vec![venue.as_str().into(), persons.into()];
    let mut keys = BTreeMap::new();
    for row in call.db.rows(Statement::new(sql, params)).await? {
        let person = text(&row, "person")?;
        let id = PersonId::parse(&person);
        let Some(key) = id.and_then(|id| keys::read(&app.host, &id, &row)) else { continue };
        let nonce: [u8; NONCE_BYTES] = fill(app.entropy.as_ref())?;
        keys.insert(person.clone(), sealed::seal(&transport, &nonce, &person, &key.hex()));
    }
    json(StatusCode::OK, &Given { keys })
}

/// Lists whose keys are lacking here, as far as one request carries them.
///
/// # Errors
/// Fails when the database does.
pub async fn lacking(db: &Metered, venue: &VenueId) -> Result<Vec<String>, Fault> {
    let sql = "SELECT p.id AS id FROM person p LEFT JOIN person_key k ON k.person = p.id \
         WHERE p.venue = ?1 AND p.name_sealed <> '' AND k.person IS NULL \
         AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.venue = p.venue AND e.id = p.id) \
         ORDER BY p.id LIMIT ?2";
    let params = vec![venue.as_str().into(), (limits::PERSON_KEYS as i64).into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    rows.iter().map(|row| text(row, "id")).collect()
}

/// Makes the statements that keep what was given; what does not open is left out.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn taken(
    host: &crate::host::Host,
    entropy: &dyn Entropy,
    (device_key, given): (&[u8], &Given),
) -> Result<Vec<Statement>, Problem> {
    let transport = transport(device_key);
    let mut statements = Vec::new();
    for (person, sealed) in given.keys.iter().take(limits::PERSON_KEYS) {
        let hex = sealed::open(&transport, person, sealed);
        let key = hex.as_deref().and_then(keys::PersonKey::from_hex);
        if let (Some(id), Some(key)) = (PersonId::parse(person), key) {
            statements.push(keys::keep(host, entropy, (&id, &key))?);
        }
    }
    Ok(statements)
}

fn transport(device_key: &[u8]) -> [u8; sealed::KEY_BYTES] {
    derive(device_key, "person-keys")
}
