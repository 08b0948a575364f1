//! The pages on which a manager says who works here, and as what.
//!
//! Each form posts to one address and leads back. It must not decide: `people::staff` does.

use axum::http::StatusCode;
use domain::{
    access::{Role, Roles},
    people::{
        address::Address,
        person::{self, PersonId},
    },
};

use crate::{
    api::person_of,
    call::{Answer, Call, page},
    pages::login::redirect,
    people::{
        directory::{self, Member},
        photo,
        staff::{self, Change, Newcomer},
    },
    problem::Problem,
    views::{PeopleView, PersonLine, PersonView, RoleChoice, Surface},
};

/// Lists who works here, with a form for somebody new.
pub async fn list(call: Call) -> Answer {
    show(&call, None).await
}

/// Adds somebody, and shows the invitation.
pub async fn add(call: Call) -> Answer {
    match added(&call).await {
        Ok((person, Some(code))) => invitation(&call, &person, &code).await,
        Ok((person, None)) => Ok(redirect(&format!("/people/{person}"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => show(&call, Some(problem)).await,
    }
}

async fn added(call: &Call) -> Result<(PersonId, Option<String>), Problem> {
    let newcomer = Newcomer {
        name: person::name(&call.field("name"))?,
        address: Address::parse(&call.field("email"))?,
        roles: chosen(call),
    };
    if newcomer.roles.is_empty() {
        return Err(Problem::invalid_field("roles"));
    }
    let added = staff::add(call, &newcomer).await?;
    Ok((added.person, added.invitation))
}

/// Shows one person.
pub async fn one(call: Call) -> Answer {
    let person = person_of(&call)?;
    show_one(&call, &person, (None, None)).await
}

/// Does what a form of a person's page says.
pub async fn change(call: Call) -> Answer {
    let person = person_of(&call)?;
    let done = match call.field("do").as_str() {
        "change" => {
            let name = person::name(&call.field("name"));
            let roles = Some(chosen(&call));
            match name {
                Ok(name) => {
                    let change = Change { name: Some(name), roles, active: None };
                    staff::change(&call, &person, &change).await
                }
                Err(rejection) => Err(rejection.into()),
            }
        }
        what @ ("bar" | "admit") => {
            let change = Change { active: Some(what == "admit"), ..Change::default() };
            staff::change(&call, &person, &change).await
        }
        "invite" => match staff::invite(&call, &person).await {
            Ok(code) => return invitation(&call, &person, &code).await,
            Err(problem) => Err(problem),
        },
        "reset_factor" => staff::reset_factor(&call, &person).await,
        "remove_pin" => staff::remove_pin(&call, &person).await,
        _ => Err(Problem::invalid_field("do")),
    };
    match done {
        Ok(()) => Ok(redirect(&format!("/people/{person}"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => show_one(&call, &person, (Some(problem), None)).await,
    }
}

async fn invitation(call: &Call, person: &PersonId, code: &str) -> Answer {
    show_one(call, person, (None, Some(format!("/password?code={code}")))).await
}

/// Returns the roles whose boxes are ticked.
fn chosen(call: &Call) -> Roles {
    Roles::of(Role::ALL.into_iter().filter(|role| !call.field(role.name()).is_empty()))
}

async fn show(call: &Call, problem: Option<Problem>) -> Answer {
    let members = directory::list(&call.app.host, &call.db, &call.here()?.venue.id).await?;
    let photos = photo::whose(call).await?;
    let mut response = page(&PeopleView {
        shell: call.shell(Surface::Staff),
        people: members.iter().map(|member| line(call, member, &photos)).collect(),
        roles: choices(call, &Roles::default()),
        is_home: call.app.host.is_home,
        name: call.field("name"),
        email: call.field("email"),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

async fn show_one(
    call: &Call,
    person: &PersonId,
    (problem, invitation): (Option<Problem>, Option<String>),
) -> Answer {
    let venue = &call.here()?.venue.id;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_person");
    let member = directory::find(&call.app.host, &call.db, (venue, person)).await?;
    let member = member.ok_or_else(unknown)?;
    let mut response = page(&PersonView {
        shell: call.shell(Surface::Staff),
        person: line(call, &member, &photo::whose(call).await?),
        roles: choices(call, &member.access.roles),
        is_home: call.app.host.is_home,
        is_self: call.visitor()?.person == *person,
        invitation,
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn line(call: &Call, member: &Member, photos: &[String]) -> PersonLine {
    let roles: Vec<&str> = member.access.roles.iter().map(|role| role_name(call, role)).collect();
    let nameless = call.locale.t("people.nameless");
    PersonLine {
        id: member.person.to_string(),
        name: member.name.clone().unwrap_or_else(|| nameless.to_owned()),
        roles: roles.join(", "),
        active: member.access.active,
        has_pin: member.has_pin,
        has_photo: photos.iter().any(|whose| whose == member.person.as_str()),
    }
}

fn choices(call: &Call, roles: &Roles) -> Vec<RoleChoice> {
    let choice = |role: Role| RoleChoice {
        name: role.name(),
        label: role_name(call, role).to_owned(),
        chosen: roles.has(role),
    };
    Role::ALL.into_iter().map(choice).collect()
}

fn role_name(call: &Call, role: Role) -> &'static str {
    call.locale.find(&format!("role.{}", role.name())).unwrap_or(role.name())
}
