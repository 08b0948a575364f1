//! Who works here, for programs.
//!
//! It must not decide: `people::staff` and the rules of `domain` do.

use axum::http::StatusCode;
use domain::{
    access::{Role, Roles},
    people::{address::Address, person},
};
use serde::Deserialize;
use serde_json::{Value as Json, json as value};

use crate::{
    call::{Answer, Call, json},
    people::{
        directory::{self, Member},
        staff::{self, Change, Newcomer},
    },
    problem::Problem,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    email: String,
    roles: Vec<Role>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    name: Option<String>,
    roles: Option<Vec<Role>>,
    active: Option<bool>,
}

/// Lists who works here.
pub async fn list(call: Call) -> Answer {
    let members = directory::list(&call.app.host, &call.db, &call.here()?.venue.id).await?;
    let users: Vec<Json> = members.iter().map(one).collect();
    json(StatusCode::OK, &value!({"users": users}))
}

/// Adds somebody, and invites them.
pub async fn add(call: Call) -> Answer {
    let wanted: Wanted = call.json()?;
    let newcomer = Newcomer {
        name: person::name(&wanted.name)?,
        address: Address::parse(&wanted.email)?,
        roles: some(wanted.roles)?,
    };
    let added = staff::add(&call, &newcomer).await?;
    let invitation = added.invitation.map(|code| format!("/password?code={code}"));
    let body = value!({"id": added.person.as_str(), "invitation": invitation});
    json(StatusCode::CREATED, &body)
}

/// Changes what somebody is here.
pub async fn change(call: Call) -> Answer {
    let changed: Changed = call.json()?;
    let person = super::person_of(&call)?;
    let change = Change {
        name: changed.name.as_deref().map(person::name).transpose()?,
        roles: changed.roles.map(some).transpose()?,
        active: changed.active,
    };
    staff::change(&call, &person, &change).await?;
    let venue = &call.here()?.venue.id;
    let member = directory::find(&call.app.host, &call.db, (venue, &person)).await?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_person");
    json(StatusCode::OK, &one(&member.ok_or_else(unknown)?))
}

fn some(roles: Vec<Role>) -> Result<Roles, Problem> {
    let roles = Roles::of(roles);
    if roles.is_empty() { Err(Problem::invalid_field("roles")) } else { Ok(roles) }
}

fn one(member: &Member) -> Json {
    value!({
        "id": member.person.as_str(),
        "name": member.name,
        "roles": member.access.roles.names(),
        "active": member.access.active,
        "has_pin": member.has_pin,
    })
}
