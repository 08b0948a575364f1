//! Files straight from the place where the host keeps them, for suites: what every adapter must do
//! alike.
//!
//! It exists only where the host was started for a suite, as the SQL cases do.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json as value;

use crate::{
    blobs::{self, BlobId},
    call::{Answer, Call, json},
    limits,
    problem::Problem,
};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Wanted {
    /// Keeps so many bytes, which are drawn from the seed.
    Put { seed: String, bytes: usize },
    /// Tells how many bytes there are.
    Get { id: String },
    /// Deletes them.
    Delete { id: String },
    /// Takes away what goes and what never came.
    Sweep,
}

/// Does what is wanted.
pub async fn run(call: Call) -> Answer {
    if !call.app.host.contract {
        return Err(Problem::not_found());
    }
    let shelf = &call.app.blobs;
    let named = |id: &str| BlobId::parse(id).ok_or_else(|| Problem::invalid_field("id"));
    let told = match call.json()? {
        Wanted::Put { seed, bytes } if bytes <= limits::BLOB_BYTES => {
            let bytes: Vec<u8> = seed.bytes().cycle().take(bytes).collect();
            let id = BlobId::of(&bytes);
            shelf.place()?.put(&id, bytes).await?;
            value!({"id": id.as_str()})
        }
        Wanted::Put { .. } => return Err(Problem::invalid_field("bytes")),
        Wanted::Get { id } => {
            let found = shelf.get(&named(&id)?).await?;
            value!({"bytes": found.map(|bytes| bytes.len())})
        }
        Wanted::Delete { id } => {
            shelf.place()?.delete(&named(&id)?).await?;
            value!({})
        }
        Wanted::Sweep => value!({"gone": blobs::sweep(&call.app, limits::BLOBS_AT_ONCE).await?}),
    };
    json(StatusCode::OK, &told)
}
