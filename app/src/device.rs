//! Requests of enrolled devices: signed, fresh, and each accepted once.
//!
//! A device's key is derived and never stored. What stands here is the signed request itself;
//! `proof` finds out whose it is, `registry` and `enrol` say who belongs to a venue. It must not
//! know what devices ask for.

use axum::http::{HeaderMap, StatusCode};
use domain::device::replica::read_version;
use sync_engine::{
    id::{VenueId, is_name},
    limits::SIGNATURE_TOLERANCE_MS,
    seal::Seal,
    statement::Statement,
};

use crate::{
    api::setup::GATEWAY, host::Host, limits, metered::Metered, ports::CommitFault,
    problem::Problem, standby,
};

pub mod demo;
pub mod enrol;
pub mod proof;
pub mod registry;
pub mod replica;

/// The header with the venue's id.
pub const VENUE: &str = "relais-venue";
/// The header with the device's name.
pub const DEVICE: &str = "relais-device";
/// The header that says with which of its keys a replica signed; without it, with the first.
pub const KEY: &str = "relais-key";
/// The header with the device's clock.
pub const AT: &str = "relais-at";
/// The header with the nonce.
pub const NONCE: &str = "relais-nonce";
/// The header with the request's signature.
pub const SIGNATURE: &str = "relais-signature";
/// The header with the answer's signature.
pub const ANSWER: &str = "relais-answer";

/// The header with the build that a device runs.
pub const VERSION: &str = "relais-version";

/// Tells whether a device is a venue's gateway or its standby.
#[must_use]
pub fn is_replica(device: &str) -> bool {
    device == GATEWAY || device == standby::DEVICE
}

/// The signature headers of a request.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The venue whose data the device asks for.
    pub venue: VenueId,
    /// The device.
    pub device: String,
    /// The nonce.
    pub nonce: String,
    /// Which of its keys a replica signed with.
    pub version: u32,
    at_ms: u64,
    signature: String,
}

/// Reads the signature headers.
///
/// # Errors
/// Refuses a request on which one is missing or malformed.
pub fn claim(headers: &HeaderMap) -> Result<Claim, Problem> {
    let invalid = || Problem::from(sync_engine::Rejection::SignatureInvalid);
    let header = |name| headers.get(name).and_then(|v| v.to_str().ok()).ok_or_else(invalid);
    let device = header(DEVICE)?;
    let nonce = header(NONCE)?;
    if !is_name(device) || !(16..=64).contains(&nonce.len()) || !is_name(nonce) {
        return Err(invalid());
    }
    let version = match headers.contains_key(KEY) {
        true => read_version(header(KEY)?).ok_or_else(invalid)?,
        false => 1,
    };
    Ok(Claim {
        version,
        venue: VenueId::parse(header(VENUE)?).map_err(|_| invalid())?,
        device: device.to_owned(),
        nonce: nonce.to_owned(),
        at_ms: header(AT)?.parse().map_err(|_| invalid())?,
        signature: header(SIGNATURE)?.to_owned(),
    })
}

impl Claim {
    /// Returns the key that a gateway or a standby must have signed with.
    #[must_use]
    pub fn key(&self, host: &Host) -> [u8; 32] {
        host.device_key(&self.venue, &self.device, self.version)
    }

    /// Checks that the key signed the request, and when.
    ///
    /// # Errors
    /// Refuses what is forged, and what is too old or too new.
    pub fn verify(
        &self,
        key: &[u8],
        (method, path, body): (&str, &str, &[u8]),
        now_ms: u64,
    ) -> Result<(), Problem> {
        let device = self.full_name();
        let seal =
            Seal { device: &device, method, path, at_ms: self.at_ms, nonce: &self.nonce, body };
        seal.verify(key, &self.signature, now_ms).map_err(|rejection| {
            // A device whose clock is off learns ours, from an answer that is signed.
            let told = matches!(rejection, sync_engine::Rejection::RequestStale);
            let subject = if told { vec![now_ms.to_string()] } else { Vec::new() };
            Problem { subject, ..rejection.into() }
        })
    }

    /// Checks the signature of a gateway or a standby, then takes the nonce.
    ///
    /// # Errors
    /// Refuses what is forged, too old or too new, or was accepted before, and a device of somebody
    /// else.
    pub async fn admit(
        &self,
        host: &Host,
        db: &Metered,
        what: (&str, &str, &[u8]),
        now_ms: u64,
    ) -> Result<(), Problem> {
        self.verify(&self.key(host), what, now_ms)?;
        if !host.side.answers(&self.venue, &self.device) {
            return Err(Problem::new(StatusCode::FORBIDDEN, "unknown_device"));
        }
        self.take_nonce(db, now_ms).await
    }

    /// Takes the nonce: no request is accepted twice.
    ///
    /// # Errors
    /// Refuses one that was taken.
    pub async fn take_nonce(&self, db: &Metered, now_ms: u64) -> Result<(), Problem> {
        // A nonce is remembered for as long as its request could still be fresh.
        const { assert!(limits::NONCE_MS >= 2 * SIGNATURE_TOLERANCE_MS) };
        let forgotten = now_ms.saturating_sub(limits::NONCE_MS) as i64;
        let (device, nonce) = (self.full_name(), self.nonce.as_str());
        let batch = [
            Statement::new("DELETE FROM request_nonce WHERE at_ms < ?1", vec![forgotten.into()]),
            Statement::exactly(
                1,
                "INSERT INTO request_nonce (device, nonce, at_ms) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (device, nonce) DO NOTHING",
                vec![device.into(), nonce.into(), (now_ms as i64).into()],
            ),
        ];
        match db.commit(&batch).await {
            Ok(()) => Ok(()),
            Err(CommitFault::Conflict) => {
                Err(Problem::new(StatusCode::CONFLICT, "request_replayed"))
            }
            Err(CommitFault::Fault(fault)) => Err(fault.into()),
        }
    }

    fn full_name(&self) -> String {
        format!("{}/{}", self.venue, self.device)
    }
}
