//! Keys and trust on a host: with which key it signs, whom it believes, what it revokes.
//!
//! Seeds come from the host's secret and are never stored; what is believed is loaded and judged by
//! `domain::trust`. It must not know what a document is used for.

use domain::trust::{
    Body, Document, Id, PublicKey, Rejection, SecretKey, Verified, Verifier,
    beacon::Beacon,
    revocation::{self, Subject},
    roots::Roots,
    text as form,
};
use sync_engine::{id::VenueId, seal::derive};

use crate::{
    App,
    call::{Here, Tries, Written, commit},
    host::{Host, Secret},
    metered::Metered,
    ports::{Entropy, Fault},
    problem::Problem,
    replication::note,
    rows, time,
};

/// Under what an answer to an exchange carries the signed time.
pub const BEACON: &str = "beacon";

/// Where a host's trust begins.
#[derive(Debug, Clone)]
pub enum Root {
    /// With its own key: an edge's, and a gateway's that has no edge.
    Own {
        /// From what the key is derived in place of the host's secret.
        seed: Option<Secret>,
        /// From what the key before was derived, which is still believed.
        previous: Option<Secret>,
    },
    /// With the edge's, as it was pinned at the first enrolment.
    Pinned,
}

impl Default for Root {
    fn default() -> Self {
        Self::Own { seed: None, previous: None }
    }
}

impl Host {
    /// Returns the root's key, where this host is the root.
    #[must_use]
    pub fn root_key(&self) -> Option<SecretKey> {
        let Root::Own { seed, .. } = &self.root else { return None };
        Some(root_key(seed.as_ref().unwrap_or(&self.secret)))
    }

    /// Returns the root's key of before, where there is one.
    #[must_use]
    pub fn previous_root_key(&self) -> Option<SecretKey> {
        let Root::Own { previous, .. } = &self.root else { return None };
        previous.as_ref().map(root_key)
    }

    /// Returns the key with which this host signs for a venue: the root's where it is the root.
    #[must_use]
    pub fn signing_key(&self, venue: &VenueId) -> SecretKey {
        let label = format!("trust-gateway/1/{venue}");
        let own = || SecretKey::from_seed(&derive(self.secret.expose(), &label));
        self.root_key().unwrap_or_else(own)
    }
}

fn root_key(secret: &Secret) -> SecretKey {
    SecretKey::from_seed(&derive(secret.expose(), "trust-root/1"))
}

/// Says which roots are believed, signed by each of them: whoever knows one learns the other.
///
/// # Errors
/// Fails where this host is no root.
pub fn roots(host: &Host, now_ms: u64) -> Result<Vec<String>, Rejection> {
    let present = host.root_key().ok_or(Rejection::NotPermitted)?;
    let previous = host.previous_root_key().filter(|key| key.public() != present.public());
    let list = Roots {
        present: present.public(),
        previous: previous.as_ref().map(SecretKey::public),
        at_ms: now_ms,
    };
    let signers = std::iter::once(&present).chain(&previous);
    signers.map(|key| Ok(form::to_url(Document::sign(key, &list)?.as_bytes()))).collect()
}

/// Signs what time it is, where this host is the root.
///
/// # Errors
/// Fails where it is not.
pub fn beacon(host: &Host, now_ms: u64) -> Result<String, Rejection> {
    let key = host.root_key().ok_or(Rejection::NotPermitted)?;
    Ok(form::to_url(Document::sign(&key, &Beacon { at_ms: now_ms })?.as_bytes()))
}

/// Returns whom this host believes for a venue; of documents it heeds the revocation of these only.
///
/// # Errors
/// Fails when the database does.
pub async fn verifier(
    app: &App,
    db: &Metered,
    venue: &VenueId,
    documents: &[Id],
) -> Result<Verifier, Problem> {
    let kept = rows::trust::load(db, venue).await?;
    let mut verifier = Verifier::new(venue.clone());
    for key in trusted(&app.host, kept.roots.as_ref()) {
        verifier.trust(key);
    }
    let mut asked: Vec<Subject> = documents.iter().copied().map(Subject::Document).collect();
    let now = time::load(app, db, venue).await?;
    for certificate in &kept.certificates {
        let says = certificate.claim();
        asked.extend([Subject::Key(says.key.id()), Subject::Document(says.id)]);
        if let Err(rejection) = verifier.learn(certificate.as_bytes(), &now) {
            tracing::debug!(%rejection, key = %says.key.id(), "a certificate is not believed");
        }
    }
    for subject in rows::trust::revoked(db, venue, &asked).await? {
        verifier.revoke(subject);
    }
    Ok(verifier)
}

/// Verifies a document that somebody brought, by all that is known here now.
///
/// # Errors
/// Refuses what does not hold, and fails when the database does.
pub async fn verify<T: Body>(
    app: &App,
    db: &Metered,
    venue: &VenueId,
    bytes: &[u8],
) -> Result<Verified<T>, Problem> {
    let id = Document::<T>::read(bytes)?.claim().scope().id;
    let verifier = verifier(app, db, venue, id.as_slice()).await?;
    let now = time::load(app, db, venue).await?;
    Ok(verifier.verify(bytes, &now)?)
}

/// Takes a beacon that came over any way: the time is not earlier than it says.
///
/// # Errors
/// Refuses what no root signed, and fails when the database does.
pub async fn heed_beacon(
    app: &App,
    db: &Metered,
    venue: &VenueId,
    bytes: &[u8],
) -> Result<u64, Problem> {
    let at_ms = verify::<Beacon>(app, db, venue, bytes).await?.body.at_ms;
    if at_ms > time::told(db, venue).await? {
        note(db, venue, time::TOLD, at_ms).await?;
    }
    Ok(at_ms)
}

/// Revokes a key or a document for ever, everywhere.
///
/// # Errors
/// Fails when the database does.
pub async fn revoke(app: &App, db: &Metered, here: &Here, subject: Subject) -> Result<(), Problem> {
    let mut tries = Tries::default();
    loop {
        let is_revoked = !rows::trust::revoked(db, &here.venue.id, &[subject]).await?.is_empty();
        let drafts = revocation::revoke(subject, is_revoked, app.clock.now_ms());
        if drafts.is_empty() {
            return Ok(());
        }
        let batch = here.batch(app, &drafts)?;
        if commit(app, db, here, (&batch, &drafts)).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Draws an id.
///
/// # Errors
/// Fails when the host has no entropy to give.
pub fn draw(entropy: &dyn Entropy) -> Result<Id, Fault> {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes)?;
    Ok(Id(bytes))
}

/// Lists the roots that this host believes: its own, or those that are pinned.
#[must_use]
pub fn trusted(host: &Host, pinned: Option<&Document<Roots>>) -> Vec<PublicKey> {
    let own = [host.root_key(), host.previous_root_key()];
    match host.root {
        Root::Own { .. } => own.into_iter().flatten().map(|key| key.public()).collect(),
        Root::Pinned => pinned.map(|list| list.claim().keys().collect()).unwrap_or_default(),
    }
}
