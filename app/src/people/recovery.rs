//! Letting a lost administrator in again, for whoever holds the machine or its secret.
//!
//! It must not know how they proved that.

use domain::{
    access::{Role, Roles},
    audit::Act,
    people::{
        address::Address,
        person::{Access, PersonId, name_place, named},
    },
};
use serde_json::json;
use sync_engine::statement::{Batch, Statement};

use crate::{
    App,
    audit::{self, Noted},
    call::{self, Here, Tries, Written},
    metered::Metered,
    people::{
        account::{self, New, draw_person},
        code::{self, Kind},
        directory, factor,
        keys::PersonKey,
    },
    problem::Problem,
    session,
};

/// Makes the account of this address the administrator's, without its second factor and its
/// sessions; returns the code with which a password is chosen. An address without an account gets
/// one.
///
/// # Errors
/// Fails when the database does.
pub async fn recover(
    app: &App,
    db: &Metered,
    (here, address): (&Here, &Address),
) -> Result<String, Problem> {
    let mut tries = Tries::default();
    loop {
        let mut drafts = Vec::new();
        let mut local = Batch::new();
        let known = account::by_address(app, db, address).await?.map(|account| account.person);
        let person = match known {
            Some(person) => person,
            None => {
                let (person, key) = (draw_person(app)?, PersonKey::draw(app.entropy.as_ref())?);
                let name = address.as_str().split('@').next().unwrap_or_default();
                let sealed = key.seal(app.entropy.as_ref(), &name_place(&person), name)?;
                drafts.push(named(&person, &sealed));
                let new = New {
                    person: &person,
                    key: &key,
                    address,
                    name,
                    password: String::new(),
                    confirmed: true,
                    platform: true,
                    locked: false,
                    venue: &here.venue.id,
                    agreed: None,
                };
                local.extend(account::make(app, &new)?);
                person
            }
        };
        drafts.extend(owns(app, db, (here, &person)).await?);
        let venue = here.venue.id.as_str();
        let (code, kept) = code::draw(app, Kind::Invite, (venue, &person, ""))?;
        local.extend(kept);
        local.push(factor::reset(&person));
        local.push(session::close_all(&person, None));
        let admitted = "UPDATE account SET platform = 1, barred = 0 WHERE person = ?1";
        local.push(Statement::exactly(1, admitted, vec![person.as_str().into()]));
        let subject = person.as_str();
        let noted = Noted { act: Act::Recovered, actor: "machine", subject, detail: json!({}) };
        drafts.push(audit::entry_of_host(app, db, here, &noted).await?);
        let mut batch = here.batch(app, &drafts)?;
        batch.extend(local);
        if call::commit(app, db, here, (&batch, &drafts)).await? == Written::Done {
            return Ok(code);
        }
        tries.again()?;
    }
}

/// They own the venue again, whatever became of that.
async fn owns(
    app: &App,
    db: &Metered,
    (here, person): (&Here, &PersonId),
) -> Result<Option<sync_engine::change::Draft>, Problem> {
    let member = directory::find(&app.host, db, (&here.venue.id, person)).await?;
    let before = member.map(|member| member.access).unwrap_or_default();
    let roles = Roles::of(before.roles.iter().chain([Role::Owner]));
    let after = Access { roles, active: true };
    Ok((before != after).then(|| after.draft(person)))
}
