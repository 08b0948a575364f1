//! The page on which a day is closed: sums so far, the drawer, and the reports.
//!
//! It must not know how anything is added up.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    access::Right,
    closing::{Counted, Drawer, Report, Sum, Totals},
    people::person::PersonId,
    pricing::{amount, total::VatPart},
};

use crate::{
    call::{Answer, Call, page},
    closing::{Standing, close, count, standing},
    pages::login::redirect,
    people::directory,
    problem::Problem,
    views::{CloseView, RateSum, ReportView, SumLine, SumsView, Surface, percent},
};

/// Shows a day.
pub async fn show(call: Call) -> Answer {
    let day = call.query("day").unwrap_or_default().to_owned();
    shown(&call, &day, None).await
}

/// Counts the drawer, or closes the day.
pub async fn change(call: Call) -> Answer {
    let day = call.field("day");
    match changed(&call, &day).await {
        Ok(None) => Ok(redirect(&format!("/close?day={day}"), &[])),
        Ok(Some(report)) => {
            let closed = anchor(&report);
            Ok(redirect(&format!("/close?day={}&closed={closed}", report.day), &[]))
        }
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) if problem.subject == ["day"] => Err(problem),
        Err(problem) => shown(&call, &day, Some(problem)).await,
    }
}

async fn changed(call: &Call, day: &str) -> Result<Option<Report>, Problem> {
    let cents =
        || amount::parse(&call.field("cents")).ok_or_else(|| Problem::invalid_field("cents"));
    let does = call.field("do");
    // What is counted now is of the day that goes on.
    if ["opening", "count"].contains(&does.as_str()) && !standing(call, day).await?.is_today {
        return Err(Problem::invalid_field("day"));
    }
    match does.as_str() {
        "opening" => count(call, (Counted::Opening, cents()?)).await.map(|()| None),
        "count" => count(call, (Counted::Count, cents()?)).await.map(|()| None),
        "close" => close(call, day).await.map(Some),
        _ => Err(Problem::invalid_field("do")),
    }
}

async fn shown(call: &Call, day: &str, problem: Option<Problem>) -> Answer {
    let Standing { is_today, totals, news, reports } = standing(call, day).await?;
    let csv = format!("/api/close/reports?format=csv&from={0}&until={0}", news.day);
    let reports = report_views(call, &reports).await?;
    let closed = call.query("closed").filter(|_| problem.is_none());
    let mut response = page(&CloseView {
        shell: call.shell(Surface::Staff),
        sums: sums(call, &totals),
        is_today,
        is_open: !news.totals.is_empty(),
        open: call.locale.money(news.totals.gross_cents() - news.totals.refunded_cents()),
        is_news: !news.is_empty(),
        asks: call.query("ask").is_some() && !news.is_empty(),
        uncounted: news.drawer.counted_cents.is_none(),
        drawer: drawer(call, &news.drawer),
        done: reports.iter().find(|report| Some(report.anchor.as_str()) == closed).cloned(),
        reports,
        csv: call.may(Right::Audit).then_some(csv),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
        wrong: problem.as_ref().and_then(Problem::field).map(|(field, _)| field.to_owned()),
        day_name: call.locale.day(&news.day),
        day: news.day,
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

fn sums(call: &Call, totals: &Totals) -> SumsView {
    let line = |(means, sum): (&String, &Sum)| SumLine {
        name: call.locale.find(&format!("counter.means_{means}")).unwrap_or(means).to_owned(),
        count: sum.count.to_string(),
        amount: call.locale.money(sum.cents),
    };
    let lines = |sums: &BTreeMap<String, Sum>| sums.iter().map(line).collect();
    let rate = |part: &VatPart| RateSum {
        rate: percent(part.bp, call.locale),
        gross: call.locale.money(part.gross_cents),
        vat: call.locale.money(part.vat_cents),
    };
    let tickets = [totals.first.as_str(), totals.last.as_str()];
    SumsView {
        orders: totals.orders().to_string(),
        gross: call.locale.money(totals.gross_cents()),
        refunded: call.locale.money(totals.refunded_cents()),
        cancelled: totals.cancelled.to_string(),
        paid: lines(&totals.paid),
        back: lines(&totals.refunded),
        vat: totals.vat.iter().map(rate).collect(),
        back_vat: totals.refunded_vat.iter().map(rate).collect(),
        tickets: if totals.last.is_empty() { String::new() } else { tickets.join(" – ") },
    }
}

fn drawer(call: &Call, drawer: &Drawer) -> Vec<SumLine> {
    let line = |key: &str, cents: i64| SumLine {
        name: call.locale.t(key).to_owned(),
        count: String::new(),
        amount: call.locale.money(cents),
    };
    let counted = drawer.counted_cents.map(|cents| line("close.counted", cents));
    let difference = drawer.difference_cents().map(|cents| line("close.difference", cents));
    let first = [
        line("close.opening", drawer.opening_cents),
        line("close.expected", drawer.expected_cents),
    ];
    first.into_iter().chain(counted).chain(difference).collect()
}

/// Where a report stands on its page: under a part of its digest, which is no other's.
fn anchor(report: &Report) -> String {
    format!("z-{}", report.digest.chars().take(16).collect::<String>())
}

async fn report_views(call: &Call, reports: &[Report]) -> Result<Vec<ReportView>, Problem> {
    let here = call.here()?;
    let people: BTreeSet<PersonId> =
        reports.iter().filter_map(|report| PersonId::parse(&report.person)).collect();
    let venue = &here.venue.id;
    let names = directory::names(&call.app.host, &call.db, (venue, &people)).await?;
    let zone = here.venue.time_zone.as_str();
    let who = |report: &Report| {
        let known = PersonId::parse(&report.person).and_then(|id| names.get(&id).cloned());
        known.unwrap_or_else(|| report.person.clone())
    };
    Ok(reports.iter().map(|one| report(call, (zone, who(one)), one)).collect())
}

fn report(call: &Call, (zone, who): (&str, String), report: &Report) -> ReportView {
    ReportView {
        name: format!("Z {} · {}", report.replica, report.number),
        anchor: anchor(report),
        at: call.locale.moment(zone, u64::try_from(report.at_ms).unwrap_or_default()),
        who,
        sums: sums(call, &report.totals),
        drawer: drawer(call, &report.drawer),
        digest: report.digest.clone(),
        is_sound: report.is_sound(),
    }
}
