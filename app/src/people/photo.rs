//! Somebody's photo: kept as a file that only their key opens, shown to colleagues.
//!
//! It stays at the home of accounts and travels nowhere. It must not know pages.

use axum::http::StatusCode;
use domain::people::person::PersonId;
use sync_engine::statement::{Batch, Statement};

use crate::{
    App,
    blobs::{self, BlobId, Label},
    call::Call,
    limits,
    metered::Metered,
    people::{
        account::{self, Account, slow},
        keys,
    },
    picture::{self, Unfit},
    ports::CommitFault,
    problem::Problem,
    rate,
    rows::text,
};

/// Takes another photo in place of the one that there is.
///
/// # Errors
/// Refuses what is no photo or has no room, and fails when database or store of files do.
pub async fn change(call: &Call, photo: Vec<u8>) -> Result<(), Problem> {
    let app = &call.app;
    app.blobs.place()?;
    let account = own(call).await?;
    let person = account.person.clone();
    rate::take(call, &rate::PHOTO, person.as_str()).await?;
    let portrait = slow(app, move || Ok(picture::portrait(&photo))).await?.map_err(refused)?;
    let unknown = || Problem::new(StatusCode::CONFLICT, "unknown_person");
    let key = keys::load(&app.host, &call.db, &person).await?.ok_or_else(unknown)?;
    let sealed = key.seal_bytes(app.entropy.as_ref(), &place(&person), &portrait)?;
    let label = Label { owner: person.as_str(), what: "photo" };
    let coming = blobs::put(app, &call.db, label, sealed).await?;
    write(call, &account, (coming.id.as_str(), vec![coming.stays()])).await
}

/// Takes somebody's own photo away.
///
/// # Errors
/// Fails when the database does.
pub async fn remove(call: &Call) -> Result<(), Problem> {
    let account = own(call).await?;
    write(call, &account, ("", Vec::new())).await
}

/// Returns somebody's photo as a JPEG; none where there is none, or their key is gone.
///
/// # Errors
/// Fails when database or store of files do.
pub async fn load(app: &App, db: &Metered, person: &PersonId) -> Result<Option<Vec<u8>>, Problem> {
    let Some(account) = account::of(db, person).await? else { return Ok(None) };
    let Some(id) = BlobId::parse(&account.photo) else { return Ok(None) };
    let Some(key) = keys::load(&app.host, db, person).await? else { return Ok(None) };
    let Some(sealed) = app.blobs.get(&id).await? else { return Ok(None) };
    Ok(key.open_bytes(&place(person), &sealed))
}

/// Lists who of a venue's people has a photo here.
///
/// # Errors
/// Fails when the database does.
pub async fn whose(call: &Call) -> Result<Vec<String>, Problem> {
    let sql = "SELECT a.person AS person FROM account a \
         JOIN person p ON p.id = a.person WHERE p.venue = ?1 AND a.photo <> '' LIMIT ?2";
    let venue = &call.here()?.venue.id;
    let params = vec![venue.as_str().into(), limits::PEOPLE_SHOWN.into()];
    let rows = call.db.rows(Statement::new(sql, params)).await?;
    Ok(rows.iter().map(|row| text(row, "person")).collect::<Result<_, _>>()?)
}

/// Returns the account of whoever is signed in; a gateway with an edge has none.
async fn own(call: &Call) -> Result<Account, Problem> {
    let elsewhere = || Problem::new(StatusCode::CONFLICT, "no_accounts_here");
    account::of(&call.db, &call.visitor()?.person).await?.ok_or_else(elsewhere)
}

async fn write(
    call: &Call,
    account: &Account,
    (photo, mut batch): (&str, Batch),
) -> Result<(), Problem> {
    let sql = "UPDATE account SET photo = ?3 WHERE person = ?1 AND photo = ?2";
    let former = account.photo.as_str();
    let params = vec![account.person.as_str().into(), former.into(), photo.into()];
    batch.push(Statement::exactly(1, sql, params));
    batch.push(blobs::let_go(former));
    match call.db.commit(&batch).await {
        Ok(()) => {}
        // Another photo came meanwhile; this one is swept.
        Err(CommitFault::Conflict) => return Err(Problem::unavailable("a photo came meanwhile")),
        Err(CommitFault::Fault(fault)) => return Err(fault.into()),
    }
    Ok(blobs::sweep(&call.app, limits::BLOBS_AT_ONCE).await.map(drop)?)
}

fn place(person: &PersonId) -> String {
    format!("person/{person}/photo")
}

/// Says why a photo is not taken.
pub(crate) fn refused(unfit: Unfit) -> Problem {
    let code = match unfit {
        Unfit::Kind => "photo_kind",
        Unfit::Broken => "photo_broken",
        Unfit::Pixels => "photo_pixels",
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code)
}
