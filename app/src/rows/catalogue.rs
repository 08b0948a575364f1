//! Reading what a venue sells.

use domain::{
    catalogue::{Catalogue, Category, Kind, Product},
    limits,
    pricing::vat::Class,
    venue::hours::Hours,
};
use serde_json::{Map, Value as Json};
use sync_engine::{id::VenueId, shape::MEMBER_SQL, sibling, statement::Statement};

use crate::{
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, json, readable, text},
};

const PRODUCT_SQL: &str = "SELECT id, category, name, description, picture, allergens, diets, \
     position, price_cents, vat_class, option_groups, kind, slots, ingredients, free_text, \
     station, day_part, upsell, available FROM product WHERE venue = ?1 AND presentation_stamp > 0 \
     AND offer_stamp > 0 AND removed = 0 ORDER BY position, id LIMIT ?2";

/// Loads when a venue is open; hours that cannot be read close nothing.
///
/// # Errors
/// Fails when the database does.
pub async fn hours(db: &Metered, venue: &VenueId) -> Result<Hours, Fault> {
    Ok(read_hours(&db.rows(hours_query(venue)).await?))
}

/// Builds the query for a venue's hours.
#[must_use]
pub fn hours_query(venue: &VenueId) -> Statement {
    let sql = "SELECT hours FROM venue WHERE venue = ?1 AND id = ?1";
    Statement::new(sql, vec![venue.as_str().into()])
}

/// Reads what that query returned.
#[must_use]
pub fn read_hours(rows: &[Row]) -> Hours {
    let read = rows.first().map_or(Ok(Hours::default()), |row| json(row, "hours"));
    read.unwrap_or_else(|fault| {
        tracing::error!(detail = %fault.detail, "a venue's hours cannot be read");
        Hours::default()
    })
}

/// A value that stands beside others in a register of a product.
#[derive(Debug, Clone)]
pub struct Sibling {
    /// Its id.
    pub id: String,
    /// Of which register.
    pub register: &'static str,
    /// What it says.
    pub fields: Map<String, Json>,
}

/// The registers of a product in which editors may meet.
pub const EDITED: [&str; 3] = ["presentation", "offer", "service"];

/// Loads what stands side by side in the registers of a product, what counts first.
///
/// # Errors
/// Fails when the database does.
pub async fn siblings(db: &Metered, venue: &VenueId, product: &str) -> Result<Vec<Sibling>, Fault> {
    let query = |register| sibling::query(venue, &sibling::name("product", product, register));
    let found = db.read(&EDITED.map(query)).await?;
    let mut siblings = Vec::new();
    for (register, rows) in EDITED.into_iter().zip(found) {
        for row in &rows {
            let (id, fields) = (text(row, "id")?, json(row, "fields")?);
            siblings.push(Sibling { id, register, fields });
        }
    }
    Ok(siblings)
}

/// Lists products in whose registers several values stand side by side.
///
/// # Errors
/// Fails when the database does.
pub async fn torn(db: &Metered, venue: &VenueId) -> Result<Vec<String>, Fault> {
    let sql = format!(
        "SELECT edited AS id FROM sibling WHERE venue = ?1 AND {MEMBER_SQL} \
         GROUP BY edited HAVING count(*) > 1 LIMIT 200"
    );
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let product = |row: &Row| Ok(text(row, "id")?.split('/').nth(1).unwrap_or("").to_owned());
    Ok(readable("sibling", &rows, product))
}

/// Tells whether a product or a category was taken from the menu; nothing where it never was.
///
/// # Errors
/// Fails when the database does.
pub async fn exists(
    db: &Metered,
    venue: &VenueId,
    (table, id): (&'static str, &str),
) -> Result<Option<bool>, Fault> {
    let sql = format!(
        "SELECT removed FROM {table} WHERE venue = ?1 AND id = ?2 AND presentation_stamp > 0"
    );
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), id.into()])).await?;
    rows.first().map(|row| Ok(integer(row, "removed")? != 0)).transpose()
}

/// Loads categories and products in menu order, without those that cannot be read.
///
/// # Errors
/// Fails when the database does.
pub async fn load(db: &Metered, venue: &VenueId) -> Result<Catalogue, Fault> {
    let found = db
        .read(&[
            Statement::new(
                "SELECT id, name, position FROM category \
                 WHERE venue = ?1 AND presentation_stamp > 0 AND removed = 0 \
                 ORDER BY position, id LIMIT ?2",
                vec![venue.as_str().into(), (limits::CATEGORIES_MAX as i64).into()],
            ),
            Statement::new(
                PRODUCT_SQL,
                vec![venue.as_str().into(), (limits::PRODUCTS_MAX as i64).into()],
            ),
        ])
        .await?;
    let [categories, products] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    Ok(Catalogue {
        categories: readable("category", categories, category),
        products: readable("product", products, product),
        ..Catalogue::default()
    })
}

fn category(row: &Row) -> Result<Category, Fault> {
    Ok(Category {
        id: text(row, "id")?,
        name: json(row, "name")?,
        position: integer(row, "position")?,
    })
}

fn product(row: &Row) -> Result<Product, Fault> {
    Ok(Product {
        id: text(row, "id")?,
        category: text(row, "category")?,
        name: json(row, "name")?,
        description: json(row, "description")?,
        picture: text(row, "picture")?,
        allergens: json(row, "allergens")?,
        diets: json(row, "diets")?,
        position: integer(row, "position")?,
        price_cents: integer(row, "price_cents")?,
        vat_class: Class::parse(&text(row, "vat_class")?).unwrap_or_default(),
        option_groups: json(row, "option_groups")?,
        kind: kind(&text(row, "kind")?)?,
        slots: json(row, "slots")?,
        ingredients: json(row, "ingredients")?,
        free_text: integer(row, "free_text")? != 0,
        station: text(row, "station")?,
        day_part: text(row, "day_part")?,
        upsell: json(row, "upsell")?,
        available: integer(row, "available")? != 0,
    })
}

/// What a newer build puts together in a way of its own cannot be sold here.
fn kind(name: &str) -> Result<Kind, Fault> {
    if name.is_empty() {
        return Ok(Kind::Simple);
    }
    Kind::parse(name).ok_or_else(|| Fault::lasting("a product of an unknown kind"))
}
