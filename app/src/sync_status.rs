//! How replication stands, as people and monitoring are told: facts in, plain statements out.
//!
//! It must not load anything, and knows no language.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::time::{Certainty, Time};
use serde::Serialize;
use sync_engine::{epoch::Epochs, id::Writer, limits::CLOCK_AHEAD_MS};

use crate::{
    host::Side,
    limits::{HEARD_RECENTLY_MS, PEERS_SHOWN},
    ports::Link,
    problem::Problem,
    replication::life::RESTORED,
    rows::sync::{AsideRow, Facts, Noted},
    standby::{Follows, PRIMARY},
    uplink::EDGE,
    witness::Witness,
};

/// How everything stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// This host's time.
    pub now_ms: u64,
    /// As whom this store writes.
    pub replica: String,
    /// Its present life.
    pub generation: String,
    /// Changes in its log.
    pub kept_changes: i64,
    /// The line to the other side.
    pub line: LineState,
    /// The second gateway, as the first one sees it; nothing elsewhere.
    pub standby: Option<Follows>,
    /// Which of the gateways is the primary.
    pub epoch: EpochState,
    /// Who else holds this data.
    pub peers: Vec<PeerState>,
    /// There are peers beyond those that are listed.
    pub more_peers: bool,
    /// The comparison of rows.
    pub compared: Compared,
    /// The clock.
    pub clock: ClockState,
    /// Whether this store may act on what is leased.
    pub leases: LeaseState,
    /// How often this store was found to be a copy of an older state and began a new life.
    pub restored: i64,
    /// When the last time.
    pub restored_ms: Option<i64>,
    /// Snapshots that are being taken, or owed.
    pub snapshots: Vec<Copying>,
    /// Changes that were set aside.
    pub aside: Aside,
    /// Peers that were retired, the last one first.
    pub retired: Vec<Retired>,
}

/// The line to the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LineState {
    /// The other side answers; since when is not known before the first exchange.
    Connected {
        /// Milliseconds since 1970.
        since_ms: Option<u64>,
    },
    /// It does not answer.
    Cut {
        /// Milliseconds since 1970.
        since_ms: u64,
    },
    /// It answers and refuses.
    Refused {
        /// Milliseconds since 1970.
        since_ms: u64,
    },
    /// This host is the other side: others come to it.
    Edge,
    /// There is no other side.
    Alone,
}

/// Which of a venue's gateways is the primary, as far as this host was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EpochState {
    /// The highest epoch that anybody told.
    pub seen: u64,
    /// This host is the primary of an earlier one: it sells nothing exclusive any more.
    pub is_superseded: bool,
}

/// Somebody who holds this data as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeerState {
    /// What this store calls it.
    pub name: String,
    /// Whether it was heard a moment ago; only a host that is asked can tell.
    pub talking: bool,
    /// When it was last heard, where that is still known.
    pub heard_ms: Option<i64>,
    /// It may be given up.
    pub may_retire: bool,
    /// How far the two are apart, per stream.
    pub streams: Vec<Lag>,
}

/// How far a peer and this store are apart in one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lag {
    /// Which data.
    pub purpose: String,
    /// Changes that it was not noted to hold; nothing while nothing was noted.
    pub to_send: Option<i64>,
    /// Changes that it holds and this store does not.
    pub to_receive: Option<i64>,
}

/// The comparison of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// When all rows had been gone through the last time; only who asks can tell.
    pub at_ms: Option<i64>,
    /// How often rows differed and were mended.
    pub mended: i64,
    /// When the last time.
    pub mended_ms: Option<i64>,
}

/// The clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClockState {
    /// The highest time that any stamp bears; nothing before the first change.
    pub highest_ms: Option<i64>,
    /// How far that lies ahead of this host's time; negative when it lies behind.
    pub ahead_ms: i64,
    /// It lies so far ahead that some device's clock was wrong.
    pub is_ahead: bool,
    /// Before what this host's clock cannot be, where it cannot be believed; nothing where it can.
    pub uncertain_floor_ms: Option<u64>,
    /// How far the edge's clock lies ahead of this host's, if the edge said so since the start.
    pub edge_ahead_ms: Option<i64>,
}

/// Whether this store may act on what is leased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeaseState {
    /// Everybody who could know more of this store was heard.
    pub confirmed: bool,
    /// Who must be heard first.
    pub awaited: Vec<String>,
}

/// A snapshot that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Copying {
    /// With whom.
    pub peer: String,
    /// Of which data.
    pub purpose: String,
}

/// Changes that were set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Aside {
    /// How many wait.
    pub count: i64,
    /// Those that wait the longest.
    pub changes: Vec<AsideRow>,
}

/// A peer that was retired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Retired {
    /// Its name.
    pub peer: String,
    /// When, the last time.
    pub at_ms: i64,
}

/// Who asks, where and when.
pub struct Seen<'a> {
    /// Edge or gateway.
    pub side: &'a Side,
    /// The line as the host sees it.
    pub link: Link,
    /// How the standby follows.
    pub follows: Follows,
    /// What is known of epochs.
    pub epochs: Epochs,
    /// As whom this store writes.
    pub writer: &'a Writer,
    /// Every purpose that there is.
    pub purposes: &'a [&'a str],
    /// Now.
    pub time: Time,
    /// How far the edge's clock lies ahead, if it said so since the start.
    pub edge_ahead_ms: Option<i64>,
}

/// Says how everything stands.
#[must_use]
pub fn decide(seen: &Seen<'_>, facts: Facts) -> Standing {
    let line = match (seen.link, seen.side) {
        (Link::None, Side::Edge) => LineState::Edge,
        (Link::None, Side::Gateway(_) | Side::Standby(_)) => LineState::Alone,
        (Link::Connected { since_ms }, _) => LineState::Connected { since_ms },
        (Link::Cut { since_ms }, _) => LineState::Cut { since_ms },
        (Link::Refused { since_ms }, _) => LineState::Refused { since_ms },
    };
    let mut peers = peers(seen, line, &facts);
    let more_peers = peers.len() > PEERS_SHOWN;
    peers.truncate(PEERS_SHOWN);
    let copying = |(peer, purpose)| Copying { peer, purpose };
    let retired = |noted: &Noted| {
        let peer = noted.what.strip_prefix(RETIRED)?.to_owned();
        Some(Retired { peer, at_ms: noted.at_ms })
    };
    Standing {
        now_ms: seen.time.now_ms,
        replica: seen.writer.replica.to_string(),
        generation: seen.writer.generation.to_string(),
        kept_changes: facts.kept,
        line,
        standby: matches!(seen.side, Side::Gateway(_)).then_some(seen.follows),
        epoch: EpochState {
            seen: seen.epochs.seen,
            is_superseded: matches!(seen.side, Side::Gateway(_)) && seen.epochs.is_superseded(),
        },
        peers,
        more_peers,
        compared: compared(&facts.notes),
        clock: clock(facts.clock_ms, seen),
        leases: leases(&facts.witnesses),
        restored: facts.notes.iter().find(|n| n.what == RESTORED).map_or(0, |n| n.count),
        restored_ms: facts.notes.iter().find(|n| n.what == RESTORED).map(|n| n.at_ms),
        snapshots: facts.snapshots.into_iter().map(copying).collect(),
        aside: Aside { count: facts.aside_count, changes: facts.aside },
        retired: facts.retired.iter().filter_map(retired).collect(),
    }
}

/// What stands before a retired peer's name in the store's notes.
pub const RETIRED: &str = "retired/";

/// Decides whether a peer may be given up.
///
/// # Errors
/// Refuses a gateway's edge, without which the gateway's work reaches nobody, likewise a standby's
/// gateway, and a peer of which nothing is noted: there is nothing to give up.
pub fn may_retire(side: &Side, peer: &str, is_noted: bool) -> Result<(), Problem> {
    if *side != Side::Edge && peer == EDGE {
        return Err(Problem::new(StatusCode::CONFLICT, "edge_stays"));
    }
    if matches!(side, Side::Standby(_)) && peer == PRIMARY {
        return Err(Problem::new(StatusCode::CONFLICT, "primary_stays"));
    }
    if !is_noted {
        let problem = Problem::new(StatusCode::NOT_FOUND, "unknown_peer");
        return Err(Problem { subject: vec![peer.to_owned()], ..problem });
    }
    Ok(())
}

fn peers(seen: &Seen<'_>, line: LineState, facts: &Facts) -> Vec<PeerState> {
    let mut found: BTreeMap<&str, Option<i64>> = BTreeMap::new();
    if !matches!(line, LineState::Edge | LineState::Alone) {
        found.insert(seen.side.upstream(), None);
    }
    found.extend(facts.lags.iter().map(|lag| (lag.peer.as_str(), None)));
    let awaited = facts.witnesses.iter().filter(|witness| !witness.is_heard);
    found.extend(awaited.map(|witness| (witness.name.as_str(), None)));
    found.extend(facts.heard.iter().map(|(peer, at_ms)| (peer.as_str(), Some(*at_ms))));
    let peer = |(name, heard_ms): (&str, Option<i64>)| {
        let is_noted = facts.lags.iter().any(|lag| lag.peer == name)
            || facts.witnesses.iter().any(|witness| witness.name == name);
        PeerState {
            name: name.to_owned(),
            talking: heard_ms.is_some_and(|at_ms| is_recent(at_ms, seen.time.now_ms)),
            heard_ms,
            may_retire: may_retire(seen.side, name, is_noted).is_ok(),
            streams: seen.purposes.iter().map(|purpose| lag(facts, name, purpose)).collect(),
        }
    };
    found.into_iter().map(peer).collect()
}

fn is_recent(at_ms: i64, now_ms: u64) -> bool {
    now_ms.saturating_sub(u64::try_from(at_ms).unwrap_or_default()) <= HEARD_RECENTLY_MS
}

fn lag(facts: &Facts, peer: &str, purpose: &str) -> Lag {
    let found = facts.lags.iter().find(|lag| lag.peer == peer && lag.purpose == purpose);
    Lag {
        purpose: purpose.to_owned(),
        to_send: found.map(|lag| lag.to_send),
        to_receive: found.map(|lag| lag.to_receive),
    }
}

fn compared(notes: &[Noted]) -> Compared {
    let note = |what: &str| notes.iter().find(|noted| noted.what == what);
    let mended = note("mended");
    Compared {
        at_ms: note("audited").map(|noted| noted.at_ms),
        mended: mended.map_or(0, |noted| noted.count),
        mended_ms: mended.map(|noted| noted.at_ms),
    }
}

fn leases(witnesses: &[Witness]) -> LeaseState {
    let awaited = witnesses.iter().filter(|witness| !witness.is_heard);
    let awaited: Vec<String> = awaited.map(|witness| witness.name.clone()).collect();
    LeaseState { confirmed: awaited.is_empty(), awaited }
}

/// The hub lowers what lies further ahead than this; more in a store is a clock that was wrong.
fn clock(highest_ms: i64, seen: &Seen<'_>) -> ClockState {
    let uncertain_floor_ms = match seen.time.certainty {
        Certainty::Certain => None,
        Certainty::Uncertain { floor_ms } => Some(floor_ms),
    };
    let now_ms = i64::try_from(seen.time.now_ms).unwrap_or(i64::MAX);
    let ahead_ms = if highest_ms == 0 { 0 } else { highest_ms.saturating_sub(now_ms) };
    ClockState {
        highest_ms: Some(highest_ms).filter(|ms| *ms != 0),
        ahead_ms,
        is_ahead: u64::try_from(ahead_ms).is_ok_and(|ahead_ms| ahead_ms > CLOCK_AHEAD_MS),
        uncertain_floor_ms,
        edge_ahead_ms: seen.edge_ahead_ms,
    }
}

#[cfg(test)]
mod tests;
