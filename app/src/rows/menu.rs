//! Reading published versions of the menu, and what changes on top of them.

use std::collections::BTreeSet;

use domain::{
    menu::{Known, Page, Sheet, Version},
    venue::hours::Hours,
};
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    host::Side,
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{catalogue, integer, json, readable, stock, text},
    stock::left,
};

/// Every page of it is here.
const WHOLE_SQL: &str = "NOT EXISTS (SELECT 1 FROM json_each(v.pages) p WHERE NOT EXISTS \
     (SELECT 1 FROM menu_page m WHERE m.venue = v.venue AND m.id = p.value))";
const SELECT_SQL: &str = "SELECT v.id AS id, v.pages AS pages, v.number AS number, \
     v.at_ms AS at_ms, v.author AS author FROM menu_version v WHERE v.venue = ?1";
const NEWEST_SQL: &str = "ORDER BY v.number DESC, v.at_ms DESC, v.id DESC LIMIT";

/// What decides which menu is shown now.
pub struct Live {
    /// The newest versions of which all pages are here, the one that is on sale first.
    pub newest: Vec<Version>,
    /// Ids of what is sold out.
    pub sold_out: BTreeSet<String>,
    /// When the venue is open, and the parts of its day.
    pub hours: Hours,
}

/// Loads it from one state of the store.
///
/// # Errors
/// Fails when the database does.
pub async fn live(db: &Metered, venue: &VenueId, side: &Side) -> Result<Live, Fault> {
    let id = || vec![venue.as_str().into()];
    let newest = format!("{SELECT_SQL} AND {WHOLE_SQL} {NEWEST_SQL} 3");
    let sold_out = "SELECT id FROM product WHERE venue = ?1 AND available = 0 LIMIT 2000";
    let found = db
        .read(&[
            Statement::new(newest, id()),
            Statement::new(sold_out, id()),
            catalogue::hours_query(venue),
            stock::query(venue),
        ])
        .await?;
    let [newest, sold_out, hours, shelves] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let id = |row: &Row| text(row, "id");
    let shelves = stock::read(shelves).into_iter();
    let empty = shelves.filter(|shelf| shelf.tracked && left(side, shelf) <= 0);
    let switched_off = readable("product", sold_out, id).into_iter();
    Ok(Live {
        newest: readable("menu_version", newest, read),
        sold_out: switched_off.chain(empty.map(|shelf| shelf.product)).collect(),
        hours: catalogue::read_hours(hours),
    })
}

/// Loads pages in the order of their names; nothing where one is not what its name says.
///
/// # Errors
/// Fails when the database does.
pub async fn pages(
    db: &Metered,
    venue: &VenueId,
    ids: &[String],
) -> Result<Option<Vec<Page>>, Fault> {
    let sql = "SELECT m.id AS id, m.content AS content FROM json_each(?2) p \
         JOIN menu_page m ON m.venue = ?1 AND m.id = p.value ORDER BY p.key";
    let params = vec![venue.as_str().into(), serde_json::json!(ids).to_string().into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    let mut read = Vec::new();
    for row in &rows {
        read.push(Sheet::read(&text(row, "id")?, &text(row, "content")?));
    }
    let pages: Option<Vec<Page>> = read.into_iter().collect();
    Ok(pages.filter(|pages| pages.len() == ids.len()))
}

/// Loads what somebody must know who publishes; of these pages, which are here already.
///
/// # Errors
/// Fails when the database does.
pub async fn known(db: &Metered, venue: &VenueId, pages: &[String]) -> Result<Known, Fault> {
    let newest = format!("{SELECT_SQL} AND {WHOLE_SQL} {NEWEST_SQL} 1");
    let highest = "SELECT coalesce(max(number), 0) AS number FROM menu_version WHERE venue = ?1";
    let here = "SELECT m.id AS id FROM json_each(?2) p \
         JOIN menu_page m ON m.venue = ?1 AND m.id = p.value";
    let asked = serde_json::json!(pages).to_string();
    let found = db
        .read(&[
            Statement::new(newest, vec![venue.as_str().into()]),
            Statement::new(highest, vec![venue.as_str().into()]),
            Statement::new(here, vec![venue.as_str().into(), asked.into()]),
        ])
        .await?;
    let [newest, highest, here] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let on_sale = readable("menu_version", newest, read).into_iter().next();
    Ok(Known {
        number: highest.first().map_or(Ok(0), |row| integer(row, "number"))?,
        on_sale: on_sale.map(|version| version.pages).unwrap_or_default(),
        pages: readable("menu_page", here, |row| text(row, "id")),
    })
}

/// Loads a version of which all pages are here.
///
/// # Errors
/// Fails when the database does.
pub async fn version(db: &Metered, venue: &VenueId, id: &str) -> Result<Option<Version>, Fault> {
    let sql = format!("{SELECT_SQL} AND v.id = ?2 AND {WHOLE_SQL}");
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), id.into()])).await?;
    rows.first().map(read).transpose()
}

/// Loads the last versions of which all pages are here, the one that is on sale first.
///
/// # Errors
/// Fails when the database does.
pub async fn history(db: &Metered, venue: &VenueId) -> Result<Vec<Version>, Fault> {
    let sql = format!("{SELECT_SQL} AND {WHOLE_SQL} {NEWEST_SQL} ?2");
    let params = vec![venue.as_str().into(), limits::VERSIONS_SHOWN.into()];
    Ok(readable("menu_version", &db.rows(Statement::new(sql, params)).await?, read))
}

fn read(row: &Row) -> Result<Version, Fault> {
    Ok(Version {
        id: text(row, "id")?,
        pages: json(row, "pages")?,
        number: integer(row, "number")?,
        at_ms: u64::try_from(integer(row, "at_ms")?).unwrap_or_default(),
        author: text(row, "author")?,
    })
}
