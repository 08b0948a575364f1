//! Signing in as anybody, for suites: what people prove is tested by the login's own cases.
//!
//! It exists only where the host was started for a suite, as the SQL cases do.

use axum::http::{HeaderValue, StatusCode, header};
use domain::{
    access::{Role, Roles},
    people::person::{Access, PersonId, name_place, named},
};
use serde::Deserialize;
use serde_json::json as value;

use crate::{
    call::{Answer, Call, Tries, Written, json},
    people::{
        account::draw_person,
        directory,
        keys::{self, PersonKey},
    },
    problem::Problem,
    session::{self, Means, Opening},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// As what; nothing for somebody who is only a customer.
    #[serde(default)]
    roles: Vec<Role>,
    /// Somebody who is known already, instead of somebody new.
    person: Option<String>,
    #[serde(default)]
    platform: bool,
    /// By a PIN instead of a password.
    #[serde(default)]
    pin: bool,
    /// Without the second factor.
    #[serde(default)]
    weak: bool,
}

/// Makes a person with these roles, and signs them in.
pub async fn run(call: Call) -> Answer {
    if !call.app.host.contract {
        return Err(Problem::not_found());
    }
    let wanted: Wanted = call.json()?;
    let known = wanted.person.as_deref().and_then(PersonId::parse);
    let is_new = known.is_none();
    let person = known.map_or_else(|| draw_person(&call.app), Ok)?;
    let mut roles = Roles::of(wanted.roles);
    if let Some(member) =
        directory::find(&call.app.host, &call.db, (&call.here()?.venue.id, &person)).await?
    {
        roles = member.access.roles;
    }
    if is_new && !roles.is_empty() {
        let mut drafts = vec![Access { roles: roles.clone(), active: true }.draft(&person)];
        let (host, entropy) = (&call.app.host, call.app.entropy.as_ref());
        let key = PersonKey::draw(entropy)?;
        let sealed = key.seal(entropy, &name_place(&person), "Somebody")?;
        drafts.push(named(&person, &sealed));
        let mut tries = Tries::default();
        let kept = keys::keep(host, entropy, (&person, &key))?;
        while call.write_with(&drafts, vec![kept.clone()]).await? == Written::Again {
            tries.again()?;
        }
    }
    let opened = session::open(
        &call,
        &Opening {
            person: person.clone(),
            roles,
            platform: wanted.platform,
            means: if wanted.pin { Means::Pin } else { Means::Password },
            second_factor: !wanted.weak,
            owes_code: false,
        },
    )?;
    call.db.commit(&[opened.statement]).await?;
    let body = value!({"person": person.as_str(), "start_page": opened.start_page});
    let mut response = json(StatusCode::OK, &body)?;
    for cookie in opened.cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
