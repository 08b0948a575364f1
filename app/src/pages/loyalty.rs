//! Points as people see them: a member's own ledger, and what an order earns or costs in points.
//!
//! It must not know how points are taken.

use axum::http::StatusCode;
use domain::{
    loyalty::{Kind, spending},
    ordering::{Order, State, back::POINTS},
    people::person::PersonId,
};

use crate::{
    api::loyalty::payer,
    call::{Answer, Call, page},
    limits,
    loyalty::{Account, Till},
    pages::{login::redirect, present},
    people::at_kiosk,
    problem::Problem,
    rows::{self, loyalty::Entry},
    session::Visitor,
    views::{PointsLine, PointsNote, PointsView, Surface},
};

/// Refusals that the page of an order repeats after a form.
const REFUSALS: [&str; 7] = [
    "not_accepted",
    "points_missing",
    "points_lent",
    "points_elsewhere",
    "points_off",
    "not_payable",
    "leases_wait",
];

/// Shows a member what they have and how it came about.
pub async fn show(call: Call) -> Answer {
    let venue = &call.here()?.venue;
    let person = call.visitor()?.person.clone();
    let Account { purse, settings, usable, .. } = Till::of(&call)?.account(person.as_str()).await?;
    let listed = (person.as_str(), limits::POINTS_SHOWN);
    let entries = rows::loyalty::list(&call.db, &venue.id, listed).await?;
    let locale = call.locale;
    let named = |name| present::text(name, locale);
    let level = settings.level(purse.earned).map(|level| named(&level.name));
    let next = settings.next(purse.earned).map(|next| {
        let missing = points(&call, next.from - purse.earned);
        locale.t_with("points.next", &[("points", &missing), ("level", &named(&next.name))])
    });
    page(&PointsView {
        shell: call.shell(Surface::Staff),
        on: settings.on,
        balance: points(&call, purse.balance.max(0)),
        debt: (purse.debt() > 0).then(|| points(&call, purse.debt())),
        usable: (usable != purse.balance.max(0)).then(|| points(&call, usable)),
        level: level.unwrap_or_default(),
        next,
        lines: entries.iter().map(|entry| line(&call, entry, &venue.time_zone)).collect(),
    })
}

/// Pays an order with points from its page, and leads back there.
pub async fn pay(call: Call) -> Answer {
    let order = call.param("id")?.to_owned();
    let paid = match payer(&call, (&call.field("code"), &call.field("pin"))).await {
        Ok(person) => Till::of(&call)?.pay(&order, &person).await,
        Err(problem) => Err(problem),
    };
    told(&order, "", paid)
}

/// Pays an order with the points of whoever stands at this kiosk.
pub async fn pay_at_kiosk(call: Call) -> Answer {
    let order = call.param("id")?.to_owned();
    let person = customer(&call).await?;
    let person = person.ok_or_else(|| Problem::new(StatusCode::CONFLICT, "card_wanted"))?;
    let paid = Till::of(&call)?.pay(&order, &person).await;
    told(&order, "kiosk=1&", paid)
}

fn told(order: &str, kiosk: &str, paid: Result<(), Problem>) -> Answer {
    match paid {
        Ok(()) => Ok(redirect(&format!("/orders/{order}?{kiosk}points=paid"), &[])),
        Err(problem) if REFUSALS.contains(&problem.code) => {
            Ok(redirect(&format!("/orders/{order}?{kiosk}points={}", problem.code), &[]))
        }
        Err(problem) => Err(problem),
    }
}

/// Says what an order earns, and whether its customer can pay it with points here and now.
///
/// # Errors
/// Fails when the database does.
pub async fn note(call: &Call, order: &Order) -> Result<PointsNote, Problem> {
    let mut note = PointsNote::default();
    let settings = rows::loyalty::settings(&call.db, &call.here()?.venue.id).await?;
    if !settings.on {
        return Ok(note);
    }
    let earned = settings.earned(order.total_cents);
    // What points paid earns none.
    let by_points = order.payments.iter().any(|payment| payment.means == POINTS);
    if !order.person.is_empty() && earned > 0 && !by_points {
        note.earns = Some(points(call, earned));
    }
    let refused = call.query("points").filter(|code| REFUSALS.contains(code));
    note.refused = refused.and_then(|code| call.locale.find(&format!("error.{code}")));
    if order.state() != State::Placed {
        return Ok(note);
    }
    let Some(person) = customer(call).await? else { return Ok(note) };
    let account = Till::of(call)?.account(person.as_str()).await?;
    let who = (person.as_str(), call.app.host.ticket_origin.as_str());
    match spending::pay(order, who, account.terms(), call.app.clock.now_ms()) {
        Ok(Some(payment)) => note.price = Some(points(call, payment.points)),
        Err(refusal) if note.refused.is_none() && account.purse.balance > 0 => {
            note.why = call.locale.find(&format!("error.{}", refusal.code()));
        }
        Ok(None) | Err(_) => {}
    }
    note.usable = points(call, account.usable);
    Ok(note)
}

/// Finds whose points an order's page offers: whoever showed their card at this kiosk, or is signed
/// in and no stranger to points.
async fn customer(call: &Call) -> Result<Option<PersonId>, Problem> {
    if let Some(member) = at_kiosk::member(call).await? {
        return Ok(Some(member.person));
    }
    if call.visitor.as_ref().is_none_or(Visitor::owes_code) {
        return Ok(None);
    }
    Ok(payer(call, ("", "")).await.ok())
}

fn line(call: &Call, entry: &Entry, time_zone: &str) -> PointsLine {
    let locale = call.locale;
    let sign = if entry.points > 0 { "+" } else { "" };
    let reason = (entry.kind == Kind::Correction)
        .then(|| locale.find(&format!("points.reason_{}", entry.reason)))
        .flatten();
    PointsLine {
        at: locale.moment(time_zone, u64::try_from(entry.at_ms).unwrap_or_default()),
        what: locale.t(&format!("points.kind_{}", entry.kind.name())).to_owned(),
        about: reason.unwrap_or(&entry.ticket).to_owned(),
        order: entry.order.clone(),
        points: match entry.kind {
            Kind::Back => String::new(),
            _ => format!("{sign}{}", points(call, entry.points)),
        },
        gone: entry.taken_back && entry.kind != Kind::Back,
    }
}

/// Writes points for the reader.
pub(super) fn points(call: &Call, points: i64) -> String {
    let sign = if points < 0 { "-" } else { "" };
    format!("{sign}{}", call.locale.number(points.unsigned_abs()))
}
