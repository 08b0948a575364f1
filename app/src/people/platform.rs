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
    },
    venue::Document,
};
use serde_json::json;
use sync_engine::{limits::CLOCK_AHEAD_MS, statement::Statement};

use crate::{
    api::setup::GATEWAY,
    audit::{self, Noted},
    call::{Call, Written},
    host::Side,
    people::newcomer::meet,
    problem::Problem,
    replication,
    rows::{self, text},
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
    let drafts = vec![named(&person, &sealed), access.draft(&person)];
    let subject = person.as_str();
    let noted = Noted { act: Act::VenueOpened, actor: "", subject, detail: json!({}) };
    match audit::commit(call, &noted, (drafts, met.local)).await? {
        Written::Done => {
            app.outbox.ring();
            Ok(met.invitation)
        }
        Written::Again => Err(Problem::unavailable("a new venue lost a race for its owner")),
    }
}

/// Lists the venues of this host.
///
/// # Errors
/// Fails when the database does.
pub async fn list(call: &Call) -> Result<Vec<Listed>, Problem> {
    let sql = "SELECT l.venue AS id, coalesce(v.name, l.venue) AS name, \
         coalesce((SELECT group_concat(d.domain, ', ') FROM venue_domain d \
         WHERE d.venue = l.venue), '') AS domains FROM local_venue l \
         LEFT JOIN venue v ON v.venue = l.venue AND v.id = l.venue ORDER BY 2, 1 LIMIT ?1";
    let limit = crate::limits::PEOPLE_SHOWN.into();
    let rows = call.db.rows(Statement::new(sql, vec![limit])).await?;
    let one = |row| -> Result<Listed, Problem> {
        Ok(Listed {
            id: text(row, "id")?,
            name: text(row, "name")?,
            domains: text(row, "domains")?,
        })
    };
    rows.iter().map(one).collect()
}
