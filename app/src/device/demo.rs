//! The machines of a demo: obviously made up, the same on every replica that loads its people.
//!
//! It exists by launch configuration only.

use domain::device::{self, Device, Key, Kind};
use serde::Deserialize;
use sync_engine::change::Draft;

use crate::{
    call::Here,
    device::proof::{Bearer, bearer},
    host::Host,
    problem::Problem,
};

const DEVICES: &str = include_str!("../../../fixtures/venues/chakri-devices.json");
/// The sensor whose token scripts are told.
const SENSOR: &str = "sensor-demo";

#[derive(Deserialize)]
struct DemoDevice {
    id: String,
    kind: String,
    name: String,
    place: String,
}

/// Returns what every replica of the demo writes alike.
///
/// # Errors
/// Fails when the fixture cannot be read.
pub fn drafts() -> Result<Vec<Draft>, Problem> {
    let wrong = |error: serde_json::Error| Problem::internal(error.to_string());
    let devices: Vec<DemoDevice> = serde_json::from_str(DEVICES).map_err(wrong)?;
    devices.iter().map(draft).collect()
}

fn draft(demo: &DemoDevice) -> Result<Draft, Problem> {
    let kind = Kind::parse(&demo.kind).ok_or_else(|| Problem::invalid_field("kind"))?;
    let device = Device {
        id: demo.id.clone(),
        kind,
        name: device::name(&demo.name)?,
        place: device::place(&demo.place)?,
        enrolled_ms: 1,
        blocked: false,
        retired_ms: 0,
        renewals: Vec::new(),
    };
    Ok(device.identity())
}

/// Returns the token with which the demo's sensor posts.
#[must_use]
pub fn sensor_token(host: &Host, here: &Here) -> Option<String> {
    bearer(host, here, (SENSOR, Key::FIRST), Bearer::Token)
}
