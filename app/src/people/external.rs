//! Whose account a sign-in by a provider opens: one that it opened before, one whose proved address
//! the provider vouches for, or a new one.
//!
//! A link is found by a keyed hash of issuer and subject. It must not know how the provider is
//! asked.

use axum::http::StatusCode;
use domain::people::{
    address::Address,
    openid::Said,
    person::{self, PersonId},
};
use sync_engine::{
    seal::{derive, hex, mac},
    statement::{Batch, Statement, Value},
};

use crate::{
    App,
    call::Call,
    people::{
        account::{self, Account, New, draw_person},
        keys::PersonKey,
        register,
    },
    problem::Problem,
    rows::text,
};

/// Finds or makes the account of somebody of whom a provider says this; returns what to write.
///
/// # Errors
/// Refuses an address that the provider or its account does not vouch for, and whoever is barred.
pub async fn account(call: &Call, issuer: &str, said: &Said) -> Result<(Account, Batch), Problem> {
    let id = link_id(&call.app, issuer, &said.subject);
    if let Some(account) = linked(call, &id).await? {
        return Ok((admitted(account)?, Batch::new()));
    }
    let refused = |status, code| Err(Problem::new(status, code));
    let Some(address) = said.email.as_ref().filter(|_| said.is_verified) else {
        return refused(StatusCode::FORBIDDEN, "openid_unverified");
    };
    match account::by_address(&call.app, &call.db, address).await? {
        Some(account) if account.barred => admitted(account).map(|account| (account, Batch::new())),
        // Whoever registered it chose a password, and may not be whom the provider means.
        Some(account) if account.confirmed_ms == 0 => {
            refused(StatusCode::CONFLICT, "openid_unconfirmed")
        }
        Some(account) => {
            let batch = link(call, &id, (issuer, &account.person));
            Ok((account, batch))
        }
        None => newcomer(call, (&id, issuer), (said, address)),
    }
}

fn admitted(account: Account) -> Result<Account, Problem> {
    if account.barred {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_login"));
    }
    Ok(account)
}

async fn linked(call: &Call, id: &str) -> Result<Option<Account>, Problem> {
    let sql = "SELECT person FROM external_login WHERE id = ?1";
    let rows = call.db.rows(Statement::new(sql, vec![id.into()])).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    match PersonId::parse(&text(row, "person")?) {
        Some(person) => Ok(account::of(&call.db, &person).await?),
        None => Ok(None),
    }
}

fn newcomer(
    call: &Call,
    (id, issuer): (&str, &str),
    (said, address): (&Said, &Address),
) -> Result<(Account, Batch), Problem> {
    let app = &call.app;
    let (person, key) = (draw_person(app)?, PersonKey::draw(app.entropy.as_ref())?);
    let local = address.as_str().split('@').next().unwrap_or_default();
    // A name that is none of ours is left away: the address has one.
    let name = person::name(&said.name).or_else(|_| person::name(local));
    let new = New {
        person: &person,
        key: &key,
        address,
        name: &name.unwrap_or_default(),
        password: String::new(),
        confirmed: true,
        platform: false,
        locked: true,
        venue: &call.here()?.venue.id,
        agreed: None,
    };
    let mut batch = register::forget_old(app.clock.now_ms());
    batch.extend(account::make(app, &new)?);
    batch.extend(link(call, id, (issuer, &person)));
    Ok((Account::fresh(person), batch))
}

/// A link to an account that is no more, as of somebody erased, is replaced; to another, it is a
/// conflict: somebody was first.
fn link(call: &Call, id: &str, (issuer, person): (&str, &PersonId)) -> Batch {
    let gone = "DELETE FROM external_login WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM account a \
         WHERE a.person = external_login.person \
         AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.id = a.person))";
    let sql = "INSERT INTO external_login (id, issuer, person, made_ms) VALUES (?1, ?2, ?3, ?4)";
    let now_ms = call.app.clock.now_ms() as i64;
    let params: Vec<Value> = vec![id.into(), issuer.into(), person.as_str().into(), now_ms.into()];
    vec![Statement::new(gone, vec![id.into()]), Statement::exactly(1, sql, params)]
}

/// Returns the statement that ends every sign-in of a person by a provider.
#[must_use]
pub fn unlink(person: &PersonId) -> Statement {
    let sql = "DELETE FROM external_login WHERE person = ?1";
    Statement::new(sql, vec![person.as_str().into()])
}

/// Whoever reads the database does not learn by what a provider knows somebody.
fn link_id(app: &App, issuer: &str, subject: &str) -> String {
    let key = derive(app.host.secret.expose(), "external-login");
    hex(&mac(&key, format!("{issuer}\n{subject}").as_bytes()))
}
