//! The files of `static/`, where the platform does not serve them itself.

use axum::http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};
use sync_engine::seal::hex;

use crate::{
    call::{Answer, Call},
    problem::{Problem, respond},
};

/// Serves one file; browsers keep it and ask whether it is still the same.
pub async fn show(call: Call) -> Answer {
    let path = call.param("path")?;
    let content_type = content_type(path).ok_or_else(Problem::not_found)?;
    let closed = |part: &str| part.is_empty() || part.starts_with('.') || part == "node_modules";
    let steps_out = path.split('/').any(closed);
    if steps_out || path.contains('\\') {
        return Err(Problem::not_found());
    }
    let bytes = call.app.assets.get(path).await.ok_or_else(Problem::not_found)?;
    let hash: String = hex(&Sha256::digest(&bytes)).chars().take(16).collect();
    let etag = format!("\"{hash}\"");
    let mut response = if call.header("if-none-match") == etag {
        respond(StatusCode::NOT_MODIFIED, content_type, "")
    } else {
        respond(StatusCode::OK, content_type, bytes)
    };
    let headers = response.headers_mut();
    let revalidate = HeaderValue::from_static("public, max-age=0, must-revalidate");
    headers.insert(header::CACHE_CONTROL, revalidate);
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}

fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "ico" => "image/x-icon",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}
