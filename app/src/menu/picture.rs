//! A picture that an editor sends for a product: written anew, small enough to travel, and named by
//! the product.
//!
//! It must not know where forms come from.

use axum::http::StatusCode;
use domain::catalogue::picture;
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    call::{Call, Tries, Written},
    limits,
    menu::edit,
    metered::Metered,
    people::{account::slow, photo::refused},
    picture as pixels,
    ports::Fault,
    problem::Problem,
    rate,
    rows::{self, integer, text},
};

/// Gives a product a picture in place of the one that it has.
///
/// # Errors
/// Refuses an unknown product, what is no picture, and more pictures than a venue may have.
pub async fn change(call: &Call, product: &str, sent: Vec<u8>) -> Result<(), Problem> {
    let venue = &call.here()?.venue.id;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_product");
    let menu = rows::catalogue::load(&call.db, venue).await?;
    menu.product(product).ok_or_else(unknown)?;
    rate::take(call, &rate::DISH, call.visitor()?.person.as_str()).await?;
    let made = slow(&call.app, move || Ok(pixels::dish(&sent))).await?.map_err(refused)?;
    let id = picture::id(&made);
    keep(call, venue, &made).await?;
    // A picture takes its time: what others changed meanwhile stays.
    let menu = rows::catalogue::load(&call.db, venue).await?;
    let mut wanted = menu.product(product).cloned().ok_or_else(unknown)?;
    wanted.picture = picture::address(&id);
    edit::product(call, &wanted, None).await.map(drop)
}

/// Returns a picture; none where there is none, or it is not what its name says.
///
/// # Errors
/// Fails when the database does.
pub async fn load(db: &Metered, venue: &VenueId, id: &str) -> Result<Option<Vec<u8>>, Fault> {
    let sql = "SELECT content FROM menu_picture WHERE venue = ?1 AND id = ?2";
    let found = db.rows(Statement::new(sql, vec![venue.as_str().into(), id.into()])).await?;
    let Some(row) = found.first() else { return Ok(None) };
    let bytes = picture::read(id, &text(row, "content")?);
    if bytes.is_none() {
        tracing::error!(picture = id, "a picture is not what its name says");
    }
    Ok(bytes)
}

/// Keeps a picture where it is not kept yet, and there is room for another one.
async fn keep(call: &Call, venue: &VenueId, bytes: &[u8]) -> Result<(), Problem> {
    let no_room = || Problem::new(StatusCode::CONFLICT, "no_room");
    let draft = picture::draft(bytes).ok_or_else(no_room)?;
    let mut tries = Tries::default();
    loop {
        let sql = "SELECT count(*) AS kept, coalesce(max(id = ?2), 0) AS known \
             FROM menu_picture WHERE venue = ?1";
        let params = vec![venue.as_str().into(), draft.entity.as_str().into()];
        let found = call.db.rows(Statement::new(sql, params)).await?;
        let row = found.first().ok_or_else(|| Fault::lasting("a count returned nothing"))?;
        if integer(row, "known")? == 1 {
            return Ok(());
        }
        if integer(row, "kept")? >= limits::PICTURES_MAX {
            return Err(no_room());
        }
        if call.write(std::slice::from_ref(&draft)).await? != Written::Again {
            return Ok(());
        }
        tries.again()?;
    }
}
