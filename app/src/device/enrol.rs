//! How a device becomes one of the venue: by a code that staff carry from one screen to the other.
//!
//! Either staff are shown the code and the device redeems it, or the device shows one and staff
//! approve it. A code is kept as a keyed hash: it is short, and a copy of the database must not
//! tell it. It must not know what a device does afterwards.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    device::{self, Device, Key, Kind, code as written},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{
    seal::{derive, equal, hex, mac},
    statement::{Batch, Statement},
};

use crate::{
    api::setup::GATEWAY,
    audit::{self, Noted},
    call::{Call, Here, Tries, Written},
    device::{
        proof::{self, Bearer},
        replica,
    },
    people::{
        code::{self, Found, Kind as CodeKind},
        keys::fill,
    },
    problem::Problem,
    rate,
    rows::device::{Found as FoundDevice, count, find},
    session::{hash, random},
    standby, transport, witness,
};

/// What a code stands for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    place: String,
    /// The device that it is; empty while there is none.
    #[serde(default)]
    device: String,
    /// What the device that asked keeps to itself, hashed.
    #[serde(default)]
    secret: String,
    /// Who of the staff made the code.
    #[serde(default)]
    by: String,
}

/// What staff say of a device that is to come.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    pub place: String,
}

/// A device that is one of the venue, and what it proves that with.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// The device.
    pub device: Device,
    /// The key with which it signs.
    pub secret: [u8; 32],
    /// Which of its keys that is.
    pub key: Key,
}

impl Enrolled {
    /// Returns what it brings instead of a signature.
    #[must_use]
    pub fn bearer(&self, call: &Call, what: Bearer) -> Option<String> {
        proof::bearer(&call.app.host, call.here().ok()?, (&self.device.id, self.key), what)
    }
}

/// What a device that asks is given.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What it shows.
    pub code: String,
    /// What it keeps to itself, and asks again with.
    pub secret: String,
}

/// Makes a code for a device that is to come.
///
/// # Errors
/// Refuses a kind that enrols elsewhere, and one device too many.
pub async fn offer(call: &Call, wanted: &Wanted) -> Result<String, Problem> {
    check_place(call, wanted.kind)?;
    let venue = &call.here()?.venue.id;
    // Whatever takes a replica's place has its name, and is no further device.
    let again =
        wanted.kind.is_replica() && find(&call.db, venue, wanted.kind.name()).await?.is_some();
    if !again {
        let counts = count(&call.db, venue).await?;
        device::enrol(&fresh(call, wanted, String::new()), counts)?;
    }
    let offer = Offer {
        kind: wanted.kind.name().to_owned(),
        name: wanted.name.clone(),
        place: wanted.place.clone(),
        device: String::new(),
        secret: String::new(),
        by: call.visitor()?.person.to_string(),
    };
    keep(call, CodeKind::Enrol, &offer).await
}

/// Makes a code for a device that is known and has lost its key.
///
/// # Errors
/// Fails when the database does.
pub async fn offer_again(call: &Call, device: &Device) -> Result<String, Problem> {
    let offer = Offer {
        kind: device.kind.name().to_owned(),
        name: device.name.clone(),
        place: device.place.clone(),
        device: device.id.clone(),
        secret: String::new(),
        by: call.visitor()?.person.to_string(),
    };
    keep(call, CodeKind::Enrol, &offer).await
}

/// Redeems a code that staff were shown, for a device that can keep what `fits` says of its kind.
///
/// # Errors
/// Refuses a code that is not good here, leaves one that is for another device unused, and refuses
/// whatever the rules do meanwhile.
pub async fn redeem(
    call: &Call,
    (typed, fits): (&str, fn(Kind) -> bool),
) -> Result<Enrolled, Problem> {
    transport::check(call)?;
    let mut tries = Tries::default();
    loop {
        let (found, offer) = present(call, CodeKind::Enrol, typed).await?;
        if !fits(kind_of(&offer)?) {
            return Err(Problem::new(StatusCode::CONFLICT, "not_a_station"));
        }
        if let Some(enrolled) = admit(call, &offer, found.used).await? {
            return Ok(enrolled);
        }
        tries.again()?;
    }
}

/// Makes a code for a device to show.
///
/// # Errors
/// Refuses a kind that does not enrol like this, and whoever asks too often.
pub async fn ask(call: &Call, kind: Kind) -> Result<Asked, Problem> {
    transport::check(call)?;
    if kind.is_replica() {
        return Err(Problem::new(StatusCode::CONFLICT, "not_enrolled_here"));
    }
    shared(call)?;
    rate::take(call, &rate::ENROL, &rate::origin(call)).await?;
    let secret = random(call.app.entropy.as_ref(), 16)?;
    let offer = Offer {
        kind: kind.name().to_owned(),
        name: String::new(),
        place: String::new(),
        device: String::new(),
        secret: hash(&secret),
        by: String::new(),
    };
    Ok(Asked { code: keep(call, CodeKind::EnrolAsked, &offer).await?, secret })
}

/// Approves the device that shows a code, under this name; returns it.
///
/// # Errors
/// Refuses a code that nobody shows here, and one device too many.
pub async fn approve(
    call: &Call,
    (typed, name, place): (&str, &str, &str),
) -> Result<Device, Problem> {
    let by = call.visitor()?.person.to_string();
    let mut tries = Tries::default();
    loop {
        let (found, asked) = present(call, CodeKind::EnrolAsked, typed).await?;
        // Whoever approves a code twice does not get a second device.
        if !asked.device.is_empty() {
            return Err(Problem::new(StatusCode::GONE, "code_not_good"));
        }
        let kind = kind_of(&asked)?;
        let id = draw_id(call, kind)?;
        let offer =
            Offer { name: name.to_owned(), place: place.to_owned(), by: by.clone(), ..asked };
        let answer = Offer { device: id.clone(), ..offer.clone() };
        let sql = "UPDATE one_time_code SET detail = ?2 WHERE code = ?1 AND detail = ?3";
        let params = vec![kept_as(call, typed).into(), text(&answer)?.into(), found.detail.into()];
        let approved = Statement::exactly(1, sql, params);
        if let Some(device) = enter(call, (&offer, &id, None), vec![approved]).await? {
            return Ok(device);
        }
        tries.again()?;
    }
}

/// Gives a device that asked what it needs, once staff have approved it; none before. It may come
/// again for as long as its code holds: an answer may be lost.
///
/// # Errors
/// Refuses whoever does not know the secret, and a device that is blocked meanwhile.
pub async fn collect(
    call: &Call,
    (typed, secret): (&str, &str),
) -> Result<Option<Enrolled>, Problem> {
    transport::check(call)?;
    let (_, asked) = present(call, CodeKind::EnrolAsked, typed).await?;
    if !equal(hash(secret).as_bytes(), asked.secret.as_bytes()) {
        rate::take(call, &rate::CODE, &rate::origin(call)).await?;
        return Err(Problem::new(StatusCode::GONE, "code_not_good"));
    }
    if asked.device.is_empty() {
        return Ok(None);
    }
    let found = find(&call.db, &call.here()?.venue.id, &asked.device).await?;
    let gone = || Problem::new(StatusCode::GONE, "code_not_good");
    let device = found.ok_or_else(gone)?.device;
    device.check()?;
    let key = device.key();
    enrolled(call, device, key).map(Some)
}

/// Enrols what a code stands for; none where another request was first.
async fn admit(call: &Call, offer: &Offer, used: Statement) -> Result<Option<Enrolled>, Problem> {
    let venue = &call.here()?.venue.id;
    let kind = kind_of(offer)?;
    check_place(call, kind)?;
    let is_new = offer.device.is_empty();
    let id = if is_new { draw_id(call, kind)? } else { offer.device.clone() };
    let known = find(&call.db, venue, &id).await?;
    let mut local = vec![used];
    let mut key = known.as_ref().map_or(Key::FIRST, |found| found.device.key());
    if kind.is_replica() {
        let (version, issued) = replica::issue(venue, &id, known.as_ref());
        key.version = version;
        local.extend(issued);
    }
    if is_new {
        if id == GATEWAY {
            local.push(witness::enrol(venue, GATEWAY));
        }
        let device = enter(call, (offer, &id, known), local).await?;
        return device.map(|device| enrolled(call, device, key)).transpose();
    }
    let gone = || Problem::new(StatusCode::GONE, "code_not_good");
    let device = known.ok_or_else(gone)?.device;
    device.check()?;
    let detail = json!({"kind": offer.kind, "by": offer.by, "again": true});
    let subject = device.id.as_str();
    let noted = Noted { act: Act::DeviceEnrolled, actor: subject, subject, detail };
    match audit::commit(call, &noted, (Vec::new(), local)).await? {
        Written::Done => enrolled(call, device, key).map(Some),
        Written::Again => Ok(None),
    }
}

/// Writes a device into the registry; none where another request was first.
async fn enter(
    call: &Call,
    (offer, id, known): (&Offer, &str, Option<FoundDevice>),
    local: Batch,
) -> Result<Option<Device>, Problem> {
    let venue = &call.here()?.venue.id;
    let kind = kind_of(offer)?;
    let wanted = Wanted { kind, name: offer.name.clone(), place: offer.place.clone() };
    // A replica that is enrolled again has its row already, and what was said of it stays.
    let (device, draft) = match known {
        Some(found) => {
            found.device.check()?;
            let device = Device { name: wanted.name, place: wanted.place, ..found.device };
            let draft = device.identity();
            (device, draft)
        }
        None => {
            let device = fresh(call, &wanted, id.to_owned());
            let draft = device::enrol(&device, count(&call.db, venue).await?)?;
            (device, draft)
        }
    };
    let detail = json!({"kind": offer.kind, "by": offer.by});
    let noted = Noted { act: Act::DeviceEnrolled, actor: id, subject: id, detail };
    match audit::commit(call, &noted, (vec![draft], local)).await? {
        Written::Done => Ok(Some(device)),
        Written::Again => Ok(None),
    }
}

fn enrolled(call: &Call, device: Device, key: Key) -> Result<Enrolled, Problem> {
    let here = call.here()?;
    let secret = match device.kind.is_replica() {
        true => call.app.host.device_key(&here.venue.id, &device.id, key.version),
        false => derive_key(call, here, (&device.id, key))?,
    };
    Ok(Enrolled { device, secret, key })
}

fn derive_key(call: &Call, here: &Here, (device, with): (&str, Key)) -> Result<[u8; 32], Problem> {
    proof::key(&call.app.host, here, device, with).ok_or_else(elsewhere)
}

/// Refuses where nothing is held that keys of devices come from.
fn shared(call: &Call) -> Result<(), Problem> {
    call.here()?.pin_key(&call.app.host).map(drop).ok_or_else(elsewhere)
}

fn elsewhere() -> Problem {
    Problem::new(StatusCode::CONFLICT, "no_devices_here")
}

/// A gateway's key comes from its edge, and a standby's from its gateway.
///
/// # Errors
/// Refuses a replica elsewhere, and any device where nothing is held that keys come from.
pub fn check_place(call: &Call, kind: Kind) -> Result<(), Problem> {
    let is_hub = call.app.host.side.is_hub();
    let is_here = match kind {
        Kind::Gateway => is_hub,
        Kind::Standby => !is_hub,
        _ => return shared(call),
    };
    let refused = || Problem::new(StatusCode::CONFLICT, "not_enrolled_here");
    is_here.then_some(()).ok_or_else(refused)
}

fn fresh(call: &Call, wanted: &Wanted, id: String) -> Device {
    Device {
        id,
        kind: wanted.kind,
        name: wanted.name.clone(),
        place: wanted.place.clone(),
        enrolled_ms: call.app.clock.now_ms(),
        blocked: false,
        retired_ms: 0,
        renewals: Vec::new(),
    }
}

fn draw_id(call: &Call, kind: Kind) -> Result<String, Problem> {
    Ok(match kind {
        Kind::Gateway => GATEWAY.to_owned(),
        Kind::Standby => standby::DEVICE.to_owned(),
        _ => format!("{}-{}", kind.name(), random(call.app.entropy.as_ref(), 8)?),
    })
}

fn kind_of(offer: &Offer) -> Result<Kind, Problem> {
    Kind::parse(&offer.kind).ok_or_else(|| Problem::internal("a code of an unknown kind"))
}

/// Draws a code and keeps it; nobody has to type it at this very moment.
async fn keep(call: &Call, kind: CodeKind, offer: &Offer) -> Result<String, Problem> {
    let shown = written::write(&fill(call.app.entropy.as_ref())?);
    let kept = code::keep_as(
        &call.app,
        kind,
        (&kept_as(call, &shown), call.here()?.venue.id.as_str(), &text(offer)?),
    );
    call.db.commit(&kept).await?;
    Ok(shown)
}

/// Finds what a code stands for at this venue.
async fn present(call: &Call, kind: CodeKind, typed: &str) -> Result<(Found, Offer), Problem> {
    let venue = call.here()?.venue.id.as_str();
    let sought = kept_as(call, typed);
    let found = code::present_kept(call, kind, (&sought, venue)).await?;
    let offer = serde_json::from_str(&found.detail);
    let offer = offer.map_err(|_| Problem::internal("what a code stands for cannot be read"))?;
    Ok((found, offer))
}

/// Returns as what a code is kept: nobody finds so short a one by trying a copy of the database.
fn kept_as(call: &Call, typed: &str) -> String {
    let key = derive(call.app.host.secret.expose(), "enrol");
    // What is no code is kept nowhere.
    written::read(typed).map_or_else(String::new, |code| hex(&mac(&key, code.as_bytes())))
}

fn text(offer: &Offer) -> Result<String, Problem> {
    serde_json::to_string(offer).map_err(|error| Problem::internal(error.to_string()))
}
