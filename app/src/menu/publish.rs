//! Putting a version of the menu on sale: load, decide, apply, with its entry in the audit.
//!
//! What may be published is decided by `domain::menu`. It must not know who may do it.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    menu::{self, Version},
};
use serde_json::json as value;
use sync_engine::change::Draft;

use crate::{
    audit::{self, Noted},
    call::{Call, Tries, Written},
    problem::Problem,
    rows,
};

/// Publishes what editors have; what is on sale already is not published again.
///
/// # Errors
/// Refuses what could not be sold.
pub async fn publish(call: &Call) -> Result<Version, Problem> {
    let venue = &call.here()?.venue.id;
    let mut tries = Tries::default();
    loop {
        let draft = rows::catalogue::load(&call.db, venue).await?;
        let sheets = menu::lay_out(&draft)?;
        let ids: Vec<String> = sheets.iter().map(|sheet| sheet.id.clone()).collect();
        let known = rows::menu::known(&call.db, venue, &ids).await?;
        let author = call.visitor()?.person.to_string();
        let drafts = menu::publish(&sheets, &known, (&author, call.app.clock.now_ms()));
        if write(call, drafts).await? == Written::Done {
            return newest(call).await;
        }
        tries.again()?;
    }
}

/// Puts the pages of an earlier version on sale again.
///
/// # Errors
/// Refuses a version that is not here, or not whole.
pub async fn go_back(call: &Call, id: &str) -> Result<Version, Problem> {
    let venue = &call.here()?.venue.id;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_version");
    let mut tries = Tries::default();
    loop {
        let to = rows::menu::version(&call.db, venue, id).await?.ok_or_else(unknown)?;
        let known = rows::menu::known(&call.db, venue, &[]).await?;
        let author = call.visitor()?.person.to_string();
        let drafts = menu::go_back(&to, &known, (&author, call.app.clock.now_ms()));
        if write(call, drafts).await? == Written::Done {
            return newest(call).await;
        }
        tries.again()?;
    }
}

async fn newest(call: &Call) -> Result<Version, Problem> {
    let live = rows::menu::live(&call.db, &call.here()?.venue.id, &call.app.host.side).await?;
    let none = || Problem::internal("a version was published and is not there");
    live.newest.into_iter().next().ok_or_else(none)
}

async fn write(call: &Call, drafts: Vec<Draft>) -> Result<Written, Problem> {
    let Some(version) = drafts.last() else { return Ok(Written::Done) };
    let subject = version.entity.clone();
    let detail = value!({"number": version.payload.get("number")});
    let noted = Noted { act: Act::MenuPublished, actor: "", subject: &subject, detail };
    audit::commit(call, &noted, (drafts, Vec::new())).await
}
