//! Signing in and out: by password at the home of accounts, and the code of a second factor. How
//! staff do it by PIN stands beside it.
//!
//! What is wrong is told in the same words, whatever it is. It must not know what a role may do.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use domain::{
    audit::Act,
    lan::LanOrigin,
    people::{address::Address, password::Verdict},
};
use serde_json::json;
use sync_engine::statement::Batch;

use crate::{
    audit::{self, Noted},
    call::{Answer, Call, Written, escape, page},
    known,
    pages::{hand_over, pin},
    people::{
        account::{self, Account, keep_password, verify_password},
        demo, directory, factor, retention,
    },
    problem::{Problem, respond},
    rate,
    session::{self, Means, Opening},
    transport,
    views::{CodeView, LoginView, ProviderLink, Surface},
};

const UNCONFIRMED: &str = "address_unconfirmed";

/// Shows the forms; at a station, staff are led to their names.
pub async fn show(call: Call) -> Answer {
    if pin::is_station(&call) && call.query("by").is_none() {
        let next = local_path(call.query("next").unwrap_or_default()).unwrap_or_default();
        return Ok(redirect(&format!("/switch?next={}", escape(next)), &[]));
    }
    forms(&call, None).await
}

/// Checks address and password.
pub async fn sign_in(call: Call) -> Answer {
    if !call.app.host.is_home {
        return Err(Problem::new(StatusCode::CONFLICT, "no_accounts_here"));
    }
    match by_password(&call).await {
        Ok((batch, opened)) => begin(&call, batch, opened, "password").await,
        Err(problem) => again(&call, problem).await,
    }
}

/// Shows the form for the code of the second factor.
pub async fn show_code(call: Call) -> Answer {
    code_form(&call, None).await
}

/// Checks the code of the second factor, or a recovery code.
pub async fn prove_code(call: Call) -> Answer {
    match by_code(&call).await {
        Ok((batch, opened)) => begin(&call, batch, opened, "password").await,
        Err(problem) if wants_page(&call) => code_form(&call, Some(problem)).await,
        Err(problem) => Err(problem),
    }
}

/// Signs out.
pub async fn sign_out(call: Call) -> Answer {
    let (gone, cookie) = session::close(&call);
    let gone: Batch = gone.into_iter().collect();
    let person = call.visitor.as_ref().map(|visitor| visitor.person.to_string());
    match person.filter(|_| call.app.host.side.writes()) {
        Some(person) => {
            let act = Act::SignedOut;
            let noted = Noted { act, actor: "", subject: &person, detail: json!({}) };
            audit::commit_surely(&call, &noted, (Vec::new(), gone)).await?;
        }
        None => call.db.commit(&gone).await?,
    }
    Ok(redirect("/login", &[&cookie]))
}

pub(super) type Decided = (Batch, session::Opened);

async fn by_password(call: &Call) -> Result<Decided, Problem> {
    transport::check(call)?;
    let wrong = || Problem::new(StatusCode::UNAUTHORIZED, "wrong_login");
    let address = Address::parse(&call.field("email")).ok();
    let index = address.as_ref().map(|address| account::index(&call.app.host, address));
    let known = index.as_ref().and_then(|index| known::browser(call, index));
    // A browser that was signed in there before has tries of its own.
    let from = known.clone().unwrap_or_else(|| rate::origin(call));
    rate::take(call, &rate::LOGIN_BY_ADDRESS, &from).await?;
    let (Some(address), Some(index)) = (address, index) else { return Err(wrong()) };
    let both = format!("{from} {index}");
    rate::take(call, &rate::LOGIN_BY_ACCOUNT, &both).await?;
    if known.is_none() {
        rate::take(call, &rate::LOGIN_BY_ANYBODY, &index).await?;
    }
    let account = account::by_address(&call.app, &call.db, &address).await?;
    let kept = account.as_ref().map_or("", |account| account.password.as_str());
    let password = call.field("password");
    let verdict = verify_password(&call.app, &password, kept).await?;
    let Some(account) = account.filter(|a| !a.barred && verdict != Verdict::Wrong) else {
        return Err(wrong());
    };
    // Whoever knows the password may know that its address waits to be confirmed.
    if account.is_pending() {
        return Err(Problem::new(StatusCode::FORBIDDEN, UNCONFIRMED));
    }
    let mut batch = vec![rate::forget(call, &rate::LOGIN_BY_ACCOUNT, &both)];
    if verdict == Verdict::Outdated {
        let anew = keep_password(&call.app, &password).await?;
        batch.push(account::set_password(&account.person, &anew));
    }
    let mut opened = open(call, &account, false).await?;
    if known.is_none() {
        opened.cookies.push(known::remember(call, &index)?);
    }
    batch.push(opened.statement.clone());
    Ok((batch, opened))
}

async fn by_code(call: &Call) -> Result<Decided, Problem> {
    let wrong = || Problem::new(StatusCode::UNAUTHORIZED, "wrong_code");
    let visitor = call.visitor()?;
    rate::take(call, &rate::SECOND_FACTOR, visitor.person.as_str()).await?;
    let account = account::of(&call.db, &visitor.person).await?.ok_or_else(wrong)?;
    let accepted = factor::accept(&call.app, &account, &call.field("code")).ok_or_else(wrong)?;
    let forgotten = rate::forget(call, &rate::SECOND_FACTOR, visitor.person.as_str());
    let mut batch = vec![accepted, forgotten];
    // The session that owed the code ends: the one that proved it has another token.
    batch.extend(session::close(call).0);
    let opened = open(call, &account, true).await?;
    batch.push(opened.statement.clone());
    Ok((batch, opened))
}

/// Opens a session for somebody who has proved who they are, as what they are at this venue.
///
/// # Errors
/// Refuses whoever is barred here.
pub(super) async fn open(
    call: &Call,
    account: &Account,
    second_factor: bool,
) -> Result<session::Opened, Problem> {
    let venue = &call.here()?.venue.id;
    let member = directory::find(&call.app.host, &call.db, (venue, &account.person)).await?;
    let roles = match member {
        Some(member) if !member.access.active => {
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_login"));
        }
        Some(member) => member.access.roles,
        None => domain::access::Roles::default(),
    };
    session::open(
        call,
        &Opening {
            person: account.person.clone(),
            roles,
            platform: account.platform,
            means: Means::Password,
            second_factor,
            owes_code: !second_factor && !account.totp.is_empty(),
        },
    )
}

/// Commits a login and leads to where it begins; `means` is what the audit says of it.
///
/// # Errors
/// Fails when the database does.
pub(super) async fn begin(
    call: &Call,
    batch: Batch,
    opened: session::Opened,
    means: &str,
) -> Answer {
    // The code was used by another request meanwhile.
    if commit(call, batch, &opened, means).await? == Written::Again {
        return again(call, Problem::new(StatusCode::UNAUTHORIZED, "wrong_code")).await;
    }
    let cookies: Vec<&str> = opened.cookies.iter().map(String::as_str).collect();
    Ok(redirect(&leads_to(&opened, &call.field("next")), &cookies))
}

/// Returns where the browser goes on: to what was asked for, where it is a path of ours.
pub(super) fn leads_to(opened: &session::Opened, next: &str) -> String {
    match local_path(next) {
        // Where they want to go waits for the second factor.
        Some(next) if opened.start_page.starts_with("/login") => {
            format!("{}?next={}", opened.start_page, escape(next))
        }
        Some(next) => next.to_owned(),
        None => opened.start_page.to_owned(),
    }
}

/// Commits a login with its entry in the audit.
///
/// # Errors
/// Fails when the database does.
pub(super) async fn commit(
    call: &Call,
    batch: Batch,
    opened: &session::Opened,
    means: &str,
) -> Result<Written, Problem> {
    let station = call.proven.as_ref().map(|proven| proven.found.device.id.as_str());
    let detail = match station {
        Some(device) => json!({"means": means, "device": device}),
        None => json!({"means": means}),
    };
    let actor = opened.person.as_str();
    let noted = Noted { act: Act::SignedIn, actor, subject: actor, detail };
    if call.app.host.side.writes() {
        let mut batch = batch;
        batch.push(retention::came(&opened.person, call.locale, call.app.clock.now_ms()));
        return audit::commit(call, &noted, (Vec::new(), batch)).await;
    }
    // A standby writes nothing that replicates: its gateway's audit is the venue's.
    call.db.commit(&batch).await?;
    Ok(Written::Done)
}

fn wants_page(call: &Call) -> bool {
    call.header("accept").contains("text/html")
}

/// Shows the forms once more, with what was wrong.
pub(crate) async fn again(call: &Call, problem: Problem) -> Answer {
    if wants_page(call) && !problem.status.is_server_error() {
        return forms(call, Some(problem)).await;
    }
    Err(problem)
}

/// Shows the forms, with what was wrong.
///
/// # Errors
/// Fails when the database does.
pub(super) async fn forms(call: &Call, problem: Option<Problem>) -> Answer {
    let venue = &call.here()?.venue.id;
    let host = &call.app.host;
    let asked = call.query("next").map_or_else(|| call.field("next"), str::to_owned);
    let demo = if host.demo { demo::logins(&call.db, venue).await? } else { Vec::new() };
    let by_pin = host.demo && host.side.takes_pins() || pin::is_taken(call);
    let by_password = host.is_home;
    let next = local_path(&asked).unwrap_or_default().to_owned();
    let lan = host.lan.origin.as_ref();
    let https = |lan: &LanOrigin| format!("{}/login?next={}", lan.as_str(), escape(&next));
    let offered = hand_over::is_offered(call);
    let start = || format!("/login/hand-over/start?next={}", escape(&next));
    let is_unconfirmed = problem.as_ref().is_some_and(|problem| problem.code == UNCONFIRMED);
    let mut response = page(&LoginView {
        shell: call.shell(Surface::Staff),
        https_url: lan.map(https).unwrap_or_default(),
        in_clear: transport::check(call).is_err(),
        hand_over: if offered { start() } else { String::new() },
        next,
        by_password,
        by_pin,
        registers: by_password && (host.demo || call.app.outbox.has_post()),
        openid: provider_link(call, local_path(&asked).unwrap_or_default()),
        unconfirmed: is_unconfirmed.then(|| call.field("email")),
        pin_refused: call.path == "/login/pin" || !(by_password || offered),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
        demo: demo
            .into_iter()
            .filter(|login| by_password || !login.pin.is_empty())
            .map(|login| login.view(call.locale))
            .collect(),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn provider_link(call: &Call, next: &str) -> Option<ProviderLink> {
    let provider = call.app.openid.as_ref().filter(|_| call.app.host.is_home)?;
    let query = if next.is_empty() { String::new() } else { format!("?next={}", escape(next)) };
    Some(ProviderLink { label: provider.label().to_owned(), href: format!("/login/openid{query}") })
}

async fn code_form(call: &Call, problem: Option<Problem>) -> Answer {
    let visitor = call.visitor()?;
    let demo_code = if call.app.host.demo {
        let account = account::of(&call.db, &visitor.person).await?;
        account.and_then(|account| factor::code_now(&call.app, &account))
    } else {
        None
    };
    let asked = call.query("next").map_or_else(|| call.field("next"), str::to_owned);
    let mut response = page(&CodeView {
        shell: call.shell(Surface::Staff),
        next: local_path(&asked).unwrap_or_default().to_owned(),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
        demo_code,
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

/// Accepts only a path of this site.
#[must_use]
pub fn local_path(next: &str) -> Option<&str> {
    let plain = next.bytes().all(|b| b.is_ascii_graphic()) && !next.contains('\\');
    (plain && next.starts_with('/') && !next.starts_with("//")).then_some(next)
}

/// Leads to another page, with cookies.
#[must_use]
pub fn redirect(target: &str, cookies: &[&str]) -> Response<Body> {
    let mut response = respond(StatusCode::SEE_OTHER, "text/plain", "");
    let headers = response.headers_mut();
    if let Ok(target) = HeaderValue::from_str(target) {
        headers.insert(header::LOCATION, target);
    }
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::from_str(cookie) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}
