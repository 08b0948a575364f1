//! What the edge lets a gateway spend of members' points while nobody reaches the other: granted to
//! whoever was there lately, and asked back when somebody would spend it elsewhere.
//!
//! A lease that is asked back is returned by whoever holds it, or not at all: nothing expires. It
//! must not know what points buy.

use domain::loyalty::{self, Loyalty, recalled};
use serde_json::json;
use sync_engine::{
    append::Pen,
    change::Draft,
    id::Writer,
    lease::{self, Issue, Standing, ledger},
};

use super::Till;
use crate::{
    App,
    call::{Here, Tries, Written, commit},
    host::Side,
    leases::Desk,
    limits,
    metered::Metered,
    problem::Problem,
    replication::unreadable,
    rows::{
        self,
        loyalty::{Recent, Wanted},
    },
};

/// Grants the gateway's present life what its members may spend there; the edge alone does, and
/// only while nobody doubts that it knows what it has granted.
pub async fn grant(app: &App, db: &Metered, here: &Here, holder: &Writer) {
    if let Err(problem) = granted(app, db, here, holder).await {
        let (code, detail) = (problem.code, &problem.detail);
        tracing::warn!(code, detail, "points are leased later");
    }
}

async fn granted(app: &App, db: &Metered, here: &Here, holder: &Writer) -> Result<(), Problem> {
    let desk = Desk::open(app, db, here).await?;
    if app.host.side != Side::Edge || desk.standing != Standing::Confirmed {
        return Ok(());
    }
    let settings = rows::loyalty::settings(db, &here.venue.id).await?;
    if !settings.on || settings.allowance == 0 {
        return Ok(());
    }
    let now_ms = app.clock.now_ms();
    let wanted = Wanted {
        origin: &app.host.ticket_origin,
        holder,
        since_ms: now_ms.saturating_sub(limits::ALLOWANCE_MS) as i64,
        recalled_ms: now_ms.saturating_sub(limits::RECALL_MS) as i64,
        // Many small leases would only be many rows.
        below: settings.allowance / 2,
        least: settings.spent_per_euro,
    };
    for recent in rows::loyalty::recent(db, &here.venue.id, &wanted).await? {
        one(&desk, holder, (&settings, &recent)).await?;
    }
    Ok(())
}

async fn one(
    desk: &Desk<'_>,
    holder: &Writer,
    (settings, recent): (&Loyalty, &Recent),
) -> Result<(), Problem> {
    let Desk { app, db, here, standing } = desk;
    let venue = &here.venue.id;
    let right = loyalty::right(&recent.person);
    let mut tries = Tries::default();
    loop {
        let pen: Pen = here.pen(app);
        let query = ledger::granted_query(venue, &right, &pen.writer);
        let now = ledger::read_granted(&db.rows(query).await?).map_err(unreadable)?;
        let purse = rows::loyalty::purse(db, venue, &recent.person).await?;
        let amount = purse.free(now.granted).min(settings.allowance - recent.held);
        if amount < settings.spent_per_euro {
            return Ok(());
        }
        let ask =
            Issue { right: right.clone(), amount, total: purse.owned, holder: holder.clone() };
        let plan = lease::issue(&pen, *standing, &ask, &now)?;
        // What was read may be spent or taken back meanwhile.
        let mut batch = vec![rows::loyalty::free(venue, &pen.writer, (&right, amount))];
        batch.extend(plan.batch(&domain::schema::SCHEMA, &pen)?);
        if commit(app, db, here, (&batch, &plan.drafts)).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Asks for a member's leases back, once each.
///
/// # Errors
/// Fails when the database does.
pub async fn recall(till: &Till<'_>, person: &str) -> Result<(), Problem> {
    let Till { app, db, here, .. } = till;
    let right = loyalty::right(person);
    let mut tries = Tries::default();
    loop {
        let leases = rows::loyalty::out(db, &here.venue.id, &right).await?;
        let now_ms = app.clock.now_ms();
        let ask = |lease: &String| recalled(lease, json!({"person": person, "at_ms": now_ms}));
        let drafts: Vec<Draft> = leases.iter().map(ask).collect();
        if drafts.is_empty() {
            return Ok(());
        }
        let batch = here.batch(app, &drafts)?;
        if commit(app, db, here, (&batch, &drafts)).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Gives back what was asked back and is held here; a gateway alone holds leases of points.
pub async fn tend(app: &App, db: &Metered, here: &Here) {
    if !matches!(app.host.side, Side::Gateway(_)) {
        return;
    }
    if let Err(problem) = give_back(app, db, here).await {
        let (code, detail) = (problem.code, &problem.detail);
        tracing::warn!(code, detail, "points are given back later");
    }
}

async fn give_back(app: &App, db: &Metered, here: &Here) -> Result<(), Problem> {
    let asked = rows::loyalty::asked_back(db, &here.venue.id, &here.writer).await?;
    if asked.is_empty() {
        return Ok(());
    }
    let desk = Desk::open(app, db, here).await?;
    if desk.standing != Standing::Confirmed {
        return Ok(());
    }
    for lease in asked {
        desk.give_back(&lease).await?;
    }
    Ok(())
}
