//! Signing a station in and out.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use domain::access::Role;
use sync_engine::seal::equal;

use crate::{
    call::{Answer, Call, page},
    gate::decode_query,
    problem::{Problem, respond},
    session,
    views::{DemoKey, LoginView, Surface},
};

/// Shows the form.
pub async fn show(call: Call) -> Answer {
    let next = call.query("next").unwrap_or("/staff").to_owned();
    form(&call, &next, None)
}

/// Checks the key and signs the station in.
pub async fn sign_in(call: Call) -> Answer {
    let fields = decode_query(std::str::from_utf8(&call.body).unwrap_or_default());
    let field = |name: &str| fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let next = local_path(field("next"));
    let venue = &call.here()?.venue.id;
    // Every role's key is compared, so that one field is enough and the time tells nothing.
    let given = field("key").trim().as_bytes();
    let mut matching = Role::ALL
        .into_iter()
        .filter(|role| equal(call.app.host.station_key(venue, *role).as_bytes(), given));
    let Some(role) = matching.next_back() else {
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "wrong_key");
        if !call.header("accept").contains("text/html") {
            return Err(problem);
        }
        let mut response = form(&call, next, Some(problem.sentence(call.locale)))?;
        *response.status_mut() = problem.status;
        return Ok(response);
    };
    let cookie = session::sign_in(&call.app.host, venue, role, call.app.clock.now_ms());
    Ok(redirect(next, &cookie))
}

/// Signs the station out.
pub async fn sign_out(call: Call) -> Answer {
    Ok(redirect("/login", &session::sign_out(&call.app.host)))
}

fn form(call: &Call, next: &str, error: Option<String>) -> Answer {
    let next = local_path(next);
    let venue = &call.here()?.venue.id;
    let wanted = if next.starts_with("/kitchen") { Role::Kitchen } else { Role::Counter };
    let demo_key = |role: Role| DemoKey {
        label: call.locale.t(&format!("role.{}", role.name())).to_owned(),
        role: role.name().to_owned(),
        key: call.app.host.station_key(venue, role),
    };
    let demo_keys =
        if call.app.host.demo { Role::ALL.into_iter().map(demo_key).collect() } else { Vec::new() };
    page(&LoginView {
        shell: call.shell(Surface::Staff),
        role: wanted.name().to_owned(),
        next: next.to_owned(),
        error,
        demo_keys,
    })
}

/// Accepts only a path of this site.
fn local_path(next: &str) -> &str {
    let plain = next.bytes().all(|b| b.is_ascii_graphic()) && !next.contains('\\');
    if plain && next.starts_with('/') && !next.starts_with("//") { next } else { "/staff" }
}

fn redirect(target: &str, cookie: &str) -> Response<Body> {
    let mut response = respond(StatusCode::SEE_OTHER, "text/plain", "");
    let headers = response.headers_mut();
    for (name, value) in [(header::LOCATION, target), (header::SET_COOKIE, cookie)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    response
}
