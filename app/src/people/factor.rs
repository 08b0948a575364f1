//! The second factor of an account: codes of an authenticator, and recovery codes for a lost one.
//!
//! The secret is sealed with the host's key: whoever reads the database cannot make a code. Each
//! code counts once, guarded inside the batch that uses it.

use domain::people::{
    person::PersonId,
    totp::{self, SECRET_BYTES},
};
use sync_engine::{
    seal::{derive, hex, mac},
    statement::Statement,
};

use crate::{
    App,
    host::Host,
    limits,
    people::{
        account::Account,
        keys::{fill, open_for_host, seal_for_host},
    },
    problem::Problem,
};

/// Draws a secret that is not kept yet; returns it as text and sealed, for the form that proves it.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn draw(app: &App, person: &PersonId) -> Result<(Vec<u8>, String), Problem> {
    let secret: [u8; SECRET_BYTES] = fill(app.entropy.as_ref())?;
    let text = totp::text(&secret);
    let place = place(person);
    let sealed = seal_for_host(&app.host, app.entropy.as_ref(), (place.as_str(), text.as_str()))?;
    Ok((secret.to_vec(), sealed))
}

/// Opens a sealed secret.
#[must_use]
pub fn open(host: &Host, person: &PersonId, sealed: &str) -> Option<Vec<u8>> {
    open_for_host(host, &place(person), sealed).and_then(|text| totp::read(&text))
}

fn place(person: &PersonId) -> String {
    format!("person/{person}/totp")
}

/// Returns the statements that set a second factor up, with recovery codes, and the codes.
///
/// # Errors
/// Fails when the host has no randomness.
pub fn set(
    app: &App,
    person: &PersonId,
    (sealed, step): (&str, u64),
) -> Result<(Vec<String>, Statement), Problem> {
    let codes = recovery_codes(app)?;
    let hashes: Vec<String> = codes.iter().map(|code| recovery_hash(&app.host, code)).collect();
    let sql = "UPDATE account SET totp = ?2, totp_step = ?3, recovery = ?4 WHERE person = ?1";
    let params = vec![
        person.as_str().into(),
        sealed.into(),
        (step as i64).into(),
        serde_json::json!(hashes).to_string().into(),
    ];
    Ok((codes, Statement::exactly(1, sql, params)))
}

/// Returns the statement that takes a second factor away.
#[must_use]
pub fn reset(person: &PersonId) -> Statement {
    let sql = "UPDATE account SET totp = '', totp_step = 0, recovery = '[]' WHERE person = ?1";
    Statement::exactly(1, sql, vec![person.as_str().into()])
}

/// Returns the code of this moment; only a demo shows it.
#[must_use]
pub fn code_now(app: &App, account: &Account) -> Option<String> {
    let secret = open(&app.host, &account.person, &account.totp)?;
    Some(totp::code(&secret, totp::step(app.clock.now_ms())))
}

/// Checks a code, of the authenticator or for recovery; returns the statement that uses it up.
#[must_use]
pub fn accept(app: &App, account: &Account, given: &str) -> Option<Statement> {
    let person = &account.person;
    let secret = open(&app.host, person, &account.totp)?;
    let last = account.totp_step.unsigned_abs();
    if let Some(step) = totp::accepted(&secret, given, app.clock.now_ms(), last) {
        let sql = "UPDATE account SET totp_step = ?2 WHERE person = ?1 AND totp_step < ?2";
        return Some(Statement::exactly(
            1,
            sql,
            vec![person.as_str().into(), (step as i64).into()],
        ));
    }
    let hash = recovery_hash(&app.host, given);
    if !account.recovery.contains(&hash) {
        return None;
    }
    let left: Vec<&String> = account.recovery.iter().filter(|kept| **kept != hash).collect();
    let before = serde_json::json!(account.recovery).to_string();
    let after = serde_json::json!(left).to_string();
    let sql = "UPDATE account SET recovery = ?3 WHERE person = ?1 AND recovery = ?2";
    let params = vec![person.as_str().into(), before.into(), after.into()];
    Some(Statement::exactly(1, sql, params))
}

fn recovery_codes(app: &App) -> Result<Vec<String>, Problem> {
    let one = || -> Result<String, Problem> {
        let bytes: [u8; 10] = fill(app.entropy.as_ref())?;
        let text = totp::text(&bytes).to_lowercase();
        let groups: Vec<&str> =
            [0..4, 4..8, 8..12, 12..16].into_iter().filter_map(|range| text.get(range)).collect();
        Ok(groups.join("-"))
    };
    (0..limits::RECOVERY_CODES).map(|_| one()).collect()
}

fn recovery_hash(host: &Host, code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let key = derive(host.secret.expose(), "recovery");
    hex(&mac(&key, plain.to_lowercase().as_bytes()))
}
