//! Opening venues on a host that serves many: name, addresses, languages and an owner.
//!
//! Only a platform administrator does it. It must not know pages.

use axum::http::StatusCode;
use domain::{
    access::{Role, Roles},
    audit::Act,
    people::{
        address::Address,
        person::{Access, name_place, named},
        retention::Months,
    },
    venue::{Document, module::Modules},
};
use serde_json::json as value;
use sync_engine::{id::VenueId, limits::CLOCK_AHEAD_MS, statement::Statement};

use crate::{
    api::setup::GATEWAY,
    audit::{self, Noted},
    call::{Call, Tries, Written, commit},
    device::registry,
    host::Side,
    people::{newcomer::meet, retention},
    problem::Problem,
    replication,
    rows::{self, json, text},
    witness,
};

/// A venue of this host.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its public names.
    pub domains: String,
    /// What it is used for.
    pub modules: Modules,
}

/// Who is to own a new venue.
#[derive(Debug)]
pub struct Owner {
    /// Their name.
    pub name: String,
    /// Their address.
    pub address: Address,
}

/// Opens a venue that is not here yet, and makes somebody its owner; returns the code with which
/// they choose a password, where they have none.
///
/// # Errors
/// Refuses a document with mistakes, a name that is taken, and a host that serves one venue only.
pub async fn open(
    call: &mut Call,
    (document, owner): (&Document, &Owner),
) -> Result<Option<String>, Problem> {
    if call.app.host.side != Side::Edge {
        return Err(Problem::new(StatusCode::CONFLICT, "one_venue_only"));
    }
    document.check()?;
    let venue = &document.venue.id;
    if rows::venue::by_id(&call.db, venue).await?.is_some() {
        return Err(Problem::new(StatusCode::CONFLICT, "venue_taken"));
    }
    let clamp_ms = call.app.clock.now_ms() + CLOCK_AHEAD_MS;
    let entropy = call.app.entropy.clone();
    replication::open(&call.db, entropy.as_ref(), document, "edge", Some(clamp_ms)).await?;
    call.db.commit(&[witness::enrol(venue, GATEWAY)]).await?;
    let missing = || Problem::internal("the venue was opened but is not there");
    call.here = Some(rows::venue::by_id(&call.db, venue).await?.ok_or_else(missing)?);
    give(call, owner).await
}

async fn give(call: &Call, owner: &Owner) -> Result<Option<String>, Problem> {
    let app = &call.app;
    let met = meet(call, (&owner.name, &owner.address)).await?;
    let person = met.person;
    let sealed = met.key.seal(app.entropy.as_ref(), &name_place(&person), &owner.name)?;
    let access = Access { roles: Roles::of([Role::Owner]), active: true };
    let mut drafts = vec![named(&person, &sealed), access.draft(&person)];
    drafts.extend(registry::gateway(call).await?);
    let subject = person.as_str();
    let noted = Noted { act: Act::VenueOpened, actor: "", subject, detail: value!({}) };
    match audit::commit(call, &noted, (drafts, met.local)).await? {
        Written::Done => {
            app.outbox.ring();
            Ok(met.invitation)
        }
        Written::Again => Err(Problem::unavailable("a new venue lost a race for its owner")),
    }
}

/// Says what a venue of this host is used for.
///
/// # Errors
/// Refuses a venue that is not here, and fails when the database does.
pub async fn use_for(call: &Call, venue: &VenueId, modules: &Modules) -> Result<(), Problem> {
    let mut tries = Tries::default();
    loop {
        let here = rows::venue::by_id(&call.db, venue).await?.ok_or_else(Problem::not_found)?;
        if &here.venue.modules == modules {
            return Ok(());
        }
        let detail = value!({"modules": modules.names()});
        let subject = venue.as_str();
        let noted = Noted { act: Act::VenueChanged, actor: "", subject, detail };
        let drafts = [modules.draft(venue), audit::entry_at(call, &here, &noted).await?];
        let batch = here.batch(&call.app, &drafts)?;
        match commit(&call.app, &call.db, &here, (&batch, &drafts)).await? {
            Written::Done => return Ok(()),
            Written::Again => tries.again()?,
        }
    }
}

/// Says for how long accounts are kept that nobody uses.
///
/// # Errors
/// Fails when the database does.
pub async fn keep_for(call: &Call, months: Months) -> Result<(), Problem> {
    let detail = value!({"account_months": months.number()});
    let subject = call.here()?.venue.id.as_str();
    let noted = Noted { act: Act::VenueChanged, actor: "", subject, detail };
    audit::commit_surely(call, &noted, (Vec::new(), vec![retention::keep_for(months)])).await
}

/// Lists the venues of this host.
///
/// # Errors
/// Fails when the database does.
pub async fn list(call: &Call) -> Result<Vec<Listed>, Problem> {
    let sql = "SELECT l.venue AS id, coalesce(v.name, l.venue) AS name, \
         coalesce((SELECT group_concat(d.domain, ', ') FROM venue_domain d \
         WHERE d.venue = l.venue), '') AS domains, coalesce(v.modules, 'null') AS modules \
         FROM local_venue l \
         LEFT JOIN venue v ON v.venue = l.venue AND v.id = l.venue ORDER BY 2, 1 LIMIT ?1";
    let limit = crate::limits::PEOPLE_SHOWN.into();
    let rows = call.db.rows(Statement::new(sql, vec![limit])).await?;
    let names = |row| -> Result<Vec<String>, Problem> {
        Ok(json::<Option<Vec<String>>>(row, "modules")?.unwrap_or_default())
    };
    let one = |row| -> Result<Listed, Problem> {
        Ok(Listed {
            id: text(row, "id")?,
            name: text(row, "name")?,
            domains: text(row, "domains")?,
            modules: Modules::known(names(row)?),
        })
    };
    rows.iter().map(one).collect()
}
