//! What happens around every handler: limits, venue, rights, headers, the log line.
//!
//! A request passes here once, in this order: body limit, origin, venue, rights, handler; every
//! answer leaves with the same security headers and its request id. It must not know any route.

use std::net::IpAddr;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header},
};
use domain::{access::Right, venue::module::Module};
use http_body_util::BodyExt;
use sync_engine::seal;

use crate::{
    App,
    call::{Answer, Call, Here},
    csrf,
    device::{self, proof},
    host::Side,
    limits,
    locale::Locale,
    metered::Metered,
    pages,
    problem::Problem,
    replication::learn,
    routes::{Route, Scope},
    rows, session,
    transport::{self, Transport},
};

mod frame;
mod policy;

use frame::Frame;
pub use policy::Allowed;
use policy::policy;

/// From which address a request came; a host that knows it puts it among the request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Client(pub IpAddr);

/// Serves one request by one route.
pub async fn serve(
    app: App,
    route: &'static Route,
    params: Vec<(String, String)>,
    request: Request<Body>,
) -> Response<Body> {
    let started_ms = app.clock.now_ms();
    let id = request_id(&app);
    let (parts, body) = request.into_parts();
    let (headers, method) = (parts.headers, parts.method);
    let from = parts.extensions.get::<Client>().map(|client| client.0);
    let transport = parts.extensions.get::<Transport>().copied();
    let path = parts.uri.path().to_owned();
    let query = decode_query(parts.uri.query().unwrap_or_default());
    let body = read_body(body, route.body_bytes).await;
    let mut call = Call {
        db: Metered::new(app.database.clone(), route.queries),
        here: None,
        visitor: None,
        from,
        transport,
        new_form_token: None,
        device: None,
        proven: None,
        locale: locale(&query, &headers),
        path,
        params,
        query,
        headers,
        body: Bytes::new(),
        app,
    };
    let app = call.app.clone();
    let host = call.header("host").to_owned();
    let claim = (route.right == Right::Device).then(|| device::claim(&call.headers).ok()).flatten();
    let mut signer = claim.map(|claim| (claim.key(&app.host), claim.nonce));
    let mut frame = Frame::of(&call, &method, Some(route.right));
    let answer = match body {
        Ok(body) => {
            call.body = body;
            admit_and_handle(call, route, &method, (&mut frame.cookies, &mut signer)).await
        }
        Err(problem) => Err(problem),
    };
    let mut response = frame.answer(answer, &id);
    if let Some((key, nonce)) = signer {
        response = sign(response, &key, &nonce).await;
    }
    let ms = app.clock.now_ms().saturating_sub(started_ms);
    let status = response.status().as_u16();
    log(&id, (&method, route.path), (status, ms));
    finish(response, &app, (&host, transport), &id)
}

/// Answers what no route serves.
pub async fn stray(app: App, code: &'static str, request: Request<Body>) -> Response<Body> {
    let started_ms = app.clock.now_ms();
    let id = request_id(&app);
    let (parts, body) = request.into_parts();
    // A body that nobody reads makes some hosts hold the connection.
    let _ = read_body(body, 0).await;
    let status = match code {
        "method_not_allowed" => StatusCode::METHOD_NOT_ALLOWED,
        _ => StatusCode::NOT_FOUND,
    };
    let query = decode_query(parts.uri.query().unwrap_or_default());
    let call = Call {
        db: Metered::new(app.database.clone(), 0),
        here: None,
        visitor: None,
        from: None,
        transport: parts.extensions.get::<Transport>().copied(),
        new_form_token: None,
        device: None,
        proven: None,
        locale: locale(&query, &parts.headers),
        path: parts.uri.path().to_owned(),
        params: Vec::new(),
        query,
        headers: parts.headers,
        body: Bytes::new(),
        app: app.clone(),
    };
    let (host, transport) = (call.header("host").to_owned(), call.transport);
    let frame = Frame::of(&call, &parts.method, None);
    let response = frame.answer(Err(Problem::new(status, code)), &id);
    let ms = app.clock.now_ms().saturating_sub(started_ms);
    let (method, status) = (&parts.method, response.status().as_u16());
    // No route says what was asked for; an address may be as long as its sender likes.
    let route: String = parts.uri.path().chars().take(limits::TOKEN_CHARS).collect();
    log(&id, (method, &route), (status, ms));
    finish(response, &app, (&host, transport), &id)
}

/// Logs an answer. Who only looked, and saw what they asked for, is told at `debug`: pages ask
/// every few seconds, and a log wears an SD card.
fn log(request: &str, (method, route): (&Method, &str), (status, ms): (u16, u64)) {
    if method.is_safe() && status < StatusCode::BAD_REQUEST.as_u16() {
        tracing::debug!(request, %method, route, status, ms, "served");
    } else {
        tracing::info!(request, %method, route, status, ms, "served");
    }
}

async fn admit_and_handle(
    mut call: Call,
    route: &'static Route,
    method: &Method,
    (cookies, signer): (&mut Vec<String>, &mut Option<([u8; 32], String)>),
) -> Answer {
    let app = call.app.clone();
    if route.right == Right::Demo && !(app.host.demo || app.host.contract) {
        return Err(Problem::not_found());
    }
    if route.writes && !app.host.side.writes() {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "standby"));
    }
    let from_browser = !matches!(route.right, Right::Device | Right::Enrolled | Right::Setup);
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if !reads && from_browser {
        check_origin(&call)?;
    }
    match route.right {
        Right::Setup => check_setup_code(&call).await?,
        Right::Device => {
            let claim = device::claim(&call.headers)?;
            proof::admit_replica(&mut call, method.as_str(), claim).await?;
        }
        Right::Enrolled => {
            call.proven = proof::admit(&mut call, method.as_str(), signer).await?;
        }
        _ => {}
    }
    if route.scope == Scope::Venue && call.here.is_none() {
        call.here = find_venue(&call).await?;
    }
    if let Some(here) = &call.here {
        learn::catch_up(&call.db, here).await?;
        if let Some(module) = Module::of(route.path)
            && !here.venue.modules.has(module)
        {
            return Err(Problem::new(StatusCode::NOT_FOUND, "module_off"));
        }
        let (venue, locale) = (here.venue.id.clone(), venue_locale(&call, here));
        call.locale = locale;
        if from_browser && let Some((station, cookie)) = proof::station(&call).await? {
            call.proven = Some(station);
            cookies.extend(cookie);
        }
        if let Some((visitor, cookie)) = session::visitor(&call, &venue).await? {
            // A kiosk sells to whoever stands before it: staff who signed in on its screen are not
            // its customer.
            let works_here = visitor.platform || visitor.roles.is_staff();
            let is_customer = route.right.is_of_people() || !(works_here && call.is_kiosk());
            call.visitor = Some(visitor).filter(|_| is_customer);
            cookies.extend(cookie);
        }
    }
    if route.right.is_of_people() {
        call.visitor()?.check(route.right)?;
    }
    if from_browser {
        if reads {
            cookies.extend(prepare_forms(&mut call)?);
        } else {
            csrf::check(&call)?;
        }
    }
    (route.serve)(call).await
}

/// Gives a browser that will be shown a page what its forms send back.
fn prepare_forms(call: &mut Call) -> Result<Option<String>, Problem> {
    let has_one = call.visitor.is_some()
        || session::cookie(&call.headers, csrf::COOKIE).is_some()
        || !call.header("accept").contains("text/html");
    if has_one {
        return Ok(None);
    }
    let (token, cookie) = csrf::draw(transport::is_secure(call), call.app.entropy.as_ref())?;
    call.new_form_token = Some(token);
    Ok(Some(cookie))
}

async fn check_setup_code(call: &Call) -> Result<(), Problem> {
    let Some(code) = &call.app.host.setup_code else {
        return Err(Problem::new(StatusCode::FORBIDDEN, "setup_closed"));
    };
    let given = call.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    if code.matches(given) {
        let host = &call.app.host;
        // Whoever administers the host opens venues from then on.
        let may_go_on = host.demo || host.contract || pages::setup::is_open(&call.db).await?;
        if !may_go_on {
            return Err(Problem::new(StatusCode::FORBIDDEN, "setup_closed"));
        }
        Ok(())
    } else {
        Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_key"))
    }
}

/// A page of another origin must not make a browser act or listen here.
pub(crate) fn check_origin(call: &Call) -> Result<(), Problem> {
    let origin = call.header("origin");
    let host = call.header("host");
    // Whoever forges plain http under our name is another site to HTTPS.
    let in_clear = call.transport == Some(Transport::Https) && origin.starts_with("http://");
    let same_host = origin.split_once("://").is_some_and(|(_, rest)| rest == host) && !in_clear;
    let site = call.header("sec-fetch-site");
    let foreign_site = !matches!(site, "" | "same-origin" | "none");
    if (!origin.is_empty() && !same_host) || (origin.is_empty() && foreign_site) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "cross_origin"));
    }
    Ok(())
}

/// Finds the venue that the request is about, by where it was sent.
pub(crate) async fn find_venue(call: &Call) -> Result<Option<Here>, Problem> {
    let found = match &call.app.host.side {
        Side::Gateway(venue) | Side::Standby(venue) => rows::venue::by_id(&call.db, venue).await?,
        Side::Edge => {
            let host = call.header("host");
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            rows::venue::by_domain(&call.db, &name.to_ascii_lowercase()).await?
        }
    };
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_venue");
    found.ok_or_else(unknown).map(Some)
}

fn locale(query: &[(String, String)], headers: &HeaderMap) -> Locale {
    let asked = query.iter().find(|(name, _)| name == "lang").map(|(_, value)| value.as_str());
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Locale::choose(asked, session::cookie(headers, "lang"), accepted)
}

/// Where the reader asks for nothing, the venue's first language counts.
fn venue_locale(call: &Call, here: &Here) -> Locale {
    let asks = call.query("lang").is_some()
        || session::cookie(&call.headers, "lang").is_some()
        || call.headers.contains_key(header::ACCEPT_LANGUAGE);
    let first = here.venue.languages.first().and_then(|tag| Locale::from_tag(tag));
    if asks { call.locale } else { first.unwrap_or(call.locale) }
}

async fn read_body(mut body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut read = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let broken = |_| Problem::new(StatusCode::BAD_REQUEST, "invalid_json");
        let Ok(data) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        seen += data.len();
        if seen <= limit {
            read.extend_from_slice(&data);
        } else if seen > limits::DRAIN_BYTES {
            break;
        }
    }
    if seen > limit {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"));
    }
    Ok(Bytes::from(read))
}

/// Decodes a query or a form; broken escapes stay as they are.
pub fn decode_query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (unescape(name), unescape(value)))
        .collect()
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = rest.clone().take(2).map(|b| (b as char).to_digit(16));
                match digits.collect::<Option<Vec<u32>>>().as_deref() {
                    Some([high, low]) => {
                        bytes.push((high * 16 + low) as u8);
                        rest.nth(1);
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn sign(response: Response<Body>, key: &[u8], nonce: &str) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return Problem::internal("an answer could not be read for signing").json(Locale::En);
    };
    let signature = seal::sign_answer(key, nonce, parts.status.as_u16(), &body);
    if let Ok(signature) = HeaderValue::from_str(&signature) {
        parts.headers.insert(device::ANSWER, signature);
    }
    Response::from_parts(parts, Body::from(body))
}

fn finish(
    mut response: Response<Body>,
    app: &App,
    (host, transport): (&str, Option<Transport>),
    id: &str,
) -> Response<Body> {
    let secure = transport::of(&app.host, transport);
    let allowed = response.extensions_mut().remove::<Allowed>().unwrap_or_default();
    let policy = policy(app.live.takes_sockets().then_some(host), secure, &allowed);
    let permissions = if allowed.geolocation {
        "geolocation=(self), microphone=(), payment=()"
    } else {
        "geolocation=(), microphone=(), payment=()"
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", permissions),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("content-security-policy", policy);
    // An address that carries a secret says so itself.
    headers.entry("referrer-policy").or_insert(HeaderValue::from_static("same-origin"));
    if secure && (app.host.side == Side::Edge || transport == Some(Transport::Https)) {
        let hsts = HeaderValue::from_static("max-age=31536000");
        headers.insert("strict-transport-security", hsts);
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
    response
}

fn request_id(app: &App) -> String {
    let mut bytes = [0; 8];
    // An id without entropy is still an id: the clock tells requests apart well enough for a log.
    if app.entropy.fill(&mut bytes).is_err() {
        bytes = app.clock.now_ms().to_be_bytes();
    }
    seal::hex(&bytes)
}
