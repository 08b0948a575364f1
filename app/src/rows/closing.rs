//! Reading what came in and went out at a replica, what was counted there, and its reports.
//!
//! Whoever wrote a payment took it: the writer of the fact says where. It must not decide anything.

use std::collections::BTreeMap;

use domain::{
    closing::{Report, Sum, Totals},
    pricing::total::VatPart,
};
use sync_engine::{
    id::VenueId,
    statement::{Statement, Value},
};

use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, json, readable, text},
};

/// Payments that a replica took between two moments.
const PAID_SQL: &str = "FROM payment p JOIN stream_writer v ON v.id = p.writer \
     JOIN customer_order o ON o.venue = p.venue AND o.id = p.order_id \
     WHERE p.venue = ?1 AND v.replica = ?2 AND p.at_ms >= ?3 AND p.at_ms < ?4";
/// What it gave back.
const BACK_SQL: &str = "FROM refund r \
     WHERE r.venue = ?1 AND r.place = ?2 AND r.at_ms >= ?3 AND r.at_ms < ?4";

/// Loads what came in and went out at a replica between two moments.
///
/// # Errors
/// Fails when the database does.
pub async fn totals(
    db: &Metered,
    (venue, replica): (&VenueId, &str),
    (from_ms, until_ms): (i64, i64),
) -> Result<Totals, Fault> {
    let params = || vec![venue.as_str().into(), replica.into(), from_ms.into(), until_ms.into()];
    let with_parts = |sql: &str, rows: &str, parts: &str| {
        sql.replacen(rows, &format!("{rows} JOIN json_each({parts}) j"), 1)
    };
    let vat_sql = "SELECT j.value ->> '$.bp' AS bp, sum(j.value ->> '$.gross_cents') AS gross, \
         sum(j.value ->> '$.vat_cents') AS vat";
    let ticket = |order: &str| {
        format!(
            "SELECT o.ticket_origin AS origin, o.ticket_number AS number {PAID_SQL} \
             ORDER BY o.placed_ms {order}, o.ticket_number {order}, o.id {order} LIMIT 1"
        )
    };
    let queries = [
        format!(
            "SELECT p.means AS means, count(*) AS count, sum(p.amount_cents) AS cents {PAID_SQL} \
             GROUP BY p.means ORDER BY p.means"
        ),
        format!(
            "SELECT r.means AS means, count(*) AS count, sum(r.amount_cents) AS cents {BACK_SQL} \
             GROUP BY r.means ORDER BY r.means"
        ),
        format!(
            "{vat_sql} {} GROUP BY 1 ORDER BY 1",
            PAID_SQL.replacen("WHERE", "JOIN json_each(o.vat) j WHERE", 1)
        ),
        format!(
            "{vat_sql} {} GROUP BY 1 ORDER BY 1",
            with_parts(BACK_SQL, "FROM refund r", "r.vat")
        ),
        "SELECT count(DISTINCT x.id) AS count FROM order_exception x WHERE x.venue = ?1 \
         AND x.at_ms >= ?3 AND x.at_ms < ?4 AND EXISTS (SELECT 1 FROM order_event e \
         WHERE e.venue = x.venue AND e.order_id = x.id AND e.kind = 'cancelled' \
         AND e.place = ?2 AND e.at_ms >= ?3 AND e.at_ms < ?4)"
            .to_owned(),
        ticket("ASC"),
        ticket("DESC"),
    ]
    .map(|sql| Statement::new(sql, params()));
    let found = db.read(&queries).await?;
    let [paid, refunded, vat, refunded_vat, cancelled, first, last] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let tickets = |rows: &[Row]| rows.first().map(ticket_of).transpose();
    Ok(Totals {
        paid: sums(paid)?,
        refunded: sums(refunded)?,
        vat: vat.iter().map(vat_part).collect::<Result<_, _>>()?,
        refunded_vat: refunded_vat.iter().map(vat_part).collect::<Result<_, _>>()?,
        cancelled: cancelled.first().map_or(Ok(0), |row| integer(row, "count"))?,
        first: tickets(first)?.unwrap_or_default(),
        last: tickets(last)?.unwrap_or_default(),
    })
}

fn sums(rows: &[Row]) -> Result<BTreeMap<String, Sum>, Fault> {
    let one = |row: &Row| {
        let sum = Sum { count: integer(row, "count")?, cents: integer(row, "cents")? };
        Ok((text(row, "means")?, sum))
    };
    rows.iter().map(one).collect()
}

fn vat_part(row: &Row) -> Result<VatPart, Fault> {
    let (gross_cents, vat_cents) = (integer(row, "gross")?, integer(row, "vat")?);
    Ok(VatPart { bp: integer(row, "bp")?, gross_cents, vat_cents })
}

fn ticket_of(row: &Row) -> Result<String, Fault> {
    Ok(format!("{}-{:03}", text(row, "origin")?, integer(row, "number")?))
}

/// Loads what was counted last in a replica's drawer: at its opening, and after that with its time.
///
/// # Errors
/// Fails when the database does.
pub async fn counted(
    db: &Metered,
    (venue, replica): (&VenueId, &str),
    (from_ms, until_ms): (i64, i64),
) -> Result<(Option<i64>, Option<(i64, i64)>), Fault> {
    let sql = "SELECT kind, cents, at_ms FROM cash_count WHERE venue = ?1 AND place = ?2 \
         AND at_ms >= ?3 AND at_ms < ?4 ORDER BY at_ms DESC, id DESC LIMIT ?5";
    let params: Vec<Value> = vec![
        venue.as_str().into(),
        replica.into(),
        from_ms.into(),
        until_ms.into(),
        limits::HISTORY_SHOWN.into(),
    ];
    let rows = db.rows(Statement::new(sql, params)).await?;
    let of = |kind: &str| -> Result<Option<(i64, i64)>, Fault> {
        let row = rows.iter().find(|row| row.get("kind").is_some_and(|value| value == kind));
        row.map(|row| Ok((integer(row, "cents")?, integer(row, "at_ms")?))).transpose()
    };
    Ok((of("opening")?.map(|(cents, _)| cents), of("count")?))
}

const REPORTS_SQL: &str = "SELECT id, replica, generation, number, day, totals, drawer, before, \
     person, at_ms, digest FROM z_report WHERE venue = ?1";

/// Loads the last report of a life.
///
/// # Errors
/// Fails when the database does.
pub async fn last(
    db: &Metered,
    venue: &VenueId,
    (replica, generation): (&str, &str),
) -> Result<Option<Report>, Fault> {
    let sql = format!(
        "{REPORTS_SQL} AND replica = ?2 AND generation = ?3 ORDER BY number DESC, id LIMIT 1"
    );
    let params = vec![venue.as_str().into(), replica.into(), generation.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    rows.first().map(report).transpose()
}

/// Loads the reports of business days, of every replica, the newest day first.
///
/// # Errors
/// Fails when the database does.
pub async fn reports(
    db: &Metered,
    venue: &VenueId,
    (from, until): (&str, &str),
) -> Result<Vec<Report>, Fault> {
    let sql = format!(
        "{REPORTS_SQL} AND day >= ?2 AND day <= ?3 \
         ORDER BY day DESC, replica, generation, number DESC, id LIMIT ?4"
    );
    let limit = limits::HISTORY_EXPORTED;
    let params = vec![venue.as_str().into(), from.into(), until.into(), limit.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    Ok(readable("z_report", &rows, report))
}

fn report(row: &Row) -> Result<Report, Fault> {
    Ok(Report {
        replica: text(row, "replica")?,
        generation: text(row, "generation")?,
        number: integer(row, "number")?,
        day: text(row, "day")?,
        totals: json(row, "totals")?,
        drawer: json(row, "drawer")?,
        before: text(row, "before")?,
        person: text(row, "person")?,
        at_ms: integer(row, "at_ms")?,
        digest: text(row, "digest")?,
    })
}
