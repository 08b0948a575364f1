//! What is taken once only: signed codes that somebody brings are remembered for longer than they
//! hold. Local: each store remembers what was brought to it. It must not know what a code is worth.

use sync_engine::statement::{Batch, Statement};

use crate::{limits, metered::Metered, ports::Fault};

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
