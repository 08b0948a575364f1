//! Requests of customers and staff; staff sign in where the host does not know them.
//!
//! It must not know what is asked for.

use app::csrf;
use axum::{body::Body, http::Request};
use domain::access::Role;
use http_body_util::BodyExt as _;
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

use super::{hosts::SimHost, world::VENUES};

/// Sends a request to a host and reads the answer; staff sign in when the host does not know them.
pub(super) async fn ask(
    host: &SimHost,
    venue: usize,
    role: Option<Role>,
    method: &str,
    path: &str,
    body: Json,
) -> (u16, Json) {
    ask_as(host, venue, role, (method, path, body), |_| ()).await
}

/// Sends a request as [`ask`] does, and tells under which session before it is sent.
pub(super) async fn ask_as(
    host: &SimHost,
    venue: usize,
    role: Option<Role>,
    (method, path, body): (&str, &str, Json),
    as_whom: impl Fn(&str),
) -> (u16, Json) {
    let Some(role) = role else { return say(host, venue, "", (method, path, body)).await.0 };
    let known = host.cookies.lock().expect("nobody panicked").get(&(venue, role)).cloned();
    if let Some(cookie) = known {
        as_whom(&cookie);
        let (answer, _) = say(host, venue, &cookie, (method, path, body.clone())).await;
        // Nobody has to be signed in to order, but for what is brought to them.
        let is_unknown = answer.1["error"]["code"] == "delivery_needs_account";
        if answer.0 != 401 && !is_unknown {
            return answer;
        }
    }
    let wanted = json!({"roles": [role.name()]});
    let (answer, cookie) = say(host, venue, "", ("POST", "/contract/sign-in", wanted)).await;
    if answer.0 != 200 {
        return answer;
    }
    host.cookies.lock().expect("nobody panicked").insert((venue, role), cookie.clone());
    as_whom(&cookie);
    say(host, venue, &cookie, (method, path, body)).await.0
}

/// Sends one request under a session, or under none; returns the session that the answer sets.
pub(super) async fn say(
    host: &SimHost,
    venue: usize,
    cookie: &str,
    (method, path, body): (&str, &str, Json),
) -> ((u16, Json), String) {
    let name = VENUES[venue];
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", format!("{name}.example"))
        .header("content-type", "application/json");
    if let Some((_, token)) = cookie.split_once('=') {
        request = request.header("cookie", cookie).header(csrf::HEADER, csrf::of(token));
    }
    let body = if method == "GET" { String::new() } else { body.to_string() };
    let request = request.body(Body::from(body)).expect("the request is well formed");
    let answer = host.router.clone().oneshot(request).await.expect("a router always answers");
    let status = answer.status().as_u16();
    let set = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok());
    let cookie = set.and_then(|set| set.split(';').next()).unwrap_or_default().to_owned();
    let body = answer.into_body().collect().await.expect("the body is whole").to_bytes();
    ((status, serde_json::from_slice(&body).unwrap_or_default()), cookie)
}

/// Erases whoever is signed in with this role, if somebody is; another one comes in their place.
pub(super) async fn leave(host: &SimHost, venue: usize, role: Role) -> Option<(u16, Json)> {
    let known = host.cookies.lock().expect("nobody panicked").remove(&(venue, role))?;
    Some(say(host, venue, &known, ("POST", "/account/erase", json!({}))).await.0)
}
