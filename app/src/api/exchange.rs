//! The answering side of an exchange: takes in what is new, sends what the peer lacks.

use axum::http::StatusCode;
use sync_engine::{
    limits::{CLOCK_AHEAD_MS, PROTOCOL},
    message::{Request, Response},
};

use crate::{
    call::{Answer, Call, json},
    replication::{self, life, stamps},
};

/// Answers one message. A message that is sent again changes nothing and gets the same data.
pub async fn answer(call: Call) -> Answer {
    let request: Request = call.json()?;
    let mut here = call.here()?.clone();
    request.check(&here.venue.id)?;
    if life::renew(&call.db, &call.app, &mut here, &request.streams).await? {
        tracing::error!(venue = %here.venue.id, "this store was restored: it begins a new life");
    }
    let venue = &here.venue.id;
    let now_ms = call.app.clock.now_ms();
    let peer = request.streams.iter().map(|(p, part)| (p.clone(), part.have.clone())).collect();
    let clamp_ms = Some(now_ms + CLOCK_AHEAD_MS);
    let purposes = replication::import(&call.db, &here, &request.streams, clamp_ms).await?;
    for purpose in &purposes {
        call.app.live.arrived(venue, purpose, call.device.as_deref());
    }
    let (mut streams, more_changes) = replication::export(&call.db, venue, Some(&peer)).await?;
    let more_stamps = stamps::tell(&call.db, venue, &request.streams, &mut streams).await?;
    let response = Response {
        protocol: PROTOCOL,
        capabilities: Vec::new(),
        writer: here.writer.clone(),
        now_ms,
        streams,
        more: more_changes || more_stamps,
        extra: serde_json::Map::new(),
    };
    json(StatusCode::OK, &response)
}
