//! Letting a lost administrator in again where there is no machine to sit down at: whoever holds
//! the host's recovery code is shown a link to a new password.
//!
//! Open only while the host has such a code; it must not know how the account is mended.

use axum::http::StatusCode;
use domain::people::address::Address;

use crate::{
    call::{Answer, Call, page},
    pages::login::redirect,
    people::{recovery, staff},
    problem::Problem,
    rate,
    views::{RecoverView, Surface},
};

/// Shows the form.
pub async fn show(call: Call) -> Answer {
    check_open(&call)?;
    form(&call, None)
}

/// Checks the code, and leads to a new password.
pub async fn recover(call: Call) -> Answer {
    check_open(&call)?;
    match recovered(&call).await {
        Ok(code) => Ok(redirect(&format!("/password?code={code}"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, Some(&problem)),
    }
}

fn check_open(call: &Call) -> Result<(), Problem> {
    staff::at_home(call)?;
    if call.app.host.recovery_code.is_none() {
        return Err(Problem::not_found());
    }
    Ok(())
}

async fn recovered(call: &Call) -> Result<String, Problem> {
    rate::take(call, &rate::CODE, &rate::origin(call)).await?;
    let given = call.field("code");
    if !call.app.host.recovery_code.as_ref().is_some_and(|code| code.matches(given.trim())) {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_key"));
    }
    let address = Address::parse(&call.field("email"))?;
    recovery::recover(&call.app, &call.db, (call.here()?, &address)).await
}

fn form(call: &Call, problem: Option<&Problem>) -> Answer {
    let mut response = page(&RecoverView {
        shell: call.shell(Surface::Staff),
        email: call.field("email"),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
