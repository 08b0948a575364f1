//! Who works here, as what: adding people, changing what they are, helping them in again.
//!
//! Only the home of accounts does it. Deciding is `domain`'s; each act is one batch with its entry
//! in the audit.

use axum::http::StatusCode;
use domain::{
    access::Roles,
    audit::Act,
    people::{
        address::Address,
        person::{self, Access, Actor, PersonId, name_place, named},
        pin,
    },
};
use serde_json::json as value;
use sync_engine::statement::{Batch, Statement};

use crate::{
    api::setup::GATEWAY,
    audit::{self, Noted},
    call::{Call, Tries, Written},
    people::{
        account,
        code::{self, Kind},
        directory::{self, Member},
        factor, keys,
        newcomer::{letter, meet},
    },
    problem::Problem,
    session,
};

/// Somebody to be added.
#[derive(Debug)]
pub struct Newcomer {
    /// The name by which colleagues know them.
    pub name: String,
    /// Their address.
    pub address: Address,
    /// As what.
    pub roles: Roles,
}

/// Somebody who was added.
#[derive(Debug)]
pub struct Added {
    /// Who.
    pub person: PersonId,
    /// The code with which they choose a password; none where they have an account already.
    pub invitation: Option<String>,
}

/// Refuses to change people where their accounts are not.
///
/// # Errors
/// Says that it happens at the home of accounts.
pub fn at_home(call: &Call) -> Result<(), Problem> {
    if call.app.host.is_home {
        return Ok(());
    }
    Err(Problem::new(StatusCode::CONFLICT, "people_change_at_home"))
}

/// Adds somebody to the venue; whoever has an account keeps it.
///
/// # Errors
/// Refuses what the rules refuse, and somebody who is here already.
pub async fn add(call: &Call, newcomer: &Newcomer) -> Result<Added, Problem> {
    at_home(call)?;
    let venue = &call.here()?.venue.id;
    let app = &call.app;
    let mut tries = Tries::default();
    loop {
        let met = meet(call, (&newcomer.name, &newcomer.address)).await?;
        let person = met.person;
        let before = directory::find(&app.host, &call.db, (venue, &person)).await?;
        if before.is_some_and(|member| member.access.roles.is_staff()) {
            return Err(Problem::new(StatusCode::CONFLICT, "person_here_already"));
        }
        let after = Access { roles: newcomer.roles.clone(), active: true };
        let owners = directory::owners(&call.db, venue).await?;
        let visitor = call.visitor()?;
        let actor = Actor { person: &visitor.person, roles: &visitor.roles };
        let nothing = Access::default();
        let access = person::change_access(&actor, (&person, &nothing), &after, owners)?;
        let sealed = met.key.seal(app.entropy.as_ref(), &name_place(&person), &newcomer.name)?;
        let drafts = [Some(named(&person, &sealed)), access].into_iter().flatten().collect();
        let noted = Noted {
            act: Act::PersonAdded,
            actor: "",
            subject: person.as_str(),
            detail: value!({"roles": newcomer.roles.names()}),
        };
        if audit::commit(call, &noted, (drafts, met.local)).await? == Written::Done {
            app.outbox.ring();
            return Ok(Added { person, invitation: met.invitation });
        }
        tries.again()?;
    }
}

/// What is to be changed of somebody; what is none stays.
#[derive(Debug, Default)]
pub struct Change {
    /// Another name.
    pub name: Option<String>,
    /// Other roles.
    pub roles: Option<Roles>,
    /// Barred, or let in again.
    pub active: Option<bool>,
}

/// Changes what somebody is here. Who loses something loses it at once: their sessions end.
///
/// # Errors
/// Refuses what the rules refuse.
pub async fn change(call: &Call, person: &PersonId, change: &Change) -> Result<(), Problem> {
    at_home(call)?;
    let venue = &call.here()?.venue.id;
    let mut tries = Tries::default();
    loop {
        let before = known(call, person).await?;
        let after = Access {
            roles: change.roles.clone().unwrap_or_else(|| before.access.roles.clone()),
            active: change.active.unwrap_or(before.access.active),
        };
        let owners = directory::owners(&call.db, venue).await?;
        let visitor = call.visitor()?;
        let actor = Actor { person: &visitor.person, roles: &visitor.roles };
        let access = person::change_access(&actor, (person, &before.access), &after, owners)?;
        let mut local = Batch::new();
        if access.is_some() {
            local.push(person::owner_stays(venue.as_str()));
        }
        if !after.active {
            local.push(session::close_at(venue, person));
        }
        let mut drafts: Vec<_> = access.into_iter().collect();
        if let Some(name) = change.name.as_ref().filter(|name| before.name.as_ref() != Some(*name))
        {
            let key = keys::load(&call.app.host, &call.db, person).await?;
            let erased = || Problem::new(StatusCode::CONFLICT, "unknown_person");
            let place = name_place(person);
            let sealed = key.ok_or_else(erased)?.seal(call.app.entropy.as_ref(), &place, name)?;
            drafts.push(named(person, &sealed));
        }
        if drafts.is_empty() {
            return Ok(());
        }
        let noted = Noted {
            act: Act::AccessChanged,
            actor: "",
            subject: person.as_str(),
            detail: value!({"roles": after.roles.names(), "active": after.active}),
        };
        if audit::commit(call, &noted, (drafts, local)).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Makes another invitation for somebody who has no password yet, or has lost it.
///
/// # Errors
/// Refuses somebody who is not known here, and an owner where the caller is none.
pub async fn invite(call: &Call, person: &PersonId) -> Result<String, Problem> {
    at_home(call)?;
    let venue = &call.here()?.venue.id;
    only_below(call, &known(call, person).await?)?;
    only_ours(call, person).await?;
    let (code, kept) = code::draw(&call.app, Kind::Invite, (venue.as_str(), person, ""))?;
    let detail = value!({"invited": true});
    let noted = Noted { act: Act::PasswordChanged, actor: "", subject: person.as_str(), detail };
    let mut local = kept;
    if let Some(account) = account::of(&call.db, person).await? {
        let (email, _) = account::plain(call, &account).await?;
        if let Ok(address) = Address::parse(&email) {
            local.extend(letter(call, &address, &code)?);
        }
    }
    audit::commit_surely(call, &noted, (Vec::new(), local)).await?;
    call.app.outbox.ring();
    Ok(code)
}

/// Takes somebody's second factor away, so that they set up another one; nobody reads it.
///
/// # Errors
/// Refuses somebody who is not known here, and an owner where the caller is none.
pub async fn reset_factor(call: &Call, person: &PersonId) -> Result<(), Problem> {
    at_home(call)?;
    only_below(call, &known(call, person).await?)?;
    only_ours(call, person).await?;
    let detail = value!({});
    let noted = Noted { act: Act::FactorReset, actor: "", subject: person.as_str(), detail };
    let local = vec![factor::reset(person), session::close_all(person, None)];
    audit::commit_surely(call, &noted, (Vec::new(), local)).await
}

/// Takes somebody's PIN away.
///
/// # Errors
/// Refuses somebody who is not known here, and an owner where the caller is none.
pub async fn remove_pin(call: &Call, person: &PersonId) -> Result<(), Problem> {
    at_home(call)?;
    only_below(call, &known(call, person).await?)?;
    let draft = pin::draft(GATEWAY, person, "", call.app.clock.now_ms());
    let detail = value!({"removed": true});
    let noted = Noted { act: Act::PinChanged, actor: "", subject: person.as_str(), detail };
    audit::commit_surely(call, &noted, (vec![draft], Batch::new())).await
}

async fn known(call: &Call, person: &PersonId) -> Result<Member, Problem> {
    let venue = &call.here()?.venue.id;
    let found = directory::find(&call.app.host, &call.db, (venue, person)).await?;
    found.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "unknown_person"))
}

/// A manager helps everybody in again but an owner.
fn only_below(call: &Call, member: &Member) -> Result<(), Problem> {
    use domain::access::Role;
    let is_owner = call.visitor()?.roles.has(Role::Owner);
    if member.access.roles.has(Role::Owner) && !is_owner {
        return Err(domain::Rejection::OnlyOwners.into());
    }
    Ok(())
}

/// An account may serve at several venues of a host: none of their managers may take it over.
async fn only_ours(call: &Call, person: &PersonId) -> Result<(), Problem> {
    let sql = "SELECT 1 AS one FROM person p WHERE p.id = ?1 AND p.venue <> ?2 AND p.active = 1 \
         UNION ALL SELECT 1 FROM account a WHERE a.person = ?1 AND a.platform = 1 LIMIT 1";
    let params = vec![person.as_str().into(), call.here()?.venue.id.as_str().into()];
    let is_ours = call.db.rows(Statement::new(sql, params)).await?.is_empty();
    let is_platform = call.visitor()?.platform;
    if is_ours || is_platform {
        return Ok(());
    }
    Err(Problem::new(StatusCode::CONFLICT, "person_elsewhere"))
}
