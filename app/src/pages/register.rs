//! Registering, confirming an address, and asking for another password.
//!
//! What is answered is the same for every address. It must not know what is left for one.

use axum::http::StatusCode;
use domain::people::{address::Address, password, person};

use crate::{
    call::{Answer, Call, page},
    pages::login::{self, redirect},
    people::{
        code::{self, Kind},
        register::{self, Wanted},
    },
    problem::Problem,
    rows, transport,
    views::{ConfirmView, ForgotView, RegisterView, Surface},
};

/// Shows the form, or that a mail is on its way.
pub async fn show(call: Call) -> Answer {
    at_home(&call)?;
    form(&call, None)
}

/// Registers somebody; the answer is the same for every address.
pub async fn register(call: Call) -> Answer {
    match registered(&call).await {
        Ok(()) => Ok(redirect("/register?sent=1", &[])),
        Err(problem) if is_for_page(&call, &problem) => form(&call, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

async fn registered(call: &Call) -> Result<(), Problem> {
    at_home(call)?;
    transport::check(call)?;
    let name = person::name(&call.field("name"))?;
    let address = Address::parse(&call.field("email"))?;
    let given = call.field("password");
    let local = address.as_str().split('@').next().unwrap_or_default();
    password::check(&given, &[address.as_str(), local, &name, &call.here()?.venue.name])?;
    crate::rate::take(call, &crate::rate::LOGIN_BY_ADDRESS, &crate::rate::origin(call)).await?;
    if call.field("agreed").is_empty() {
        return Err(Problem::invalid_field("agreed"));
    }
    let agreed_ms = rows::venue::notice(&call.db, &call.here()?.venue.id).await?.since_ms;
    register::register(call, &Wanted { name, address, password: given, agreed_ms }).await
}

/// Shows where somebody asks for another password, or that a mail is on its way.
pub async fn forgot(call: Call) -> Answer {
    at_home(&call)?;
    forgot_form(&call, None)
}

/// Sends a link to another password, where there is an account.
pub async fn send_reset(call: Call) -> Answer {
    let sent = async {
        at_home(&call)?;
        register::send_reset(&call, &Address::parse(&call.field("email"))?).await
    };
    match sent.await {
        Ok(()) => Ok(redirect("/forgot?sent=1", &[])),
        Err(problem) if is_for_page(&call, &problem) => forgot_form(&call, Some(&problem)),
        Err(problem) => Err(problem),
    }
}

/// Asks for the password that was registered, for the link in a mail.
pub async fn show_confirm(call: Call) -> Answer {
    at_home(&call)?;
    let code = call.query("code").unwrap_or_default().to_owned();
    code::present(&call, &[Kind::Confirm], &code).await?;
    confirm_form(&call, &code, None)
}

/// Proves an address, and signs its owner in.
pub async fn confirm(call: Call) -> Answer {
    at_home(&call)?;
    transport::check(&call)?;
    let code = call.field("code");
    match register::confirm(&call, &code, &call.field("password")).await {
        Ok((account, mut batch)) => {
            let opened = login::open(&call, &account, false).await?;
            batch.push(opened.statement.clone());
            login::begin(&call, batch, opened, "confirmation").await
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY => {
            confirm_form(&call, &code, Some(&problem))
        }
        Err(problem) => Err(problem),
    }
}

/// Sends the link that confirms an address once more.
pub async fn send_again(call: Call) -> Answer {
    at_home(&call)?;
    register::send_again(&call, &Address::parse(&call.field("email"))?).await?;
    Ok(redirect("/register?sent=1", &[]))
}

/// Accounts are made where they are kept.
///
/// # Errors
/// Says that they are elsewhere.
pub(super) fn at_home(call: &Call) -> Result<(), Problem> {
    if call.app.host.is_home {
        return Ok(());
    }
    Err(Problem::new(StatusCode::CONFLICT, "no_accounts_here"))
}

/// Who looks at a form sees there what was wrong.
fn is_for_page(call: &Call, problem: &Problem) -> bool {
    call.header("accept").contains("text/html") && !problem.status.is_server_error()
}

fn form(call: &Call, problem: Option<&Problem>) -> Answer {
    let mut response = page(&RegisterView {
        shell: call.shell(Surface::Staff),
        sent: call.query("sent").is_some() && problem.is_none(),
        demo_mails: call.app.host.demo && !call.app.outbox.has_post(),
        name: call.field("name"),
        email: call.field("email"),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn forgot_form(call: &Call, problem: Option<&Problem>) -> Answer {
    let mut response = page(&ForgotView {
        shell: call.shell(Surface::Staff),
        sent: call.query("sent").is_some() && problem.is_none(),
        demo_mails: call.app.host.demo && !call.app.outbox.has_post(),
        email: call.field("email"),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn confirm_form(call: &Call, code: &str, problem: Option<&Problem>) -> Answer {
    let mut response = page(&ConfirmView {
        shell: call.shell(Surface::Staff),
        code: code.to_owned(),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
