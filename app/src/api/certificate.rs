//! Certifying a venue's gateway: the edge signs whose key it is and what it may sign.
//!
//! The request is signed with the device's key, so whoever may exchange as the venue's gateway gets
//! a certificate for it, and nobody else. It must not know when a gateway asks.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use domain::trust::{
    Document, PublicKey, Rejection, certificate::Certificate, limits::CERTIFICATES_MAX,
    revocation::Subject, text as form,
};
use serde::{Deserialize, Serialize};

use crate::{
    api::setup::GATEWAY,
    call::{Answer, Call, json},
    problem::Problem,
    rows::trust,
    trust::{beacon, draw, roots},
};

/// What a gateway asks with.
#[derive(Debug, Serialize, Deserialize)]
pub struct Asked {
    /// Its public key, in hexadecimal digits.
    pub public_key: String,
}

/// What the edge answers; each document in base64url.
#[derive(Debug, Serialize, Deserialize)]
pub struct Certified {
    /// The certificate.
    pub certificate: String,
    /// The list of roots, signed by the present one and by the one before.
    pub roots: Vec<String>,
    /// What time it is.
    pub beacon: String,
}

/// Certifies the gateway's key; asking again renews.
pub async fn give(call: Call) -> Answer {
    let asked: Asked = call.json()?;
    let (app, venue) = (&call.app, &call.here()?.venue.id);
    let refused = |rejection: Rejection| Problem {
        status: StatusCode::FORBIDDEN,
        ..Problem::from(rejection)
    };
    let root = app.host.root_key().filter(|_| app.host.side.is_hub());
    let root = root.ok_or_else(|| refused(Rejection::NotPermitted))?;
    if call.device.as_deref() != Some(GATEWAY) {
        return Err(refused(Rejection::NotPermitted));
    }
    let key = PublicKey::parse(&asked.public_key)?;
    let subject = Subject::Key(key.id());
    if !trust::revoked(&call.db, venue, &[subject]).await?.is_empty() {
        return Err(refused(Rejection::Revoked));
    }
    let now_ms = app.clock.now_ms();
    let known = trust::load(&call.db, venue).await?.certificates;
    let holds = known.iter().map(Document::claim).filter(|c| c.window.until_ms >= now_ms);
    if holds.filter(|c| c.key != key).count() >= CERTIFICATES_MAX {
        return Err(refused(Rejection::NotPermitted));
    }
    let id = draw(app.entropy.as_ref())?;
    // Doors come with lockers; until then a gateway opens none by its own word.
    let says = Certificate::of_gateway(id, venue.clone(), key, BTreeSet::new(), now_ms);
    let certificate = Document::sign(&root, &says)?;
    call.db.commit(&trust::keep_certificate(venue, &certificate, now_ms)).await?;
    let certified = Certified {
        certificate: form::to_url(certificate.as_bytes()),
        roots: roots(&app.host, now_ms)?,
        beacon: beacon(&app.host, now_ms)?,
    };
    json(StatusCode::OK, &certified)
}
