//! The answering side of an exchange: takes in what is new, sends what the peer lacks.

use axum::http::StatusCode;
use sync_engine::{
    limits::PROTOCOL,
    message::{Request, Response},
};

use crate::{
    call::{Answer, Call, json},
    replication,
};

/// Answers one message. A message that is sent again changes nothing and gets the same data.
pub async fn answer(call: Call) -> Answer {
    let request: Request = call.json()?;
    let here = call.here()?;
    let venue = &here.venue.id;
    request.check(venue)?;
    let now_ms = call.app.clock.now_ms();
    let peer = request.streams.iter().map(|(p, part)| (p.clone(), part.have.clone())).collect();
    let purposes = replication::import(&call.db, here, &request.streams, now_ms).await?;
    for purpose in &purposes {
        call.app.live.changed(venue, purpose);
    }
    let (streams, more) = replication::export(&call.db, venue, Some(&peer)).await?;
    let response = Response {
        protocol: PROTOCOL,
        capabilities: Vec::new(),
        writer: here.writer.clone(),
        now_ms,
        streams,
        more,
        extra: serde_json::Map::new(),
    };
    json(StatusCode::OK, &response)
}
