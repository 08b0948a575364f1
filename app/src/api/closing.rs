//! The day's close for programs: how a day stands, what was counted, and its reports.
//!
//! It must not know how a day is added up.

use axum::http::StatusCode;
use domain::{
    closing::{Counted, Report},
    pricing::amount,
};
use serde::Deserialize;
use serde_json::{Value as Json, json as value};

use crate::{
    call::{Answer, Call, json},
    closing::{close as close_day, count as keep, standing},
    csv, history,
    problem::{Problem, respond},
    rows,
};

const HEAD: [&str; 14] = [
    "day",
    "replica",
    "number",
    "orders",
    "gross",
    "refunded",
    "cancelled",
    "what",
    "of",
    "amount",
    "vat",
    "first",
    "last",
    "digest",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Day {
    #[serde(default)]
    day: String,
}

/// Tells how a day stands at this replica, and which reports it has.
pub async fn show(call: Call) -> Answer {
    let standing = standing(&call, call.query("day").unwrap_or_default()).await?;
    let body = value!({
        "day": standing.news.day,
        "totals": standing.totals,
        "open": standing.news.totals,
        "drawer": standing.news.drawer,
        "reports": standing.reports.iter().map(told).collect::<Vec<_>>(),
    });
    json(StatusCode::OK, &body)
}

/// Closes a day.
pub async fn close(call: Call) -> Answer {
    let wish: Day = call.json()?;
    let report = close_day(&call, &wish.day).await?;
    json(StatusCode::CREATED, &told(&report))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drawer {
    kind: Counted,
    cents: i64,
}

/// Keeps what somebody counted in the drawer.
pub async fn count(call: Call) -> Answer {
    let drawer: Drawer = call.json()?;
    keep(&call, (drawer.kind, drawer.cents)).await?;
    json(StatusCode::CREATED, &value!({"kept": true}))
}

/// Exports the reports of business days, as JSON or CSV.
pub async fn export(call: Call) -> Answer {
    let day = |name| call.query(name).unwrap_or_default();
    let span = history::span(&call, (day("from"), day("until")))?;
    let of = (span.from.as_str(), span.until.as_str());
    let reports = rows::closing::reports(&call.db, &call.here()?.venue.id, of).await?;
    match call.query("format").unwrap_or("json") {
        "json" => {
            let reports: Vec<Json> = reports.iter().map(told).collect();
            let answer = json(StatusCode::OK, &value!({"reports": reports}))?;
            Ok(csv::as_file(answer, "z-reports.json"))
        }
        "csv" => {
            let rows: Vec<[String; 14]> = reports.iter().flat_map(lines).collect();
            let text = csv::table(&HEAD, &rows);
            let response = respond(StatusCode::OK, "text/csv; charset=utf-8", text);
            Ok(csv::as_file(response, "z-reports.csv"))
        }
        _ => Err(Problem::invalid_field("format")),
    }
}

fn told(report: &Report) -> Json {
    value!({
        "replica": report.replica,
        "generation": report.generation,
        "number": report.number,
        "day": report.day,
        "orders": report.totals.orders(),
        "gross_cents": report.totals.gross_cents(),
        "refunded_cents": report.totals.refunded_cents(),
        "totals": report.totals,
        "drawer": report.drawer,
        "difference_cents": report.drawer.difference_cents(),
        "before": report.before,
        "at_ms": report.at_ms,
        "digest": report.digest,
        "is_sound": report.is_sound(),
    })
}

/// One line for each means and each rate, and one that counts what was paid.
fn lines(report: &Report) -> Vec<[String; 14]> {
    let totals = &report.totals;
    let line = |what: &str, of: String, (cents, vat): (i64, i64)| {
        [
            report.day.clone(),
            report.replica.clone(),
            report.number.to_string(),
            totals.orders().to_string(),
            amount::write(totals.gross_cents()),
            amount::write(totals.refunded_cents()),
            totals.cancelled.to_string(),
            what.to_owned(),
            of,
            amount::write(cents),
            amount::write(vat),
            totals.first.clone(),
            totals.last.clone(),
            report.digest.clone(),
        ]
    };
    let mut lines = Vec::new();
    for (what, sums) in [("paid", &totals.paid), ("refunded", &totals.refunded)] {
        lines.extend(sums.iter().map(|(means, sum)| line(what, means.clone(), (sum.cents, 0))));
    }
    for (what, parts) in [("vat", &totals.vat), ("refunded_vat", &totals.refunded_vat)] {
        let one = |part: &domain::pricing::total::VatPart| {
            line(what, amount::write(part.bp), (part.gross_cents, part.vat_cents))
        };
        lines.extend(parts.iter().map(one));
    }
    lines
}
