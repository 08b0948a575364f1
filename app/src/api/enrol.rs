//! Enrolling a device, for programs: on the device, and for staff who approve one.
//!
//! It must not decide: `device::enrol` does.

use axum::http::StatusCode;
use domain::device::{self, Kind, replica::Credential};
use serde::Deserialize;
use serde_json::json as value;
use sync_engine::seal::hex;

use crate::{
    call::{Answer, Call, json},
    device::{
        enrol::{self, Enrolled},
        proof::Bearer,
    },
    people::code::Kind as CodeKind,
    problem::Problem,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redeemed {
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asking {
    kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Collecting {
    code: String,
    secret: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approved {
    code: String,
    name: String,
    #[serde(default)]
    place: String,
}

/// Redeems a code that staff were shown.
pub async fn redeem(call: Call) -> Answer {
    let redeemed: Redeemed = call.json()?;
    let enrolled = enrol::redeem(&call, (&redeemed.code, |_| true)).await?;
    given(&call, StatusCode::CREATED, &enrolled)
}

/// Gives a device a code to show.
pub async fn ask(call: Call) -> Answer {
    let asking: Asking = call.json()?;
    let kind = Kind::parse(&asking.kind).ok_or_else(|| Problem::invalid_field("kind"))?;
    let asked = enrol::ask(&call, kind).await?;
    let lasts_ms = CodeKind::EnrolAsked.lasts_ms();
    let body = value!({"code": asked.code, "secret": asked.secret, "lasts_ms": lasts_ms});
    json(StatusCode::CREATED, &body)
}

/// Tells a device that shows a code whether staff have approved it.
pub async fn collect(call: Call) -> Answer {
    let collecting: Collecting = call.json()?;
    let found = enrol::collect(&call, (&collecting.code, &collecting.secret)).await?;
    match found {
        Some(enrolled) => given(&call, StatusCode::OK, &enrolled),
        None => json(StatusCode::ACCEPTED, &value!({"waiting": true})),
    }
}

/// Approves the device that shows a code.
pub async fn approve(call: Call) -> Answer {
    let approved: Approved = call.json()?;
    let (name, place) = (device::name(&approved.name)?, device::place(&approved.place)?);
    let device = enrol::approve(&call, (&approved.code, &name, &place)).await?;
    json(StatusCode::CREATED, &value!({"id": device.id, "kind": device.kind.name()}))
}

fn given(call: &Call, status: StatusCode, enrolled: &Enrolled) -> Answer {
    let device = &enrolled.device;
    let token = device.kind.has_token().then(|| enrolled.bearer(call, Bearer::Token)).flatten();
    let (version, secret) = (enrolled.key.version, enrolled.secret);
    // A replica is told as well what it shares with whom it asks.
    let (key, shared) = match device.kind.is_replica() {
        true => (Credential { version, secret }.text(), call.here()?.pin_key(&call.app.host)),
        false => (hex(&secret), None),
    };
    let shared = shared.map(|key| hex(&key));
    let body = value!({
        "venue": call.here()?.venue.id,
        "device": device.id,
        "kind": device.kind.name(),
        "name": device.name,
        "place": device.place,
        "key": enrolled.key.label(),
        "device_key": key,
        "shared_key": shared,
        "token": token,
    });
    json(status, &body)
}
