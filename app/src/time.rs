//! What time it is here, and how sure that is: loads what is known, lets `domain` judge.
//!
//! Whatever depends on expiry asks [`load`]. It must not set any clock.

use axum::http::StatusCode;
use domain::time::{Evidence, Passed, Time};
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    App,
    host::Side,
    limits::{PIN_ALONE_MS, TOLD_EVERY_MS},
    metered::Metered,
    ports::Fault,
    problem::Problem,
    replication::note,
    rows::integer,
};

/// Under what it is noted what the edge said the time was.
pub const TOLD: &str = "told";

/// When this build was made, in milliseconds since 1970: `SOURCE_DATE_EPOCH` where the build was
/// told it, so that equal sources make equal programs.
pub const BUILT_MS: u64 = match option_env!("SOURCE_DATE_EPOCH") {
    Some(text) => seconds(text) * 1_000,
    None => RELEASED_MS,
};

/// The 1st of November 2026: this source did not exist before.
const RELEASED_MS: u64 = 1_793_491_200_000;

const KNOWN_SQL: &str = "SELECT \
     coalesce((SELECT ms FROM hybrid_clock WHERE venue = ?1), 0) AS stamped, \
     coalesce((SELECT at_ms FROM sync_note WHERE venue = ?1 AND what = 'told'), 0) AS told";

/// Loads what is kept of the time, and judges the local clock by it.
///
/// # Errors
/// Fails when the database does.
pub async fn load(app: &App, db: &Metered, venue: &VenueId) -> Result<Time, Fault> {
    let found = db.rows(Statement::new(KNOWN_SQL, vec![venue.as_str().into()])).await?;
    let Some(row) = found.first() else { return Ok(judge(app, 0, 0)) };
    Ok(judge(app, integer(row, "stamped")?, integer(row, "told")?))
}

/// Returns what the edge said the time was, as it was kept; 0 where it never did.
///
/// # Errors
/// Fails when the database does.
pub async fn told(db: &Metered, venue: &VenueId) -> Result<u64, Fault> {
    let found = db.rows(Statement::new(KNOWN_SQL, vec![venue.as_str().into()])).await?;
    let told = found.first().map(|row| integer(row, "told")).transpose()?;
    Ok(told.and_then(|told| u64::try_from(told).ok()).unwrap_or_default())
}

/// Judges the local clock by the highest stamp and by what the edge said the last time.
#[must_use]
pub fn judge(app: &App, stamped_ms: i64, told_ms: i64) -> Time {
    let now_ms = app.clock.now_ms();
    if app.host.side == Side::Edge {
        // Data centres keep their clocks, and all others of a venue are measured by its edge's.
        return Time::certain(now_ms);
    }
    Time::judge(&Evidence {
        now_ms,
        is_kept: app.clock.is_kept(),
        edge_ahead_ms: app.clock.edge_ahead_ms(),
        built_ms: BUILT_MS,
        told_ms: u64::try_from(told_ms).unwrap_or_default(),
        stamped_ms: u64::try_from(stamped_ms).unwrap_or_default(),
    })
}

/// Refuses what a gateway may not do long after it heard the home of accounts last: who works here
/// may have changed meanwhile.
///
/// Where nobody can tell how long it is, it goes on: a power cut during an outage must not shut the
/// venue, and each write moves the floor on.
///
/// # Errors
/// Refuses when that time has certainly passed, and fails when the database does.
pub async fn check_contact(app: &App, db: &Metered, venue: &VenueId) -> Result<(), Problem> {
    if app.host.is_home || app.clock.edge_ahead_ms().is_some() {
        return Ok(());
    }
    let found = db.rows(Statement::new(KNOWN_SQL, vec![venue.as_str().into()])).await?;
    let Some(row) = found.first() else { return Ok(()) };
    let (stamped, told) = (integer(row, "stamped")?, integer(row, "told")?);
    // It is written down now and then only.
    let heard_ms = told.unsigned_abs().saturating_add(TOLD_EVERY_MS);
    let ends_ms = heard_ms.saturating_add(PIN_ALONE_MS);
    if told > 0 && judge(app, stamped, told).has_passed(ends_ms) == Passed::Yes {
        return Err(Problem::new(StatusCode::FORBIDDEN, "alone_too_long"));
    }
    Ok(())
}

/// What the edge says the time is, and what of that was written down.
#[derive(Debug, Default)]
pub(crate) struct Teller {
    said_ms: u64,
    kept_ms: u64,
}

impl Teller {
    /// Takes the time of an answer that the edge signed.
    pub(crate) fn hear(&mut self, app: &App, edge_ms: u64) {
        // An edge that tells no time says nothing of ours; and a standby hears a gateway, whose
        // clock may be wrong itself.
        if edge_ms > 0 && app.host.side.writes() {
            self.said_ms = edge_ms;
            let ours = i64::try_from(app.clock.now_ms()).unwrap_or(i64::MAX);
            app.clock.told(i64::try_from(edge_ms).unwrap_or(i64::MAX).saturating_sub(ours));
        }
    }

    /// Writes down what the edge said, now and then: an SD card wears.
    ///
    /// # Errors
    /// Fails when the database does.
    pub(crate) async fn keep(&mut self, db: &Metered, venue: &VenueId) -> Result<(), Problem> {
        if self.said_ms.abs_diff(self.kept_ms) >= TOLD_EVERY_MS {
            note(db, venue, TOLD, self.said_ms).await?;
            self.kept_ms = self.said_ms;
        }
        Ok(())
    }
}

/// Reads digits while the program is compiled; anything else is no time to build at.
const fn seconds(text: &str) -> u64 {
    let mut rest = text.as_bytes();
    let mut sum = 0;
    while let [digit, tail @ ..] = rest {
        assert!(digit.is_ascii_digit(), "SOURCE_DATE_EPOCH is a number of seconds");
        sum = sum * 10 + (*digit - b'0') as u64;
        rest = tail;
    }
    sum
}
