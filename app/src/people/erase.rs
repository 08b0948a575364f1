//! Erasing somebody: their key goes on every replica, and what names them here with it.
//!
//! What they did stays, without saying who it was: sums and the audit are true all the same. It
//! must not know pages.

use domain::{
    audit::Act,
    people::{
        address::Address,
        person::{self, Access, PersonId, erased},
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
    App,
    audit::{self, Noted},
    blobs,
    call::{Call, Here, Tries},
    limits, mail,
    metered::Metered,
    people::{account, directory, staff},
    ports::CommitFault,
    problem::Problem,
    rows::{self, text},
};

/// Rows of a person that are this host's own.
const OWN_TABLES: [&str; 6] =
    ["one_time_code", "session", "external_login", "member_card", "account_address", "account"];

/// Erases whoever is signed in, at every venue of this host and in one batch: nothing is left from
/// which a broken-off erasure would have to be taken up again.
///
/// # Errors
/// Refuses the last owner of a venue, and fails when the database does.
pub async fn erase(call: &Call) -> Result<(), Problem> {
    staff::at_home(call)?;
    let person = call.visitor()?.person.clone();
    let asked = call.here()?.venue.id.clone();
    run(&call.app, &call.db, (&person, Some(asked)), Why::Asked(call)).await
}

/// Erases somebody who was warned, and does not come any more: as long as `away` finds them so.
///
/// # Errors
/// Fails when the database does.
pub async fn by_retention(
    app: &App,
    db: &Metered,
    (person, away): (&PersonId, Statement),
) -> Result<(), Problem> {
    run(app, db, (person, None), Why::Away(away)).await
}

enum Why<'a> {
    Asked(&'a Call),
    Away(Statement),
}

async fn run(
    app: &App,
    db: &Metered,
    (person, asked): (&PersonId, Option<VenueId>),
    why: Why<'_>,
) -> Result<(), Problem> {
    let mut tries = Tries::default();
    loop {
        let mut batch: Batch = match &why {
            Why::Asked(_) => Batch::new(),
            Why::Away(away) => vec![away.clone()],
        };
        let mut written = Vec::new();
        for here in venues(db, person, asked.as_ref()).await? {
            let entry = match &why {
                Why::Asked(call) => audit::entry_at(call, &here, &noted(person, "")).await?,
                Why::Away(_) => {
                    audit::entry_of_host(app, db, &here, &noted(person, "retention")).await?
                }
            };
            let (drafts, owned) = drafts(app, db, (&here, person), entry).await?;
            batch.extend(here.batch(app, &drafts)?);
            batch.extend(owned);
            written.push(here.venue.id);
        }
        // What waits to be sent to them is not sealed with their key.
        if let Some(account) = account::of(db, person).await?
            && let Ok(address) = Address::parse(&account::plain_of(app, db, &account).await?.0)
        {
            batch.push(mail::forget(&app.host, &address));
        }
        for table in OWN_TABLES {
            let sql = format!("DELETE FROM {table} WHERE person = ?1");
            batch.push(Statement::new(sql, vec![person.as_str().into()]));
        }
        batch.push(blobs::let_all_go(person.as_str()));
        match db.commit(&batch).await {
            Ok(()) => {
                for (venue, purpose) in written.iter().flat_map(|v| [(v, PEOPLE), (v, AUDIT)]) {
                    app.live.changed(venue, &Purpose::parse(purpose)?);
                }
                db.scrub().await?;
                // Nobody can open their files any more; those that cannot go now go later.
                if let Err(fault) = blobs::sweep(app, limits::BLOBS_AT_ONCE).await {
                    tracing::warn!(detail = %fault.detail, "files of somebody erased wait");
                }
                return Ok(());
            }
            // They came back meanwhile, or another write was first: then they go the next time.
            Err(CommitFault::Conflict) if matches!(why, Why::Away(_)) => return Ok(()),
            Err(CommitFault::Conflict) => tries.again()?,
            Err(CommitFault::Fault(fault)) if fault.retryable => tries.again()?,
            Err(CommitFault::Fault(fault)) => return Err(fault.into()),
        }
    }
}

fn noted<'a>(person: &'a PersonId, actor: &'a str) -> Noted<'a> {
    Noted { act: Act::Erased, actor, subject: person.as_str(), detail: json!({}) }
}

async fn drafts(
    app: &App,
    db: &Metered,
    (here, person): (&Here, &PersonId),
    entry: Draft,
) -> Result<(Vec<Draft>, Batch), Problem> {
    let venue = &here.venue.id;
    let member = directory::find(&app.host, db, (venue, person)).await?;
    let is_owner = member.is_some_and(|member| member.access.is_owner());
    if is_owner && directory::owners(db, venue).await? <= 1 {
        return Err(domain::Rejection::LastOwner.into());
    }
    // Another owner may go in the same moment.
    let owned = is_owner.then(|| person::owner_stays(venue.as_str()));
    let drafts = vec![erased(person, app.clock.now_ms()), Access::default().draft(person), entry];
    Ok((drafts, owned.into_iter().collect()))
}

/// Finds where somebody is known: where their account was made and where it is asked for among
/// them, because the fact that erases must be written somewhere.
async fn venues(
    db: &Metered,
    person: &PersonId,
    asked: Option<&VenueId>,
) -> Result<Vec<Here>, Problem> {
    let sql = "SELECT venue FROM person WHERE id = ?1 \
         UNION SELECT venue FROM account WHERE person = ?1 AND ?2 = '' \
         UNION SELECT ?2 AS venue WHERE ?2 <> '' ORDER BY venue";
    let asked = asked.map_or("", VenueId::as_str);
    let params = vec![person.as_str().into(), asked.into()];
    let mut venues = Vec::new();
    for row in db.rows(Statement::new(sql, params)).await? {
        let Ok(venue) = VenueId::parse(&text(&row, "venue")?) else { continue };
        venues.extend(rows::venue::by_id(db, &venue).await?);
    }
    Ok(venues)
}

/// Tells whether what a peer sent erases somebody.
#[must_use]
pub fn is_in<'a>(parts: impl IntoIterator<Item = &'a Part>) -> bool {
    parts.into_iter().flat_map(Part::told).any(|change| change.table == "erasure")
}
