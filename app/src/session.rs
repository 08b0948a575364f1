//! Who is signed in: a random token in a cookie, its hash in a local row.
//!
//! A session belongs to one person at one venue of this host; it ends after a time without use, in
//! any case at its end, and when somebody ends it. It must not know what a role may do, nor how
//! somebody proved who they are.

use axum::http::{HeaderMap, StatusCode};
use domain::{
    access::{Right, Roles},
    people::person::PersonId,
};
use sha2::{Digest, Sha256};
use sync_engine::{
    id::VenueId,
    seal::hex,
    statement::{Statement, Value},
};

mod label;

use label::label;

use crate::{
    call::Call,
    limits,
    metered::Metered,
    ports::{CommitFault, Entropy, Fault, Row},
    problem::Problem,
    rows::{integer, json, text},
    transport,
};

/// The cookie of somebody who is signed in.
pub const COOKIE: &str = "relais_session";

const TOKEN_BYTES: usize = 32;

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// By a password, or by a provider that vouches for the address.
    Password,
    /// By a PIN at the venue: less is allowed.
    Pin,
    /// By a code from the home of accounts, where they proved all that was owed.
    HandOver,
}

impl Means {
    const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Pin => "pin",
            Self::HandOver => "hand_over",
        }
    }

    const fn lasts_ms(self) -> u64 {
        match self {
            Self::Password => limits::SESSION_MS,
            Self::Pin | Self::HandOver => limits::PIN_SESSION_MS,
        }
    }

    const fn idle_ms(self) -> u64 {
        match self {
            Self::Password => limits::SESSION_IDLE_MS,
            Self::Pin | Self::HandOver => limits::PIN_SESSION_IDLE_MS,
        }
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who.
    pub person: PersonId,
    /// As what they are at this venue.
    pub roles: Roles,
    /// They open venues on this host.
    pub platform: bool,
    /// How they proved it.
    pub means: Means,
    /// They proved a second factor as well.
    pub second_factor: bool,
    /// They have set up a second factor.
    pub has_second_factor: bool,
    /// The session's public name, by which it is listed and ended.
    pub handle: String,
    pub(crate) token: String,
}

impl Visitor {
    /// Tells whether the right is theirs in this session.
    ///
    /// # Errors
    /// Says what is missing: the right itself, or the proof that it asks for.
    pub fn check(&self, right: Right) -> Result<(), Problem> {
        let refused = |code| Err(Problem::new(StatusCode::FORBIDDEN, code));
        let holds = self.roles.may(right) || (self.platform && right == Right::Platform);
        match right {
            Right::Proving => Ok(()),
            _ if self.owes_code() => refused("code_required"),
            Right::Account => Ok(()),
            _ if !holds => refused("forbidden"),
            _ if self.means == Means::Pin && !right.is_for_pin() => refused("password_required"),
            _ if self.wants_second_factor() => refused("second_factor_required"),
            _ => Ok(()),
        }
    }

    /// Tells whether the right is theirs in this session.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.check(right).is_ok()
    }

    /// Tells whether they have a second factor and have not proved it yet: they are not signed in.
    #[must_use]
    pub fn owes_code(&self) -> bool {
        self.has_second_factor && self.means == Means::Password && !self.second_factor
    }

    /// Tells whether they have to set up a second factor first.
    #[must_use]
    pub fn wants_second_factor(&self) -> bool {
        let asked = self.platform || self.roles.wants_second_factor();
        asked && self.means != Means::Pin && !self.second_factor
    }

    /// Returns the page on which they begin; with a PIN nobody manages.
    #[must_use]
    pub fn start_page(&self) -> &'static str {
        match () {
            () if self.owes_code() => "/login/code",
            () if self.wants_second_factor() => "/account/second-factor",
            () if self.platform && self.roles.is_empty() => "/platform",
            () if self.means == Means::Pin && self.roles.start_page() == "/dashboard" => "/staff",
            () => self.roles.start_page(),
        }
    }

    fn snapshot(&self) -> String {
        snapshot(&self.roles, self.platform)
    }
}

fn snapshot(roles: &Roles, platform: bool) -> String {
    let mut names = roles.names().join(",");
    if platform {
        names.push_str(",platform");
    }
    names
}

/// What a new session is made of.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Who.
    pub person: PersonId,
    /// As what they are at this venue.
    pub roles: Roles,
    /// They open venues on this host.
    pub platform: bool,
    /// How they proved it.
    pub means: Means,
    /// They proved a second factor as well.
    pub second_factor: bool,
    /// They have one, and have not proved it yet.
    pub owes_code: bool,
}

/// A session that a batch will open.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The row.
    pub statement: Statement,
    /// The `Set-Cookie` values.
    pub cookies: Vec<String>,
    /// The page on which they begin.
    pub start_page: &'static str,
    /// Whose it is.
    pub person: PersonId,
    /// How they proved it.
    pub means: &'static str,
}

/// Makes a session with a new token, whatever cookie the browser brought.
///
/// # Errors
/// Refuses to give a session away on a network, and fails when the host has no randomness.
pub fn open(call: &Call, opening: &Opening) -> Result<Opened, Problem> {
    transport::check(call)?;
    let venue = &call.here()?.venue.id;
    let app = &call.app;
    let now_ms = app.clock.now_ms();
    let token = random(app.entropy.as_ref(), TOKEN_BYTES)?;
    let visitor = Visitor {
        person: opening.person.clone(),
        roles: opening.roles.clone(),
        platform: opening.platform,
        means: opening.means,
        second_factor: opening.second_factor,
        has_second_factor: opening.second_factor || opening.owes_code,
        handle: String::new(),
        token: token.clone(),
    };
    let params: Vec<Value> = vec![
        hash(&token).into(),
        random(app.entropy.as_ref(), 8)?.into(),
        opening.person.as_str().into(),
        venue.as_str().into(),
        opening.means.name().into(),
        i64::from(opening.second_factor).into(),
        visitor.snapshot().into(),
        label(call.header("user-agent")).into(),
        (now_ms as i64).into(),
        (now_ms.saturating_add(opening.means.lasts_ms()) as i64).into(),
        // A PIN opens nothing but the station at which it was typed.
        station(call).filter(|_| opening.means == Means::Pin).unwrap_or_default().into(),
    ];
    let sql = "INSERT INTO session (token, handle, person, venue, means, second_factor, rights, \
         label, made_ms, used_ms, ends_ms, device) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?11)";
    let lasts_ms = opening.means.lasts_ms();
    Ok(Opened {
        statement: Statement::exactly(1, sql, params),
        cookies: vec![set_cookie(transport::is_secure(call), COOKIE, &token, Some(lasts_ms))],
        start_page: visitor.start_page(),
        person: visitor.person,
        means: opening.means.name(),
    })
}

/// Returns the statement that ends the request's session, and the cookie that goes with it.
#[must_use]
pub fn close(call: &Call) -> (Option<Statement>, String) {
    let token = cookie(&call.headers, COOKIE).map(hash);
    let sql = "DELETE FROM session WHERE token = ?1";
    let gone = token.map(|token| Statement::new(sql, vec![token.into()]));
    (gone, set_cookie(transport::is_secure(call), COOKIE, "", Some(0)))
}

/// Returns the statement that ends the sessions of a person at every venue of this host, but for
/// one that is kept.
#[must_use]
pub fn close_all(person: &PersonId, kept: Option<&str>) -> Statement {
    let sql = "DELETE FROM session WHERE person = ?1 AND handle <> ?2";
    Statement::new(sql, vec![person.as_str().into(), kept.unwrap_or_default().into()])
}

/// Returns the statement that ends a person's sessions at one venue.
#[must_use]
pub fn close_at(venue: &VenueId, person: &PersonId) -> Statement {
    let sql = "DELETE FROM session WHERE person = ?1 AND venue = ?2";
    Statement::new(sql, vec![person.as_str().into(), venue.as_str().into()])
}

const LOAD_SQL: &str = "SELECT s.handle AS handle, s.person AS person, s.means AS means, \
     s.second_factor AS second_factor, s.rights AS rights, s.used_ms AS used_ms, \
     s.ends_ms AS ends_ms, coalesce(p.roles, '[]') AS roles, \
     CASE WHEN p.access_stamp > 0 THEN p.active ELSE 1 END AS active, \
     coalesce(a.platform, 0) AS platform, coalesce(a.totp, '') AS totp, \
     coalesce(a.barred, 0) AS barred, (a.person IS NOT NULL) AS has_account, \
     s.device AS device \
     FROM session s LEFT JOIN person p ON p.venue = s.venue AND p.id = s.person \
     LEFT JOIN account a ON a.person = s.person WHERE s.token = ?1 AND s.venue = ?2";

/// Loads whom the request's cookie proves at this venue, and what its answer must set: a session
/// whose rights have changed gets another token.
///
/// # Errors
/// Fails when the database does.
pub async fn visitor(
    call: &Call,
    venue: &VenueId,
) -> Result<Option<(Visitor, Option<String>)>, Problem> {
    let Some(token) = cookie(&call.headers, COOKIE).filter(|t| t.len() == 2 * TOKEN_BYTES) else {
        return Ok(None);
    };
    let params = vec![hash(token).into(), venue.as_str().into()];
    let rows = call.db.rows(Statement::new(LOAD_SQL, params)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let now_ms = call.app.clock.now_ms();
    let device = text(row, "device")?;
    if !device.is_empty() && station(call) != Some(device.as_str()) {
        return Ok(None);
    }
    let Some(found) = read(row, token, now_ms)? else { return Ok(None) };
    if found.rights != found.visitor.snapshot() {
        return Ok(Some(rotate(call, found.visitor).await?));
    }
    if now_ms.saturating_sub(found.used_ms) >= limits::SESSION_NOTED_EVERY_MS {
        note_use(&call.db, token, now_ms).await?;
    }
    Ok(Some((found.visitor, None)))
}

/// Returns the station that the request comes from.
fn station(call: &Call) -> Option<&str> {
    call.proven.as_ref().map(|proven| proven.found.device.id.as_str())
}

struct Found {
    visitor: Visitor,
    rights: String,
    used_ms: u64,
}

fn read(row: &Row, token: &str, now_ms: u64) -> Result<Option<Found>, Fault> {
    let means = match text(row, "means")?.as_str() {
        "pin" => Means::Pin,
        "hand_over" => Means::HandOver,
        _ => Means::Password,
    };
    let Some(person) = PersonId::parse(&text(row, "person")?) else { return Ok(None) };
    let used_ms = integer(row, "used_ms")?.unsigned_abs();
    let is_over = now_ms >= integer(row, "ends_ms")?.unsigned_abs()
        || now_ms.saturating_sub(used_ms) >= means.idle_ms();
    let is_barred = integer(row, "active")? == 0 || integer(row, "barred")? != 0;
    if is_over || is_barred {
        return Ok(None);
    }
    let names: Vec<String> = json(row, "roles")?;
    let visitor = Visitor {
        person,
        roles: Roles::known(names),
        platform: integer(row, "platform")? != 0,
        means,
        second_factor: integer(row, "second_factor")? != 0,
        has_second_factor: !text(row, "totp")?.is_empty(),
        handle: text(row, "handle")?,
        token: token.to_owned(),
    };
    Ok(Some(Found { visitor, rights: text(row, "rights")?, used_ms }))
}

/// Gives a session another token, because what it may do has changed.
async fn rotate(call: &Call, visitor: Visitor) -> Result<(Visitor, Option<String>), Problem> {
    let token = random(call.app.entropy.as_ref(), TOKEN_BYTES)?;
    let sql = "UPDATE session SET token = ?2, rights = ?3 WHERE token = ?1";
    let params: Vec<Value> =
        vec![hash(&visitor.token).into(), hash(&token).into(), visitor.snapshot().into()];
    match call.db.commit(&[Statement::exactly(1, sql, params)]).await {
        Ok(()) => {}
        // Another request of this browser was first: its answer brings the new token.
        Err(CommitFault::Conflict) => return Ok((visitor, None)),
        Err(CommitFault::Fault(fault)) => return Err(fault.into()),
    }
    let (secure, lasts_ms) = (transport::is_secure(call), visitor.means.lasts_ms());
    let cookie = set_cookie(secure, COOKIE, &token, Some(lasts_ms));
    Ok((Visitor { token, ..visitor }, Some(cookie)))
}

async fn note_use(db: &Metered, token: &str, now_ms: u64) -> Result<(), Problem> {
    let sql = "UPDATE session SET used_ms = ?2 WHERE token = ?1";
    let params = vec![hash(token).into(), (now_ms as i64).into()];
    match db.commit(&[Statement::new(sql, params)]).await {
        // A disk that takes no writes must not sign anybody out.
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => {
            tracing::warn!(detail = %fault.detail, "the use of a session was not noted");
            Ok(())
        }
    }
}

/// Draws so many random bytes and writes them as digits.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn random(entropy: &dyn Entropy, bytes: usize) -> Result<String, Problem> {
    let mut drawn = vec![0; bytes];
    entropy.fill(&mut drawn).map_err(|fault| Problem::unavailable(fault.detail))?;
    Ok(hex(&drawn))
}

/// What is kept of a token: whoever reads the database cannot sign in with it.
#[must_use]
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

pub(crate) fn set_cookie(secure: bool, name: &str, value: &str, lasts_ms: Option<u64>) -> String {
    let age = lasts_ms.map(|ms| format!("; Max-Age={}", ms / 1_000)).unwrap_or_default();
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}{age}; Path=/; HttpOnly; SameSite=Strict{secure}")
}

/// Returns a cookie's value.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all("cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(known, value)| (known == name && !value.is_empty()).then_some(value))
}
