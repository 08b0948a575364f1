//! Codes that are good once and for a time: invitations, resets, confirmations, first start.
//!
//! A code is kept hashed; using it and what it allows are one batch. It must not know how a code
//! reaches its person.

use axum::http::StatusCode;
use domain::people::person::PersonId;
use sync_engine::statement::{Statement, Value};

use crate::{
    App,
    call::Call,
    metered::Metered,
    problem::Problem,
    rate,
    rows::{integer, text},
    session::{hash, random},
};

/// What a code allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// To choose the first password of an account that somebody else made.
    Invite,
    /// To choose another password.
    Reset,
    /// To prove an address.
    Confirm,
    /// To take another address, which it proves.
    Change,
    /// To take the former address back, and to lock out whoever changed it.
    Undo,
    /// To come back from a sign-in provider.
    OpenId,
    /// To carry a login to another address of the venue.
    HandOver,
    /// To enrol a device, shown to staff and typed into the device.
    Enrol,
    /// To enrol a device, shown by the device and typed by staff.
    EnrolAsked,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
            Self::Confirm => "confirm",
            Self::Change => "change",
            Self::Undo => "undo",
            Self::OpenId => "openid",
            Self::HandOver => "hand_over",
            Self::Enrol => "enrol",
            Self::EnrolAsked => "enrol_asked",
        }
    }

    /// How long it is good.
    #[must_use]
    pub const fn lasts_ms(self) -> u64 {
        const MINUTE_MS: u64 = 60_000;
        match self {
            Self::Invite | Self::Undo => 7 * 24 * 60 * MINUTE_MS,
            Self::Confirm | Self::Change => 24 * 60 * MINUTE_MS,
            Self::Reset => 60 * MINUTE_MS,
            Self::OpenId => 10 * MINUTE_MS,
            Self::Enrol | Self::EnrolAsked => 15 * MINUTE_MS,
            Self::HandOver => MINUTE_MS,
        }
    }
}

/// A code that was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Whose.
    pub person: String,
    /// The venue at which it was made.
    pub venue: String,
    /// What else was kept with it; sealed where it names somebody.
    pub detail: String,
    /// When it would have ended.
    pub ends_ms: u64,
    /// The statement that uses it up; a code that somebody used meanwhile makes the batch abort.
    pub used: Statement,
}

/// Draws a code, which replaces those of its kind that the person had; returns the code and the
/// statements that keep it. A code to undo replaces none: whoever took an account over and changes
/// the address twice must not take its owner's code away.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn draw(
    app: &App,
    kind: Kind,
    (venue, person, detail): (&str, &PersonId, &str),
) -> Result<(String, Vec<Statement>), Problem> {
    let code = random(app.entropy.as_ref(), 20)?;
    let now_ms = app.clock.now_ms();
    let ends_ms = now_ms.saturating_add(kind.lasts_ms()) as i64;
    let params: Vec<Value> = vec![
        hash(&code).into(),
        kind.name().into(),
        venue.into(),
        person.as_str().into(),
        detail.into(),
        ends_ms.into(),
    ];
    let replaced =
        "DELETE FROM one_time_code WHERE (person = ?1 AND kind = ?2 AND ?4) OR ends_ms < ?3";
    let sql = "INSERT INTO one_time_code (code, kind, venue, person, detail, ends_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let gone = vec![
        person.as_str().into(),
        kind.name().into(),
        (now_ms as i64).into(),
        i64::from(kind != Kind::Undo).into(),
    ];
    Ok((code, vec![Statement::new(replaced, gone), Statement::exactly(1, sql, params)]))
}

/// Returns the statements that keep a code of no person, under what nobody can take for it.
#[must_use]
pub fn keep_as(app: &App, kind: Kind, (kept, venue, detail): (&str, &str, &str)) -> Vec<Statement> {
    let now_ms = app.clock.now_ms();
    let ends_ms = now_ms.saturating_add(kind.lasts_ms()) as i64;
    let gone = "DELETE FROM one_time_code WHERE ends_ms < ?1";
    let sql = "INSERT INTO one_time_code (code, kind, venue, person, detail, ends_ms) \
         VALUES (?1, ?2, ?3, '', ?4, ?5)";
    let params: Vec<Value> =
        vec![kept.into(), kind.name().into(), venue.into(), detail.into(), ends_ms.into()];
    vec![Statement::new(gone, vec![(now_ms as i64).into()]), Statement::exactly(1, sql, params)]
}

/// Finds a code that is still good.
///
/// # Errors
/// Refuses what is unknown, used, of another kind or too old, all in the same words.
pub async fn find(app: &App, db: &Metered, kind: Kind, code: &str) -> Result<Found, Problem> {
    find_kept(app, db, kind, &hash(code)).await
}

async fn find_kept(app: &App, db: &Metered, kind: Kind, kept: &str) -> Result<Found, Problem> {
    let sql = "SELECT person, venue, detail, ends_ms FROM one_time_code \
         WHERE code = ?1 AND kind = ?2 AND ends_ms > ?3";
    let now_ms = app.clock.now_ms() as i64;
    let params = vec![kept.into(), kind.name().into(), now_ms.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    let row = rows.first().ok_or_else(|| Problem::new(StatusCode::GONE, "code_not_good"))?;
    let used = "DELETE FROM one_time_code WHERE code = ?1";
    Ok(Found {
        person: text(row, "person")?,
        venue: text(row, "venue")?,
        detail: text(row, "detail")?,
        ends_ms: integer(row, "ends_ms")?.unsigned_abs(),
        used: Statement::exactly(1, used, vec![kept.into()]),
    })
}

/// Finds a code of this venue by what it is kept as; what is not good counts as a try.
///
/// # Errors
/// Refuses what is not good here, and whoever tried too much of that.
pub async fn present_kept(
    call: &Call,
    kind: Kind,
    (kept, venue): (&str, &str),
) -> Result<Found, Problem> {
    let from = rate::origin(call);
    // A short code could be found by trying: whoever is over the limit is not even told yes.
    rate::check(call, &rate::CODE, &from).await?;
    match find_kept(&call.app, &call.db, kind, kept).await {
        Ok(found) if found.venue == venue => return Ok(found),
        Err(problem) if problem.status != StatusCode::GONE => return Err(problem),
        _ => {}
    }
    rate::take(call, &rate::CODE, &from).await?;
    Err(Problem::new(StatusCode::GONE, "code_not_good"))
}

/// Finds a code of one of these kinds that is still good. Only what is not good counts as a try: a
/// whole venue behind one address may follow its links.
///
/// # Errors
/// Refuses what is not good, and whoever tried too much of that.
pub async fn present(call: &Call, kinds: &[Kind], code: &str) -> Result<Found, Problem> {
    let mut refused = Problem::new(StatusCode::GONE, "code_not_good");
    for kind in kinds {
        match find(&call.app, &call.db, *kind, code).await {
            Err(problem) if problem.status == StatusCode::GONE => refused = problem,
            found => return found,
        }
    }
    rate::take(call, &rate::CODE, &rate::origin(call)).await?;
    Err(refused)
}

/// Returns the statement that ends the codes with which a person gets in, but not those that undo.
#[must_use]
pub fn end_all(person: &PersonId) -> Statement {
    let sql = "DELETE FROM one_time_code WHERE person = ?1 \
         AND kind IN ('invite', 'reset', 'confirm', 'change')";
    Statement::new(sql, vec![person.as_str().into()])
}

/// Returns the statement that ends a person's codes to undo what came after this time; older ones
/// are of somebody who had the account before.
#[must_use]
pub fn end_undoing(person: &PersonId, since_ms: u64) -> Statement {
    let sql = "DELETE FROM one_time_code WHERE person = ?1 AND kind = 'undo' AND ends_ms >= ?2";
    Statement::new(sql, vec![person.as_str().into(), (since_ms as i64).into()])
}
