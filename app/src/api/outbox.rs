//! What waits to be sent, for monitoring; and the one thing that staff can do about it.
//!
//! The page's handlers use the same functions. It must not tell who receives.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json as value};
use sync_engine::id::is_name;

use crate::{
    call::{Answer, Call, json},
    ports::CommitFault,
    problem::Problem,
    rows::outbox::{self as rows, Shown},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    id: Option<String>,
}

/// Tells what waits.
pub async fn show(call: Call) -> Answer {
    let (counts, shown) = rows::load(&call.db, &call.here()?.venue.id).await?;
    let mails: Vec<Json> = shown.iter().map(mail).collect();
    let answer = value!({
        "post": call.app.outbox.has_post(),
        "waiting": counts.waiting,
        "sent": counts.sent,
        "given_up": counts.given_up,
        "mails": mails,
    });
    json(StatusCode::OK, &answer)
}

fn mail(mail: &Shown) -> Json {
    value!({
        "id": mail.id,
        "kind": mail.kind,
        "state": mail.state,
        "tries": mail.tries,
        "made_ms": mail.made_ms,
        "next_ms": mail.next_ms,
        "ended_ms": mail.ended_ms,
        "last_error": mail.last_error,
    })
}

/// Sends again what waits or was given up.
pub async fn retry(call: Call) -> Answer {
    let wanted: Wanted = call.json()?;
    send_again(&call, wanted.id.as_deref()).await?;
    json(StatusCode::OK, &value!({"retried": true}))
}

/// Makes one mail due at once, or all that nobody holds.
///
/// # Errors
/// Refuses what is no id, and fails when the database does.
pub async fn send_again(call: &Call, id: Option<&str>) -> Result<(), Problem> {
    if id.is_some_and(|id| !is_name(id)) {
        return Err(Problem::invalid_field("id"));
    }
    let venue = &call.here()?.venue.id;
    let again = rows::retry(venue, id, call.app.clock.now_ms());
    match call.db.commit(&[again]).await {
        // Somebody else did the same.
        Ok(()) | Err(CommitFault::Conflict) => {}
        Err(CommitFault::Fault(fault)) => return Err(fault.into()),
    }
    call.app.outbox.ring();
    Ok(())
}
