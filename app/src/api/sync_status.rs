//! How replication stands, for monitoring; and the two things that staff can do about it.
//!
//! The page's handlers use the same functions. It must not know how it is shown.

use axum::http::StatusCode;
use domain::{audit::Act, schema::SCHEMA};
use serde::Deserialize;
use serde_json::json as value;
use sync_engine::id::is_name;

use crate::{
    audit::{self, Noted},
    call::{Answer, Call, json},
    problem::Problem,
    replication::{self, aside, epochs},
    rows,
    sync_status::{RETIRED, Seen, Standing, decide, may_retire},
    time,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    peer: String,
}

/// Tells how everything stands.
pub async fn show(call: Call) -> Answer {
    json(StatusCode::OK, &standing(&call).await?)
}

/// Tries again what was set aside.
pub async fn retry(call: Call) -> Answer {
    let (mended, left) = try_again(&call).await?;
    json(StatusCode::OK, &value!({"mended": mended, "left": left}))
}

/// Gives up a peer that will not come back.
pub async fn retire(call: Call) -> Answer {
    let wanted: Wanted = call.json()?;
    give_up(&call, &wanted.peer).await?;
    json(StatusCode::OK, &value!({"retired": wanted.peer}))
}

/// Loads and judges how everything stands.
///
/// # Errors
/// Fails when the database does.
pub async fn standing(call: &Call) -> Result<Standing, Problem> {
    let here = call.here()?;
    let facts = rows::sync::load(&call.db, &here.venue.id).await?;
    let told = facts.notes.iter().find(|noted| noted.what == time::TOLD);
    let told_ms = told.map_or(0, |noted| noted.at_ms);
    let epochs = epochs::load(&call.db, &here.venue.id).await?;
    let seen = Seen {
        side: &call.app.host.side,
        link: call.app.line.link(),
        follows: call.app.standby.follows(),
        epochs,
        writer: &here.writer,
        purposes: &SCHEMA.purposes(),
        time: time::judge(&call.app, facts.clock_ms, told_ms),
        edge_ahead_ms: call.app.clock.edge_ahead_ms(),
    };
    Ok(decide(&seen, facts))
}

/// Tries again what was set aside; returns how many changes count now, and how many still wait.
///
/// # Errors
/// Fails when the database does.
pub async fn try_again(call: &Call) -> Result<(usize, i64), Problem> {
    let venue = &call.here()?.venue.id;
    let mended = aside::retry(&call.app.host, &call.db, venue).await?;
    if mended > 0 {
        tracing::info!(%venue, mended, "changes that were set aside count now");
    }
    Ok((mended, rows::sync::aside_count(&call.db, venue).await?))
}

/// Forgets what a peer holds, so that the log waits for it no more.
///
/// It is noted first: nobody is given up without a trace, and the same request may come again.
///
/// # Errors
/// Refuses a peer that may not be given up, and fails when the database does.
pub async fn give_up(call: &Call, peer: &str) -> Result<(), Problem> {
    if !is_name(peer) {
        return Err(Problem::invalid_field("peer"));
    }
    let venue = &call.here()?.venue.id;
    let is_noted = rows::sync::is_noted(&call.db, venue, peer).await?;
    may_retire(&call.app.host.side, peer, is_noted)?;
    let now_ms = call.app.clock.now_ms();
    replication::note(&call.db, venue, &format!("{RETIRED}{peer}"), now_ms).await?;
    let forgotten = rows::sync::retire(venue, peer);
    if call.app.host.side.writes() {
        let act = Act::PeerRetired;
        let noted = Noted { act, actor: "", subject: peer, detail: value!({}) };
        audit::commit_surely(call, &noted, (Vec::new(), forgotten)).await?;
    } else {
        // A standby writes nothing that replicates: its note stays with it.
        call.db.commit(&forgotten).await?;
    }
    tracing::warn!(%venue, peer, "a peer is retired");
    Ok(())
}
