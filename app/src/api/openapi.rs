//! The route table as OpenAPI.

use axum::http::StatusCode;
use serde_json::{Map, Value, json as value};

use crate::{
    call::{Answer, Call, json},
    routes::ROUTES,
};

/// Shows the description of every route under `/api/`.
pub async fn show(_call: Call) -> Answer {
    json(StatusCode::OK, &document())
}

/// Builds the document from the table.
#[must_use]
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/api/")) {
        let path = paths.entry(route.path).or_insert_with(|| value!({}));
        let parameters: Vec<Value> = route
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| {
                value!({"name": name, "in": "path", "required": true,
                    "schema": {"type": "string"}})
            })
            .collect();
        path[route.method.to_ascii_lowercase()] = value!({
            "summary": route.about,
            "parameters": parameters,
            "x-right": format!("{:?}", route.right).to_ascii_lowercase(),
            "x-body-bytes": route.body_bytes,
            "responses": {
                "2XX": {"description": "It worked."},
                "4XX": {"description": "The caller can mend it: `error.code` is stable."},
            },
        });
    }
    value!({
        "openapi": "3.1.0",
        "info": {"title": "Relais", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
    })
}
