//! Where somebody has things brought: a few addresses at the home of accounts, sealed with their
//! key.
//!
//! It must not know orders.

use axum::http::StatusCode;
use domain::{ordering::Contact, people::person::PersonId};
use sync_engine::statement::Statement;

use crate::{
    call::Call,
    limits,
    people::keys::{self, PersonKey},
    ports::CommitFault,
    problem::Problem,
    rows::text,
    session::random,
};

/// Somebody's address, and under what it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// Where.
    pub contact: Contact,
}

/// Lists somebody's own addresses, the latest first.
///
/// # Errors
/// Fails when the database does.
pub async fn list(call: &Call) -> Result<Vec<Kept>, Problem> {
    let person = &call.visitor()?.person;
    let Some(key) = keys::load(&call.app.host, &call.db, person).await? else {
        return Ok(Vec::new());
    };
    let sql = "SELECT id, sealed FROM account_address WHERE person = ?1 \
         ORDER BY made_ms DESC, id LIMIT ?2";
    let params = vec![person.as_str().into(), limits::ADDRESSES_KEPT.into()];
    let rows = call.db.rows(Statement::new(sql, params)).await?;
    let mut kept = Vec::new();
    for row in &rows {
        let (id, sealed) = (text(row, "id")?, text(row, "sealed")?);
        kept.extend(open(&key, (person, &id), &sealed).map(|contact| Kept { id, contact }));
    }
    Ok(kept)
}

fn open(key: &PersonKey, (person, id): (&PersonId, &str), sealed: &str) -> Option<Contact> {
    serde_json::from_str(&key.open(&place(person, id), sealed)?).ok()
}

/// Keeps another address.
///
/// # Errors
/// Refuses what is none, more than a few, and a host at which nobody has an account.
pub async fn keep(call: &Call, contact: &Contact) -> Result<(), Problem> {
    let contact = contact.checked()?;
    let person = &call.visitor()?.person;
    let refuse = |code| Err(Problem::new(StatusCode::CONFLICT, code));
    if !call.app.host.is_home {
        return refuse("no_accounts_here");
    }
    let Some(key) = keys::load(&call.app.host, &call.db, person).await? else {
        return refuse("unknown_person");
    };
    if list(call).await?.iter().any(|kept| kept.contact == contact) {
        return Ok(());
    }
    let id = random(call.app.entropy.as_ref(), 8)?;
    let words =
        serde_json::to_string(&contact).map_err(|error| Problem::internal(error.to_string()))?;
    let sealed = key.seal(call.app.entropy.as_ref(), &place(person, &id), &words)?;
    let sql = "INSERT INTO account_address (person, id, sealed, made_ms) SELECT ?1, ?2, ?3, ?4 \
         WHERE (SELECT count(*) FROM account_address WHERE person = ?1) < ?5";
    let params = vec![
        person.as_str().into(),
        id.into(),
        sealed.into(),
        (call.app.clock.now_ms() as i64).into(),
        limits::ADDRESSES_KEPT.into(),
    ];
    match call.db.commit(&[Statement::exactly(1, sql, params)]).await {
        Ok(()) => Ok(()),
        Err(CommitFault::Conflict) => refuse("too_many_addresses"),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

/// Forgets an address.
///
/// # Errors
/// Fails when the database does.
pub async fn forget(call: &Call, id: &str) -> Result<(), Problem> {
    let sql = "DELETE FROM account_address WHERE person = ?1 AND id = ?2";
    let params = vec![call.visitor()?.person.as_str().into(), id.into()];
    match call.db.commit(&[Statement::new(sql, params)]).await {
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

fn place(person: &PersonId, id: &str) -> String {
    format!("person/{person}/address/{id}")
}
