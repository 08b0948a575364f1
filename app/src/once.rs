//! What is taken once only: signed codes that somebody brings are remembered for longer than they
//! hold, and so is what a page sends under its key. Local: each store remembers what was brought to
//! it. It must not know what a code is worth.

use sync_engine::statement::{Batch, Statement};

use crate::{
    call::Call,
    limits,
    metered::Metered,
    ports::Fault,
    problem::Problem,
    session::{hash, random},
};

/// What acts of pages are remembered as.
const ACT: &str = "act";
const KEY_BYTES: usize = 12;
const KEY_LENGTH_MAX: usize = 64;

/// One act of a page: sent twice, as by a double click, it counts once. Whatever else is sent under
/// the page's key is another one; what comes without a key is one every time.
#[derive(Debug, Clone)]
pub struct Sent(Option<String>);

impl Sent {
    /// Makes a key for a page.
    ///
    /// # Errors
    /// Fails without entropy.
    pub fn key(call: &Call) -> Result<String, Problem> {
        random(call.app.entropy.as_ref(), KEY_BYTES)
    }

    /// Names what is sent under a page's key.
    ///
    /// # Errors
    /// Refuses a key that no page has.
    pub fn of(key: &str, said: &str) -> Result<Self, Problem> {
        match key.len() {
            0 => Ok(Self(None)),
            1..=KEY_LENGTH_MAX => Ok(Self(Some(hash(&format!("{key}/{said}"))))),
            _ => Err(Problem::invalid_field("act")),
        }
    }

    /// Tells whether it has been done here.
    ///
    /// # Errors
    /// Fails when the database does.
    pub async fn is_done(&self, db: &Metered) -> Result<bool, Fault> {
        match &self.0 {
            Some(code) => is_kept(db, ACT, code).await,
            None => Ok(false),
        }
    }

    /// Makes the statements that remember it; done already, it makes the batch abort.
    #[must_use]
    pub fn keep(&self, now_ms: u64) -> Batch {
        self.0.as_ref().map_or_else(Batch::new, |code| keep(ACT, code, now_ms))
    }
}

/// Makes the statements that remember a code; one that is remembered already makes the batch abort.
/// Devices' nonces stand in the same table, under names with a slash.
#[must_use]
pub fn keep(what: &str, code: &str, now_ms: u64) -> Batch {
    let forgotten = now_ms.saturating_sub(limits::NONCE_MS) as i64;
    let sql = "INSERT INTO request_nonce (device, nonce, at_ms) VALUES (?1, ?2, ?3) \
         ON CONFLICT (device, nonce) DO NOTHING";
    let params = vec![what.into(), code.into(), (now_ms as i64).into()];
    vec![
        Statement::new("DELETE FROM request_nonce WHERE at_ms < ?1", vec![forgotten.into()]),
        Statement::exactly(1, sql, params),
    ]
}

/// Tells whether a code is remembered.
///
/// # Errors
/// Fails when the database does.
pub async fn is_kept(db: &Metered, what: &str, code: &str) -> Result<bool, Fault> {
    let sql = "SELECT 1 AS one FROM request_nonce WHERE device = ?1 AND nonce = ?2";
    let rows = db.rows(Statement::new(sql, vec![what.into(), code.into()])).await?;
    Ok(!rows.is_empty())
}
