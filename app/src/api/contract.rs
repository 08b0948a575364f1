//! The SQL cases of the host contract suite, over HTTP.
//!
//! It exists only where the host was started for the suite: a production host has no such route.

pub mod blobs;
pub mod lease;
pub mod mail;
pub mod outbound;
pub mod sign_in;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json as value};
use sync_engine::statement::{Expect, Statement, Value};

use crate::{
    call::{Answer, Call, json},
    ports::CommitFault,
    problem::Problem,
};

#[derive(Deserialize)]
struct Case {
    op: Op,
    statements: Vec<Wire>,
    /// Runs the whole case this many times, one after the other, on one budget.
    #[serde(default = "once")]
    times: u32,
}

const fn once() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Op {
    Read,
    Commit,
}

#[derive(Deserialize)]
struct Wire {
    sql: String,
    #[serde(default)]
    params: Vec<Json>,
    #[serde(default)]
    rows: Vec<Vec<Json>>,
    expect: Option<u64>,
}

/// Runs one case and tells what the port said.
pub async fn run(call: Call) -> Answer {
    if !call.app.host.contract {
        return Err(Problem::not_found());
    }
    let case: Case = call.json()?;
    let statements: Vec<Statement> =
        case.statements.into_iter().map(statement).collect::<Result<_, _>>()?;
    let budget = call.query("budget") == Some("page");
    let db = if budget {
        crate::metered::Metered::new(call.app.database.clone(), crate::limits::PAGE_QUERIES)
    } else {
        call.db.clone()
    };
    let mut result = value!({"ok": null});
    for _ in 0..case.times {
        result = match case.op {
            Op::Read => match db.read(&statements).await {
                Ok(rows) => value!({"ok": rows}),
                Err(fault) => failed("fault", &fault.detail),
            },
            Op::Commit => match db.commit(&statements).await {
                Ok(()) => value!({"ok": []}),
                Err(CommitFault::Conflict) => failed("conflict", ""),
                Err(CommitFault::Fault(fault)) => failed("fault", &fault.detail),
            },
        };
    }
    json(StatusCode::OK, &result)
}

fn failed(kind: &str, detail: &str) -> Json {
    value!({"error": {"kind": kind, "detail": detail}})
}

fn statement(wire: Wire) -> Result<Statement, Problem> {
    let params = wire.params.into_iter().map(parameter).collect::<Result<_, _>>()?;
    let expect = wire.expect.map_or(Expect::Any, Expect::Exactly);
    let row = |row: Vec<Json>| row.into_iter().map(|json| parameter(json).map(wide)).collect();
    let rows = wire.rows.into_iter().map(row).collect::<Result<_, _>>()?;
    Ok(Statement { sql: wire.sql, params, expect, rows })
}

fn parameter(json: Json) -> Result<Value, Problem> {
    match json {
        Json::Null => Ok(Value::Null),
        Json::String(text) => Ok(Value::Text(text)),
        Json::Number(number) => {
            let integer = number.as_i64().ok_or_else(|| Problem::invalid_field("params"))?;
            Ok(Value::Integer(integer))
        }
        _ => Err(Problem::invalid_field("params")),
    }
}

/// Rows carry wider integers than parameters.
fn wide(value: Value) -> Value {
    match value {
        Value::Integer(integer) => Value::Wide(integer),
        other => other,
    }
}
