//! Reading what somebody ordered, what they think of it, and its invoice.
//!
//! It must not know who may see any of it.

use std::collections::BTreeMap;

use sync_engine::{
    id::VenueId,
    statement::{Statement, Value},
};

use crate::{
    metered::Metered,
    ports::{Fault, Row},
    rows::{
        integer,
        order::{ALL_SQL, COLUMNS_SQL, Found, read},
        readable, text,
    },
};

/// What somebody thinks of an order, and what the venue answers.
#[derive(Debug, Clone, Default)]
pub struct Rating {
    /// Of which order.
    pub order: String,
    /// One to five; 0 while nobody said.
    pub stars: i64,
    /// Sealed with the key of whoever ordered; may be empty.
    pub comment: String,
    /// When it was said.
    pub rated_ms: i64,
    /// What the venue answers; may be empty.
    pub answer: String,
}

/// The invoice of an order.
#[derive(Debug, Clone, Default)]
pub struct Invoice {
    /// Of which order.
    pub order: String,
    /// Its series.
    pub origin: String,
    /// Its number in the series.
    pub number: i64,
    /// To whom, sealed; may be empty.
    pub billed: String,
    /// When it was made.
    pub at_ms: i64,
}

impl Invoice {
    /// Returns what stands on it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{:05}", self.origin, self.number)
    }
}

/// Loads somebody's orders, the newest first: placed before this one, or the newest of all.
///
/// # Errors
/// Fails when the database does.
pub async fn list(
    db: &Metered,
    venue: &VenueId,
    (person, before, limit): (&str, Option<&(i64, String)>, i64),
) -> Result<Vec<Found>, Fault> {
    let mut params: Vec<Value> = vec![venue.as_str().into(), person.into(), limit.into()];
    let mut sql = format!("{COLUMNS_SQL}{ALL_SQL}o.person = ?2 AND o.person <> ''");
    if let Some((ms, id)) = before {
        sql += " AND (o.placed_ms, o.id) < (?4, ?5)";
        params.push((*ms).into());
        params.push(id.as_str().into());
    }
    sql += " ORDER BY o.placed_ms DESC, o.id DESC LIMIT ?3";
    let rows = db.rows(Statement::new(sql, params)).await?;
    Ok(readable("order", &rows, read))
}

const RATING_SQL: &str = "SELECT id, stars, comment, rated_ms, answer FROM rating ";
const INVOICE_SQL: &str = "SELECT id, origin, number, billed, at_ms FROM invoice ";

/// What came after orders.
#[derive(Debug, Clone, Default)]
pub struct After {
    /// By order.
    pub ratings: BTreeMap<String, Rating>,
    /// By order.
    pub invoices: BTreeMap<String, Invoice>,
}

/// Loads what came after these orders.
///
/// # Errors
/// Fails when the database does.
pub async fn after(db: &Metered, venue: &VenueId, orders: &[&str]) -> Result<After, Fault> {
    let ids = serde_json::Value::from(orders).to_string();
    let of = |sql: &str| {
        let sql = format!("{sql} WHERE venue = ?1 AND id IN (SELECT value FROM json_each(?2))");
        Statement::new(sql, vec![venue.as_str().into(), ids.as_str().into()])
    };
    let found = db.read(&[of(RATING_SQL), of(INVOICE_SQL)]).await?;
    let [ratings, invoices] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let ratings = readable("rating", ratings, rating);
    let invoices = readable("invoice", invoices, invoice);
    Ok(After {
        ratings: ratings.into_iter().map(|one| (one.order.clone(), one)).collect(),
        invoices: invoices.into_iter().map(|one| (one.order.clone(), one)).collect(),
    })
}

/// Loads the latest opinions with their orders, and what all of them say in the mean.
///
/// # Errors
/// Fails when the database does.
pub async fn ratings(
    db: &Metered,
    venue: &VenueId,
    limit: i64,
) -> Result<(Vec<(Found, Rating)>, Mean), Fault> {
    let orders = format!(
        "{COLUMNS_SQL}, r.stars AS stars, r.comment AS comment, r.rated_ms AS rated_ms, \
         r.answer AS answer FROM rating r CROSS JOIN customer_order o \
         ON o.venue = r.venue AND o.id = r.id WHERE r.venue = ?1 AND r.rated_ms > 0 \
         ORDER BY r.rated_ms DESC, r.id LIMIT ?2"
    );
    let mean = "SELECT count(*) AS count, coalesce(sum(stars), 0) AS stars FROM rating \
         WHERE venue = ?1 AND rated_ms > 0";
    let queries = [
        Statement::new(orders, vec![venue.as_str().into(), limit.into()]),
        Statement::new(mean, vec![venue.as_str().into()]),
    ];
    let found = db.read(&queries).await?;
    let [orders, mean] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let mean = mean.first().map(read_mean).transpose()?.unwrap_or_default();
    let both = |row: &Row| Ok((read(row)?, rating(row)?));
    Ok((readable("rating", orders, both), mean))
}

/// What all opinions say together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mean {
    /// How many.
    pub count: i64,
    /// All their stars.
    pub stars: i64,
}

fn read_mean(row: &Row) -> Result<Mean, Fault> {
    Ok(Mean { count: integer(row, "count")?, stars: integer(row, "stars")? })
}

fn rating(row: &Row) -> Result<Rating, Fault> {
    Ok(Rating {
        order: text(row, "id")?,
        stars: integer(row, "stars")?,
        comment: text(row, "comment")?,
        rated_ms: integer(row, "rated_ms")?,
        answer: text(row, "answer")?,
    })
}

fn invoice(row: &Row) -> Result<Invoice, Fault> {
    Ok(Invoice {
        order: text(row, "id")?,
        origin: text(row, "origin")?,
        number: integer(row, "number")?,
        billed: text(row, "billed")?,
        at_ms: integer(row, "at_ms")?,
    })
}
