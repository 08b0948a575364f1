//! How an enrolled device proves who it is: by a signature, a token of its own, or a cookie.
//!
//! All of them come from keys that are derived from what the replicas of a venue share, so each of
//! them checks each device, alone and without any stored secret. Gateway and standby sign with the
//! key of their set-up. It must not know what a device may do.

use axum::http::StatusCode;
use domain::device::Key;
use sync_engine::{
    id::is_name,
    seal::{derive, equal, hex},
};

use crate::{
    call::{Call, Here},
    device::{self, Claim, replica},
    gate,
    host::Host,
    limits,
    problem::Problem,
    rate,
    rows::{
        self,
        device::{Contact, Found, find, hear},
    },
    session::{cookie, set_cookie},
    transport,
};

/// The cookie of a browser that is enrolled.
pub const COOKIE: &str = "relais_device";
/// How long a browser keeps it without coming back.
const COOKIE_MS: u64 = 400 * 24 * 60 * 60 * 1_000;
/// Characters of a proof within a token: 128 bits.
const PROOF_CHARS: usize = 32;

/// What a device brings instead of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// A header, for machines that can do no more.
    Token,
    /// A cookie, for browsers.
    Cookie,
}

impl Bearer {
    const fn label(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Cookie => "cookie",
        }
    }
}

/// A device that proved who it is.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The device.
    pub found: Found,
    /// The key that it proved.
    pub key: Key,
}

/// Returns one of a device's keys; none where this host does not hold what they come from.
#[must_use]
pub fn key(host: &Host, here: &Here, device: &str, key: Key) -> Option<[u8; 32]> {
    let (shared, venue) = (here.pin_key(host)?, &here.venue.id);
    Some(derive(&shared, &format!("device/{venue}/{device}/{}", key.label())))
}

/// Returns what a device brings with its requests instead of a signature.
#[must_use]
pub fn bearer(
    host: &Host,
    here: &Here,
    (device, with): (&str, Key),
    what: Bearer,
) -> Option<String> {
    let proof = hex(&derive(&key(host, here, device, with)?, what.label()));
    let proof = proof.get(..PROOF_CHARS)?;
    Some(format!("{device}.{}.{proof}", with.label()))
}

/// Returns the `Set-Cookie` value that enrols a browser.
#[must_use]
pub fn enrolled_cookie(call: &Call, value: &str) -> String {
    set_cookie(transport::is_secure(call), COOKIE, value, Some(COOKIE_MS))
}

/// Finds whose token or cookie it is; none where nothing proves that.
///
/// # Errors
/// Fails when the database does.
async fn whose(call: &Call, given: &str, what: Bearer) -> Result<Option<Proven>, Problem> {
    let here = call.here()?;
    let mut parts = given.split('.');
    let (Some(device), Some(label), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Ok(None);
    };
    let Some(with) = Key::parse(label).filter(|_| is_name(device)) else { return Ok(None) };
    let expected = bearer(&call.app.host, here, (device, with), what);
    if !expected.is_some_and(|expected| equal(expected.as_bytes(), given.as_bytes())) {
        return Ok(None);
    }
    let Some(found) = find(&call.db, &here.venue.id, device).await? else { return Ok(None) };
    let kind = found.device.kind;
    let is_for = match what {
        Bearer::Token => kind.has_token(),
        Bearer::Cookie => kind.is_station(),
    };
    let takes = found.device.takes(with, call.app.clock.now_ms());
    Ok((is_for && takes).then_some(Proven { found, key: with }))
}

/// Finds the enrolled browser that sends a request, and what its answer must set: a key that is
/// about to end is followed by the next one. Whoever is blocked or retired is none.
///
/// # Errors
/// Fails when the database does.
pub async fn station(call: &Call) -> Result<Option<(Proven, Option<String>)>, Problem> {
    let Some(given) = cookie(&call.headers, COOKIE) else { return Ok(None) };
    let Some(proven) = whose(call, given, Bearer::Cookie).await? else { return Ok(None) };
    if proven.found.device.check().is_err() {
        return Ok(None);
    }
    let here = call.here()?;
    note(call, &proven.found, "").await?;
    let newest = proven.found.device.key();
    let next = bearer(&call.app.host, here, (&proven.found.device.id, newest), Bearer::Cookie);
    let next = next.filter(|_| newest != proven.key).map(|next| enrolled_cookie(call, &next));
    Ok(Some((proven, next)))
}

/// Notes that a device was heard.
///
/// # Errors
/// Fails where the request is about no venue.
pub async fn note(call: &Call, found: &Found, version: &str) -> Result<(), Problem> {
    let venue = &call.here()?.venue.id;
    let kept = if version.is_empty() { found.contact.version.as_str() } else { version };
    let contact = Contact {
        at_ms: call.app.clock.now_ms(),
        version: shown(kept),
        network: rate::network(call),
    };
    hear(&call.db, venue, found, &contact).await;
    Ok(())
}

/// Returns as much as a page shows of what a device says of itself.
#[must_use]
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(limits::VERSION_CHARS).collect()
}

/// Admits an enrolled device of any kind, and says with which key its answer is signed.
///
/// # Errors
/// Refuses what proves nothing, and a device that is blocked or retired.
pub async fn admit(
    call: &mut Call,
    method: &str,
    signer: &mut Option<([u8; 32], String)>,
) -> Result<Option<Proven>, Problem> {
    let given = call.header("authorization").strip_prefix("Bearer ").map(str::to_owned);
    if let Some(given) = given {
        call.here = gate::find_venue(call).await?;
        let invalid = || Problem::new(StatusCode::UNAUTHORIZED, "token_invalid");
        let proven = whose(call, &given, Bearer::Token).await?.ok_or_else(invalid)?;
        proven.found.device.check()?;
        call.device = Some(proven.found.device.id.clone());
        return Ok(Some(proven));
    }
    let claim = device::claim(&call.headers)?;
    if device::is_replica(&claim.device) {
        *signer = Some((claim.key(&call.app.host), claim.nonce.clone()));
        return admit_replica(call, method, claim).await.map(|()| None);
    }
    call.here = rows::venue::by_id(&call.db, &claim.venue).await?;
    let ours = call.app.host.side.serves(&claim.venue);
    let unknown = || Problem::from(sync_engine::Rejection::SignatureInvalid);
    let here = call.here.as_ref().filter(|_| ours).ok_or_else(unknown)?;
    let found = find(&call.db, &here.venue.id, &claim.device).await?.ok_or_else(unknown)?;
    let now_ms = call.app.clock.now_ms();
    for with in found.device.keys(now_ms) {
        let Some(secret) = key(&call.app.host, here, &claim.device, with) else {
            return Err(Problem::new(StatusCode::CONFLICT, "no_devices_here"));
        };
        let what = (method, call.path.as_str(), call.body.as_ref());
        match claim.verify(&secret, what, now_ms) {
            Err(problem) if problem.code == "signature_invalid" => continue,
            verified => {
                *signer = Some((secret, claim.nonce.clone()));
                verified?;
            }
        }
        found.device.check()?;
        claim.take_nonce(&call.db, now_ms).await?;
        call.device = Some(claim.device);
        return Ok(Some(Proven { found, key: with }));
    }
    Err(unknown())
}

/// Admits a gateway or a standby, whose key comes with its set-up; one that is not in the registry
/// was set up before there was one.
///
/// # Errors
/// Refuses what is forged, stale or replayed, and a replica that is blocked.
pub async fn admit_replica(call: &mut Call, method: &str, claim: Claim) -> Result<(), Problem> {
    let now_ms = call.app.clock.now_ms();
    let what = (method, call.path.as_str(), call.body.as_ref());
    claim.admit(&call.app.host, &call.db, what, now_ms).await?;
    call.here = rows::venue::by_id(&call.db, &claim.venue).await?;
    if call.here.is_some()
        && let Some(found) = find(&call.db, &claim.venue, &claim.device).await?
    {
        found.device.check()?;
        replica::admit(call, (&claim, &found.keys)).await?;
        note(call, &found, call.header(device::VERSION)).await?;
    }
    call.device = Some(claim.device);
    Ok(())
}
