//! Reading on which terms a venue sells: rates of VAT, deliveries, promotions.

use std::sync::Arc;

use domain::{
    catalogue::Catalogue,
    ordering::Offer,
    pricing::{
        discount::{PROMOTIONS_MAX, Promotion, code},
        vat::{Class, RATES_MAX, Rate, Rates, Sold},
    },
    venue::delivery::Delivery,
};
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    metered::Metered,
    ports::{Fault, Row},
    rows::{self, integer, readable, text},
};

const DELIVERY_SQL: &str = "SELECT delivery FROM venue WHERE venue = ?1 AND id = ?1";
const RATES_SQL: &str = "SELECT id, class, mode, from_day, bp, confirmed, removed FROM vat_rate \
     WHERE venue = ?1 AND rate_stamp > 0 ORDER BY id LIMIT ?2";
const PROMOTIONS_SQL: &str = "SELECT id, percent, cents, from_day, until_day, minimum_cents, \
     active FROM promotion WHERE venue = ?1 AND terms_stamp > 0 ";

/// The terms of a venue.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// What is owed in VAT.
    pub rates: Rates,
    /// Where it delivers to.
    pub delivery: Delivery,
    /// Its promotions, or the one that was asked for.
    pub promotions: Vec<Promotion>,
}

/// Loads what a basket is priced by; of promotions the one of the code that was typed.
///
/// # Errors
/// Fails when the database does.
pub async fn offer(
    db: &Metered,
    venue: &VenueId,
    (catalogue, typed): (Arc<Catalogue>, &str),
) -> Result<Offer, Fault> {
    let params = vec![venue.as_str().into(), code(typed).unwrap_or_default().into()];
    let promotion = Statement::new(format!("{PROMOTIONS_SQL}AND id = ?2"), params);
    let Terms { rates, delivery, promotions } = read_terms(db, venue, promotion).await?;
    Ok(Offer { catalogue, rates, delivery, promotion: promotions.into_iter().next() })
}

/// Loads all terms of a venue.
///
/// # Errors
/// Fails when the database does.
pub async fn terms(db: &Metered, venue: &VenueId) -> Result<Terms, Fault> {
    let params = vec![venue.as_str().into(), (PROMOTIONS_MAX as i64).into()];
    let all = Statement::new(format!("{PROMOTIONS_SQL}ORDER BY id LIMIT ?2"), params);
    read_terms(db, venue, all).await
}

/// Loads where a venue delivers to.
///
/// # Errors
/// Fails when the database does.
pub async fn delivery(db: &Metered, venue: &VenueId) -> Result<Delivery, Fault> {
    let rows = db.rows(Statement::new(DELIVERY_SQL, vec![venue.as_str().into()])).await?;
    Ok(rows.first().map(settings).unwrap_or_default())
}

async fn read_terms(db: &Metered, venue: &VenueId, promotions: Statement) -> Result<Terms, Fault> {
    let of_venue = || vec![venue.as_str().into()];
    let with_limit = vec![venue.as_str().into(), (RATES_MAX as i64).into()];
    let queries = [
        Statement::new(DELIVERY_SQL, of_venue()),
        Statement::new(RATES_SQL, with_limit),
        promotions,
    ];
    let found = db.read(&queries).await?;
    let [delivery, rates, promotions] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    Ok(Terms {
        delivery: delivery.first().map(settings).unwrap_or_default(),
        rates: Rates::with(readable("vat_rate", rates, rate)),
        promotions: readable("promotion", promotions, promotion),
    })
}

/// Settings that cannot be read are those of a venue that has said nothing: it does not deliver.
fn settings(row: &Row) -> Delivery {
    rows::json::<Option<Delivery>>(row, "delivery").ok().flatten().unwrap_or_default()
}

fn rate(row: &Row) -> Result<Rate, Fault> {
    let unknown = || Fault::lasting("a rate is of a newer build");
    Ok(Rate {
        class: Class::parse(&text(row, "class")?).ok_or_else(unknown)?,
        mode: Sold::parse(&text(row, "mode")?).ok_or_else(unknown)?,
        from: text(row, "from_day")?,
        bp: integer(row, "bp")?,
        confirmed: integer(row, "confirmed")? != 0,
        removed: integer(row, "removed")? != 0,
    })
}

fn promotion(row: &Row) -> Result<Promotion, Fault> {
    Ok(Promotion {
        code: text(row, "id")?,
        percent: integer(row, "percent")?,
        cents: integer(row, "cents")?,
        from: text(row, "from_day")?,
        until: text(row, "until_day")?,
        minimum_cents: integer(row, "minimum_cents")?,
        active: integer(row, "active")? != 0,
    })
}
