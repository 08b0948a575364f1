//! Another address for an account: asked for with the password, proved by a link there, undone by
//! a link at the former one.
//!
//! It must not know pages.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    people::{address::Address, person::PersonId},
};
use serde_json::json;
use sync_engine::statement::{Batch, Statement};

use crate::{
    audit::{self, Noted},
    call::{Call, Written},
    mail::{self, Letter},
    people::{
        account::{self, Account},
        code::{self, Found, Kind},
        external,
        keys::{self, PersonKey},
        register::{self, Left},
    },
    problem::Problem,
    session,
};

/// Sends a link to the address that somebody wants; nothing changes before it is followed. Whether
/// the address is somebody else's is told to that somebody alone.
///
/// # Errors
/// Refuses an account whose address a provider vouches for, and whoever asks too often.
pub async fn ask(call: &Call, account: &Account, wanted: &Address) -> Result<(), Problem> {
    if account.locked {
        return Err(Problem::new(StatusCode::CONFLICT, "address_locked"));
    }
    let (present, _) = account::plain(call, account).await?;
    if present == wanted.as_str() {
        return Err(Problem::invalid_field("email"));
    }
    register::take_mail(call, wanted).await?;
    let key = keys::load(&call.app.host, &call.db, &account.person).await?;
    let key = key.ok_or_else(|| Problem::new(StatusCode::CONFLICT, "unknown_person"))?;
    register::leave(call, wanted, |known| match known {
        Some(other) if !other.is_pending() => register::already_known(call, other),
        _ => proof(call, (&account.person, &key), wanted),
    })
    .await
}

fn proof(
    call: &Call,
    (person, key): (&PersonId, &PersonKey),
    wanted: &Address,
) -> Result<Left, Problem> {
    let detail = seal(call, (person, key), wanted)?;
    let venue = call.here()?.venue.id.as_str();
    let (code, batch) = code::draw(&call.app, Kind::Change, (venue, person, &detail))?;
    let letter = Letter::Confirm { path: format!("/account/email?code={code}") };
    Ok(register::left(letter, batch))
}

/// What a code was drawn for.
struct Meant {
    account: Account,
    key: PersonKey,
    address: Address,
    found: Found,
}

async fn meant(call: &Call, kind: Kind, code: &str) -> Result<Meant, Problem> {
    let not_good = || Problem::new(StatusCode::GONE, "code_not_good");
    let found = code::present(call, &[kind], code).await?;
    let person = PersonId::parse(&found.person).ok_or_else(not_good)?;
    let account = account::of(&call.db, &person).await?.filter(|a| !a.barred);
    let key = keys::load(&call.app.host, &call.db, &person).await?.ok_or_else(not_good)?;
    let address = key.open(&place(&person), &found.detail).ok_or_else(not_good)?;
    let address = Address::parse(&address).map_err(|_| not_good())?;
    Ok(Meant { account: account.ok_or_else(not_good)?, key, address, found })
}

/// Checks that a code is good still, for the page that asks once more.
///
/// # Errors
/// Refuses a code that is not good.
pub async fn check(call: &Call, kind: Kind, code: &str) -> Result<(), Problem> {
    meant(call, kind, code).await.map(drop)
}

/// Takes the address that was proved, and tells the former one.
///
/// # Errors
/// Refuses a code that is not good, and an address that somebody else has proved meanwhile.
pub async fn take(call: &Call, code: &str) -> Result<(), Problem> {
    let Meant { account, key, address, found } = meant(call, Kind::Change, code).await?;
    let app = &call.app;
    let (person, venue) = (&account.person, &call.here()?.venue.id);
    let (former, _) = account::plain(call, &account).await?;
    let former = Address::parse(&former)?;
    let detail = seal(call, (person, &key), &former)?;
    let (undo, kept) = code::draw(app, Kind::Undo, (venue.as_str(), person, &detail))?;
    let letter = Letter::AddressChanged { path: format!("/account/undo?code={undo}") };
    let mut batch = vec![found.used, code::end_all(person)];
    batch.extend(register::forget_pending(app, &address, person));
    batch.push(set(call, (person, &key), &address)?);
    batch.extend(kept);
    batch.push(mail::queue(app, venue, (&former, call.locale), letter)?);
    commit(call, (Kind::Change, code), person, batch, false).await
}

/// Takes the former address back: every session ends, no password is good any more, and whoever
/// has the mail chooses one; returns the link to it.
///
/// # Errors
/// Refuses a code that is not good, and an address that somebody else has proved meanwhile.
pub async fn undo(call: &Call, code: &str) -> Result<String, Problem> {
    let Meant { account, key, address, found } = meant(call, Kind::Undo, code).await?;
    let person = &account.person;
    let (link, kept) = register::password_link(call, person)?;
    let since_ms = found.ends_ms;
    let mut batch = vec![found.used, code::end_all(person), code::end_undoing(person, since_ms)];
    batch.extend(register::forget_pending(&call.app, &address, person));
    batch.push(set(call, (person, &key), &address)?);
    batch.push(account::set_password(person, ""));
    batch.push(external::unlink(person));
    batch.push(session::close_all(person, None));
    batch.extend(kept);
    commit(call, (Kind::Undo, code), person, batch, true).await?;
    Ok(link)
}

async fn commit(
    call: &Call,
    (kind, code): (Kind, &str),
    person: &PersonId,
    batch: Batch,
    is_undone: bool,
) -> Result<(), Problem> {
    let (actor, detail) = (person.as_str(), json!({"undone": is_undone}));
    let noted = Noted { act: Act::AddressChanged, actor, subject: actor, detail };
    match audit::commit(call, &noted, (Vec::new(), batch)).await? {
        Written::Done => {
            call.app.outbox.ring();
            Ok(())
        }
        Written::Again => {
            // Where the code is good still, it was the address that somebody else has.
            meant(call, kind, code).await?;
            Err(Problem::new(StatusCode::CONFLICT, "address_taken"))
        }
    }
}

fn set(
    call: &Call,
    (person, key): (&PersonId, &PersonKey),
    address: &Address,
) -> Result<Statement, Problem> {
    let place = account::email_place(person);
    let sealed = key.seal(call.app.entropy.as_ref(), &place, address.as_str())?;
    let sql = "UPDATE account SET email_index = ?2, email_sealed = ?3, confirmed_ms = ?4 \
         WHERE person = ?1 AND locked = 0";
    let params = vec![
        person.as_str().into(),
        account::index(&call.app.host, address).into(),
        sealed.into(),
        (call.app.clock.now_ms() as i64).into(),
    ];
    Ok(Statement::exactly(1, sql, params))
}

fn seal(
    call: &Call,
    (person, key): (&PersonId, &PersonKey),
    address: &Address,
) -> Result<String, Problem> {
    key.seal(call.app.entropy.as_ref(), &place(person), address.as_str())
}

/// An address in a code opens nowhere else.
fn place(person: &PersonId) -> String {
    format!("person/{person}/code")
}
