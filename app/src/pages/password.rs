//! Choosing a password with a code that somebody was sent or shown.
//!
//! It must not know how the code reached them.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    people::{password, person::PersonId},
};
use serde_json::json;

use crate::{
    audit::{self, Noted},
    call::{Answer, Call, Written, page},
    pages::login::redirect,
    people::{
        account::{self, keep_password},
        code::{self, Found, Kind},
    },
    problem::Problem,
    session,
    views::{PasswordView, Surface},
};

/// Shows the form.
pub async fn show(call: Call) -> Answer {
    let code = call.query("code").unwrap_or_default().to_owned();
    find(&call, &code).await?;
    form(&call, &code, None)
}

/// Keeps the password, and ends every session of its person.
pub async fn choose(call: Call) -> Answer {
    let code = call.field("code");
    match chosen(&call, &code).await {
        Ok(()) => Ok(redirect("/login", &[])),
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            form(&call, &code, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

async fn find(call: &Call, code: &str) -> Result<Found, Problem> {
    // Whoever is to confirm an address may not know the password that somebody registered for it.
    code::present(call, &[Kind::Invite, Kind::Reset, Kind::Confirm], code).await
}

async fn chosen(call: &Call, code: &str) -> Result<(), Problem> {
    let not_good = || Problem::new(StatusCode::GONE, "code_not_good");
    let found = find(call, code).await?;
    let person = PersonId::parse(&found.person).ok_or_else(not_good)?;
    let account = account::of(&call.db, &person).await?.ok_or_else(not_good)?;
    let (email, name) = account::plain(call, &account).await?;
    let given = call.field("password");
    let venue = call.here()?.venue.name.as_str();
    let local = email.split('@').next().unwrap_or_default();
    password::check(&given, &[&email, local, &name, venue])?;
    let kept = keep_password(&call.app, &given).await?;
    let batch = vec![
        found.used,
        code::end_all(&person),
        account::set_password(&person, &kept),
        // Whoever has the code has the address, or was trusted by a manager face to face.
        account::confirm(&person, call.app.clock.now_ms()),
        session::close_all(&person, None),
    ];
    let noted = Noted {
        act: Act::PasswordChanged,
        actor: person.as_str(),
        subject: person.as_str(),
        detail: json!({}),
    };
    match audit::commit(call, &noted, (Vec::new(), batch)).await? {
        Written::Done => Ok(()),
        // Somebody used the code meanwhile, or a race was lost: looking again tells which.
        Written::Again => {
            find(call, code).await?;
            Err(Problem::unavailable("a password lost a race"))
        }
    }
}

fn form(call: &Call, code: &str, problem: Option<&Problem>) -> Answer {
    let mut response = page(&PasswordView {
        shell: call.shell(Surface::Staff),
        code: code.to_owned(),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
