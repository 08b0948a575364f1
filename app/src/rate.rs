//! How often something may be tried: by account, by address, the same on every host.
//!
//! It is asked before anything costly is done. Whoever is over the limit costs a read and no write.
//! It must not know what is tried.

use std::net::IpAddr;

use axum::http::StatusCode;
use sync_engine::{
    seal::{derive, hex, mac},
    statement::Statement,
};

use crate::{call::Call, limits, ports::CommitFault, problem::Problem, rows::integer};

/// So many tries within a time.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What is tried.
    pub what: &'static str,
    /// How often.
    pub most: i64,
    /// Within how long.
    pub within_ms: u64,
}

const MINUTE_MS: u64 = 60_000;

/// Passwords that one address may try: each costs a slow hash.
pub const LOGIN_BY_ADDRESS: Limit = Limit { what: "login/address", most: 20, within_ms: MINUTE_MS };
/// Passwords that one address may try at one account.
pub const LOGIN_BY_ACCOUNT: Limit =
    Limit { what: "login/account", most: 10, within_ms: 15 * MINUTE_MS };
/// Passwords that all addresses together may try at one account; browsers that were signed in there
/// before are not stopped by it.
pub const LOGIN_BY_ANYBODY: Limit =
    Limit { what: "login/anybody", most: 100, within_ms: 60 * MINUTE_MS };
/// PINs that may be tried for one person at this gateway.
pub const PIN: Limit = Limit { what: "pin", most: 5, within_ms: 15 * MINUTE_MS };
/// Codes of a second factor that may be tried for one person.
pub const SECOND_FACTOR: Limit = Limit { what: "factor", most: 5, within_ms: 5 * MINUTE_MS };
/// Accounts that one address may ask for, and mails that it may cause: a whole venue may stand
/// behind it.
pub const MAIL_BY_ADDRESS: Limit =
    Limit { what: "mail/address", most: 40, within_ms: 60 * MINUTE_MS };
/// Mails that one account may be sent because somebody asked.
pub const MAIL_BY_ACCOUNT: Limit =
    Limit { what: "mail/account", most: 3, within_ms: 60 * MINUTE_MS };
/// Cards that one member may be given: each that is replaced stays revoked for ever.
pub const CARD: Limit = Limit { what: "card", most: 5, within_ms: 60 * MINUTE_MS };
/// Set-up, enrolment and other one-time codes that one address may try.
pub const CODE: Limit = Limit { what: "code", most: 10, within_ms: 15 * MINUTE_MS };

/// Codes to be enrolled that one address may ask for.
pub const ENROL: Limit = Limit { what: "enrol", most: 20, within_ms: 15 * MINUTE_MS };

/// Photos that one person may send: each is decoded.
pub const PHOTO: Limit = Limit { what: "photo", most: 20, within_ms: 60 * MINUTE_MS };

/// Pictures of products that one editor may send.
pub const DISH: Limit = Limit { what: "dish", most: 60, within_ms: 60 * MINUTE_MS };

/// Codes of promotions that are none which one address may try at a venue.
pub const PROMOTION: Limit = Limit { what: "promotion", most: 30, within_ms: 15 * MINUTE_MS };
/// The same code again counts once: a basket asks for its price at every change.
pub const SAME_PROMOTION: Limit = Limit { what: "promotion/same", most: 1, ..PROMOTION };
/// Choices of a table that one order may make.
pub const TABLE: Limit = Limit { what: "table", most: 20, within_ms: 15 * MINUTE_MS };

const COUNT_SQL: &str = "INSERT INTO rate_limit (id, started_ms, count) VALUES (?1, ?2, 1) \
     ON CONFLICT (id) DO UPDATE SET \
     count = CASE WHEN started_ms <= ?3 THEN 1 ELSE count + 1 END, \
     started_ms = CASE WHEN started_ms <= ?3 THEN ?2 ELSE started_ms END \
     WHERE started_ms <= ?3 OR count < ?4";

/// Counts one try of this key.
///
/// # Errors
/// Answers 429 with the seconds to wait when the limit is reached.
pub async fn take(call: &Call, limit: &Limit, key: &str) -> Result<(), Problem> {
    check(call, limit, key).await?;
    let id = id(call, limit, key);
    let now_ms = call.app.clock.now_ms();
    let since_ms = now_ms.saturating_sub(limit.within_ms);
    let params =
        vec![id.into(), (now_ms as i64).into(), (since_ms as i64).into(), limit.most.into()];
    let forgotten = now_ms.saturating_sub(limits::RATE_KEPT_MS) as i64;
    let batch = [
        Statement::new("DELETE FROM rate_limit WHERE started_ms < ?1", vec![forgotten.into()]),
        Statement::exactly(1, COUNT_SQL, params),
    ];
    match call.db.commit(&batch).await {
        Ok(()) => Ok(()),
        // Others took the last tries meanwhile.
        Err(CommitFault::Conflict) => Err(refused(limit.within_ms)),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

/// Looks whether this key may still try, and counts nothing.
///
/// # Errors
/// Answers 429 with the seconds to wait when the limit is reached.
pub async fn check(call: &Call, limit: &Limit, key: &str) -> Result<(), Problem> {
    let since_ms = call.app.clock.now_ms().saturating_sub(limit.within_ms);
    let query = "SELECT started_ms, count FROM rate_limit WHERE id = ?1";
    let id = id(call, limit, key);
    let rows = call.db.rows(Statement::new(query, vec![id.into()])).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let started_ms = integer(row, "started_ms")?.unsigned_abs();
    if started_ms > since_ms && integer(row, "count")? >= limit.most {
        return Err(refused(started_ms.saturating_sub(since_ms)));
    }
    Ok(())
}

/// Forgets the tries of this key: the right one was among them.
#[must_use]
pub fn forget(call: &Call, limit: &Limit, key: &str) -> Statement {
    Statement::new("DELETE FROM rate_limit WHERE id = ?1", vec![id(call, limit, key).into()])
}

/// Says from where the request came, as far as limits count: whoever has an IPv6 address has a
/// whole network of them.
#[must_use]
pub fn origin(call: &Call) -> String {
    match call.from.map(|from| from.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

/// Says from which network the request came: enough for an audit, and no single person's address.
#[must_use]
pub fn network(call: &Call) -> String {
    match call.from.map(|from| from.to_canonical()) {
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
        None => String::new(),
    }
}

/// No address and no account can be read out of the table.
fn id(call: &Call, limit: &Limit, key: &str) -> String {
    let secret = derive(call.app.host.secret.expose(), "rate");
    let hashed = hex(&mac(&secret, key.as_bytes()));
    format!("{}/{}", limit.what, hashed.get(..32).unwrap_or_default())
}

fn refused(wait_ms: u64) -> Problem {
    let seconds = wait_ms.div_ceil(1_000).max(1).to_string();
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries");
    Problem { subject: vec![seconds], ..problem }
}
