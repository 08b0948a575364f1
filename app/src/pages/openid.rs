//! Signing in by a provider: the way there, and the way back.
//!
//! A sign-in is a row that is good once for ten minutes, and a cookie of the browser that began it.
//! It must not know what a provider answers, nor whose account it opens.

use axum::http::{HeaderValue, StatusCode, header};
use domain::people::person::PersonId;
use serde::{Deserialize, Serialize};
use sync_engine::seal::equal;

use crate::{
    call::{Answer, Call, Tries, Written, page},
    openid::{Provider, Question},
    pages::{
        login::{self, local_path, redirect},
        register::at_home,
    },
    people::{
        account::draw_person,
        code::{self, Kind},
        external,
        keys::{open_for_host, seal_for_host},
    },
    ports::CommitFault,
    problem::Problem,
    rate,
    session::{cookie, hash, random},
    transport,
    views::{LeadView, Surface},
};

const COOKIE: &str = "relais_openid";
const PLACE: &str = "openid/question";
const BACK: &str = "/login/openid/callback";

/// What is kept of a sign-in that has begun; sealed.
#[derive(Serialize, Deserialize)]
struct Begun {
    nonce: String,
    verifier: String,
    back: String,
    next: String,
    browser: String,
}

/// Sends a browser to the provider.
pub async fn begin(call: Call) -> Answer {
    match begun(&call).await {
        Ok((target, cookie)) => Ok(redirect(&target, &[&cookie])),
        Err(problem) => failed(&call, problem).await,
    }
}

async fn begun(call: &Call) -> Result<(String, String), Problem> {
    let provider = provider(call)?;
    rate::take(call, &rate::LOGIN_BY_ADDRESS, &rate::origin(call)).await?;
    let (app, venue) = (&call.app, &call.here()?.venue.id);
    let question = Question::draw(call, back(call)?)?;
    let browser = random(app.entropy.as_ref(), 16)?;
    let begun = Begun {
        nonce: question.nonce.clone(),
        verifier: question.verifier.clone(),
        back: question.back.clone(),
        next: call.query("next").and_then(local_path).unwrap_or_default().to_owned(),
        browser: hash(&browser),
    };
    let text = serde_json::to_string(&begun).map_err(|e| Problem::internal(e.to_string()))?;
    let sealed = seal_for_host(&app.host, app.entropy.as_ref(), (PLACE, &text))?;
    // Who it is, is not known yet.
    let nobody: PersonId = draw_person(app)?;
    let (state, kept) = code::draw(app, Kind::OpenId, (venue.as_str(), &nobody, &sealed))?;
    let target = provider.beginning(call, &state, &question).await?;
    call.db.commit(&kept).await?;
    Ok((target, set_cookie(call, &browser, Kind::OpenId.lasts_ms())))
}

/// Takes a browser that comes back from the provider, and signs its owner in.
pub async fn finish(call: Call) -> Answer {
    match finished(&call).await {
        Ok(answer) => Ok(answer),
        Err(problem) => failed(&call, problem).await,
    }
}

async fn finished(call: &Call) -> Answer {
    let provider = provider(call)?;
    rate::take(call, &rate::LOGIN_BY_ADDRESS, &rate::origin(call)).await?;
    let begun = take_up(call).await?;
    let invalid = || Problem::new(StatusCode::UNAUTHORIZED, "openid_invalid");
    if call.query("error").is_some() {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "openid_refused"));
    }
    // Where the provider names itself, it is the one that was asked (RFC 9207).
    if call.query("iss").is_some_and(|issuer| issuer != provider.issuer()) {
        return Err(invalid());
    }
    let code = call.query("code").filter(|code| !code.is_empty()).ok_or_else(invalid)?;
    let question = Question { nonce: begun.nonce, verifier: begun.verifier, back: begun.back };
    let said = provider.redeem(call, code, &question).await?;
    let mut tries = Tries::default();
    loop {
        let (account, mut batch) = external::account(call, provider.issuer(), &said).await?;
        let opened = login::open(call, &account, false).await?;
        batch.push(opened.statement.clone());
        match login::commit(call, batch, &opened, "openid").await? {
            Written::Done => {
                let next = login::leads_to(&opened, &begun.next);
                return arrived(call, &opened.cookies, next);
            }
            Written::Again => tries.again()?,
        }
    }
}

/// Uses a sign-in up that this browser began at this venue.
async fn take_up(call: &Call) -> Result<Begun, Problem> {
    let other = || Problem::new(StatusCode::UNAUTHORIZED, "openid_state");
    let browser = cookie(&call.headers, COOKIE).ok_or_else(other)?;
    let state = call.query("state").unwrap_or_default();
    let found = code::find(&call.app, &call.db, Kind::OpenId, state)
        .await
        .map_err(|problem| if problem.status == StatusCode::GONE { other() } else { problem })?;
    let text = open_for_host(&call.app.host, PLACE, &found.detail).ok_or_else(other)?;
    let begun: Begun = serde_json::from_str(&text).map_err(|_| other())?;
    let is_here = found.venue == call.here()?.venue.id.as_str();
    if !is_here || !equal(hash(browser).as_bytes(), begun.browser.as_bytes()) {
        return Err(other());
    }
    match call.db.commit(&[found.used]).await {
        Ok(()) => Ok(begun),
        Err(CommitFault::Conflict) => Err(other()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

/// Leads on by a page of ours: a redirect would still come from the provider's site, and browsers
/// keep the session's cookie from such requests.
fn arrived(call: &Call, cookies: &[String], next: String) -> Answer {
    let mut response = page(&LeadView { shell: call.shell(Surface::Staff), target: next })?;
    for cookie in cookies.iter().chain([&set_cookie(call, "", 0)]) {
        if let Ok(cookie) = HeaderValue::from_str(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// Shows on the login page what went wrong.
async fn failed(call: &Call, problem: Problem) -> Answer {
    if call.header("accept").contains("text/html") && problem.code.starts_with("openid_") {
        return login::forms(call, Some(problem)).await;
    }
    Err(problem)
}

fn provider(call: &Call) -> Result<&Provider, Problem> {
    let off = || Problem::new(StatusCode::NOT_FOUND, "openid_off");
    at_home(call)?;
    call.app.openid.as_deref().ok_or_else(off)
}

/// Where the provider sends the browser back to: the name under which it came, where its cookie is.
/// The provider has a list of such addresses, and refuses all others.
fn back(call: &Call) -> Result<String, Problem> {
    let host = call.header("host");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte);
    if host.is_empty() || host.len() > 255 || !host.bytes().all(plain) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "openid_invalid"));
    }
    let scheme = if transport::is_secure(call) { "https" } else { "http" };
    Ok(format!("{scheme}://{host}{BACK}"))
}

/// The browser comes back from another site, so the cookie is not kept from such requests.
fn set_cookie(call: &Call, value: &str, lasts_ms: u64) -> String {
    let secure = if transport::is_secure(call) { "; Secure" } else { "" };
    let age = lasts_ms / 1_000;
    format!("{COOKIE}={value}; Max-Age={age}; Path=/login/openid; HttpOnly; SameSite=Lax{secure}")
}
