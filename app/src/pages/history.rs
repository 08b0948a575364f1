//! The pages of what was ordered: order by order, and what was sold in sums.
//!
//! They must not know who ordered.

use std::collections::BTreeMap;

use domain::{
    ordering,
    venue::{business_day, day::days_before, local_time},
};

use crate::{
    call::{Answer, Call, page},
    history::{self, Filter, MODES, Page, STATES},
    limits,
    pages::present,
    problem::Problem,
    rows::{
        history::{SLOT_MS, Sales, sales},
        order::Found,
    },
    views::{Bar, Chart, Choice, HistoryLine, HistoryView, SalesView, Surface},
};

/// Shows what was ordered.
pub async fn show(call: Call) -> Answer {
    let filter = Filter::of(&call);
    let (found, problem) = match history::find(&call, &filter, limits::HISTORY_SHOWN).await {
        Ok(found) => (found, None),
        Err(problem) if problem.status.is_server_error() => return Err(problem),
        Err(problem) => (Page::default(), Some(problem)),
    };
    let zone = call.here()?.venue.time_zone.as_str();
    let today = business_day(zone, call.app.clock.now_ms());
    let or_today = |day: &str| if day.is_empty() { today.clone() } else { day.to_owned() };
    let mut response = page(&HistoryView {
        shell: call.shell(Surface::Staff),
        lines: found.orders.iter().map(|found| line(&call, found, zone)).collect(),
        modes: choices(&call, &MODES, "mode", &filter.mode),
        states: choices(&call, &STATES, "order.step", &filter.state),
        from: or_today(&filter.from),
        until: or_today(&filter.until),
        ticket: filter.ticket.clone(),
        next: found.next.as_deref().map(|after| format!("/history?{}", filter.query(after))),
        newest: (!filter.after.is_empty()).then(|| format!("/history?{}", filter.query(""))),
        csv: call
            .may(domain::access::Right::Audit)
            .then(|| format!("/api/history?format=csv&{}", filter.query(""))),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn choices(call: &Call, names: &[&'static str], key: &str, chosen: &str) -> Vec<Choice> {
    let joint = if key == "mode" { '.' } else { '_' };
    let choice = |name: &&'static str| Choice {
        name,
        label: call.locale.find(&format!("{key}{joint}{name}")).unwrap_or(name).to_owned(),
        chosen: *name == chosen,
    };
    names.iter().map(choice).collect()
}

fn line(call: &Call, found: &Found, zone: &str) -> HistoryLine {
    let order = &found.order;
    let lines = present::lines(order, call.locale);
    let what: Vec<String> =
        lines.iter().map(|line| format!("{} × {}", line.quantity, line.name)).collect();
    HistoryLine {
        id: order.id.clone(),
        ticket: order.ticket(),
        placed: call.locale.moment(zone, u64::try_from(order.placed_ms).unwrap_or_default()),
        mode: present::mode(order.mode),
        state: present::state(order.state()),
        what: what.join(", "),
        total: call.locale.money(order.total_cents),
    }
}

/// Shows what was sold: today, or by days.
pub async fn sold(call: Call) -> Answer {
    let zone = call.here()?.venue.time_zone.clone();
    let today = business_day(&zone, call.app.clock.now_ms());
    let days = call.query("days").unwrap_or("1");
    let days: i64 = days.parse().map_err(|_| Problem::invalid_field("days"))?;
    if ![1, 7, 30].contains(&days) {
        return Err(Problem::invalid_field("days"));
    }
    let from = days_before(&today, days - 1).unwrap_or_else(|| today.clone());
    let span = history::span(&call, (&from, &today))?;
    let venue = &call.here()?.venue.id;
    let sold = sales(&call.db, venue, (span.from_ms, span.until_ms)).await?;
    let orders: i64 = sold.slots.iter().map(|(_, orders, _)| orders).sum();
    let cents: i64 = sold.slots.iter().map(|(_, _, cents)| cents).sum();
    let mean_ms = sold.mean_ms.unwrap_or_default();
    let minutes = (mean_ms + 30_000) / 60_000;
    page(&SalesView {
        shell: call.shell(Surface::Staff),
        days,
        orders: call.locale.number(u64::try_from(orders).unwrap_or_default()),
        total: call.locale.money(cents),
        basket: call.locale.money(if orders > 0 { (cents + orders / 2) / orders } else { 0 }),
        mean: sold
            .mean_ms
            .map(|_| call.locale.t_with("board.minutes", &[("count", &minutes.to_string())])),
        times: times(&call, &sold, (&zone, days, &today)),
        products: products(&call, &sold),
        modes: modes(&call, &sold),
    })
}

/// One bar for each hour of a day, or for each day.
fn times(call: &Call, sold: &Sales, (zone, days, today): (&str, i64, &str)) -> Chart {
    let mut bars: BTreeMap<String, i64> = BTreeMap::new();
    for back in (0..days).rev().filter(|_| days > 1) {
        bars.insert(days_before(today, back).unwrap_or_default(), 0);
    }
    for (slot, _, cents) in &sold.slots {
        let at_ms = u64::try_from(slot.saturating_mul(SLOT_MS)).unwrap_or_default();
        let name = match days {
            // Hours past midnight belong to the day before, and stand at its end.
            1 => local_time(zone, at_ms).get(..13).unwrap_or_default().to_owned(),
            _ => business_day(zone, at_ms),
        };
        *bars.entry(name).or_default() += cents;
    }
    let shown = |name: &str| match days {
        1 => format!("{} h", name.get(11..13).unwrap_or_default()),
        _ => format!(
            "{}/{}",
            name.get(8..10).unwrap_or_default(),
            name.get(5..7).unwrap_or_default()
        ),
    };
    chart(bars.iter().map(|(name, cents)| (shown(name), *cents, call.locale.money(*cents))))
}

fn products(call: &Call, sold: &Sales) -> Chart {
    let product = |(name, pieces, _): &(_, i64, i64)| {
        let count = call.locale.number(u64::try_from(*pieces).unwrap_or_default());
        (present::text(name, call.locale), *pieces, count)
    };
    chart(sold.products.iter().map(product))
}

fn modes(call: &Call, sold: &Sales) -> Chart {
    let mode = |(name, orders, _): &(String, i64, i64)| {
        let label = serde_json::from_value::<ordering::Mode>(name.as_str().into()).ok();
        let label = present::mode(label).label(&call.locale).to_owned();
        (label, *orders, call.locale.number(u64::try_from(*orders).unwrap_or_default()))
    };
    chart(sold.modes.iter().map(mode))
}

/// Scales bars by the highest of them.
fn chart(bars: impl Iterator<Item = (String, i64, String)>) -> Chart {
    let bars: Vec<(String, i64, String)> = bars.collect();
    let highest = bars.iter().map(|(_, value, _)| *value).max().unwrap_or(0).max(1);
    let bar = |(name, value, shown): (String, i64, String)| {
        // In thousandths: a picture needs no more.
        Bar { name, size: value.max(0).saturating_mul(1_000) / highest, shown }
    };
    Chart { bars: bars.into_iter().map(bar).collect() }
}
