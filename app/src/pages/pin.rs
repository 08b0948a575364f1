//! Signing in by PIN: staff switch at a station of theirs, and get in anywhere on site while the
//! line is cut.
//!
//! What is wrong is told in the same words, whatever it is. It must not know what a role may do.

use axum::http::StatusCode;
use domain::people::{person::PersonId, pin};

use crate::{
    api::setup::GATEWAY,
    call::{Answer, Call, page},
    pages::login::{self, Decided, local_path, redirect},
    people::{
        account::slow,
        demo,
        directory::{self, Member},
    },
    ports::Link,
    problem::Problem,
    rate,
    session::{self, Means, Opening},
    time, transport,
    views::{Colleague, Surface, SwitchStationView},
};

/// Tells whether this browser is a station at which staff switch by PIN.
#[must_use]
pub fn is_station(call: &Call) -> bool {
    let takes = |kind: domain::device::Kind| kind.takes_pins();
    let is_one = call.proven.as_ref().is_some_and(|proven| takes(proven.found.device.kind));
    is_one && call.app.host.side.takes_pins()
}

/// Tells whether a PIN is enough here and now: at such a station, and on site while nobody can
/// reach the home of accounts.
#[must_use]
pub fn is_taken(call: &Call) -> bool {
    let is_cut = matches!(call.app.line.link(), Link::Cut { .. });
    let is_on_site = call.app.host.side.takes_pins();
    is_station(call) || (is_on_site && is_cut && !call.app.host.is_home)
}

/// Shows who may take the station over, and asks for their PIN.
pub async fn show(call: Call) -> Answer {
    let next = call.query("next").unwrap_or_default().to_owned();
    form(&call, None, &next).await
}

/// Checks name and PIN. Whoever was signed in at this browser is not any more.
pub async fn sign_in(call: Call) -> Answer {
    match by_pin(&call).await {
        Ok((batch, opened)) => login::begin(&call, batch, opened, "pin").await,
        Err(problem) if is_station(&call) && !problem.status.is_server_error() => {
            if !call.header("accept").contains("text/html") {
                return Err(problem);
            }
            form(&call, Some(&problem), &call.field("next")).await
        }
        Err(problem) => login::again(&call, problem).await,
    }
}

async fn by_pin(call: &Call) -> Result<Decided, Problem> {
    transport::check(call)?;
    let wrong = || Problem::new(StatusCode::UNAUTHORIZED, "wrong_pin");
    let (here, host) = (call.here()?, &call.app.host);
    let venue = &here.venue.id;
    let Some(key) = here.pin_key(host).filter(|_| host.side.takes_pins()) else {
        return Err(Problem::new(StatusCode::CONFLICT, "no_pins_here"));
    };
    let elsewhere = || Problem::new(StatusCode::FORBIDDEN, "pin_at_stations_only");
    if !is_taken(call) && !call.app.host.demo {
        return Err(elsewhere());
    }
    time::check_contact(&call.app, &call.db, venue).await?;
    let from = rate::origin(call);
    rate::take(call, &rate::LOGIN_BY_ADDRESS, &from).await?;
    let members = directory::list(&call.app.host, &call.db, venue).await?;
    let (person, name) = (call.field("person"), call.field("name").trim().to_lowercase());
    let is_named = |m: &Member| m.name.as_ref().is_some_and(|n| n.to_lowercase() == name);
    let is_meant = |m: &&Member| {
        let is_here = m.access.active && m.access.roles.is_staff();
        is_here && if person.is_empty() { is_named(m) } else { m.person.as_str() == person }
    };
    let mut meant = members.iter().filter(is_meant);
    // Two colleagues of one name cannot be told apart by it: one of them is asked to change theirs.
    let member = meant.next().filter(|_| meant.next().is_none());
    // Whichever way somebody is named, the tries are theirs.
    let tried = member.map_or(name.as_str(), |member| member.person.as_str()).to_owned();
    rate::take(call, &rate::PIN, &tried).await?;
    if !is_taken(call) && !is_demo(call, member).await? {
        return Err(elsewhere());
    }
    let nobody = PersonId::of(&[0; 16]);
    let person = member.map_or(&nobody, |member| &member.person).clone();
    let kept = directory::verifier(&call.db, venue, (GATEWAY, &person)).await?;
    let (given, whose) = (call.field("pin"), person.clone());
    let right = slow(&call.app, move || pin::verify(&key, &whose, (&given, &kept))).await?;
    let member = member.filter(|_| right).ok_or_else(wrong)?;
    let opened = session::open(
        call,
        &Opening {
            person,
            roles: member.access.roles.clone(),
            platform: false,
            means: Means::Pin,
            second_factor: false,
            owes_code: false,
        },
    )?;
    let mut batch = vec![rate::forget(call, &rate::PIN, &tried)];
    batch.extend(session::close(call).0);
    batch.push(opened.statement.clone());
    Ok((batch, opened))
}

/// The keys that a demo shows on its own page work there wherever it is opened.
async fn is_demo(call: &Call, member: Option<&Member>) -> Result<bool, Problem> {
    if !call.app.host.demo {
        return Ok(false);
    }
    // Nobody has no PIN: that is told as a wrong one.
    let Some(name) = member.and_then(|member| member.name.as_ref()) else { return Ok(true) };
    let known = demo::logins(&call.db, &call.here()?.venue.id).await?;
    Ok(known.iter().any(|login| login.name == *name))
}

async fn form(call: &Call, problem: Option<&Problem>, next: &str) -> Answer {
    if !is_station(call) {
        return Ok(redirect("/login?by=all", &[]));
    }
    let members = directory::list(&call.app.host, &call.db, &call.here()?.venue.id).await?;
    let works = |m: &&Member| m.access.active && m.access.roles.is_staff() && m.has_pin;
    let chosen = call.field("person");
    let nameless = call.locale.t("people.nameless");
    let colleague = |member: &Member| Colleague {
        id: member.person.to_string(),
        name: member.name.clone().unwrap_or_else(|| nameless.to_owned()),
        chosen: member.person.as_str() == chosen,
    };
    let mut response = page(&SwitchStationView {
        shell: call.shell(Surface::Staff),
        station: call.proven.as_ref().map(|p| p.found.device.name.clone()).unwrap_or_default(),
        next: local_path(next).unwrap_or_default().to_owned(),
        colleagues: members.iter().filter(works).map(colleague).collect(),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
