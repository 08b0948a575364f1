//! What staff do about the devices of their venue: name, block, retire, give another key.
//!
//! Deciding is `domain::device`'s; each act is one batch with its entry in the audit, written on
//! whichever replica staff are at. It must not know how a device enrols.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    device::{self, Device, Key, Kind},
};
use serde_json::{Value as Json, json};
use sync_engine::{change::Draft, statement::Batch};

use crate::{
    api::setup::GATEWAY,
    audit::{self, Noted},
    call::{Call, Tries, Written},
    device::{enrol, replica},
    problem::Problem,
    rows::device::{Found, find},
};

/// What is to be done about a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It gets this name and place.
    Rename(String, String),
    /// It may not act.
    Block,
    /// It may act again.
    Admit,
    /// It is out of use for good.
    Retire,
    /// It gets another key, while the present one holds on for a time.
    Rotate,
    /// Its key was lost to somebody: that one ends at once.
    Replace,
}

/// What is noted, what replicates, and what only this host keeps.
type Decided = Option<(Act, Json, (Vec<Draft>, Batch))>;

/// Finds a device of the venue.
///
/// # Errors
/// Says that there is none of this name.
pub async fn known(call: &Call, id: &str) -> Result<Found, Problem> {
    let found = find(&call.db, &call.here()?.venue.id, id).await?;
    found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "unknown_device"))
}

/// Changes a device, and returns it as it was before.
///
/// # Errors
/// Refuses what the rules refuse.
pub async fn change(call: &Call, id: &str, change: &Change) -> Result<Device, Problem> {
    let mut tries = Tries::default();
    let mut seen = None;
    loop {
        let found = known(call, id).await?;
        // Two at once want one new key: a second would end the one that the machine has.
        if *change == Change::Rotate && seen.is_some_and(|seen| seen != found.device.key()) {
            return Ok(found.device);
        }
        seen = Some(found.device.key());
        let decided = match (found.device.kind.is_replica(), change) {
            (true, Change::Rotate | Change::Replace) => rekey_replica(call, &found, change)?,
            _ => decide(&found.device, change, call.app.clock.now_ms())?,
        };
        let Some((act, detail, written)) = decided else { return Ok(found.device) };
        let noted = Noted { act, actor: "", subject: id, detail };
        if audit::commit(call, &noted, written).await? == Written::Done {
            return Ok(found.device);
        }
        tries.again()?;
    }
}

/// A replica gets its next key when it enrols again; what was lost ends now.
fn rekey_replica(call: &Call, found: &Found, change: &Change) -> Result<Decided, Problem> {
    enrol::check_place(call, found.device.kind)?;
    if *change == Change::Rotate {
        return Ok(None);
    }
    let (key, lost) = replica::lose(&call.here()?.venue.id, &found.device, &found.keys);
    let detail = json!({"key": key, "replaced": true});
    Ok(Some((Act::DeviceRekeyed, detail, (Vec::new(), vec![lost]))))
}

fn decide(device: &Device, change: &Change, now_ms: u64) -> Result<Decided, domain::Rejection> {
    let local = Batch::new;
    let one = |act: Act, draft: Draft| {
        Some((act, json!({"kind": device.kind.name()}), (vec![draft], local())))
    };
    let rekeyed = |(key, draft): (Key, Draft)| {
        let detail = json!({"key": key.version, "replaced": key.replaced});
        Some((Act::DeviceRekeyed, detail, (vec![draft], local())))
    };
    Ok(match change {
        Change::Rename(name, place) => {
            device::rename(device, name, place)?.and_then(|draft| one(Act::DeviceRenamed, draft))
        }
        Change::Block => {
            device::block(device, true)?.and_then(|draft| one(Act::DeviceBlocked, draft))
        }
        Change::Admit => {
            device::block(device, false)?.and_then(|draft| one(Act::DeviceAdmitted, draft))
        }
        Change::Retire => {
            device::retire(device, now_ms)?.and_then(|draft| one(Act::DeviceRetired, draft))
        }
        Change::Rotate => rekeyed(device::renew(device, false, now_ms)?),
        Change::Replace => rekeyed(device::renew(device, true, now_ms)?),
    })
}

/// Writes that a venue's gateway is one of its devices; what staff called it meanwhile stays.
///
/// # Errors
/// Fails when the database does.
pub async fn gateway(call: &Call) -> Result<Vec<Draft>, Problem> {
    if find(&call.db, &call.here()?.venue.id, GATEWAY).await?.is_some() {
        return Ok(Vec::new());
    }
    let device = Device {
        id: GATEWAY.to_owned(),
        kind: Kind::Gateway,
        name: "Gateway".to_owned(),
        place: String::new(),
        enrolled_ms: call.app.clock.now_ms(),
        blocked: false,
        retired_ms: 0,
        renewals: Vec::new(),
    };
    Ok(vec![device.identity()])
}
