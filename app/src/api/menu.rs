//! The menu for programs and for pages that refresh themselves; its versions for editors.

use axum::http::StatusCode;
use domain::menu::Version;
use serde_json::{Value as Json, json as value};

use crate::{
    call::{Answer, Call, json},
    menu::{self, publish},
    problem::respond,
    rows,
};

/// Shows the menu in the reader's language.
pub async fn show(call: Call) -> Answer {
    let shown = menu::of(&call).await?.shown(&call.app, call.locale);
    Ok(respond(StatusCode::OK, "application/json", shown.menu_json.clone()))
}

/// Publishes what editors have.
pub async fn publish(call: Call) -> Answer {
    let version = publish::publish(&call).await?;
    json(StatusCode::OK, &one(&version))
}

/// Lists the last versions, the one that is on sale first.
pub async fn versions(call: Call) -> Answer {
    let versions = rows::menu::history(&call.db, &call.here()?.venue.id).await?;
    let versions: Vec<Json> = versions.iter().map(one).collect();
    json(StatusCode::OK, &value!({"versions": versions}))
}

/// Puts an earlier version on sale again.
pub async fn restore(call: Call) -> Answer {
    let version = publish::go_back(&call, call.param("id")?).await?;
    json(StatusCode::OK, &one(&version))
}

fn one(version: &Version) -> Json {
    value!({
        "id": version.id,
        "number": version.number,
        "at_ms": version.at_ms,
        "author": version.author,
        "pages": version.pages.len(),
    })
}
