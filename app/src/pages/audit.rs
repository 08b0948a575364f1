//! The audit's pages: what was done, filtered; and whether anybody changed it since.
//!
//! They must not show more of people than their names.

use domain::{
    access::{Right, Role},
    audit::{
        Act,
        check::{Check, Fault},
        seal::Record,
    },
};
use serde_json::Value as Json;

use crate::{
    audit::{
        checker::{self, Depth},
        query::{self, Filter, Found},
        sealer,
    },
    call::{Answer, Call, page},
    limits,
    views::{ActChoice, AuditCheckView, AuditLine, AuditView, LifeView, Surface},
};

/// Shows what was done.
pub async fn show(call: Call) -> Answer {
    let filter = Filter::of(&call);
    sealer::seal(&call.app, &call.db, call.here()?).await?;
    let (found, problem) = match query::find(&call, &filter, limits::AUDIT_SHOWN).await {
        Ok(found) => (found, None),
        Err(problem) if problem.status.is_server_error() => return Err(problem),
        Err(problem) => (Found::default(), Some(problem)),
    };
    let zone = &call.here()?.venue.time_zone;
    let choice = |act: Act| ActChoice {
        name: act.name(),
        label: act_label(&call, act.name()),
        chosen: act.name() == filter.act,
    };
    let mut response = page(&AuditView {
        shell: call.shell(Surface::Staff),
        lines: found.entries.iter().map(|entry| line(&call, &found, (entry, zone))).collect(),
        acts: Act::ALL.into_iter().map(choice).collect(),
        next: found.next.as_deref().map(|after| format!("/audit?{}", filter.query(after))),
        is_later: !filter.after.is_empty(),
        newest: format!("/audit?{}", filter.query("")),
        csv: format!("/api/audit?format=csv&{}", filter.query("")),
        json: format!("/api/audit?format=json&{}", filter.query("")),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
        who: filter.who,
        from: filter.from,
        until: filter.until,
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

/// Shows whether the audit is what was written.
pub async fn check(call: Call) -> Answer {
    sealer::seal(&call.app, &call.db, call.here()?).await?;
    let checks = checker::check(&call.db, call.here()?, Depth::Newest).await?;
    let is_sound = checks.iter().all(Check::is_sound);
    let lives = checks.iter().map(|check| life(&call, check)).collect();
    page(&AuditCheckView { shell: call.shell(Surface::Staff), is_sound, lives })
}

fn act_label(call: &Call, act: &str) -> String {
    let key = format!("audit.act_{act}");
    call.locale.find(&key).map_or_else(|| act.to_owned(), str::to_owned)
}

fn line(call: &Call, found: &Found, (entry, zone): (&Record, &str)) -> AuditLine {
    let named = |id: &str| match found.name(id) {
        Some(name) => name.to_owned(),
        None if id.is_empty() => call.locale.t("audit.nobody").to_owned(),
        None => id.to_owned(),
    };
    let is_self = entry.subject == entry.actor || entry.subject.is_empty();
    let ticket = found.tickets.get(&entry.subject);
    let subject = || ticket.cloned().unwrap_or_else(|| named(&entry.subject));
    let opens = ticket.filter(|_| call.may(Right::Cash));
    AuditLine {
        when: call.locale.moment(zone, u64::try_from(entry.at_ms).unwrap_or_default()),
        certain: entry.certain == 1,
        act: act_label(call, &entry.act),
        actor: named(&entry.actor),
        subject: if is_self { String::new() } else { subject() },
        order: opens.map(|_| format!("/counter/orders/{}", entry.subject)),
        detail: detail(call, &entry.detail),
        source: entry.source.clone(),
        place: format!("{} · {}", entry.life.replica, entry.number),
    }
}

/// Says in the reader's language what is known of an act; what has no words keeps its own.
fn detail(call: &Call, detail: &Json) -> String {
    let Json::Object(fields) = detail else { return String::new() };
    let said = |(name, value): (&String, &Json)| match (name.as_str(), value) {
        ("total_cents", value) => call.locale.money(value.as_i64().unwrap_or_default()),
        ("roles", Json::Array(roles)) => {
            let role = |role: &Json| {
                let name = role.as_str().unwrap_or_default();
                let known = Role::parse(name).map(|role| format!("role.{}", role.name()));
                known.map_or_else(|| name.to_owned(), |key| call.locale.t(&key).to_owned())
            };
            roles.iter().map(role).collect::<Vec<_>>().join(", ")
        }
        (name, value) => {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let key = format!("audit.detail_{name}_{value}");
            call.locale.find(&key).map_or_else(|| format!("{name}: {value}"), str::to_owned)
        }
    };
    fields.iter().map(said).collect::<Vec<_>>().join(" · ")
}

fn life(call: &Call, check: &Check) -> LifeView {
    let number = |count: i64| call.locale.number(u64::try_from(count).unwrap_or_default());
    let finding = |finding: &domain::audit::check::Finding| {
        let key = format!("audit.fault_{}", finding.fault.name());
        call.locale.t_with(&key, &[("number", &finding.number.to_string())])
    };
    LifeView {
        replica: check.life.replica.clone(),
        generation: check.life.generation.clone(),
        entries: call.locale.number(check.entries),
        sealed: number(check.sealed),
        unsealed: number(check.unsealed()),
        is_sound: check.is_sound(),
        is_forked: check
            .findings
            .iter()
            .any(|finding| matches!(finding.fault, Fault::Forked | Fault::SealForked)),
        findings: check.findings.iter().map(finding).collect(),
        more: (check.faults > check.findings.len() as u64)
            .then(|| call.locale.number(check.faults)),
    }
}
