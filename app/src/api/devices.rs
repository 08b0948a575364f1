//! The venue's devices, for programs: what staff do about them, and what devices say themselves.
//!
//! It must not decide: `device` does.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::{
    device::{self, Kind},
    sealed::{self, NONCE_BYTES},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json as value};
use sync_engine::{
    id::is_name,
    seal::{derive, hex},
};

use crate::{
    api::setup::GATEWAY,
    call::{Answer, Call, json},
    device::{
        enrol,
        proof::{self, Bearer, Proven, shown},
        registry::{self, Change},
    },
    limits,
    people::keys::fill,
    problem::Problem,
    rows::device::{Contact, Found, keep, list as load_all},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    kind: String,
    name: String,
    #[serde(default)]
    place: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    #[serde(rename = "do")]
    what: String,
    name: Option<String>,
    place: Option<String>,
}

/// Lists the venue's devices.
pub async fn list(call: Call) -> Answer {
    let found = load_all(&call.db, &call.here()?.venue.id).await?;
    let devices: Vec<Json> = found.iter().map(one).collect();
    json(StatusCode::OK, &value!({"devices": devices}))
}

/// Makes a code for a device that is to come.
pub async fn add(call: Call) -> Answer {
    let wanted: Wanted = call.json()?;
    let wanted = enrol::Wanted {
        kind: Kind::parse(&wanted.kind).ok_or_else(|| Problem::invalid_field("kind"))?,
        name: device::name(&wanted.name)?,
        place: device::place(&wanted.place)?,
    };
    let code = enrol::offer(&call, &wanted).await?;
    json(StatusCode::CREATED, &value!({"code": code, "link": format!("/enrol?code={code}")}))
}

/// Changes a device.
pub async fn change(call: Call) -> Answer {
    let changed: Changed = call.json()?;
    let id = call.param("id")?;
    let before = registry::known(&call, id).await?.device;
    let name = changed.name.unwrap_or(before.name);
    let place = changed.place.unwrap_or(before.place);
    let change = what(&changed.what, (&name, &place))?;
    registry::change(&call, id, &change).await?;
    let found = registry::known(&call, id).await?;
    let (code, token) = given(&call, &found, &change).await?;
    json(StatusCode::OK, &value!({"device": one(&found), "code": code, "token": token}))
}

/// A code for a device that lost its key, or the next token of one that cannot sign.
pub(crate) type Given = (Option<String>, Option<String>);

/// Returns what staff are shown once after a change.
///
/// # Errors
/// Fails where the host holds nothing that tokens come from.
pub(crate) async fn given(call: &Call, found: &Found, change: &Change) -> Result<Given, Problem> {
    Ok(match change {
        Change::Replace => (Some(enrol::offer_again(call, &found.device).await?), None),
        Change::Rotate if found.device.kind.is_replica() => {
            (Some(enrol::offer_again(call, &found.device).await?), None)
        }
        Change::Rotate if found.device.kind.has_token() => (None, Some(token(call, found)?)),
        _ => (None, None),
    })
}

fn token(call: &Call, found: &Found) -> Result<String, Problem> {
    let of = (found.device.id.as_str(), found.device.key());
    let token = proof::bearer(&call.app.host, call.here()?, of, Bearer::Token);
    token.ok_or_else(|| Problem::new(StatusCode::CONFLICT, "no_devices_here"))
}

/// Reads what is to be done about a device.
///
/// # Errors
/// Refuses what nobody knows, and a name or a place that cannot be one.
pub(crate) fn what(name: &str, (named, place): (&str, &str)) -> Result<Change, Problem> {
    Ok(match name {
        "rename" => Change::Rename(device::name(named)?, device::place(place)?),
        "block" => Change::Block,
        "admit" => Change::Admit,
        "retire" => Change::Retire,
        "rotate" => Change::Rotate,
        "replace" => Change::Replace,
        _ => return Err(Problem::invalid_field("do")),
    })
}

#[derive(Deserialize)]
struct Heard {
    /// The build that the device runs.
    #[serde(default)]
    version: String,
}

/// Hears a device, and tells it which key comes next.
pub async fn contact(call: Call) -> Answer {
    let heard: Heard = call.json()?;
    let Some(proven) = &call.proven else {
        // A replica was noted where it was admitted, and is told of no key: it enrols again.
        let device = call.device.as_deref().unwrap_or_default();
        return json(StatusCode::OK, &value!({"device": device, "next": null}));
    };
    proof::note(&call, &proven.found, &heard.version).await?;
    let device = &proven.found.device;
    let body = value!({
        "device": device.id,
        "kind": device.kind.name(),
        "name": device.name,
        "now_ms": call.app.clock.now_ms(),
        "next": next_key(&call, proven)?,
    });
    json(StatusCode::OK, &body)
}

/// The next key is sealed with the present one: machines on site are heard in clear.
fn next_key(call: &Call, proven: &Proven) -> Result<Option<Json>, Problem> {
    let (here, device) = (call.here()?, &proven.found.device);
    let newest = device.key();
    if newest == proven.key || device.kind.has_token() {
        return Ok(None);
    }
    let present = proof::key(&call.app.host, here, &device.id, proven.key);
    let next = proof::key(&call.app.host, here, &device.id, newest);
    let (Some(present), Some(next)) = (present, next) else { return Ok(None) };
    let nonce: [u8; NONCE_BYTES] = fill(call.app.entropy.as_ref())?;
    let sealed = sealed::seal(&derive(&present, "next-key"), &nonce, &device.id, &hex(&next));
    Ok(Some(value!({"key": newest.label(), "sealed": sealed})))
}

/// What a gateway tells of the devices that it heard.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Told {
    /// By device.
    pub contacts: BTreeMap<String, ToldContact>,
}

/// When a device was heard on site.
#[derive(Debug, Serialize, Deserialize)]
pub struct ToldContact {
    /// When.
    pub at_ms: u64,
    /// Which build it says that it runs.
    pub version: String,
    /// From which network.
    pub network: String,
}

/// Keeps what a gateway tells of the devices that it heard.
pub async fn contacts(call: Call) -> Answer {
    if call.device.as_deref() != Some(GATEWAY) || !call.app.host.side.is_hub() {
        return Err(Problem::new(StatusCode::FORBIDDEN, "signer_not_permitted"));
    }
    let told: Told = call.json()?;
    if told.contacts.len() > limits::CONTACTS_TOLD {
        return Err(Problem::invalid_field("contacts"));
    }
    let venue = &call.here()?.venue.id;
    let now_ms = call.app.clock.now_ms();
    let devices = load_all(&call.db, venue).await?;
    let is_known = |id: &str| is_name(id) && devices.iter().any(|found| found.device.id == id);
    let known = told.contacts.iter().filter(|(id, _)| is_known(id));
    let kept: Vec<_> = known
        .map(|(id, told)| {
            let contact = Contact {
                // A gateway whose clock is ahead must not hide later contacts.
                at_ms: told.at_ms.min(now_ms),
                version: shown(&told.version),
                network: shown(&told.network),
            };
            keep(venue, id, &contact)
        })
        .collect();
    call.db.commit(&kept).await?;
    json(StatusCode::OK, &value!({"contacts": kept.len()}))
}

fn one(found: &Found) -> Json {
    let device = &found.device;
    value!({
        "id": device.id,
        "kind": device.kind.name(),
        "name": device.name,
        "place": device.place,
        "enrolled_ms": device.enrolled_ms,
        "blocked": device.blocked,
        "retired": device.retired_ms > 0,
        "key": found.key(),
        "contact_ms": found.contact.at_ms,
        "version": found.contact.version,
        "network": found.contact.network,
    })
}
