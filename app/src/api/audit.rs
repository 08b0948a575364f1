//! The audit for other programs: as JSON and as a table for spreadsheets.
//!
//! It must not know more of people than their names.

use axum::http::{HeaderValue, StatusCode};
use domain::audit::{
    check::{Check, Finding},
    seal::Record,
};
use serde_json::{Value as Json, json as value};

use crate::{
    audit::{
        checker::{self, Depth},
        query::{self, Filter, Found},
        sealer,
    },
    call::{Answer, Call, json},
    csv, limits,
    problem::{Problem, respond},
};

const HEAD: [&str; 12] = [
    "at",
    "certain",
    "act",
    "actor",
    "actor_name",
    "subject",
    "subject_name",
    "detail",
    "source",
    "replica",
    "generation",
    "number",
];

/// Exports what a filter lets through, as JSON or CSV.
pub async fn export(call: Call) -> Answer {
    let found = query::find(&call, &Filter::of(&call), limits::AUDIT_EXPORTED).await?;
    let zone = call.here()?.venue.time_zone.clone();
    match call.query("format").unwrap_or("json") {
        "json" => {
            let entries: Vec<Json> = found.entries.iter().map(|e| told(&found, e, &zone)).collect();
            let answer = json(StatusCode::OK, &value!({"entries": entries, "next": found.next}))?;
            Ok(csv::as_file(answer, "audit.json"))
        }
        "csv" => {
            let text = table(&found, &zone);
            let mut response = respond(StatusCode::OK, "text/csv; charset=utf-8", text);
            let next = found.next.as_deref().map(HeaderValue::from_str);
            if let Some(Ok(next)) = next {
                response.headers_mut().insert("x-relais-next", next);
            }
            Ok(csv::as_file(response, "audit.csv"))
        }
        _ => Err(Problem::invalid_field("format")),
    }
}

/// Checks the newest entries of every life.
pub async fn check(call: Call) -> Answer {
    sealer::seal(&call.app, &call.db, call.here()?).await?;
    let checks = checker::check(&call.db, call.here()?, Depth::Newest).await?;
    let is_sound = checks.iter().all(Check::is_sound);
    let lives: Vec<Json> = checks.iter().map(checked).collect();
    json(StatusCode::OK, &value!({"sound": is_sound, "lives": lives}))
}

/// Tells of a checked life.
#[must_use]
pub fn checked(check: &Check) -> Json {
    let finding = |found: &Finding| value!({"number": found.number, "fault": found.fault.name()});
    let findings: Vec<Json> = check.findings.iter().map(finding).collect();
    value!({
        "replica": check.life.replica,
        "generation": check.life.generation,
        "entries": check.entries,
        "last": check.last,
        "sealed": check.sealed,
        "faults": check.faults,
        "findings": findings,
    })
}

fn told(found: &Found, entry: &Record, zone: &str) -> Json {
    value!({
        "id": entry.id,
        "at": local(entry, zone),
        "at_ms": entry.at_ms,
        "certain": entry.certain == 1,
        "act": entry.act,
        "actor": entry.actor,
        "actor_name": found.name(&entry.actor),
        "subject": entry.subject,
        "subject_name": found.name(&entry.subject),
        "detail": entry.detail,
        "source": entry.source,
        "replica": entry.life.replica,
        "generation": entry.life.generation,
        "number": entry.number,
    })
}

fn local(entry: &Record, zone: &str) -> String {
    domain::venue::local_time(zone, u64::try_from(entry.at_ms).unwrap_or_default())
}

fn table(found: &Found, zone: &str) -> String {
    let mut rows = Vec::new();
    for entry in &found.entries {
        let row = [
            local(entry, zone),
            (if entry.certain == 1 { "yes" } else { "no" }).to_owned(),
            entry.act.clone(),
            entry.actor.clone(),
            found.name(&entry.actor).unwrap_or_default().to_owned(),
            entry.subject.clone(),
            found.name(&entry.subject).unwrap_or_default().to_owned(),
            entry.detail.to_string(),
            entry.source.clone(),
            entry.life.replica.clone(),
            entry.life.generation.clone(),
            entry.number.to_string(),
        ];
        rows.push(row);
    }
    csv::table(&HEAD, &rows)
}
