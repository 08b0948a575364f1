//! Where the counter recognises members: a code is scanned into the field, or typed.
//!
//! It must not know what makes a code good.

use crate::{
    call::{Answer, Call, page},
    people::card::{self, Means},
    problem::Problem,
    views::{MemberFound, MembersView, Surface},
};

/// Shows the field.
pub async fn show(call: Call) -> Answer {
    form(&call, Ok(None))
}

/// Tells who shows the code.
pub async fn recognise(call: Call) -> Answer {
    match card::recognise(&call, &call.field("code"), &call.field("pin")).await {
        Ok(found) => {
            let role = |role: domain::access::Role| {
                call.locale.t(&format!("role.{}", role.name())).to_owned()
            };
            let roles = found.roles.iter().filter(|role| !role.is_staff()).map(role);
            let found = MemberFound {
                name: found.name,
                roles: roles.collect::<Vec<_>>().join(", "),
                is_phone: found.means == Means::Phone,
            };
            form(&call, Ok(Some(found)))
        }
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, Err(problem)),
    }
}

fn form(call: &Call, outcome: Result<Option<MemberFound>, Problem>) -> Answer {
    let problem = outcome.as_ref().err().cloned();
    // A card of paper wants its PIN next; it is shown again so that nobody scans it twice.
    let wants_pin = problem.as_ref().is_some_and(|p| matches!(p.code, "pin_wanted" | "wrong_pin"));
    let mut response = page(&MembersView {
        shell: call.shell(Surface::Staff),
        found: outcome.ok().flatten(),
        code: if wants_pin { call.field("code") } else { String::new() },
        wants_pin,
        asks: problem.as_ref().is_some_and(|problem| problem.code == "pin_wanted"),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
