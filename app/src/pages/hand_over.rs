//! A login on its way from the home of accounts to a gateway's name on site, where no cookie goes.
//!
//! The gateway's browser keeps a random state, and its hash is the code's nonce: a code that was
//! made for another browser signs nobody in. Cookies stay at home when a browser comes from another
//! site, so each side shows a page that leads on by itself. It must not know roles.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use domain::{
    access::Right,
    audit::Act,
    trust::{Document, Id, InTime, Window, hand_over::HandOver, text as form},
};
use serde_json::json;
use sync_engine::statement::Batch;

use crate::{
    audit::{self, Noted},
    call::{Answer, Call, Tries, Written, escape, page},
    limits, once,
    pages::login::{again, local_path, redirect},
    people::directory,
    ports::{CommitFault, Link},
    problem::Problem,
    rate,
    rows::{self, trust::load},
    session::{self, Means, Opening},
    transport::{self, Transport},
    trust::{self, trusted},
    views::{LeadView, Surface},
};

/// The cookie that keeps the state, and where its owner wanted to go. By its name a browser takes
/// it over HTTPS from this very host only: whoever forges plain http here cannot set another state.
const COOKIE: &str = "__Host-relais_hand_over";
const STATE_BYTES: usize = 16;
/// Under which name the nonces of codes are kept.
const TAKEN: &str = "hand-over";
/// What a code says of how somebody proved who they are.
const BY_PASSWORD: &str = "password";
const BY_TWO_FACTORS: &str = "two_factors";

/// Gives a code at the home of accounts, takes one at a gateway.
pub async fn show(call: Call) -> Answer {
    let answer = if call.app.host.is_home { give(&call).await } else { take(&call).await };
    answer.map(discreet)
}

/// Begins at the gateway: remembers this browser, and leads it to the home of accounts.
pub async fn start(call: Call) -> Answer {
    if !is_offered(&call) {
        return Err(Problem::new(StatusCode::CONFLICT, "hand_over_not_offered"));
    }
    let lan = &call.app.host.lan;
    let (Some(origin), Some(home)) = (&lan.origin, &lan.public_url) else {
        return Err(Problem::not_found());
    };
    let state = session::random(call.app.entropy.as_ref(), STATE_BYTES)?;
    let next = call.query("next").and_then(local_path).unwrap_or_default();
    let kept = format!("{state}.{}", form::to_url(next.as_bytes()));
    let lasts_ms = Some(limits::HAND_OVER_AWAITED_MS);
    let cookie = session::set_cookie(transport::is_secure(&call), COOKIE, &kept, lasts_ms);
    let (to, nonce) = (escape(origin.as_str()), nonce(&state)?);
    let target = format!("{home}/login/hand-over?to={to}&state={nonce}");
    Ok(discreet(redirect(&target, &[&cookie])))
}

/// Tells whether somebody may sign in here with an account of another host: under the name for
/// which codes are made, and while that host can be reached.
#[must_use]
pub fn is_offered(call: &Call) -> bool {
    let host = &call.app.host;
    let is_here = |origin: &domain::lan::LanOrigin| {
        call.transport == Some(Transport::Https) && call.header("host") == origin.authority()
    };
    !host.is_home
        && host.lan.public_url.is_some()
        && host.lan.origin.as_ref().is_some_and(is_here)
        && matches!(call.app.line.link(), Link::Connected { .. })
}

async fn give(call: &Call) -> Answer {
    let here = call.here()?;
    let venue = &here.venue.id;
    let refused = || Problem::new(StatusCode::FORBIDDEN, "origin_not_of_venue");
    let known = rows::lan::origin(&call.db, venue).await?.ok_or_else(refused)?;
    if call.query("to") != Some(known.as_str()) {
        return Err(refused());
    }
    let asked = call.query("state").unwrap_or_default();
    let nonce = Id::parse(asked).map_err(|_| Problem::invalid_field("state"))?;
    let Some(visitor) = &call.visitor else {
        return match call.query("again") {
            // Whoever comes from another site brings no cookie the first time.
            None => lead(call, &format!("{}&again=1", call.address())),
            Some(_) => Ok(redirect(&format!("/login?next={}", escape(&call.address())), &[])),
        };
    };
    if visitor.owes_code() {
        return Ok(redirect(&format!("/login/code?next={}", escape(&call.address())), &[]));
    }
    visitor.check(Right::Account)?;
    if visitor.wants_second_factor() {
        return Err(Problem::new(StatusCode::FORBIDDEN, "second_factor_required"));
    }
    let root = call.app.host.root_key();
    let root = root.ok_or_else(|| Problem::internal("a home of accounts has no root"))?;
    let now_ms = call.app.clock.now_ms();
    let session = if visitor.second_factor { BY_TWO_FACTORS } else { BY_PASSWORD };
    let says = HandOver {
        nonce,
        venue: venue.clone(),
        person: Id::parse(visitor.person.as_str())?,
        session: session.to_owned(),
        origin: known.as_str().to_owned(),
        window: Window { from_ms: now_ms, until_ms: now_ms + limits::HAND_OVER_MS },
    };
    let code = form::to_url(Document::sign(&root, &says)?.as_bytes());
    // A redirect would not do: the form of a login may lead nowhere but to its own site.
    lead(call, &format!("{}/login/hand-over?code={code}", known.as_str()))
}

async fn take(call: &Call) -> Answer {
    let Some(kept) = session::cookie(&call.headers, COOKIE) else {
        if call.query("again").is_none() {
            return lead(call, &format!("{}&again=1", call.address()));
        }
        return again(call, refused("this browser asked for no code")).await;
    };
    let (state, next) = kept.split_once('.').unwrap_or((kept, ""));
    match taken(call, state).await {
        Ok(opened) => {
            let next = form::from_url(next).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let next = next.as_deref().and_then(local_path).unwrap_or(opened.start_page);
            let gone = session::set_cookie(transport::is_secure(call), COOKIE, "", Some(0));
            let cookies = opened.cookies.iter().map(String::as_str);
            Ok(redirect(next, &cookies.chain([gone.as_str()]).collect::<Vec<_>>()))
        }
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => {
            tracing::info!(reason = problem.code, problem.detail, "a login was not handed over");
            again(call, problem).await
        }
    }
}

/// Opens the session that a code is worth.
async fn taken(call: &Call, state: &str) -> Result<session::Opened, Problem> {
    transport::check(call)?;
    let from = rate::origin(call);
    rate::take(call, &rate::CODE, &from).await?;
    let says = believed(call, state).await?;
    let venue = &call.here()?.venue.id;
    let person = domain::people::person::PersonId::of(&says.person.0);
    let member = directory::find(&call.app.host, &call.db, (venue, &person)).await?;
    let member = member.filter(|member| member.access.active);
    let member = member.ok_or_else(|| refused("this person is not known here"))?;
    let second_factor = match says.session.as_str() {
        BY_TWO_FACTORS => true,
        BY_PASSWORD => false,
        _ => return Err(refused("nobody here knows such a session")),
    };
    let opening = Opening {
        person,
        roles: member.access.roles,
        platform: false,
        means: Means::HandOver,
        second_factor,
        owes_code: false,
    };
    let opened = session::open(call, &opening)?;
    let now_ms = call.app.clock.now_ms();
    const { assert!(limits::NONCE_MS > 2 * limits::HAND_OVER_MS) };
    let mut batch = once::keep(TAKEN, &says.nonce.to_string(), now_ms);
    batch.push(rate::forget(call, &rate::CODE, &from));
    batch.push(opened.statement.clone());
    commit(call, &opened, (says.nonce, batch)).await?;
    Ok(opened)
}

/// Verifies the code: the home's own signature, the time, the place, and this browser.
async fn believed(call: &Call, state: &str) -> Result<HandOver, Problem> {
    let venue = &call.here()?.venue.id;
    let bytes = form::from_url(call.query("code").unwrap_or_default());
    let bytes = bytes.map_err(|rejection| refused(rejection.code()))?;
    let found = trust::verify::<HandOver>(&call.app, &call.db, venue, &bytes).await;
    let found = found.map_err(|problem| match problem.status.is_server_error() {
        true => problem,
        false => refused(problem.code),
    })?;
    let kept = load(&call.db, venue).await?;
    let roots = trusted(&call.app.host, kept.roots.as_ref());
    if !roots.iter().any(|root| root.id() == found.signer) {
        return Err(refused("a gateway signed it"));
    }
    if found.in_time != InTime::Yes {
        return Err(refused("the time is uncertain"));
    }
    let own = call.app.host.lan.origin.as_ref();
    let own = own.ok_or_else(|| refused("this gateway has no name on site"))?;
    found.body.is_for(own.as_str()).map_err(|rejection| refused(rejection.code()))?;
    if found.body.nonce != nonce(state)? {
        return Err(refused("another browser asked for it"));
    }
    Ok(found.body)
}

/// Writes session and nonce together: of two who bring one code, the first is signed in.
async fn commit(
    call: &Call,
    opened: &session::Opened,
    (nonce, batch): (Id, Batch),
) -> Result<(), Problem> {
    let used = || refused("the code was used");
    if !call.app.host.side.writes() {
        return match call.db.commit(&batch).await {
            Err(CommitFault::Conflict) => Err(used()),
            done => Ok(done?),
        };
    }
    let actor = opened.person.as_str();
    let detail = json!({"means": opened.means});
    let noted = Noted { act: Act::SignedIn, actor, subject: actor, detail };
    let mut tries = Tries::default();
    while audit::commit(call, &noted, (Vec::new(), batch.clone())).await? == Written::Again {
        if once::is_kept(&call.db, TAKEN, &nonce.to_string()).await? {
            return Err(used());
        }
        tries.again()?;
    }
    Ok(())
}

/// What the home of accounts is told of a browser's state: it is of no use without the state.
fn nonce(state: &str) -> Result<Id, Problem> {
    let hash = session::hash(state);
    Ok(Id::parse(hash.get(..32).unwrap_or_default())?)
}

/// Whoever is refused learns that, and not why; the log says it.
fn refused(why: &str) -> Problem {
    let problem = Problem::new(StatusCode::FORBIDDEN, "hand_over_refused");
    Problem { detail: why.to_owned(), ..problem }
}

/// Shows a page that leads on by itself.
fn lead(call: &Call, target: &str) -> Answer {
    page(&LeadView { shell: call.shell(Surface::Staff), target: target.to_owned() })
}

/// The address of these pages is worth a session: no other page learns it.
fn discreet(mut response: Response<Body>) -> Response<Body> {
    let no_referrer = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(header::REFERRER_POLICY, no_referrer);
    response
}
