//! Opening a venue on this host, guarded by the host's set-up code.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::{access::Role, venue::Document};
use serde_json::json as value;

use sync_engine::{id::Purpose, limits::CLOCK_AHEAD_MS};

use crate::{
    call::{Answer, Call, json},
    replication, witness,
};

/// The device name of a venue's gateway.
pub const GATEWAY: &str = "gateway";

/// Opens a venue from its document; doing it again changes nothing.
pub async fn open_venue(call: Call) -> Answer {
    let document: Document = call.json()?;
    document.check()?;
    let app = &call.app;
    let clamp_ms = app.clock.now_ms() + CLOCK_AHEAD_MS;
    replication::open(&call.db, app.entropy.as_ref(), &document, "edge", Some(clamp_ms)).await?;
    let venue = &document.venue.id;
    call.db.commit(&[witness::enrol(venue, GATEWAY)]).await?;
    let catalogue = Purpose::parse(domain::schema::CATALOGUE)?;
    app.live.changed(venue, &catalogue);
    let stations: BTreeMap<&str, String> =
        Role::ALL.into_iter().map(|r| (r.name(), app.host.station_key(venue, r))).collect();
    let device_key = sync_engine::seal::hex(&app.host.device_key(venue, GATEWAY));
    let body = value!({
        "venue": venue,
        "device": GATEWAY,
        "device_key": device_key,
        "stations": stations,
    });
    json(StatusCode::OK, &body)
}
