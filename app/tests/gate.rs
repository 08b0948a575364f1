//! What surrounds every handler, on a host whose database is empty and never fails.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "this is a test: what does not hold panics, and a snapshot is a file"
)]

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use app::{
    api::openapi,
    host::{Host, Side},
    ports::{CommitFault, Database, Fault, Pending, Row},
    routes::ROUTES,
};
use axum::{
    body::Body,
    http::{Request, Response},
};
use stage::host;
use sync_engine::{id::VenueId, statement::Statement};
use tower::ServiceExt;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

struct Empty;

impl Database for Empty {
    fn read<'a>(&'a self, queries: &'a [Statement]) -> Pending<'a, Result<Vec<Vec<Row>>, Fault>> {
        Box::pin(async move { Ok(vec![Vec::new(); queries.len()]) })
    }

    fn commit<'a>(&'a self, _batch: &'a [Statement]) -> Pending<'a, Result<(), CommitFault>> {
        Box::pin(async { Ok(()) })
    }
}

async fn ask(host: Host, method: &str, path: &str) -> Response<Body> {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    app::router(stage::app(Arc::new(Empty), host)).oneshot(request).await.unwrap()
}

#[tokio::test]
async fn the_edge_insists_on_https_and_a_gateway_does_not() {
    let gateway = Side::Gateway(VenueId::parse("chakri").unwrap());
    for (side, expected) in [(Side::Edge, true), (gateway, false)] {
        let response = ask(host(side), "GET", "/version").await;
        let insists = response.headers().contains_key("strict-transport-security");
        assert_eq!(insists, expected);
    }
}

#[tokio::test]
async fn demo_and_contract_routes_do_not_exist_unless_the_host_was_started_for_them() {
    let (sql, lease) = (("POST", "/contract/sql"), ("POST", "/contract/lease"));
    let (mail, outbound) = (("POST", "/contract/mail"), ("POST", "/contract/outbound"));
    for (method, path) in [("GET", "/styleguide"), sql, lease, mail, outbound] {
        assert_eq!(ask(host(Side::Edge), method, path).await.status(), 404, "{path}");
        // A demo shows the style guide, and still runs nobody's SQL and sells nothing.
        let demo = Host { demo: true, ..host(Side::Edge) };
        let expected = if path == "/styleguide" { 200 } else { 404 };
        assert_eq!(ask(demo, method, path).await.status(), expected, "{path}");
    }
}

/// Routes that a standby has although they are posted to: what they change stays in its own store,
/// or in a cookie.
const LOCAL: &[&str] = &[
    "/sync-status/retry",
    "/sync-status/retire",
    "/login",
    "/login/pin",
    "/login/code",
    "/logout",
    "/api/sync-status/retry",
    "/api/sync-status/retire",
    "/contract/sql",
    "/contract/sign-in",
    "/api/person-keys",
    "/api/deliveries/{id}/position",
    "/api/deliveries/{id}/simulated",
    "/outbox/retry",
    "/api/orders/price",
    "/api/outbox/retry",
    "/contract/outbound",
    "/api/device/contact",
    "/api/kiosk/card",
    "/members",
    "/api/members/recognise",
    "/counter/scan",
    "/api/scan",
];

#[tokio::test]
async fn a_standby_refuses_what_is_posted_except_what_is_its_own_business() {
    let standby = || Side::Standby(VenueId::parse("chakri").unwrap());
    for route in ROUTES {
        let is_local = route.method == "GET" || LOCAL.contains(&route.path);
        assert_eq!(route.writes, !is_local, "{} {}", route.method, route.path);
        let contract = Host { contract: true, ..host(standby()) };
        let answer = ask(contract, route.method, route.path).await;
        let tells_when = answer.headers().contains_key("retry-after");
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let is_refused = String::from_utf8_lossy(&body).contains("\"standby\"");
        assert!(tells_when || !is_refused, "{} {}", route.method, route.path);
        assert_eq!(is_refused, route.writes, "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_shown_now_says_when_to_ask_again() {
    let standby = Side::Standby(VenueId::parse("chakri").unwrap());
    let request = Request::builder().method("POST").uri("/orders/7d1f/receipt");
    let request = request.header("accept", "text/html").body(Body::empty()).unwrap();
    let app = app::router(stage::app(Arc::new(Empty), host(standby)));
    let answer = app.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "5");
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 += &format!("{field}={value:?} ");
    }
}

impl Subscriber for Heard {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

#[tokio::test]
async fn every_request_leaves_one_line_in_the_log() {
    let long = format!("/{}", "x".repeat(5_000));
    for (method, path, status) in [
        ("GET", "/version", 200),
        ("GET", "/nulle-part", 404),
        ("GET", "/orders/%ff", 404),
        ("POST", "/version", 405),
        ("GET", long.as_str(), 404),
    ] {
        let heard = Heard::default();
        let listening = tracing::subscriber::set_default(heard.clone());
        let answer = ask(host(Side::Edge), method, path).await;
        drop(listening);
        assert_eq!(answer.status(), status, "{path}");
        let lines = heard.0.lock().unwrap().clone();
        let [line] = lines.as_slice() else { panic!("{path}: {lines:?}") };
        let id = answer.headers()["x-request-id"].to_str().unwrap();
        assert!(line.contains(id) && line.contains(&format!("status={status} ")), "{line}");
        let shown = path.get(..40).unwrap_or(path);
        assert!(line.contains(shown) && line.len() < 400, "{line}");
    }
}

#[tokio::test]
async fn set_up_is_closed_without_a_code() {
    let response = ask(host(Side::Edge), "POST", "/api/setup/venues").await;
    assert_eq!(response.status(), 403);
}

#[test]
fn no_route_is_declared_twice_and_each_says_what_it_does() {
    for (number, route) in ROUTES.iter().enumerate() {
        let twins = ROUTES.iter().filter(|r| (r.method, r.path) == (route.method, route.path));
        assert_eq!(twins.count(), 1, "{} {}", route.method, route.path);
        assert!(route.about.ends_with('.') && route.about.len() > 10, "{number}: {}", route.about);
        assert!(route.body_bytes > 0 && route.queries > 0, "{}", route.path);
    }
}

#[test]
fn the_committed_description_is_the_route_table_s() {
    let committed = include_str!("../../schemas/openapi.json");
    let written = serde_json::to_string_pretty(&openapi::document()).unwrap();
    if std::env::var_os("RELAIS_WRITE_SNAPSHOTS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/openapi.json");
        std::fs::write(path, written + "\n").unwrap();
        return;
    }
    // Both are thousands of lines: what differs, a comparison of the files tells better.
    assert!(committed.trim_end() == written, "write it anew with RELAIS_WRITE_SNAPSHOTS=1");
}
