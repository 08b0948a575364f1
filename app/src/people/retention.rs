//! What is forgotten by itself: sessions and codes that ended, and accounts of those who do not
//! come any more.
//!
//! Once an hour, where the accounts are, beside the mails. It must not know how long an account is
//! kept: `domain` does.

use domain::people::{
    address::Address,
    person::PersonId,
    retention::{Bounds, Months},
};
use sync_engine::{
    id::VenueId,
    statement::{Statement, Value},
};

use crate::{
    App, limits,
    locale::Locale,
    mail::{self, Letter},
    metered::Metered,
    people::{account, erase},
    ports::{CommitFault, Fault, Row},
    problem::Problem,
    rows::{self, integer, text},
};

const MONTHS: &str = "account_months";
const TENDED: &str = "tended_ms";

/// Nobody who works somewhere goes by themselves, nor whoever administers the host.
const AWAY: &str = "a.platform = 0 AND a.seen_ms < ?1 AND NOT EXISTS (SELECT 1 FROM person p, \
     json_each(p.roles) r WHERE p.id = a.person AND p.active = 1 \
     AND r.value NOT IN ('member', 'premium_member'))";

/// Returns for how many months without a login an account is kept.
///
/// # Errors
/// Fails when the database does.
pub async fn months(db: &Metered) -> Result<Months, Fault> {
    let kept = setting(db, MONTHS).await?.and_then(|kept| u32::try_from(kept).ok());
    Ok(kept.and_then(|kept| Months::of(kept).ok()).unwrap_or_default())
}

/// Returns the statement that keeps another number of months.
#[must_use]
pub fn keep_for(months: Months) -> Statement {
    let sql = "INSERT INTO host_setting (name, value) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    Statement::new(sql, vec![MONTHS.into(), i64::from(months.number()).into()])
}

/// Returns the statement that notes that somebody came.
#[must_use]
pub fn came(person: &PersonId, locale: Locale, now_ms: u64) -> Statement {
    let sql = "UPDATE account SET seen_ms = ?2, warned_ms = 0, language = ?3 WHERE person = ?1";
    let params = vec![person.as_str().into(), (now_ms as i64).into(), locale.code().into()];
    Statement::new(sql, params)
}

/// Forgets what has ended, once an hour.
///
/// # Errors
/// Fails when the database does; what was not forgotten is the next time.
pub async fn tend(app: &App) -> Result<(), Problem> {
    if !app.host.is_home {
        return Ok(());
    }
    let db = Metered::new(app.database.clone(), limits::SYNC_QUERIES);
    let now_ms = app.clock.now_ms();
    if !take_turn(&db, now_ms).await? {
        return Ok(());
    }
    let ended = now_ms.saturating_sub(limits::ENDED_KEPT_MS) as i64;
    let gone = ["session", "one_time_code"].map(|table| {
        Statement::new(format!("DELETE FROM {table} WHERE ends_ms < ?1"), vec![ended.into()])
    });
    db.commit(&gone).await?;
    let Some(bounds) = months(&db).await?.bounds(now_ms) else { return Ok(()) };
    // Where nobody carries mails nobody can be warned, and so nobody goes.
    if !app.outbox.has_post() {
        return Ok(());
    }
    for person in warned(&db, &bounds).await? {
        tracing::info!("an account goes, whose owner was warned and did not come back");
        let away = still_away(&person, &bounds);
        erase::by_retention(app, &db, (&person, away)).await?;
    }
    warn(app, &db, &bounds).await
}

/// Returns the statement that notes that a warning did not arrive: an account whose owner cannot be
/// told stays, until they come by themselves.
#[must_use]
pub fn unreached(person: &PersonId) -> Statement {
    let sql = "UPDATE account SET warned_ms = -1 WHERE person = ?1";
    Statement::new(sql, vec![person.as_str().into()])
}

/// Takes the hour's turn; another worker may have.
async fn take_turn(db: &Metered, now_ms: u64) -> Result<bool, Problem> {
    let before = now_ms.saturating_sub(limits::TENDED_EVERY_MS) as i64;
    let last = setting(db, TENDED).await?;
    // A clock that went back must not wait for its former self.
    if last.is_some_and(|last| last > before && last <= now_ms as i64) {
        return Ok(false);
    }
    let sql = "INSERT INTO host_setting (name, value) VALUES (?1, ?2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value = ?3";
    let params = vec![TENDED.into(), (now_ms as i64).into(), last.unwrap_or(-1).into()];
    match db.commit(&[Statement::exactly(1, sql, params)]).await {
        Ok(()) => Ok(true),
        Err(CommitFault::Conflict) => Ok(false),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

async fn warned(db: &Metered, bounds: &Bounds) -> Result<Vec<PersonId>, Problem> {
    let sql = format!(
        "SELECT a.person AS person FROM account a WHERE {AWAY} \
         AND a.warned_ms > 0 AND a.warned_ms < ?2 ORDER BY a.warned_ms LIMIT ?3"
    );
    let params: Vec<Value> = vec![
        (bounds.seen_ms as i64).into(),
        (bounds.warned_ms as i64).into(),
        limits::AWAY_AT_ONCE.into(),
    ];
    let rows = db.rows(Statement::new(sql, params)).await?;
    let read = |row: &Row| Ok(PersonId::parse(&text(row, "person")?));
    Ok(rows::readable("account", &rows, read).into_iter().flatten().collect())
}

/// Whoever signs in or is hired while others go must not go with them.
fn still_away(person: &PersonId, bounds: &Bounds) -> Statement {
    let sql = format!(
        "UPDATE account AS a SET warned_ms = a.warned_ms WHERE a.person = ?3 AND {AWAY} \
         AND a.warned_ms > 0 AND a.warned_ms < ?2"
    );
    let params: Vec<Value> = vec![
        (bounds.seen_ms as i64).into(),
        (bounds.warned_ms as i64).into(),
        person.as_str().into(),
    ];
    Statement::exactly(1, sql, params)
}

async fn warn(app: &App, db: &Metered, bounds: &Bounds) -> Result<(), Problem> {
    let sql = format!(
        "SELECT a.person AS person, a.venue AS venue, a.language AS language FROM account a \
         WHERE {AWAY} AND a.warned_ms = 0 ORDER BY a.seen_ms LIMIT ?2"
    );
    let params = vec![(bounds.seen_ms as i64).into(), limits::AWAY_AT_ONCE.into()];
    for row in db.rows(Statement::new(sql, params)).await? {
        let Some(person) = PersonId::parse(&text(&row, "person")?) else { continue };
        let Some(account) = account::of(db, &person).await? else { continue };
        let (email, _) = account::plain_of(app, db, &account).await?;
        let venue = VenueId::parse(&text(&row, "venue")?);
        let batch = match (Address::parse(&email), venue) {
            (Ok(to), Ok(venue)) => {
                let locale = Locale::from_tag(&text(&row, "language")?).unwrap_or_default();
                let person_id = person.as_str().to_owned();
                let letter = Letter::Inactive { path: "/login".to_owned(), person: person_id };
                let mail = mail::queue(app, &venue, (&to, locale), letter)?;
                vec![warned_now(&person, app.clock.now_ms()), mail]
            }
            _ => vec![unreached(&person)],
        };
        match db.commit(&batch).await {
            // They came meanwhile, or another worker was first.
            Ok(()) | Err(CommitFault::Conflict) => {}
            Err(CommitFault::Fault(fault)) => return Err(fault.into()),
        }
    }
    app.outbox.ring();
    Ok(())
}

fn warned_now(person: &PersonId, now_ms: u64) -> Statement {
    let sql = "UPDATE account SET warned_ms = ?2 WHERE person = ?1 AND warned_ms = 0";
    Statement::exactly(1, sql, vec![person.as_str().into(), (now_ms as i64).into()])
}

async fn setting(db: &Metered, name: &str) -> Result<Option<i64>, Fault> {
    let sql = "SELECT value FROM host_setting WHERE name = ?1";
    let rows = db.rows(Statement::new(sql, vec![name.into()])).await?;
    rows.first().map(|row| integer(row, "value")).transpose()
}
