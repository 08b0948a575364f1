//! The uplink's part in trust: gets the gateway's certificate from the edge, and renews it.
//!
//! The first list of roots is pinned because the edge signed the answer with the device's key; a
//! later one must be signed by a root that is pinned. It must not know when to come again.

use domain::trust::{
    Document, Rejection, SecretKey, Verifier, beacon::Beacon, certificate::Certificate,
    roots::Roots, text as form,
};

use super::{Uplink, said};
use crate::{
    api::certificate::{Asked, Certified},
    host::Side,
    limits::{CERTIFY_EVERY_MS, TOLD_EVERY_MS},
    metered::Metered,
    rows::trust::{self as rows, Kept},
    time,
    trust::{BEACON, Root, trusted},
};

const PATH: &str = "/api/certificate";

/// What an uplink remembers of trust.
#[derive(Debug, Default)]
pub(super) struct Trust {
    /// When it was looked at last.
    looked_ms: u64,
    /// What the edge's last answer said the time was, signed.
    beacon: String,
}

impl Trust {
    /// Takes what an answer brought beside the changes.
    pub(super) fn hear(&mut self, extra: &serde_json::Map<String, serde_json::Value>) {
        if let Some(beacon) = extra.get(BEACON).and_then(serde_json::Value::as_str) {
            beacon.clone_into(&mut self.beacon);
        }
    }
}

impl Uplink {
    /// Asks the edge for a certificate where there is none, where a third of its life is left, and
    /// where the edge signs with a root that is not pinned; tells whether one came.
    ///
    /// It looks once a minute at most, so whoever exchanges may call it after every exchange.
    ///
    /// # Errors
    /// Says what went wrong, for the log; what was believed before stays.
    pub async fn certify(&mut self) -> Result<bool, String> {
        let now_ms = self.app.clock.now_ms();
        let asks =
            matches!((&self.app.host.side, &self.app.host.root), (Side::Gateway(_), Root::Pinned));
        if !asks || now_ms.abs_diff(self.trust.looked_ms) < CERTIFY_EVERY_MS {
            return Ok(false);
        }
        self.trust.looked_ms = now_ms;
        let db = Metered::new(self.app.database.clone(), u32::MAX);
        let kept = rows::load(&db, &self.venue).await.map_err(|fault| fault.detail)?;
        let key = self.app.host.signing_key(&self.venue);
        // The local clock may be years off; the edge has just said what time it is.
        let edge_ms = now_ms.saturating_add_signed(self.app.clock.edge_ahead_ms().unwrap_or(0));
        if !self.is_due(&kept, &key, edge_ms) {
            self.keep_beacon(&db, &kept).await?;
            return Ok(false);
        }
        let asked = Asked { public_key: key.public().to_string() };
        let body = serde_json::to_vec(&asked).map_err(|error| error.to_string())?;
        let answer = self.post((PATH, "application/json"), body).await?;
        if answer.status != 200 {
            return Err(self.refused(&answer));
        }
        let certified: Certified =
            serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
        let now = time::load(&self.app, &db, &self.venue).await.map_err(|fault| fault.detail)?;
        let (roots, certificate) = self
            .believe(&kept, &key, (&certified, &now))
            .map_err(|rejection| format!("the edge's certificate is not believed: {rejection}"))?;
        let mut batch = rows::keep_certificate(&self.venue, &certificate, edge_ms);
        batch.push(rows::pin(&self.venue, &roots));
        batch.push(rows::keep_beacon(&self.venue, &certified.beacon));
        db.commit(&batch).await.map_err(|fault| said(fault.into()))?;
        let (id, until_ms) = (certificate.claim().id, certificate.claim().window.until_ms);
        tracing::info!(key = %key.public().id(), %id, until_ms, "the edge certified this gateway");
        Ok(true)
    }

    fn is_due(&self, kept: &Kept, key: &SecretKey, edge_ms: u64) -> bool {
        let Some(roots) = &kept.roots else { return true };
        let present = roots.claim().present.id();
        let own = kept.certificates.iter().find(|c| c.claim().key == key.public());
        let is_sound =
            |c: &Document<Certificate>| c.signer() == present && !c.claim().is_due(edge_ms);
        let beacon = form::from_url(&self.trust.beacon);
        let beacon = beacon.and_then(|bytes| Document::<Beacon>::read(&bytes));
        let is_of_another = beacon.is_ok_and(|beacon| beacon.signer() != present);
        is_of_another || !own.is_some_and(is_sound)
    }

    /// Judges an answer by what is pinned.
    fn believe(
        &self,
        kept: &Kept,
        key: &SecretKey,
        (certified, now): (&Certified, &domain::time::Time),
    ) -> Result<(Document<Roots>, Document<Certificate>), Rejection> {
        let mut verifier = Verifier::new(self.venue.clone());
        let lists = certified.roots.iter().take(2).map(|list| form::from_url(list));
        let lists: Vec<Vec<u8>> = lists.collect::<Result<_, _>>()?;
        let list = match &kept.roots {
            None => {
                let first = lists.first().ok_or(Rejection::Malformed)?;
                let list = Document::<Roots>::read(first)?;
                list.check(&list.claim().present)?;
                list.claim().keys().for_each(|key| verifier.trust(key));
                list
            }
            Some(pinned) => {
                let keys = trusted(&self.app.host, Some(pinned));
                keys.into_iter().for_each(|key| verifier.trust(key));
                let succeeded =
                    lists.iter().find(|list| verifier.succeed(pinned.claim(), list).is_ok());
                Document::read(succeeded.ok_or(Rejection::UnknownKey)?)?
            }
        };
        let bytes = form::from_url(&certified.certificate)?;
        if verifier.learn(&bytes, now)?.body.key != key.public() {
            return Err(Rejection::UnknownKey);
        }
        Ok((list, Document::read(&bytes)?))
    }

    /// Keeps the last beacon now and then, for whoever here has no line to the edge.
    async fn keep_beacon(&self, db: &Metered, kept: &Kept) -> Result<(), String> {
        let at_ms = |text: &str| {
            let bytes = form::from_url(text)?;
            Document::<Beacon>::read(&bytes).map(|beacon| beacon.claim().at_ms)
        };
        let Ok(heard_ms) = at_ms(&self.trust.beacon) else { return Ok(()) };
        if heard_ms.abs_diff(at_ms(&kept.beacon).unwrap_or(0)) < TOLD_EVERY_MS {
            return Ok(());
        }
        let statement = rows::keep_beacon(&self.venue, &self.trust.beacon);
        db.commit(&[statement]).await.map_err(|fault| said(fault.into()))
    }
}
