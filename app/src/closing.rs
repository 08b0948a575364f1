//! Closing a day at this replica: what it took and gave since the report before, chained to it.
//!
//! Two tills may close at once: a report is written only where nobody wrote one under its number,
//! in a life that goes on. It must not know pages.

use domain::{
    audit::Act,
    closing::{self, Counted, Drawer, News, Report, Totals},
    venue::{business_day, day::business_day_ms},
};
use serde_json::json;
use sync_engine::statement::Statement;

use crate::{
    audit::{self, Noted},
    call::{Call, Tries, Written, commit},
    problem::Problem,
    rows,
    session::random,
};

/// Writes nothing; by it the batch ends where somebody closed first, or the life has ended.
const GUARD_SQL: &str = "UPDATE local_venue SET learnt = learnt WHERE venue = ?1 \
     AND replica = ?2 AND generation = ?3 AND NOT EXISTS (SELECT 1 FROM z_report z \
     WHERE z.venue = ?1 AND z.replica = ?2 AND z.generation = ?3 AND z.number = ?4)";

/// A day at this replica, as it is known now.
#[derive(Debug, Clone)]
pub struct Standing {
    /// It is the day that goes on.
    pub is_today: bool,
    /// All of it.
    pub totals: Totals,
    /// What a report of it would tell.
    pub news: News,
    /// The reports of that day, of every replica, the newest first.
    pub reports: Vec<Report>,
}

/// Looks at a business day; today where none is named.
///
/// # Errors
/// Refuses what is no day.
pub async fn standing(call: &Call, day: &str) -> Result<Standing, Problem> {
    let here = call.here()?;
    let zone = &here.venue.time_zone;
    let today = business_day(zone, call.app.clock.now_ms());
    let day = if day.is_empty() { today.clone() } else { day.to_owned() };
    let is_today = day == today;
    let span = business_day_ms(zone, &day).ok_or_else(|| Problem::invalid_field("day"))?;
    let at = (&here.venue.id, here.writer.replica.as_str());
    let totals = rows::closing::totals(&call.db, at, span).await?;
    let (opening, counted) = rows::closing::counted(&call.db, at, span).await?;
    let reports = rows::closing::reports(&call.db, at.0, (&day, &day)).await?;
    let own = || reports.iter().filter(|report| report.replica == at.1);
    let told: Vec<&Totals> = own().map(|report| &report.totals).collect();
    let last = own().max_by_key(|report| report.at_ms);
    // What was counted before the last report says nothing of what came in since.
    let is_new = |at_ms: &i64| last.is_none_or(|report| *at_ms >= report.at_ms);
    let counted = counted.filter(|(_, at_ms)| is_new(at_ms)).map(|(cents, _)| cents);
    let news = News {
        day,
        totals: totals.less(&told),
        drawer: Drawer::after(opening.unwrap_or_default(), counted, &totals),
        told: last.map(|report| report.drawer),
    };
    Ok(Standing { is_today, totals, news, reports })
}

/// Closes a day as far as it is known now, and returns the report.
///
/// # Errors
/// Refuses to report nothing, and to go on behind a report that was altered.
pub async fn close(call: &Call, day: &str) -> Result<Report, Problem> {
    let here = call.here()?;
    let (venue, writer) = (&here.venue.id, &here.writer);
    let life = (writer.replica.as_str(), writer.generation.as_str());
    let person = call.visitor()?.person.to_string();
    let mut tries = Tries::default();
    loop {
        // First of all, so that the guard sees whoever closes while the rest is read.
        let before = rows::closing::last(&call.db, venue, life).await?;
        let standing = standing(call, day).await?;
        let by = (person.as_str(), call.app.clock.now_ms());
        let report = Report::after(before.as_ref(), writer, standing.news, by)?;
        let detail = json!({"day": report.day, "total_cents": report.totals.gross_cents()});
        let noted = Noted { act: Act::DayClosed, actor: "", subject: &report.digest, detail };
        let drafts = [report.draft(), audit::entry(call, &noted).await?];
        let guard = vec![venue.as_str().into(), life.0.into(), life.1.into(), report.number.into()];
        // The guard stands before the report, which would fill its number itself.
        let mut batch = vec![Statement::exactly(1, GUARD_SQL, guard)];
        batch.extend(here.batch(&call.app, &drafts)?);
        if commit(&call.app, &call.db, here, (&batch, &drafts)).await? == Written::Done {
            return Ok(report);
        }
        tries.again()?;
    }
}

/// Keeps what somebody counted in the drawer.
///
/// # Errors
/// Refuses what no drawer holds.
pub async fn count(call: &Call, what: (Counted, i64)) -> Result<(), Problem> {
    let (person, place) = crate::api::orders::who(call)?;
    let id = random(call.app.entropy.as_ref(), 16)?;
    let draft = closing::count(&id, what, (&person, &place, call.app.clock.now_ms()))?;
    let mut tries = Tries::default();
    while call.write(std::slice::from_ref(&draft)).await? == Written::Again {
        tries.again()?;
    }
    Ok(())
}
