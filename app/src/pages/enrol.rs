//! The page on which a browser becomes a station of the venue: by a code that staff were shown, or
//! by one that it shows itself until staff have approved it.
//!
//! A browser without scripts goes on by a link. It must not decide: `device::enrol` does.

use axum::http::{HeaderValue, StatusCode, header};
use domain::device::Kind;

use crate::{
    call::{Answer, Call, page},
    device::{
        enrol::{self, Enrolled},
        proof::{Bearer, enrolled_cookie},
    },
    pages::{devices::kind_name, login::redirect},
    people::code::Kind as CodeKind,
    problem::Problem,
    session::{cookie, set_cookie},
    transport,
    views::{EnrolView, KindChoice, StationLine, Surface},
};

/// What a browser keeps while staff have not approved it: its code and its secret.
const COOKIE: &str = "relais_enrol";

/// Shows where it stands; a browser that was approved meanwhile becomes a station.
pub async fn show(call: Call) -> Answer {
    let kept = cookie(&call.headers, COOKIE).and_then(|kept| kept.split_once('.'));
    let Some((code, secret)) = kept else { return form(&call, None, None) };
    match enrol::collect(&call, (code, secret)).await {
        Ok(Some(enrolled)) => station(&call, &enrolled),
        Ok(None) => form(&call, None, Some(code)),
        Err(problem) if problem.status == StatusCode::GONE => {
            // Nobody approved it in time: it stops asking.
            forget(&call, form(&call, Some(&problem), None)?)
        }
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, Some(&problem), None),
    }
}

/// Redeems a code, or shows one.
pub async fn enrol(call: Call) -> Answer {
    let done = match call.field("do").as_str() {
        "redeem" => match redeemed(&call).await {
            Ok(enrolled) => return station(&call, &enrolled),
            Err(problem) => Err(problem),
        },
        "ask" => asked(&call).await,
        _ => Err(Problem::invalid_field("do")),
    };
    match done {
        Ok(cookie) => Ok(redirect("/enrol", &[&cookie])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, Some(&problem), None),
    }
}

/// A code for a machine that is no browser is not used up here: it would get no key.
async fn redeemed(call: &Call) -> Result<Enrolled, Problem> {
    enrol::redeem(call, (&call.field("code"), Kind::is_station)).await
}

async fn asked(call: &Call) -> Result<String, Problem> {
    let kind = Kind::parse(&call.field("kind")).filter(|kind| kind.is_station());
    let asked = enrol::ask(call, kind.ok_or_else(|| Problem::invalid_field("kind"))?).await?;
    let kept = format!("{}.{}", asked.code, asked.secret);
    let lasts_ms = CodeKind::EnrolAsked.lasts_ms();
    Ok(set_cookie(transport::is_secure(call), COOKIE, &kept, Some(lasts_ms)))
}

/// Makes the browser a station, and leads to where it begins.
fn station(call: &Call, enrolled: &Enrolled) -> Answer {
    let elsewhere = || Problem::new(StatusCode::CONFLICT, "no_devices_here");
    let proof = enrolled.bearer(call, Bearer::Cookie).ok_or_else(elsewhere)?;
    let kept = enrolled_cookie(call, &proof);
    forget(call, redirect(enrolled.device.kind.start_page(), &[&kept]))
}

fn forget(call: &Call, mut response: axum::http::Response<axum::body::Body>) -> Answer {
    let gone = set_cookie(transport::is_secure(call), COOKIE, "", Some(0));
    if let Ok(gone) = HeaderValue::from_str(&gone) {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    Ok(response)
}

fn form(call: &Call, problem: Option<&Problem>, waits: Option<&str>) -> Answer {
    let station = call.proven.as_ref().map(|proven| StationLine {
        name: proven.found.device.name.clone(),
        kind: kind_name(call, proven.found.device.kind).to_owned(),
        start: proven.found.device.kind.start_page(),
    });
    let choice =
        |kind: Kind| KindChoice { name: kind.name(), label: kind_name(call, kind).to_owned() };
    let given = call.query("code").unwrap_or_default().chars().take(20).collect();
    let typed = call.field("code");
    let mut response = page(&EnrolView {
        shell: call.shell(Surface::Staff),
        station,
        waits: waits.map(str::to_owned),
        code: if typed.is_empty() { given } else { typed },
        kinds: Kind::ALL.into_iter().filter(|kind| kind.is_station()).map(choice).collect(),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
