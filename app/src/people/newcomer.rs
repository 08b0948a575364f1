//! Somebody who is named by an address: the account that is there, or a new one with an invitation.
//!
//! The team and the owners of new venues are met in the same way. It must not know as what.

use axum::http::StatusCode;
use domain::people::{address::Address, person::PersonId};
use sync_engine::statement::{Batch, Statement};

use crate::{
    call::Call,
    mail::{self, Letter},
    people::{
        account::{self, Account, New, draw_person},
        code::{self, Kind},
        keys::{self, PersonKey},
    },
    problem::Problem,
};

/// Whoever is behind an address.
pub(super) struct Met {
    /// Who.
    pub(super) person: PersonId,
    /// Their key.
    pub(super) key: PersonKey,
    /// The code with which they choose a password; none where they have an account already.
    pub(super) invitation: Option<String>,
    /// What has to be written for that, their mail included.
    pub(super) local: Batch,
}

/// Finds the account of an address, or makes one that waits for its first password.
///
/// # Errors
/// Refuses somebody who was erased, and fails when the database does.
pub(super) async fn meet(call: &Call, (name, address): (&str, &Address)) -> Result<Met, Problem> {
    let app = &call.app;
    let mut local = Batch::new();
    let known = account::by_address(app, &call.db, address).await?;
    let (person, key, invitation) = match known {
        Some(account) => {
            let key = keys::load(&app.host, &call.db, &account.person).await?;
            let erased = || Problem::new(StatusCode::CONFLICT, "unknown_person");
            let code = welcome(call, &account, &mut local)?;
            (account.person, key.ok_or_else(erased)?, code)
        }
        None => {
            let (person, key) = (draw_person(app)?, PersonKey::draw(app.entropy.as_ref())?);
            let new = New {
                person: &person,
                key: &key,
                address,
                name,
                password: String::new(),
                confirmed: false,
                platform: false,
                locked: false,
                venue: &call.here()?.venue.id,
                agreed: None,
            };
            local.extend(account::make(app, &new)?);
            let venue = call.here()?.venue.id.as_str();
            let (code, kept) = code::draw(app, Kind::Invite, (venue, &person, ""))?;
            local.extend(kept);
            (person, key, Some(code))
        }
    };
    if let Some(code) = &invitation {
        local.extend(letter(call, address, code)?);
    }
    Ok(Met { person, key, invitation, local })
}

/// Draws an invitation for somebody whose address nobody has proved: whoever registered it must not
/// become one of the team by that, so the password goes.
///
/// # Errors
/// Fails when the host has no randomness.
fn welcome(call: &Call, account: &Account, local: &mut Batch) -> Result<Option<String>, Problem> {
    if !account.is_pending() {
        return Ok(None);
    }
    let venue = call.here()?.venue.id.as_str();
    let (code, kept) = code::draw(&call.app, Kind::Invite, (venue, &account.person, ""))?;
    local.push(code::end_all(&account.person));
    local.push(account::set_password(&account.person, ""));
    local.extend(kept);
    Ok(Some(code))
}

/// Sends the link as well, where somebody carries mails; the manager sees it in any case.
///
/// # Errors
/// Fails when the host has no randomness.
pub(super) fn letter(call: &Call, to: &Address, code: &str) -> Result<Option<Statement>, Problem> {
    let app = &call.app;
    if !(app.outbox.has_post() || app.host.demo) {
        return Ok(None);
    }
    let letter = Letter::Invitation { path: format!("/password?code={code}") };
    mail::queue(app, &call.here()?.venue.id, (to, call.locale), letter).map(Some)
}
