//! The keys with which personal fields are sealed: one per person, kept under the host's own key.
//!
//! Dropping a key erases what it sealed, in every copy. They are in no log and in no snapshot.

use domain::{
    people::person::PersonId,
    sealed::{self, KEY_BYTES, NONCE_BYTES},
};
use sync_engine::{seal::derive, statement::Statement};

use crate::{
    host::Host,
    metered::Metered,
    ports::{Entropy, Row},
    problem::Problem,
    rows::text,
};

/// A person's key.
#[derive(Clone)]
pub struct PersonKey([u8; KEY_BYTES]);

impl PersonKey {
    /// Draws a key.
    ///
    /// # Errors
    /// Fails when the host has no randomness.
    pub fn draw(entropy: &dyn Entropy) -> Result<Self, Problem> {
        fill(entropy).map(Self)
    }

    /// Takes a key that was made elsewhere.
    #[must_use]
    pub const fn of(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads a key that is written in digits.
    #[must_use]
    pub fn from_hex(hex: &str) -> Option<Self> {
        sealed::from_hex(hex)?.try_into().ok().map(Self)
    }

    /// Writes the key in digits, to be sealed for somebody.
    #[must_use]
    pub fn hex(&self) -> String {
        sync_engine::seal::hex(&self.0)
    }

    /// Seals a personal field; `place` says what it is.
    ///
    /// # Errors
    /// Fails when the host has no randomness.
    pub fn seal(&self, entropy: &dyn Entropy, place: &str, text: &str) -> Result<String, Problem> {
        Ok(sealed::seal(&self.0, &nonce(entropy)?, place, text))
    }

    /// Opens a personal field.
    #[must_use]
    pub fn open(&self, place: &str, sealed: &str) -> Option<String> {
        sealed::open(&self.0, place, sealed)
    }

    /// Seals bytes that are no text; `place` says what they are.
    ///
    /// # Errors
    /// Fails when the host has no randomness.
    pub fn seal_bytes(
        &self,
        entropy: &dyn Entropy,
        place: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Problem> {
        Ok(sealed::seal_bytes(&self.0, &nonce(entropy)?, place, bytes))
    }

    /// Opens bytes that are no text.
    #[must_use]
    pub fn open_bytes(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        sealed::open_bytes(&self.0, place, sealed)
    }
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonKey(…)")
    }
}

/// Returns the statement that keeps a person's key; one that is there already stays.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn keep(
    host: &Host,
    entropy: &dyn Entropy,
    (person, key): (&PersonId, &PersonKey),
) -> Result<Statement, Problem> {
    let wrapped = sealed::seal(&wrapping(host), &nonce(entropy)?, person.as_str(), &key.hex());
    let sql = "INSERT INTO person_key (person, wrapped) VALUES (?1, ?2) \
         ON CONFLICT (person) DO NOTHING";
    Ok(Statement::new(sql, vec![person.as_str().into(), wrapped.into()]))
}

/// Loads a person's key; none for somebody who was erased, or whose key has not arrived.
///
/// # Errors
/// Fails when the database does.
pub async fn load(
    host: &Host,
    db: &Metered,
    person: &PersonId,
) -> Result<Option<PersonKey>, Problem> {
    let sql = "SELECT wrapped FROM person_key WHERE person = ?1";
    let rows = db.rows(Statement::new(sql, vec![person.as_str().into()])).await?;
    let wrapped = rows.first().map(|row| text(row, "wrapped")).transpose()?;
    Ok(wrapped.and_then(|wrapped| unwrap(host, person, &wrapped)))
}

/// Reads the key that a row of `person_key` holds.
#[must_use]
pub fn read(host: &Host, person: &PersonId, row: &Row) -> Option<PersonKey> {
    unwrap(host, person, &text(row, "wrapped").ok()?)
}

/// Opens a name that a row brings together with its person's wrapped key.
#[must_use]
pub fn name(host: &Host, person: &PersonId, row: &Row) -> Option<String> {
    let (wrapped, sealed) = (text(row, "wrapped").ok()?, text(row, "name_sealed").ok()?);
    let key = unwrap(host, person, &wrapped)?;
    key.open(&domain::people::person::name_place(person), &sealed)
}

/// Opens a person's key as it is kept here.
#[must_use]
pub fn unwrap(host: &Host, person: &PersonId, wrapped: &str) -> Option<PersonKey> {
    PersonKey::from_hex(&sealed::open(&wrapping(host), person.as_str(), wrapped)?)
}

fn wrapping(host: &Host) -> [u8; KEY_BYTES] {
    derive(host.secret.expose(), "person-keys")
}

/// Seals what only this host may read, such as a second factor.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn seal_for_host(
    host: &Host,
    entropy: &dyn Entropy,
    (place, text): (&str, &str),
) -> Result<String, Problem> {
    Ok(sealed::seal(&derive(host.secret.expose(), "sealed"), &nonce(entropy)?, place, text))
}

/// Opens what only this host may read.
#[must_use]
pub fn open_for_host(host: &Host, place: &str, sealed: &str) -> Option<String> {
    sealed::open(&derive(host.secret.expose(), "sealed"), place, sealed)
}

fn nonce(entropy: &dyn Entropy) -> Result<[u8; NONCE_BYTES], Problem> {
    fill(entropy)
}

/// Draws so many random bytes.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn fill<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes).map_err(|fault| Problem::unavailable(fault.detail))?;
    Ok(bytes)
}
