//! What somebody does about themselves: password, PIN, second factor, sessions.
//!
//! Each form posts to one address and leads back. It must not know what their roles allow.

use axum::http::StatusCode;
use domain::{
    audit::Act,
    people::{
        address::Address,
        password::{self, Verdict},
        person, pin, totp,
    },
};
use serde_json::json;
use sync_engine::statement::Statement;

use crate::{
    api::setup::GATEWAY,
    audit::{self, Noted},
    call::{Answer, Call, page},
    pages::login::redirect,
    people::{
        account::{self, Account, Agreed, keep_password, slow, verify_password},
        email, factor, keys,
    },
    problem::Problem,
    qr, rate,
    rows::{self, integer, text},
    session,
    views::{AccountView, FactorView, SessionLine, Surface},
};

/// Shows the page.
pub async fn show(call: Call) -> Answer {
    form(&call, None).await
}

/// Does what a form of the page says.
pub async fn change(call: Call) -> Answer {
    let done = match call.field("do").as_str() {
        "password" => change_password(&call).await,
        "name" => change_name(&call).await,
        "email" => change_email(&call).await,
        "pin" => change_pin(&call).await,
        "end_session" => end_session(&call).await,
        "end_others" => end_others(&call).await,
        "agree" => agree(&call).await,
        _ => Err(Problem::invalid_field("do")),
    };
    match done {
        Ok(()) if call.field("do") == "email" => Ok(redirect("/account?sent=1", &[])),
        Ok(()) => Ok(redirect("/account?done=1", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, Some(&problem)).await,
    }
}

/// Shows how to set a second factor up.
pub async fn show_factor(call: Call) -> Answer {
    let account = own(&call).await?;
    if !account.totp.is_empty() && call.visitor()?.has_second_factor {
        return Ok(redirect("/account", &[]));
    }
    let (secret, sealed) = factor::draw(&call.app, &account.person)?;
    factor_form(&call, &account, (&secret, &sealed), None).await
}

/// Checks the first code, keeps the second factor and shows the recovery codes, once.
pub async fn set_factor(call: Call) -> Answer {
    let account = own(&call).await?;
    let person = &account.person;
    if !account.totp.is_empty() {
        return Err(Problem::new(StatusCode::CONFLICT, "factor_set_already"));
    }
    rate::take(&call, &rate::SECOND_FACTOR, person.as_str()).await?;
    let sealed = call.field("sealed");
    let invalid = || Problem::invalid_field("sealed");
    let secret = factor::open(&call.app.host, person, &sealed).ok_or_else(invalid)?;
    let now_ms = call.app.clock.now_ms();
    let Some(step) = totp::accepted(&secret, &call.field("code"), now_ms, 0) else {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_code");
        return factor_form(&call, &account, (&secret, &sealed), Some(&problem)).await;
    };
    let (codes, kept) = factor::set(&call.app, person, (&sealed, step))?;
    let visitor = call.visitor()?;
    // It was proved just now, so this session goes on; all others have to prove it.
    let proved = "UPDATE session SET second_factor = 1 WHERE handle = ?1";
    let local = vec![
        kept,
        Statement::new(proved, vec![visitor.handle.as_str().into()]),
        session::close_all(person, Some(&visitor.handle)),
    ];
    let noted =
        Noted { act: Act::FactorSet, actor: "", subject: person.as_str(), detail: json!({}) };
    audit::commit_surely(&call, &noted, (Vec::new(), local)).await?;
    page(&FactorView {
        shell: call.shell(Surface::Staff),
        picture: String::new(),
        secret: String::new(),
        sealed: String::new(),
        codes,
        must: false,
        next: visitor.roles.start_page().to_owned(),
        error: None,
    })
}

async fn factor_form(
    call: &Call,
    account: &Account,
    (secret, sealed): (&[u8], &str),
    problem: Option<&Problem>,
) -> Answer {
    let (email, _) = account::plain(call, account).await?;
    let address = totp::address(&call.here()?.venue.name, &email, secret);
    let mut response = page(&FactorView {
        shell: call.shell(Surface::Staff),
        picture: qr::svg(&address).unwrap_or_default(),
        secret: totp::text(secret),
        sealed: sealed.to_owned(),
        codes: Vec::new(),
        must: call.visitor()?.wants_second_factor(),
        next: String::new(),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

/// Returns the account of whoever is signed in; a gateway with an edge has none.
async fn own(call: &Call) -> Result<Account, Problem> {
    let elsewhere = || Problem::new(StatusCode::CONFLICT, "no_accounts_here");
    account::of(&call.db, &call.visitor()?.person).await?.ok_or_else(elsewhere)
}

/// Whoever sits down at a screen that was left open must not take the account over.
async fn check_present(call: &Call, account: &Account) -> Result<(), Problem> {
    rate::take(call, &rate::SECOND_FACTOR, account.person.as_str()).await?;
    let given = call.field("current");
    if verify_password(&call.app, &given, &account.password).await? == Verdict::Wrong {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_password"));
    }
    Ok(())
}

async fn change_password(call: &Call) -> Result<(), Problem> {
    let account = own(call).await?;
    check_present(call, &account).await?;
    let (email, name) = account::plain(call, &account).await?;
    let given = call.field("password");
    let local = email.split('@').next().unwrap_or_default();
    password::check(&given, &[&email, local, &name, &call.here()?.venue.name])?;
    let kept = keep_password(&call.app, &given).await?;
    let person = &account.person;
    let batch = vec![
        account::set_password(person, &kept),
        session::close_all(person, Some(&call.visitor()?.handle)),
    ];
    let detail = json!({});
    let noted = Noted { act: Act::PasswordChanged, actor: "", subject: person.as_str(), detail };
    audit::commit_surely(call, &noted, (Vec::new(), batch)).await
}

/// What colleagues call somebody stays with whoever runs the team.
async fn change_name(call: &Call) -> Result<(), Problem> {
    let account = own(call).await?;
    let name = person::name(&call.field("name"))?;
    let key = keys::load(&call.app.host, &call.db, &account.person).await?;
    let key = key.ok_or_else(|| Problem::new(StatusCode::CONFLICT, "unknown_person"))?;
    let place = person::name_place(&account.person);
    let sealed = key.seal(call.app.entropy.as_ref(), &place, &name)?;
    let sql = "UPDATE account SET name_sealed = ?2 WHERE person = ?1";
    let params = vec![account.person.as_str().into(), sealed.into()];
    Ok(call.db.commit(&[Statement::exactly(1, sql, params)]).await?)
}

async fn change_email(call: &Call) -> Result<(), Problem> {
    let account = own(call).await?;
    let wanted = Address::parse(&call.field("email"))?;
    check_present(call, &account).await?;
    email::ask(call, &account, &wanted).await
}

async fn change_pin(call: &Call) -> Result<(), Problem> {
    let account = own(call).await?;
    check_present(call, &account).await?;
    let (person, given) = (account.person.clone(), call.field("pin"));
    pin::check(&given)?;
    let none = || Problem::new(StatusCode::CONFLICT, "no_pins_here");
    let key = call.here()?.pin_key(&call.app.host).ok_or_else(none)?;
    let whose = person.clone();
    let verifier = slow(&call.app, move || pin::verifier(&key, &whose, &given)).await?;
    let draft = pin::draft(GATEWAY, &person, &verifier, call.app.clock.now_ms());
    let detail = json!({});
    let noted = Noted { act: Act::PinChanged, actor: "", subject: person.as_str(), detail };
    audit::commit_surely(call, &noted, (vec![draft], Vec::new())).await
}

async fn end_session(call: &Call) -> Result<(), Problem> {
    let visitor = call.visitor()?;
    let sql = "DELETE FROM session WHERE person = ?1 AND handle = ?2";
    let params = vec![visitor.person.as_str().into(), call.field("handle").into()];
    ended(call, Statement::new(sql, params)).await
}

/// Agrees to what the venue says now, if it is what they read.
async fn agree(call: &Call) -> Result<(), Problem> {
    let account = own(call).await?;
    let venue = &call.here()?.venue.id;
    let since_ms = rows::venue::notice(&call.db, venue).await?.since_ms;
    if call.field("since") != since_ms.to_string() {
        return Err(Problem::new(StatusCode::CONFLICT, "notice_changed"));
    }
    let agreed = Agreed { since_ms, at_ms: call.app.clock.now_ms() as i64 };
    Ok(call.db.commit(&[account::agree(&account.person, venue, agreed)]).await?)
}

async fn end_others(call: &Call) -> Result<(), Problem> {
    let visitor = call.visitor()?;
    ended(call, session::close_all(&visitor.person, Some(&visitor.handle))).await
}

async fn ended(call: &Call, gone: Statement) -> Result<(), Problem> {
    let subject = call.visitor()?.person.as_str();
    let noted = Noted { act: Act::SignedOut, actor: "", subject, detail: json!({}) };
    audit::commit_surely(call, &noted, (Vec::new(), vec![gone])).await
}

/// Shows the page with what went wrong in one of its forms.
pub(super) async fn form(call: &Call, problem: Option<&Problem>) -> Answer {
    let visitor = call.visitor()?;
    let account = account::of(&call.db, &visitor.person).await?;
    let (email, name) = match &account {
        Some(account) => account::plain(call, account).await?,
        None => (String::new(), String::new()),
    };
    let here = &call.here()?.venue;
    let notice_ms = rows::venue::notice(&call.db, &here.id).await?.since_ms;
    let agreed = account.as_ref().and_then(|account| account.agreed.get(here.id.as_str()));
    let is_current = agreed.is_some_and(|agreed| agreed.since_ms >= notice_ms);
    let mut response = page(&AccountView {
        agreed: agreed
            .filter(|_| is_current)
            .map(|agreed| call.locale.moment(&here.time_zone, agreed.at_ms.unsigned_abs())),
        notice_since: notice_ms.to_string(),
        shell: call.shell(Surface::Staff),
        has_account: account.is_some(),
        email,
        name,
        is_locked: account.as_ref().is_some_and(|account| account.locked),
        has_password: account.as_ref().is_some_and(|account| !account.password.is_empty()),
        has_factor: visitor.has_second_factor,
        takes_photo: call.app.blobs.is_open(),
        has_photo: account.as_ref().is_some_and(|account| !account.photo.is_empty()),
        takes_pin: !visitor.roles.is_empty(),
        in_team: visitor.roles.is_staff(),
        is_member: visitor.roles.is_member(),
        sessions: sessions(call).await?,
        sent: call.query("sent").is_some() && problem.is_none(),
        done: call.query("done").is_some() && problem.is_none(),
        error: problem.map(|problem| problem.sentence(call.locale)),
        failed: if problem.is_some() { call.field("do") } else { String::new() },
        home: visitor.roles.start_page().to_owned(),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

async fn sessions(call: &Call) -> Result<Vec<SessionLine>, Problem> {
    let visitor = call.visitor()?;
    let zone = &call.here()?.venue.time_zone;
    let now_ms = call.app.clock.now_ms() as i64;
    let sql = "SELECT handle, label, means, used_ms FROM session \
         WHERE person = ?1 AND ends_ms > ?2 ORDER BY used_ms DESC, handle LIMIT ?3";
    let limit = crate::limits::SESSIONS_SHOWN;
    let params = vec![visitor.person.as_str().into(), now_ms.into(), limit.into()];
    let rows = call.db.rows(Statement::new(sql, params)).await?;
    let mut lines = Vec::new();
    for row in &rows {
        let handle = text(row, "handle")?;
        lines.push(SessionLine {
            label: text(row, "label")?,
            by_pin: text(row, "means")? == "pin",
            used: call.locale.moment(zone, integer(row, "used_ms")?.unsigned_abs()),
            is_this: handle == visitor.handle,
            handle,
        });
    }
    Ok(lines)
}
