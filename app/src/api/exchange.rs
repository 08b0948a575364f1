//! The answering side of an exchange: takes in what is new, sends what the peer lacks.

use axum::http::{StatusCode, header};
use sync_engine::{
    id::Purpose,
    limits::{CLOCK_AHEAD_MS, PROTOCOL},
    message::{Part, Request, Response},
    outgoing::Towards,
    wire::{self, Asked},
};

use crate::{
    call::{Answer, Call, json},
    problem::respond,
    replication::{self, Incoming, audit, life, retention, stamps},
    witness,
};

/// Answers one message. A message that is sent again changes nothing and gets the same data.
pub async fn answer(call: Call) -> Answer {
    let is_compact = call.header(header::CONTENT_TYPE.as_str()) == wire::CONTENT_TYPE;
    let request: Request = if is_compact { wire::read_request(&call.body)? } else { call.json()? };
    let mut here = call.here()?.clone();
    request.check(&here.venue.id)?;
    if life::renew(&call.db, &call.app, &mut here, &request.streams).await? {
        tracing::error!(venue = %here.venue.id, "this store was restored: it begins a new life");
    }
    let venue = &here.venue.id;
    let now_ms = call.app.clock.now_ms();
    let peer = request.streams.iter().map(|(p, part)| (p.clone(), part.have.clone())).collect();
    let name = call.device.as_deref().unwrap_or_default();
    let limit_ms = Some(now_ms + CLOCK_AHEAD_MS);
    let origin = call.app.host.ticket_origin.as_str();
    let incoming = Incoming { from: name, streams: &request.streams, limit_ms, now_ms, origin };
    let purposes = replication::import(&call.db, &here, incoming).await?;
    witness::hear(&call.db, &here, name, &peer).await?;
    for purpose in &purposes {
        call.app.live.arrived(venue, purpose, call.device.as_deref());
    }
    let parts = request.streams.iter();
    let places = parts.filter_map(|(p, part)| Some((p.clone(), part.resume.clone()?))).collect();
    let room = call.app.host.message_room;
    let towards = (Towards::Asker, name, &places);
    let (mut streams, more_changes) =
        replication::export(&call.db, (venue, room), &peer, towards).await?;
    let more_stamps = stamps::tell(&call.db, venue, &request.streams, &mut streams).await?;
    for (purpose, part) in &mut streams {
        let Some(asked) = request.streams.get(purpose) else { continue };
        let limit_ms = now_ms + CLOCK_AHEAD_MS;
        if let Some(found) = audit::answer(&call.db, venue, (purpose, asked), limit_ms).await? {
            if found.audit.mend {
                replication::note(&call.db, venue, "mended", now_ms).await?;
            }
            (part.audit, part.rows) = (Some(found.audit), found.rows);
        }
    }
    let sends = |part: &Part| !part.changes.is_empty() || !part.rows.is_empty();
    if request.streams.values().chain(streams.values()).any(sends) {
        let at_least = call.app.host.reap_changes;
        // Until the peer knows the stamps that were recorded here, only this log can tell them.
        let settled = |(p, part): (&Purpose, &Part)| (p.clone(), part.have.within(&part.settled));
        let knows = request.streams.iter().map(settled).collect();
        retention::acknowledge(&call.db, venue, (name, &knows), at_least).await?;
    }
    let last = replication::last_pages(&streams);
    replication::paid(&call.db, venue, (name, &last)).await?;
    let response = Response {
        protocol: PROTOCOL,
        capabilities: Vec::new(),
        writer: here.writer.clone(),
        now_ms,
        streams,
        more: more_changes || more_stamps,
        extra: serde_json::Map::new(),
    };
    if is_compact {
        let body = wire::write_response(response, &Asked::of(&request));
        return Ok(respond(StatusCode::OK, wire::CONTENT_TYPE, body));
    }
    json(StatusCode::OK, &response)
}
