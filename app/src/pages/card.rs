//! A member's own card: in the phone, or to print.
//!
//! It must not know what makes a card good.

use domain::trust::text as form;
use serde_json::json;

use crate::{
    call::{Answer, Call, page},
    loyalty::{Account, Till},
    pages::{login::redirect, present},
    people::{card, directory},
    problem::Problem,
    qr,
    views::{CardLine, CardView, Surface},
};

/// Shows the page.
pub async fn show(call: Call) -> Answer {
    form_of(&call, (String::new(), None)).await
}

/// Prints a card, or ends one.
pub async fn change(call: Call) -> Answer {
    let done = match call.field("do").as_str() {
        "print" => card::issue(&call, None).await.map(|card| form::to_qr(card.as_bytes())),
        "end" => match card::end(&call, &call.field("card")).await {
            Ok(()) => return Ok(redirect("/account/card", &[])),
            Err(problem) => Err(problem),
        },
        _ => Err(Problem::invalid_field("do")),
    };
    match done {
        Ok(printed) => form_of(&call, (printed, None)).await,
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form_of(&call, (String::new(), Some(problem))).await,
    }
}

async fn form_of(call: &Call, (printed, problem): (String, Option<Problem>)) -> Answer {
    let venue = &call.here()?.venue;
    let visitor = call.visitor()?;
    let found = directory::find(&call.app.host, &call.db, (&venue.id, &visitor.person)).await?;
    let cards = if call.app.host.is_home { card::list(call).await? } else { Vec::new() };
    let line = |card: &card::Listed| CardLine {
        id: card.id.clone(),
        is_phone: card.is_phone,
        until: call.locale.moment(&venue.time_zone, card.ends_ms),
    };
    let phones: Vec<&str> =
        cards.iter().filter(|card| card.is_phone).map(|card| card.id.as_str()).collect();
    let data = json!({
        "venue": venue.id,
        "member": visitor.person.as_str(),
        "phones": phones,
        "now_ms": call.app.clock.now_ms(),
    });
    let is_member = visitor.roles.is_member();
    let standing = if is_member { standing(call, visitor.person.as_str()).await? } else { None };
    let mut response = page(&CardView {
        shell: call.shell(Surface::Staff),
        is_home: call.app.host.is_home,
        is_member,
        name: found.as_ref().and_then(|found| found.name.clone()).unwrap_or_default(),
        standing,
        has_pin: found.is_some_and(|found| found.has_pin),
        cards: cards.iter().map(line).collect(),
        picture: qr::svg(&printed).filter(|_| !printed.is_empty()).unwrap_or_default(),
        printed,
        data,
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

/// Returns a member's points and the level of their card, where points are given.
async fn standing(call: &Call, person: &str) -> Result<Option<(String, String)>, Problem> {
    let Account { purse, settings, .. } = Till::of(call)?.account(person).await?;
    let level = settings.level(purse.earned).map(|level| present::text(&level.name, call.locale));
    let points = call.locale.number(purse.balance.max(0).unsigned_abs());
    Ok(settings.on.then(|| (points, level.unwrap_or_default())))
}
