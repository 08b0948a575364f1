//! Where the counter recognises members: a code is scanned into the field, or typed.
//!
//! It must not know what makes a code good.

use domain::{access::Right, loyalty::Reason};

use crate::{
    api::person_of,
    call::{Answer, Call, page},
    loyalty::{self, Till},
    once::Sent,
    pages::{login::redirect, loyalty::points},
    people::card::{self, Means},
    problem::Problem,
    views::{MemberFound, MembersView, Surface, ValueChoice},
};

/// Shows the field.
pub async fn show(call: Call) -> Answer {
    form(&call, Ok(None))
}

/// Tells who shows the code.
pub async fn recognise(call: Call) -> Answer {
    match card::recognise(&call, &call.field("code"), &call.field("pin")).await {
        Ok(found) => {
            let found = told(&call, found).await?;
            form(&call, Ok(Some(found)))
        }
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, Err(problem)),
    }
}

async fn told(call: &Call, found: card::Recognised) -> Result<MemberFound, Problem> {
    let role =
        |role: domain::access::Role| call.locale.t(&format!("role.{}", role.name())).to_owned();
    let roles = found.roles.iter().filter(|role| !role.is_staff()).map(role);
    let account = Till::of(call)?.account(found.person.as_str()).await?;
    let reason = |reason: Reason| {
        let key = format!("points.reason_{}", reason.name());
        ValueChoice { name: reason.name(), label: call.locale.find(&key).unwrap_or_default() }
    };
    let reasons = match call.may(Right::People) {
        true => Reason::ALL.map(reason).into(),
        false => Vec::new(),
    };
    Ok(MemberFound {
        name: found.name,
        roles: roles.collect::<Vec<_>>().join(", "),
        is_phone: found.means == Means::Phone,
        id: found.person.to_string(),
        act: Sent::key(call)?,
        points: points(call, account.purse.balance),
        reasons,
    })
}

/// Corrects the points of somebody who was recognised just now.
pub async fn correct(call: Call) -> Answer {
    let person = person_of(&call)?;
    let count = call.field("points").trim().parse::<i64>();
    let count = count.map_err(|_| Problem::invalid_field("points"));
    let reason = Reason::parse(&call.field("reason"));
    let reason = reason.ok_or_else(|| Problem::invalid_field("reason"));
    let corrected = match (count, reason) {
        (Ok(count), Ok(reason)) => {
            loyalty::correct(&call, &person, (count, reason), &call.field("act")).await
        }
        (Err(problem), _) | (_, Err(problem)) => Err(problem),
    };
    match corrected {
        Ok(()) => {
            let account = Till::of(&call)?.account(person.as_str()).await?;
            Ok(redirect(&format!("/members?points={}", account.purse.balance), &[]))
        }
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, Err(problem)),
    }
}

fn form(call: &Call, outcome: Result<Option<MemberFound>, Problem>) -> Answer {
    let problem = outcome.as_ref().err().cloned();
    // A card of paper wants its PIN next; it is shown again so that nobody scans it twice.
    let wants_pin = problem.as_ref().is_some_and(|p| matches!(p.code, "pin_wanted" | "wrong_pin"));
    let balance = call.query("points").and_then(|text| text.parse::<i64>().ok());
    let corrected =
        |balance| call.locale.t_with("members.points_done", &[("points", &points(call, balance))]);
    let mut response = page(&MembersView {
        shell: call.shell(Surface::Staff),
        found: outcome.ok().flatten(),
        code: if wants_pin { call.field("code") } else { String::new() },
        wants_pin,
        corrected: balance.map(corrected),
        asks: problem.as_ref().is_some_and(|problem| problem.code == "pin_wanted"),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
