//! The answering side of an exchange: takes in what is new, sends what the peer lacks.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use domain::schema::{ORDERS, PEOPLE};
use serde_json::{Map, Value as Json};
use sync_engine::{
    change::Change,
    id::{Purpose, VenueId, Writer},
    limits::{CLOCK_AHEAD_MS, PROTOCOL},
    message::{DOUBTS_ITSELF, Part, Request, Response},
    outgoing::Towards,
    session::Peer,
    wire::{self, Asked},
};

use crate::{
    api::setup::GATEWAY,
    audit::sealer,
    call::{Answer, Call, Here, json},
    loyalty::allowance,
    people::mark::Judge,
    problem::{Problem, respond},
    replication::{self, Incoming, audit, epochs, life, retention, stamps},
    standby, trust,
    uplink::EDGE,
    web_orders, witness,
};

type Streams = BTreeMap<Purpose, Part>;

/// Answers one message. A message that is sent again changes nothing and gets the same data.
pub async fn answer(call: Call) -> Answer {
    let is_compact = call.header(header::CONTENT_TYPE.as_str()) == wire::CONTENT_TYPE;
    let request: Request = if is_compact { wire::read_request(&call.body)? } else { call.json()? };
    let mut here = call.here()?.clone();
    request.check(&here.venue.id)?;
    let name = call.device.as_deref().unwrap_or_default();
    if life::renew(&call.db, &call.app, &mut here, (name, &request.streams)).await? {
        tracing::error!(venue = %here.venue.id, "this store was restored: it begins a new life");
    }
    let venue = &here.venue.id;
    let epochs = epochs::heed(&call.db, venue, request.epoch).await?;
    let now_ms = call.app.clock.now_ms();
    let peer = request.streams.iter().map(|(p, part)| (p.clone(), part.have.clone())).collect();
    let hub = Hub::of(&call, &here, &request).await?;
    // Only the hub says how late a stamp may be.
    let limit_ms = hub.is_here().then_some(now_ms + CLOCK_AHEAD_MS);
    let origin = call.app.host.ticket_origin.as_str();
    let sent: Vec<&Change> = request.streams.values().flat_map(Part::told).collect();
    let judge = Judge::of(&call.app.host, &call.db, venue, &sent).await?;
    let judge = judge.as_ref();
    let incoming =
        Incoming { from: name, streams: &request.streams, limit_ms, now_ms, origin, judge };
    let purposes = replication::import(&call.db, &here, incoming).await?;
    if !request.capabilities.iter().any(|said| said == DOUBTS_ITSELF) {
        witness::hear(&call.db, &here, name, &peer).await?;
    }
    for purpose in &purposes {
        call.app.live.arrived(venue, purpose, call.device.as_deref());
    }
    if !purposes.is_empty() {
        call.app.telling.took_in();
    }
    follow(&call, &here, (name, &request.writer, &purposes)).await;
    let parts = request.streams.iter();
    let places = parts.filter_map(|(p, part)| Some((p.clone(), part.resume.clone()?))).collect();
    let room = call.app.host.message_room;
    let towards = (hub.towards(), name, &places);
    let (mut streams, more_changes) =
        replication::export(&call.db, (&here, room), &peer, towards).await?;
    let told = (&request.streams, hub.settled());
    let more_stamps = stamps::tell(&call.db, venue, told, &mut streams).await?;
    compare(&call, venue, incoming, &mut streams).await?;
    forget(&call, &here, &hub, (name, &request.streams, &streams)).await?;
    // As often as rows are compared: once a minute, not at every message.
    if request.streams.values().any(|part| part.audit.is_some()) {
        sealer::seal(&call.app, &call.db, &here).await?;
    }
    let last = replication::last_pages(&streams);
    replication::paid(&call.db, venue, (name, &last)).await?;
    let response = Response {
        protocol: PROTOCOL,
        capabilities: Vec::new(),
        writer: here.writer.clone(),
        epoch: epochs.seen,
        now_ms,
        stamps: hub.telling(),
        streams,
        more: more_changes || more_stamps,
        extra: signed_time(&call, now_ms)?,
    };
    if is_compact {
        let body = wire::write_response(response, &Asked::of(&request));
        return Ok(respond(StatusCode::OK, wire::CONTENT_TYPE, body));
    }
    json(StatusCode::OK, &response)
}

/// Does what follows from a gateway's news at once: what is decided goes along with the answer.
async fn follow(call: &Call, here: &Here, (name, writer, news): (&str, &Writer, &[Purpose])) {
    let brings = |what: &str| name == GATEWAY && news.iter().any(|news| news.as_str() == what);
    if brings(ORDERS) {
        web_orders::answer(&call.app, &call.db, here).await;
    }
    // Whoever was on site shows by what comes from there.
    if brings(PEOPLE) {
        allowance::grant(&call.app, &call.db, here, writer).await;
    }
}

/// Answers the audits of the message, each in its stream's part.
async fn compare(
    call: &Call,
    venue: &VenueId,
    incoming: Incoming<'_>,
    streams: &mut Streams,
) -> Result<(), Problem> {
    for (purpose, part) in streams {
        let Some(asked) = incoming.streams.get(purpose) else { continue };
        let asked = (purpose, &*incoming.sift(asked));
        let found = audit::answer(&call.db, venue, asked, incoming.limit_ms).await?;
        if let Some(found) = found {
            if found.audit.mend {
                replication::note(&call.db, venue, "mended", incoming.now_ms).await?;
            }
            (part.audit, part.rows) = (Some(found.audit), found.rows);
        }
    }
    Ok(())
}

/// The hub says what time it is in a form that can be passed on: others believe its signature.
fn signed_time(call: &Call, now_ms: u64) -> Result<Map<String, Json>, Problem> {
    if !call.app.host.side.is_hub() {
        return Ok(Map::new());
    }
    let beacon = trust::beacon(&call.app.host, now_ms)?;
    Ok(Map::from_iter([(trust::BEACON.to_owned(), Json::from(beacon))]))
}

/// Forgets what every peer has; a gateway waits for its standby from the first word on.
async fn forget(
    call: &Call,
    here: &Here,
    hub: &Hub,
    (name, asked, streams): (&str, &Streams, &Streams),
) -> Result<(), Problem> {
    // Until the peer knows the stamps that were recorded here, only this log can tell them.
    let settled = |(p, part): (&Purpose, &Part)| (p.clone(), part.have.within(&part.settled));
    // There is no log of streams that only a newer build knows.
    let ours = asked.iter().filter(|(purpose, _)| streams.contains_key(*purpose));
    let knows: Peer = ours.map(settled).collect();
    if !hub.is_here() {
        let holds = |purpose: &&Purpose| asked.get(*purpose).is_some_and(|p| !p.have.is_empty());
        let heard: Vec<&Purpose> = knows.keys().filter(holds).collect();
        retention::welcome(&call.db, here, (name, &heard)).await?;
    }
    let sends = |part: &Part| !part.changes.is_empty() || !part.rows.is_empty();
    if asked.values().chain(streams.values()).any(sends) {
        let at_least = call.app.host.reap_changes;
        retention::acknowledge(&call.db, here, (name, &knows), at_least).await?;
    }
    Ok(())
}

/// Where the hub is, which says by which stamps everyone merges.
enum Hub {
    /// It answers here.
    Here,
    /// This is a gateway, which answers its standby: up to where it knows the hub's stamps, and the
    /// name of what it tells of them.
    Beyond(Peer, String),
}

impl Hub {
    /// A gateway hears first what its standby holds: a buyer waits for it.
    async fn of(call: &Call, here: &Here, request: &Request) -> Result<Self, Problem> {
        if call.app.host.side.is_hub() {
            return Ok(Self::Here);
        }
        standby::hear(&call.app, &call.db, here, request).await?;
        // Both before anything is read that is told: what changes meanwhile is told the next time.
        let name = call.app.telling.name();
        Ok(Self::Beyond(replication::noted(&call.db, &here.venue.id, EDGE).await?, name))
    }

    const fn is_here(&self) -> bool {
        matches!(self, Self::Here)
    }

    const fn towards(&self) -> Towards {
        match self {
            Self::Here => Towards::Asker,
            Self::Beyond(..) => Towards::Hub,
        }
    }

    const fn settled(&self) -> Option<&Peer> {
        match self {
            Self::Here => None,
            Self::Beyond(settled, _) => Some(settled),
        }
    }

    fn telling(self) -> String {
        match self {
            Self::Here => String::new(),
            Self::Beyond(_, name) => name,
        }
    }
}
