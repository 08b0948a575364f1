//! Reading what a venue sells.

use domain::{
    catalogue::{Catalogue, Category, Product},
    limits,
    pricing::vat::Class,
};
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, json, readable, text},
};

/// Loads categories and products in menu order, without those that cannot be read.
///
/// # Errors
/// Fails when the database does.
pub async fn load(db: &Metered, venue: &VenueId) -> Result<Catalogue, Fault> {
    let found = db
        .read(&[
            Statement::new(
                "SELECT id, name, position FROM category \
                 WHERE venue = ?1 AND presentation_stamp > 0 ORDER BY position, id LIMIT ?2",
                vec![venue.as_str().into(), (limits::CATEGORIES_MAX as i64).into()],
            ),
            Statement::new(
                "SELECT id, category, name, description, picture, allergens, position, \
                 price_cents, vat_class, option_groups, available FROM product \
                 WHERE venue = ?1 AND presentation_stamp > 0 AND offer_stamp > 0 \
                 ORDER BY position, id LIMIT ?2",
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
        position: integer(row, "position")?,
        price_cents: integer(row, "price_cents")?,
        vat_class: Class::parse(&text(row, "vat_class")?).unwrap_or_default(),
        option_groups: json(row, "option_groups")?,
        available: integer(row, "available")? != 0,
    })
}
