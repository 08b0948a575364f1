//! Orders from the web: whether any are taken now, and who promises them.
//!
//! Deciding is `domain::venue::web`'s and `domain::ordering::acceptance`'s. The edge alone takes
//! them; what staff on site ask of it arrives with an exchange and is answered in the same one. It
//! must not know how a page shows them.

use domain::{
    Rejection,
    audit::Act,
    ordering::{
        By, Court, Order,
        acceptance::{self, Verdict},
    },
    venue::web::{self, Paused, Web},
};
use serde_json::json;

use crate::{
    App,
    api::orders::{moved, who},
    audit::{self, Noted},
    call::{Call, Here, Tries, Written, commit},
    host::Side,
    metered::Metered,
    ports::Fault,
    problem::Problem,
    rows,
};

/// How orders from the web stand.
#[derive(Debug, Clone)]
pub struct State {
    /// The venue's settings.
    pub web: Web,
    /// Why none are taken; always nothing where none are taken from the web.
    pub paused: Option<Paused>,
}

/// Loads how orders from the web stand; on site nobody hears the gateway, which is there.
///
/// # Errors
/// Fails when the database does.
pub async fn state(call: &Call) -> Result<State, Problem> {
    let found = rows::web::load(&call.db, &call.here()?.venue.id).await?;
    let heard = match call.app.host.side {
        Side::Edge => found.heard,
        Side::Gateway(_) | Side::Standby(_) => web::Heard::Nobody,
    };
    let paused = found.web.paused(&found.pause, heard, call.app.clock.now_ms());
    Ok(State { web: found.web, paused })
}

/// Tells whether staff accept what is placed here.
///
/// # Errors
/// Refuses orders from the web while none are taken.
pub async fn taken(call: &Call) -> Result<bool, Problem> {
    if call.app.host.side != Side::Edge {
        return Ok(false);
    }
    let state = state(call).await?;
    match state.paused {
        Some(paused) => Err(paused.refusal().into()),
        None => Ok(state.web.staff_accept),
    }
}

/// Says who decides here about an order that waits.
#[must_use]
pub fn court(call: &Call, anyway: bool) -> Court {
    match call.app.host.side {
        Side::Edge => Court::Edge,
        Side::Gateway(_) | Side::Standby(_) if anyway => Court::Doubt,
        Side::Gateway(_) | Side::Standby(_) => Court::Site,
    }
}

/// Promises an order, or asks the edge to; where that does not answer staff may do so anyway.
///
/// # Errors
/// Refuses an order that was called off.
pub async fn accept(call: &Call, id: &str, anyway: bool) -> Result<Order, Problem> {
    let (person, place) = who(call)?;
    let court = court(call, anyway);
    let decide = |order: &Order, at_ms| {
        let by = By { person: &person, place: &place, at_ms };
        acceptance::decide(order, Verdict::Accept, (court, &by))
    };
    moved(call, id, (None, decide)).await
}

/// Calls an order off for its customer, at the edge and only until it is promised.
///
/// # Errors
/// Refuses what is promised, and orders of elsewhere.
pub async fn withdraw(call: &Call, id: &str) -> Result<Order, Problem> {
    if call.app.host.side != Side::Edge {
        return Err(Rejection::Web(web::Rejection::Accepted).into());
    }
    let place = call.here()?.writer.replica.to_string();
    let decide = |order: &Order, at_ms| {
        acceptance::withdraw(order, &By { person: "", place: &place, at_ms })
    };
    moved(call, id, (None, decide)).await
}

/// Pauses orders from the web, or resumes them.
///
/// # Errors
/// Refuses what the rules refuse.
pub async fn pause(call: &Call, minutes: u64, reason: &str) -> Result<(), Problem> {
    let person = call.visitor()?.person.to_string();
    let venue = &call.here()?.venue.id;
    let mut tries = Tries::default();
    loop {
        let at_ms = call.app.clock.now_ms();
        let draft = web::pause(venue, (minutes, reason), (&person, at_ms))?;
        if call.write(&[draft]).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Keeps how a venue takes orders from the web.
///
/// # Errors
/// Refuses settings that do not fit.
pub async fn keep(call: &Call, settings: Web) -> Result<(), Problem> {
    let settings = settings.checked()?;
    let venue = &call.here()?.venue.id;
    let detail = json!({"changed": "web", "staff_accept": settings.staff_accept,
        "silent_s": settings.silent_s});
    let mut tries = Tries::default();
    while rows::web::load(&call.db, venue).await?.web != settings {
        let noted = Noted {
            act: Act::VenueChanged,
            actor: "",
            subject: venue.as_str(),
            detail: detail.clone(),
        };
        let drafts = [settings.draft(venue), audit::entry(call, &noted).await?];
        if call.write(&drafts).await? == Written::Done {
            break;
        }
        tries.again()?;
    }
    Ok(())
}

/// Answers at the edge what staff on site have asked; what fails is answered another time.
pub async fn answer(app: &App, db: &Metered, here: &Here) {
    if let Err(problem) = answer_all(app, db, here).await {
        let (code, detail) = (problem.code, &problem.detail);
        tracing::warn!(code, detail, "web orders are accepted later");
    }
}

async fn answer_all(app: &App, db: &Metered, here: &Here) -> Result<(), Problem> {
    let now_ms = app.clock.now_ms();
    for found in rows::order::asked(db, &here.venue.id, now_ms).await? {
        let place = here.writer.replica.as_str();
        let drafts = acceptance::answer(&found.order, (place, now_ms))?;
        if drafts.is_empty() {
            continue;
        }
        let batch = here.batch(app, &drafts)?;
        // Whoever was first decided it: there is nothing left to answer.
        commit(app, db, here, (&batch, &drafts)).await?;
    }
    Ok(())
}

/// Answers what was asked at every venue of the edge, where an exchange could not.
///
/// # Errors
/// Fails when the database does.
pub async fn tend(app: &App, db: &Metered) -> Result<(), Fault> {
    if app.host.side == Side::Edge {
        for here in rows::venue::all(db).await? {
            answer(app, db, &here).await;
        }
    }
    Ok(())
}
