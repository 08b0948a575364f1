//! Reading what was ordered: order by order, and in sums.
//!
//! It must not know days, nor how anything is shown.

use std::collections::{BTreeMap, BTreeSet};

use domain::{catalogue::Texts, ordering::State};
use sync_engine::{
    id::VenueId,
    statement::{Statement, Value},
};

use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{
        integer, json,
        order::{
            ALL_SQL, BEGUN_SQL, CANCELLED_SQL, COLLECTED_SQL, COLUMNS_SQL, DELIVERED_SQL, Found,
            LEFT_SQL, OVER_SQL, PAID_SQL, READY_SQL, read,
        },
        readable, text,
    },
};

/// What somebody wants to see.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Placed from then on.
    pub from_ms: i64,
    /// And before then.
    pub until_ms: i64,
    /// How it is taken; all where there is none.
    pub mode: Option<String>,
    /// Where it stands; all where there is none.
    pub state: Option<State>,
    /// The series of its number, such as `K1`.
    pub origin: Option<String>,
    /// Its number there, such as 17.
    pub number: Option<i64>,
    /// Whether it is paid; all where nothing is said.
    pub is_paid: Option<bool>,
    /// Placed before this one, or at the same moment under a lower id.
    pub before: Option<(i64, String)>,
}

/// Returns the tickets of those of these ids that are orders here.
///
/// # Errors
/// Fails when the database does.
pub async fn tickets(
    db: &Metered,
    venue: &VenueId,
    ids: &BTreeSet<&str>,
) -> Result<BTreeMap<String, String>, Fault> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT id, ticket_origin, ticket_number FROM customer_order \
         WHERE venue = ?1 AND id IN (SELECT value FROM json_each(?2))";
    let params = vec![venue.as_str().into(), serde_json::json!(ids).to_string().into()];
    let ticket = |row: &Row| {
        let (origin, number) = (text(row, "ticket_origin")?, integer(row, "ticket_number")?);
        Ok((text(row, "id")?, format!("{origin}-{number:03}")))
    };
    let rows = db.rows(Statement::new(sql, params)).await?;
    Ok(readable("customer_order", &rows, ticket).into_iter().collect())
}

/// Loads orders, the newest first.
///
/// # Errors
/// Fails when the database does.
pub async fn list(
    db: &Metered,
    venue: &VenueId,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<Found>, Fault> {
    let mut params: Vec<Value> =
        vec![venue.as_str().into(), wanted.from_ms.into(), wanted.until_ms.into(), limit.into()];
    let mut sql = format!("{COLUMNS_SQL}{ALL_SQL}o.placed_ms >= ?2 AND o.placed_ms < ?3");
    let mut given = |value: Value| {
        params.push(value);
        params.len()
    };
    if let Some(mode) = &wanted.mode {
        sql += &format!(" AND o.mode = ?{}", given(mode.as_str().into()));
    }
    if let Some(origin) = &wanted.origin {
        sql += &format!(" AND o.ticket_origin = ?{}", given(origin.as_str().into()));
    }
    if let Some(number) = wanted.number {
        sql += &format!(" AND o.ticket_number = ?{}", given(number.into()));
    }
    match wanted.is_paid {
        Some(true) => sql += &format!(" AND {PAID_SQL} AND NOT {CANCELLED_SQL}"),
        Some(false) => sql += &format!(" AND NOT {PAID_SQL} AND NOT {OVER_SQL}"),
        None => {}
    }
    if let Some((at_ms, id)) = &wanted.before {
        let (at, id) = (given((*at_ms).into()), given(id.as_str().into()));
        sql += &format!(" AND (o.placed_ms, o.id) < (?{at}, ?{id})");
    }
    if let Some(state) = wanted.state {
        sql += " AND ";
        sql += &is_in(state);
    }
    sql += " ORDER BY o.placed_ms DESC, o.id DESC LIMIT ?4";
    let rows = db.rows(Statement::new(sql, params)).await?;
    Ok(readable("order", &rows, read))
}

fn is_in(state: State) -> String {
    let here = format!("NOT {LEFT_SQL} AND NOT {OVER_SQL}");
    match state {
        State::Delivered => DELIVERED_SQL.to_owned(),
        State::Collected => format!("{COLLECTED_SQL} AND NOT {DELIVERED_SQL}"),
        State::Cancelled => format!("{CANCELLED_SQL} AND NOT {COLLECTED_SQL}"),
        State::OnItsWay => format!("{LEFT_SQL} AND NOT {OVER_SQL}"),
        State::Ready => format!("{READY_SQL} AND {here}"),
        State::Preparing => format!("{BEGUN_SQL} AND NOT {READY_SQL} AND {here}"),
        State::Paid => format!("{PAID_SQL} AND NOT {BEGUN_SQL} AND {here}"),
        State::Placed => format!("NOT {PAID_SQL} AND NOT {BEGUN_SQL} AND {here}"),
    }
}

/// What was sold between two moments, of orders that are paid and were not called off.
#[derive(Debug, Clone, Default)]
pub struct Sales {
    /// By half an hour: which since 1970, how many orders, and their cents.
    pub slots: Vec<(i64, i64, i64)>,
    /// By how they are taken: orders and cents.
    pub modes: Vec<(String, i64, i64)>,
    /// What sold best: name, pieces and cents.
    pub products: Vec<(Texts, i64, i64)>,
    /// From payment to the first call, in the mean; nothing where nothing was called.
    pub mean_ms: Option<i64>,
}

/// How long a slot is.
pub const SLOT_MS: i64 = 30 * 60 * 1_000;

/// Sums up what was sold.
///
/// # Errors
/// Fails when the database does.
pub async fn sales(
    db: &Metered,
    venue: &VenueId,
    (from_ms, until_ms): (i64, i64),
) -> Result<Sales, Fault> {
    let sold = format!(
        "{ALL_SQL}o.placed_ms >= ?2 AND o.placed_ms < ?3 AND {PAID_SQL} \
         AND ({COLLECTED_SQL} OR NOT {CANCELLED_SQL})"
    );
    let params = || vec![venue.as_str().into(), from_ms.into(), until_ms.into()];
    let slots = format!(
        "SELECT o.placed_ms / {SLOT_MS} AS slot, count(*) AS orders, \
         sum(o.total_cents) AS cents {sold} GROUP BY 1 ORDER BY 1"
    );
    let modes = format!(
        "SELECT o.mode AS mode, count(*) AS orders, sum(o.total_cents) AS cents {sold} \
         GROUP BY o.mode ORDER BY 2 DESC, 1"
    );
    // The order's own name counts: the menu may have changed since.
    let products = format!(
        "SELECT max(l.value ->> '$.name') AS name, sum(l.value ->> '$.quantity') AS pieces, \
         sum((l.value ->> '$.quantity') * (l.value ->> '$.unit_cents')) AS cents \
         {} GROUP BY l.value ->> '$.product' ORDER BY 2 DESC, 1 LIMIT {}",
        sold.replacen("customer_order o", "customer_order o, json_each(o.lines) l", 1),
        limits::BEST_SELLERS,
    );
    let mean = format!(
        "SELECT cast(avg(took) AS INTEGER) AS mean FROM (SELECT (SELECT e.at_ms FROM order_event e \
         WHERE e.venue = o.venue AND e.id = o.id || '/ready') - (SELECT max(p.at_ms) \
         FROM payment p WHERE p.venue = o.venue AND p.order_id = o.id) AS took {sold}) \
         WHERE took >= 0"
    );
    let queries = [slots, modes, products, mean].map(|sql| Statement::new(sql, params()));
    let found = db.read(&queries).await?;
    let [slots, modes, products, mean] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    Ok(Sales {
        slots: readable("sale", slots, slot),
        modes: readable("sale", modes, mode),
        products: readable("sale", products, product),
        mean_ms: mean.first().and_then(|row| integer(row, "mean").ok()),
    })
}

fn sums(row: &Row, count: &str) -> Result<(i64, i64), Fault> {
    Ok((integer(row, count)?, integer(row, "cents")?))
}

fn slot(row: &Row) -> Result<(i64, i64, i64), Fault> {
    let (orders, cents) = sums(row, "orders")?;
    Ok((integer(row, "slot")?, orders, cents))
}

fn mode(row: &Row) -> Result<(String, i64, i64), Fault> {
    let (orders, cents) = sums(row, "orders")?;
    Ok((text(row, "mode")?, orders, cents))
}

fn product(row: &Row) -> Result<(Texts, i64, i64), Fault> {
    let (pieces, cents) = sums(row, "pieces")?;
    Ok((json(row, "name")?, pieces, cents))
}
