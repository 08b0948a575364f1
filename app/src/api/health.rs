//! Whether the host is well, and which build it runs.

use axum::http::StatusCode;
use serde_json::json as value;
use sync_engine::{limits::PROTOCOL, statement::Statement};

use crate::call::{Answer, Call, json};

/// Answers 200 when the store can be read, and is not known to refuse writes.
pub async fn healthz(call: Call) -> Answer {
    call.db.rows(Statement::new("SELECT ok FROM batch_guard", Vec::new())).await?;
    call.app.database.writable().await?;
    json(StatusCode::OK, &value!({"status": "ok"}))
}

/// Tells the version of build and protocol.
pub async fn version(_call: Call) -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    json(StatusCode::OK, &value!({"version": version, "protocol": PROTOCOL}))
}
