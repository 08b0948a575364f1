//! Writing the audit: an act and its entry are one batch.
//!
//! Behind it stand the sealer and the check. It must not know what acts mean.

pub mod checker;
pub mod query;
pub mod sealer;

use domain::audit::{Act, Entry};
use serde_json::Value as Json;
use sync_engine::{change::Draft, statement::Batch};

use crate::{
    App,
    call::{Call, Here, Tries, Written},
    metered::Metered,
    problem::Problem,
    rate,
    session::random,
    time,
};

/// What is noted of an act.
#[derive(Debug, Clone)]
pub struct Noted<'a> {
    /// What was done.
    pub act: Act,
    /// Who did it; whoever is signed in when it is empty.
    pub actor: &'a str,
    /// To whom or what.
    pub subject: &'a str,
    /// What else is worth knowing; no personal data.
    pub detail: Json,
}

/// Makes the entry of an act.
///
/// # Errors
/// Fails when the host has no randomness, or the database does.
pub async fn entry(call: &Call, noted: &Noted<'_>) -> Result<Draft, Problem> {
    entry_at(call, call.here()?, noted).await
}

/// Makes the entry of an act at another venue of this host.
///
/// # Errors
/// Fails when the host has no randomness, or the database does.
pub async fn entry_at(call: &Call, here: &Here, noted: &Noted<'_>) -> Result<Draft, Problem> {
    let visitor = call.visitor.as_ref().map(|visitor| visitor.person.as_str());
    let actor = if noted.actor.is_empty() { visitor.unwrap_or("") } else { noted.actor };
    let entry = Entry {
        id: random(call.app.entropy.as_ref(), 16)?,
        act: noted.act,
        actor,
        subject: noted.subject,
        detail: noted.detail.clone(),
        from: rate::network(call),
        time: time::load(&call.app, &call.db, &here.venue.id).await?,
    };
    Ok(entry.draft(&here.writer))
}

/// Makes the entry of what nobody asked for: the host does it by itself, or whoever is at it.
///
/// # Errors
/// Fails when the host has no randomness, or the database does.
pub async fn entry_of_host(
    app: &App,
    db: &Metered,
    here: &Here,
    noted: &Noted<'_>,
) -> Result<Draft, Problem> {
    let entry = Entry {
        id: random(app.entropy.as_ref(), 16)?,
        act: noted.act,
        actor: noted.actor,
        subject: noted.subject,
        detail: noted.detail.clone(),
        from: String::new(),
        time: time::load(app, db, &here.venue.id).await?,
    };
    Ok(entry.draft(&here.writer))
}

/// Commits an act with its entry: drafts of the venue, statements on local rows, or both.
///
/// # Errors
/// Fails when the database does; `Again` says that a guard failed, and that nothing was written.
pub async fn commit(
    call: &Call,
    noted: &Noted<'_>,
    (drafts, statements): (Vec<Draft>, Batch),
) -> Result<Written, Problem> {
    let mut drafts = drafts;
    drafts.push(entry(call, noted).await?);
    call.write_with(&drafts, statements).await
}

/// Commits an act with its entry, again where a race was lost; nothing in it was decided by what
/// others write.
///
/// # Errors
/// Fails when the database does, or every race is lost.
pub async fn commit_surely(
    call: &Call,
    noted: &Noted<'_>,
    (drafts, statements): (Vec<Draft>, Batch),
) -> Result<(), Problem> {
    let mut tries = Tries::default();
    while commit(call, noted, (drafts.clone(), statements.clone())).await? == Written::Again {
        tries.again()?;
    }
    Ok(())
}
