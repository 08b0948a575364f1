//! The counter's page of one order: what happened, and what can be taken back.
//!
//! Each form posts to one address and leads back. It must not decide: `domain::ordering` does.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use domain::{
    access::Right,
    audit::Act,
    ordering::{self, Back, Event, Exception, Means, Order, State, back::Pieces},
    people::person::PersonId,
    pricing::amount,
};

use crate::{
    api::{
        counter::{at_counter, call_off, give_back},
        orders::moved,
    },
    call::{Answer, Call, page},
    host::Side,
    pages::{login::redirect, present},
    people::directory,
    printing::{self, By},
    problem::Problem,
    rows,
    views::{CounterOrderView, PiecesView, Surface, ToldView},
    web_orders,
};

/// Shows one order.
pub async fn order(call: Call) -> Answer {
    shown(&call, None).await
}

/// Does what a form of the page says.
pub async fn change(call: Call) -> Answer {
    let id = call.param("id")?.to_owned();
    match changed(&call, &id).await {
        Ok(done) => Ok(redirect(&format!("/counter/orders/{id}?done={done}"), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) if problem.code == "unknown_order" => Err(problem),
        Err(problem) => shown(&call, Some(problem)).await,
    }
}

async fn changed(call: &Call, id: &str) -> Result<&'static str, Problem> {
    let reason = call.field("reason");
    match call.field("do").as_str() {
        means @ ("cash" | "terminal") => {
            let means = if means == "cash" { Means::Cash } else { Means::Terminal };
            let paid = |order: &Order, now_ms| ordering::pay(order, means, now_ms);
            moved(call, id, (Some(Act::Paid), paid)).await?;
            Ok("paid")
        }
        "validated" => {
            at_counter(call, id, ordering::slip::validate).await?;
            Ok("validated")
        }
        "collected" => {
            at_counter(call, id, ordering::slip::hand_over).await?;
            Ok("collected")
        }
        what @ ("accept" | "accept_anyway") => {
            let order = web_orders::accept(call, id, what == "accept_anyway").await?;
            Ok(if order.waits() { "asked" } else { "accepted" })
        }
        "cancel" => {
            let anyway = !call.field("anyway").is_empty();
            let order = call_off(call, id, (&reason, anyway)).await?;
            Ok(if order.waits() { "asked" } else { "cancelled" })
        }
        "receipt" | "kitchen" => {
            let what = call.field("do");
            printing::order(call, (id, &what), By::Staff).await?;
            Ok("printed")
        }
        "refund" => {
            call.visitor()?.check(Right::Refund)?;
            give_back(call, id, &wish(call, reason)?).await?;
            Ok("refunded")
        }
        _ => Err(Problem::invalid_field("do")),
    }
}

/// Reads what a form wants back: pieces of lines, an amount, or all that is left where that is
/// ticked.
fn wish(call: &Call, reason: String) -> Result<Back, Problem> {
    let typed = call.field("amount");
    let is_all = !call.field("all").is_empty();
    let cents = match typed.trim() {
        "" => None,
        text => Some(amount::parse(text).ok_or_else(|| Problem::invalid_field("amount"))?),
    };
    let mut lines = Vec::new();
    for line in 0..domain::limits::LINES_MAX {
        let quantity = call.field(&format!("line-{line}"));
        if !matches!(quantity.trim(), "" | "0") {
            let invalid = |_| Problem::invalid_field("lines");
            let quantity = quantity.trim().parse().map_err(invalid)?;
            lines.push(Pieces { line, quantity });
        }
    }
    // Nobody gives everything back by leaving fields empty, or something besides everything.
    if is_all == (cents.is_some() || !lines.is_empty()) {
        return Err(Problem::invalid_field("amount"));
    }
    let seen = call.field("seen").parse().map_err(|_| Problem::invalid_field("seen_cents"))?;
    let means = match call.field("means").as_str() {
        "cash" => Means::Cash,
        "terminal" => Means::Terminal,
        _ => return Err(Problem::invalid_field("means")),
    };
    Ok(Back { cents, lines, seen_cents: seen, means, reason })
}

async fn shown(call: &Call, problem: Option<Problem>) -> Answer {
    let venue = &call.here()?.venue;
    let found = rows::order::by_id(&call.db, &venue.id, call.param("id")?).await?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_order");
    let order = found.ok_or_else(unknown)?.order;
    let money = |cents| call.locale.money(cents);
    let (back, state) = (order.refunded_cents(), order.state());
    let left = order.money_cents() - back;
    let is_over = matches!(state, State::Cancelled | State::Collected | State::Delivered);
    let done =
        call.query("done").and_then(|done| call.locale.find(&format!("counter.done_{done}")));
    let is_promised = order.acceptance() == ordering::Acceptance::Accepted;
    let zone = venue.time_zone.as_str();
    let mut response = page(&CounterOrderView {
        shell: call.shell(Surface::Staff),
        id: order.id.clone(),
        ticket: order.ticket(),
        state: present::state(state),
        mode: present::mode(order.mode),
        placed: at(call, zone, order.placed_ms),
        lines: present::lines(&order, call.locale),
        total: money(order.total_cents),
        sums: present::sums(&order, call.locale),
        paid: money(order.paid_cents),
        refunded: (back > 0).then(|| money(back)),
        left: (left > 0).then(|| money(left)),
        seen_cents: back,
        pieces: pieces(call, &order),
        exceptions: order.exceptions().into_iter().map(|one| exception(call, one)).collect(),
        told: told(call, &order).await?,
        can_pay: state == State::Placed && order.paid_cents == 0 && !order.waits(),
        waits: order.waits(),
        asked: order.asked().next().is_some(),
        doubt: order.is_in_doubt(call.app.clock.now_ms()),
        can_hand_over: state == State::Ready,
        can_validate: !is_over && !order.told.iter().any(|told| told.event == Event::Validated),
        can_cancel: !is_over && (call.app.host.side != Side::Edge || !is_promised),
        prints: printing::offers(call, &order).await?,
        may_refund: call.may(Right::Refund),
        done: done.filter(|_| problem.is_none()).map(str::to_owned),
        error: problem.as_ref().map(|problem| sentence(call, problem)),
        reason: call.field("reason"),
        amount: call.field("amount"),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

/// Says what was refused; of an order that somebody has also where and when they got it.
fn sentence(call: &Call, problem: &Problem) -> String {
    if problem.subject.iter().any(|field| field == "amount") {
        return call.locale.t("counter.refund_unclear").to_owned();
    }
    let said = problem.sentence(call.locale);
    let [place, at_ms] = problem.subject.as_slice() else { return said };
    match (problem.code, at_ms.parse::<i64>(), call.here()) {
        ("already_collected", Ok(at_ms), Ok(here)) if at_ms > 0 => {
            format!("{said} {} · {place}", at(call, &here.venue.time_zone, at_ms))
        }
        _ => said,
    }
}

fn at(call: &Call, zone: &str, at_ms: i64) -> String {
    call.locale.moment(zone, u64::try_from(at_ms).unwrap_or_default())
}

fn pieces(call: &Call, order: &Order) -> Vec<PiecesView> {
    let lines = order.lines.iter().enumerate();
    let one = |(line, what): (usize, &domain::ordering::Line)| PiecesView {
        line,
        name: present::text(&what.name, call.locale),
        left: order.pieces_left(line),
    };
    lines.map(one).filter(|pieces| pieces.left > 0).collect()
}

/// Says what staff should hear of.
#[must_use]
pub fn exception(call: &Call, exception: Exception) -> String {
    let amount = call.locale.money(exception.cents());
    call.locale.t_with(key(exception), &[("amount", &amount)])
}

const fn key(exception: Exception) -> &'static str {
    match exception {
        Exception::Owed(_) => "counter.exception_owed",
        Exception::CollectedAndCancelled => "counter.exception_collected_and_cancelled",
        Exception::CollectedTwice => "counter.exception_collected_twice",
        Exception::RefundedTwice(_) => "counter.exception_refunded_twice",
    }
}

/// Lists what happened at the counter, with who it was where their name can be opened here.
async fn told(call: &Call, order: &Order) -> Result<Vec<ToldView>, Problem> {
    let venue = &call.here()?.venue;
    let told = order.told.iter().map(|told| &told.person);
    let people = told.chain(order.refunds.iter().map(|refund| &refund.person));
    let people: BTreeSet<PersonId> = people.filter_map(|id| PersonId::parse(id)).collect();
    let names = directory::names(&call.app.host, &call.db, (&venue.id, &people)).await?;
    let mut lines: Vec<(i64, ToldView)> = Vec::new();
    let view = |what: String, at_ms: i64, (place, person, reason): (&str, &str, &str)| {
        let when = at(call, &venue.time_zone, at_ms);
        let who = name(&names, person);
        let (place, reason) = (place.to_owned(), reason.to_owned());
        (at_ms, ToldView { what, when, place, who, reason })
    };
    for payment in &order.payments {
        let amount = call.locale.money(payment.amount_cents);
        let what = call.locale.t_with("counter.told_paid", &[("amount", &amount)]);
        let means = means(call, &payment.means);
        lines.push(view(what, payment.at_ms, ("", "", &means)));
    }
    for told in &order.told {
        let what = match told.event {
            Event::Validated => call.locale.t("counter.told_validated"),
            Event::Cancelled if told.person.is_empty() => call.locale.t("counter.told_withdrawn"),
            Event::Cancelled => call.locale.t("counter.told_cancelled"),
            Event::Accepted => call.locale.t("counter.told_accepted"),
            Event::AcceptAsked => call.locale.t("counter.told_accept_asked"),
            Event::RefuseAsked => call.locale.t("counter.told_refuse_asked"),
            Event::Delivered => call.locale.t("order.step_delivered"),
            _ => call.locale.t("counter.told_collected"),
        };
        let by = (told.place.as_str(), told.person.as_str(), told.reason.as_str());
        lines.push(view(what.to_owned(), told.at_ms, by));
    }
    for refund in &order.refunds {
        let amount = call.locale.money(refund.amount_cents);
        let what = call.locale.t_with("counter.told_refunded", &[("amount", &amount)]);
        let by = (refund.place.as_str(), refund.person.as_str(), refund.reason.as_str());
        lines.push(view(what, refund.at_ms, by));
    }
    lines.sort_by_key(|(at_ms, _)| *at_ms);
    Ok(lines.into_iter().map(|(_, view)| view).collect())
}

fn name(names: &BTreeMap<PersonId, String>, person: &str) -> String {
    PersonId::parse(person).and_then(|id| names.get(&id).cloned()).unwrap_or_default()
}

fn means(call: &Call, name: &str) -> String {
    call.locale.find(&format!("counter.means_{name}")).unwrap_or(name).to_owned()
}
