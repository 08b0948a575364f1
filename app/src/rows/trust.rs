//! What a store keeps of keys and trust: pinned roots, known certificates, what is revoked.
//!
//! It must not believe anything of what it reads: `domain::trust` does.

use domain::trust::{
    Document, certificate::Certificate, revocation::Subject, roots::Roots, text as form,
};
use sync_engine::{
    id::VenueId,
    statement::{Batch, Statement},
};

use crate::{
    metered::Metered,
    ports::{Fault, Row},
    rows::text,
};

const ROOT_SQL: &str = "SELECT document, beacon FROM trust_root WHERE venue = ?1";
const CERTIFICATE_SQL: &str = "SELECT key_id AS id, document FROM trust_certificate \
     WHERE venue = ?1 ORDER BY until_ms DESC, key_id";
const REVOKED_SQL: &str = "SELECT id FROM revocation \
     WHERE venue = ?1 AND id IN (SELECT value FROM json_each(?2))";

/// What is kept for one venue.
#[derive(Debug, Default)]
pub struct Kept {
    /// The list of roots that is pinned; none where nothing is, and where this host is the root.
    pub roots: Option<Document<Roots>>,
    /// The last beacon that was kept; empty when there is none.
    pub beacon: String,
    /// The certificates that are known here, those that end last first.
    pub certificates: Vec<Document<Certificate>>,
}

/// Loads what is kept.
///
/// # Errors
/// Fails when the database does, or the pinned roots cannot be read: without them a gateway would
/// believe the next one who comes.
pub async fn load(db: &Metered, venue: &VenueId) -> Result<Kept, Fault> {
    let venue = || vec![venue.as_str().into()];
    let queries = [Statement::new(ROOT_SQL, venue()), Statement::new(CERTIFICATE_SQL, venue())];
    let found = db.read(&queries).await?;
    let [roots, certificates] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let mut kept = Kept {
        certificates: super::readable("trust_certificate", certificates, document),
        ..Kept::default()
    };
    if let Some(row) = roots.first() {
        kept.roots = Some(document(row)?);
        kept.beacon = text(row, "beacon")?;
    }
    Ok(kept)
}

/// Returns which of these are revoked.
///
/// # Errors
/// Fails when the database does.
pub async fn revoked(
    db: &Metered,
    venue: &VenueId,
    asked: &[Subject],
) -> Result<Vec<Subject>, Fault> {
    let asked: Vec<String> = asked.iter().map(Subject::to_string).collect();
    let asked = serde_json::json!(asked).to_string();
    let params = vec![venue.as_str().into(), asked.into()];
    let rows = db.rows(Statement::new(REVOKED_SQL, params)).await?;
    rows.iter().map(|row| Subject::parse(&text(row, "id")?).map_err(unreadable)).collect()
}

/// Builds the batch that keeps a certificate, one for each key, and forgets those that have ended.
#[must_use]
pub fn keep_certificate(
    venue: &VenueId,
    certificate: &Document<Certificate>,
    now_ms: u64,
) -> Batch {
    let says = certificate.claim();
    vec![
        Statement::new(
            "DELETE FROM trust_certificate WHERE venue = ?1 AND until_ms < ?2",
            vec![venue.as_str().into(), (now_ms as i64).into()],
        ),
        Statement::new(
            "INSERT INTO trust_certificate (venue, key_id, document, until_ms) \
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (venue, key_id) \
             DO UPDATE SET document = excluded.document, until_ms = excluded.until_ms",
            vec![
                venue.as_str().into(),
                says.key.id().to_string().into(),
                form::to_url(certificate.as_bytes()).into(),
                (says.window.until_ms as i64).into(),
            ],
        ),
    ]
}

/// Returns the statement that pins a list of roots.
#[must_use]
pub fn pin(venue: &VenueId, roots: &Document<Roots>) -> Statement {
    Statement::new(
        "INSERT INTO trust_root (venue, document) VALUES (?1, ?2) \
         ON CONFLICT (venue) DO UPDATE SET document = excluded.document",
        vec![venue.as_str().into(), form::to_url(roots.as_bytes()).into()],
    )
}

/// Returns the statement that keeps a beacon beside the roots.
#[must_use]
pub fn keep_beacon(venue: &VenueId, beacon: &str) -> Statement {
    Statement::new(
        "UPDATE trust_root SET beacon = ?2 WHERE venue = ?1",
        vec![venue.as_str().into(), beacon.into()],
    )
}

fn document<T: domain::trust::Body>(row: &Row) -> Result<Document<T>, Fault> {
    let bytes = form::from_url(&text(row, "document")?).map_err(unreadable)?;
    Document::read(&bytes).map_err(unreadable)
}

fn unreadable(rejection: domain::trust::Rejection) -> Fault {
    Fault::lasting(format!("a document of the store cannot be read: {rejection}"))
}
