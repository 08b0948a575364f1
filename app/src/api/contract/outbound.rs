//! Requests that leave the host, for suites: what every adapter must do alike.
//!
//! It exists only where the host was started for a suite, as the SQL cases do.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json as value;

use crate::{
    call::{Answer, Call, json},
    outbound::Errand,
    ports::{Method, Outgoing, Wanted},
    problem::Problem,
};

#[derive(Deserialize)]
struct Asked {
    url: String,
    /// Posted; without one it is a GET.
    body: Option<String>,
    body_bytes: usize,
    within_ms: u64,
}

/// Sends a request where mails may go, and tells what came of it.
pub async fn run(call: Call) -> Answer {
    if !call.app.host.contract {
        return Err(Problem::not_found());
    }
    let asked: Asked = call.json()?;
    let (body_bytes, within_ms) = (asked.body_bytes, asked.within_ms);
    let request = Outgoing {
        method: if asked.body.is_some() { Method::Post } else { Method::Get },
        url: asked.url,
        headers: vec![("content-type", "text/plain".to_owned()), ("x-asked", "yes".to_owned())],
        body: asked.body.unwrap_or_default().into_bytes(),
        wanted: Wanted { headers: &["location", "x-answered"], body_bytes, within_ms },
    };
    let told = match call.app.outbound.send(Errand::Mail, request).await {
        Ok(answer) => value!({
            "status": answer.status,
            "headers": answer.headers,
            "body": String::from_utf8_lossy(&answer.body),
        }),
        Err(fault) => value!({"fault": fault.detail, "retryable": fault.retryable}),
    };
    json(StatusCode::OK, &told)
}
