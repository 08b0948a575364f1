//! Erasing somebody: their key goes on every replica, and what names them here with it.
//!
//! What they did stays, without saying who it was: sums and the audit are true all the same. It
//! must not know pages.

use domain::{
    audit::Act,
    people::{
        address::Address,
        person::{Access, PersonId, erased},
    },
    schema::{AUDIT, PEOPLE},
};
use serde_json::json;
use sync_engine::{
    change::Draft,
    id::{Purpose, VenueId},
    message::Part,
    statement::{Batch, Statement},
};

use crate::{
    audit::{self, Noted},
    call::{Call, Here, Tries},
    mail,
    people::{account, directory, staff},
    ports::CommitFault,
    problem::Problem,
    rows::{self, text},
};

/// Erases whoever is signed in, at every venue of this host and in one batch: nothing is left from
/// which a broken-off erasure would have to be taken up again.
///
/// # Errors
/// Refuses the last owner of a venue, and fails when the database does.
pub async fn erase(call: &Call) -> Result<(), Problem> {
    staff::at_home(call)?;
    let person = call.visitor()?.person.clone();
    let mut tries = Tries::default();
    loop {
        let mut batch = Batch::new();
        let mut written = Vec::new();
        for here in venues(call, &person).await? {
            let drafts = drafts(call, (&here, &person)).await?;
            batch.extend(here.batch(&call.app, &drafts)?);
            written.push(here.venue.id);
        }
        // What waits to be sent to them is not sealed with their key.
        if let Some(account) = account::of(&call.db, &person).await?
            && let Ok(address) = Address::parse(&account::plain(call, &account).await?.0)
        {
            batch.push(mail::forget(&call.app.host, &address));
        }
        for table in ["one_time_code", "session", "external_login", "account"] {
            let sql = format!("DELETE FROM {table} WHERE person = ?1");
            batch.push(Statement::new(sql, vec![person.as_str().into()]));
        }
        match call.db.commit(&batch).await {
            Ok(()) => {
                for (venue, purpose) in written.iter().flat_map(|v| [(v, PEOPLE), (v, AUDIT)]) {
                    call.app.live.changed(venue, &Purpose::parse(purpose)?);
                }
                return Ok(call.db.scrub().await?);
            }
            Err(CommitFault::Conflict) => tries.again()?,
            Err(CommitFault::Fault(fault)) if fault.retryable => tries.again()?,
            Err(CommitFault::Fault(fault)) => return Err(fault.into()),
        }
    }
}

async fn drafts(call: &Call, (here, person): (&Here, &PersonId)) -> Result<Vec<Draft>, Problem> {
    let venue = &here.venue.id;
    let member = directory::find(&call.app.host, &call.db, (venue, person)).await?;
    if member.is_some_and(|member| member.access.is_owner())
        && directory::owners(&call.db, venue).await? <= 1
    {
        return Err(domain::Rejection::LastOwner.into());
    }
    let subject = person.as_str();
    let noted = Noted { act: Act::Erased, actor: "", subject, detail: json!({}) };
    Ok(vec![
        erased(person, call.app.clock.now_ms()),
        Access::default().draft(person),
        audit::entry_at(call, here, &noted).await?,
    ])
}

/// Finds where somebody is known, the venue that is asked among them.
async fn venues(call: &Call, person: &PersonId) -> Result<Vec<Here>, Problem> {
    let asked = call.here()?;
    let sql = "SELECT venue FROM person WHERE id = ?1 AND venue <> ?2 ORDER BY venue";
    let params = vec![person.as_str().into(), asked.venue.id.as_str().into()];
    let mut venues = vec![asked.clone()];
    for row in call.db.rows(Statement::new(sql, params)).await? {
        let venue = VenueId::parse(&text(&row, "venue")?)?;
        venues.extend(rows::venue::by_id(&call.db, &venue).await?);
    }
    Ok(venues)
}

/// Tells whether what a peer sent erases somebody.
#[must_use]
pub fn is_in<'a>(parts: impl IntoIterator<Item = &'a Part>) -> bool {
    parts.into_iter().flat_map(Part::told).any(|change| change.table == "erasure")
}
