//! Where the counter finds an order: by the code that its customer shows, or by its number.
//!
//! It must not know what makes a code good.

use domain::{ordering::State, venue::day::days_before};

use crate::{
    call::{Answer, Call, page},
    history, limits,
    pages::{login::redirect, present},
    problem::Problem,
    rows::{
        history::{Wanted, list},
        order::Found,
    },
    slip,
    views::{ScanLine, ScanView, Surface},
};

/// Shows the field, and what was searched for.
pub async fn show(call: Call) -> Answer {
    let found = match search(&call).await {
        Ok(found) => found,
        Err(problem) if problem.status.is_server_error() => return Err(problem),
        Err(problem) => return shown(&call, &[], Some(problem)),
    };
    shown(&call, &found, None)
}

/// Opens the order of a code, or looks for a number that was typed.
pub async fn open(call: Call) -> Answer {
    let typed = call.field("code");
    let typed = typed.trim();
    if typed.len() <= NUMBER_CHARS {
        let number: String = typed.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect();
        return Ok(redirect(&format!("/counter/scan?ticket={number}"), &[]));
    }
    match slip::find(&call, typed).await {
        Ok(order) => Ok(redirect(&format!("/counter/orders/{}?scanned=1", order.id), &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => shown(&call, &[], Some(problem)),
    }
}

/// A number is short, a code is long.
const NUMBER_CHARS: usize = 20;

/// Finds orders of today and yesterday by number and by whether they are paid.
async fn search(call: &Call) -> Result<Vec<Found>, Problem> {
    let typed = call.query("ticket").unwrap_or_default().trim().to_uppercase();
    let paid = call.query("paid").unwrap_or_default();
    if typed.is_empty() && paid.is_empty() {
        return Ok(Vec::new());
    }
    let zone = &call.here()?.venue.time_zone;
    let today = domain::venue::business_day(zone, call.app.clock.now_ms());
    let yesterday = days_before(&today, 1).unwrap_or_else(|| today.clone());
    let span = history::span(call, (&yesterday, &today))?;
    let (origin, number) = match typed.rsplit_once('-') {
        Some((origin, number)) => (Some(origin.to_owned()), number),
        None => (None, typed.as_str()),
    };
    let invalid = || Problem::invalid_field("ticket");
    let number = match number {
        "" => None,
        text => Some(text.parse::<i64>().map_err(|_| invalid())?),
    };
    let wanted = Wanted {
        from_ms: span.from_ms,
        until_ms: span.until_ms,
        origin,
        number,
        is_paid: match paid {
            "" => None,
            "yes" => Some(true),
            "no" => Some(false),
            _ => return Err(Problem::invalid_field("paid")),
        },
        ..Wanted::default()
    };
    Ok(list(&call.db, &call.here()?.venue.id, &wanted, limits::HISTORY_SHOWN).await?)
}

fn shown(call: &Call, found: &[Found], problem: Option<Problem>) -> Answer {
    let line = |found: &Found| {
        let order = &found.order;
        let what: Vec<String> = present::lines(order, call.locale)
            .iter()
            .map(|line| format!("{} × {}", line.quantity, line.name))
            .collect();
        ScanLine {
            id: order.id.clone(),
            ticket: order.ticket(),
            state: present::state(order.state()),
            is_paid: order.is_paid() && order.state() != State::Cancelled,
            what: what.join(", "),
            total: call.locale.money(order.total_cents),
        }
    };
    let asked = call.query("ticket").is_some() || call.query("paid").is_some();
    let mut response = page(&ScanView {
        shell: call.shell(Surface::Staff),
        nothing: asked && found.is_empty() && problem.is_none(),
        found: found.iter().map(line).collect(),
        ticket: call.query("ticket").unwrap_or_default().to_owned(),
        paid: call.query("paid").unwrap_or_default().to_owned(),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}
