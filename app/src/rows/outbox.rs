//! The rows of the outbox: how one is added, taken, ended and shown.
//!
//! A worker takes a row by a guarded update that counts its tries, and ends it only while that
//! count is still the one it took. It must not know what a row seals.

use sync_engine::{
    id::VenueId,
    statement::{Statement, Value},
};

use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, text},
};

/// A clock that was years ahead may have left times that never come: they count as over.
const DUE_SQL: &str = "SELECT o.id AS id, o.kind AS kind, o.sealed AS sealed, o.tries AS tries, \
     o.since_ms AS since_ms, coalesce(v.name, o.venue) AS name, \
     coalesce(v.time_zone, '') AS time_zone, \
     coalesce((SELECT d.domain FROM venue_domain d WHERE d.venue = o.venue \
     ORDER BY d.domain IN ('localhost', '127.0.0.1'), length(d.domain), d.domain LIMIT 1), '') \
     AS domain FROM outbox o LEFT JOIN venue v ON v.venue = o.venue AND v.id = o.venue \
     WHERE o.state = 'waiting'";

const IS_DUE: &str = " AND (o.next_ms <= ?1 OR o.next_ms > ?1 + 86400000) \
     AND (o.held_ms <= ?1 OR o.held_ms > ?1 + 86400000) ORDER BY o.next_ms, o.id LIMIT ?2";

const OF_VENUE: &str = " AND o.venue = ?1 ORDER BY o.made_ms DESC, o.id LIMIT ?2";

const NEXT_SQL: &str = "SELECT min(max(next_ms, held_ms)) AS next_ms FROM outbox \
     WHERE state = 'waiting'";

const SHOWN_SQL: &str = "SELECT id, kind, sealed, state, tries, next_ms, made_ms, ended_ms, \
     last_error FROM outbox WHERE venue = ?1 AND state = ?2 ORDER BY made_ms DESC, id LIMIT ?3";

const COUNTS_SQL: &str = "SELECT coalesce(sum(state = 'waiting'), 0) AS waiting, \
     coalesce(sum(state = 'sent'), 0) AS sent, \
     coalesce(sum(state = 'given_up'), 0) AS given_up FROM outbox WHERE venue = ?1";

/// A row that is to be added.
pub struct New<'a> {
    /// Its id, which becomes the mail's.
    pub id: &'a str,
    /// Whose mail it is.
    pub venue: &'a VenueId,
    /// The letter's kind.
    pub kind: &'a str,
    /// By what the rows of one receiver are found.
    pub recipient: &'a str,
    /// Who gets it and what it says.
    pub sealed: String,
}

/// A row that waits, with what is known of its venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Its id.
    pub id: String,
    /// The letter's kind.
    pub kind: String,
    /// Who gets it and what it says.
    pub sealed: String,
    /// How often somebody took it.
    pub tries: i64,
    /// Since when it is tried.
    pub since_ms: i64,
    /// The venue's name.
    pub name: String,
    /// The venue's time zone.
    pub time_zone: String,
    /// The venue's public name; empty where it has none.
    pub domain: String,
}

/// A row as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub id: String,
    /// The letter's kind.
    pub kind: String,
    /// Who gets it and what it says; empty once it was sent.
    pub sealed: String,
    /// `waiting`, `sent` or `given_up`.
    pub state: String,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried next.
    pub next_ms: i64,
    /// When it was made.
    pub made_ms: i64,
    /// When it was sent or given up.
    pub ended_ms: i64,
    /// Why it could not be sent the last time.
    pub last_error: String,
}

/// How many rows of a venue are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// To be sent.
    pub waiting: i64,
    /// Sent within the days that are kept.
    pub sent: i64,
    /// Given up.
    pub given_up: i64,
}

fn ms(ms: u64) -> Value {
    Value::Integer(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Adds a row.
pub(crate) fn add(new: New<'_>, now_ms: u64) -> Statement {
    let sql = "INSERT INTO outbox (id, venue, kind, recipient_key, sealed, state, next_ms, \
         since_ms, made_ms) VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?6, ?6)";
    let of = [new.id, new.venue.as_str(), new.kind, new.recipient];
    let mut params: Vec<Value> = of.into_iter().map(Value::from).collect();
    params.extend([new.sealed.into(), ms(now_ms)]);
    Statement::exactly(1, sql, params)
}

/// Forgets every row of a receiver.
pub(crate) fn forget(recipient: &str) -> Statement {
    let sql = "DELETE FROM outbox WHERE recipient_key = ?1";
    Statement::new(sql, vec![recipient.into()])
}

/// Finds rows that are to be sent now, the longest due first.
///
/// # Errors
/// Fails when the database does.
pub async fn due(db: &Metered, now_ms: u64, at_most: usize) -> Result<Vec<Due>, Fault> {
    let sql = format!("{DUE_SQL}{IS_DUE}");
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    let rows = db.rows(Statement::new(sql, vec![ms(now_ms), at_most.into()])).await?;
    rows.iter().map(read_due).collect()
}

/// Finds a venue's rows that wait, the newest first: what a demo shows in place of a mailbox.
///
/// # Errors
/// Fails when the database does.
pub async fn waiting(db: &Metered, venue: &VenueId) -> Result<Vec<Due>, Fault> {
    let sql = format!("{DUE_SQL}{OF_VENUE}");
    let params = vec![venue.as_str().into(), limits::MAILS_SHOWN.into()];
    db.rows(Statement::new(sql, params)).await?.iter().map(read_due).collect()
}

fn read_due(row: &Row) -> Result<Due, Fault> {
    Ok(Due {
        id: text(row, "id")?,
        kind: text(row, "kind")?,
        sealed: text(row, "sealed")?,
        tries: integer(row, "tries")?,
        since_ms: integer(row, "since_ms")?,
        name: text(row, "name")?,
        time_zone: text(row, "time_zone")?,
        domain: text(row, "domain")?,
    })
}

/// Returns when the next row becomes due.
///
/// # Errors
/// Fails when the database does.
pub async fn next_ms(db: &Metered) -> Result<Option<u64>, Fault> {
    let rows = db.rows(Statement::new(NEXT_SQL, Vec::new())).await?;
    let next = rows.first().and_then(|row| integer(row, "next_ms").ok());
    Ok(next.map(|next| u64::try_from(next).unwrap_or_default()))
}

/// Takes a row to send it; somebody else who takes it first makes this fail.
pub(crate) fn take(due: &Due, now_ms: u64) -> Statement {
    let sql = "UPDATE outbox SET tries = tries + 1, held_ms = ?3 \
         WHERE id = ?1 AND state = 'waiting' AND tries = ?2";
    let held_ms = ms(now_ms.saturating_add(limits::MAIL_HELD_MS));
    Statement::exactly(1, sql, vec![due.id.as_str().into(), due.tries.into(), held_ms])
}

/// Ends a row that was taken: it is sent, and what it said is forgotten.
pub(crate) fn sent(due: &Due, now_ms: u64) -> Statement {
    let sql = "UPDATE outbox SET state = 'sent', sealed = '', recipient_key = '', held_ms = 0, \
         last_error = '', ended_ms = ?3 WHERE id = ?1 AND state = 'waiting' AND tries = ?2";
    Statement::new(sql, vec![due.id.as_str().into(), (due.tries + 1).into(), ms(now_ms)])
}

/// Lets a row that was taken wait for its next try.
pub(crate) fn again(due: &Due, at_ms: u64, reason: &str) -> Statement {
    let sql = "UPDATE outbox SET next_ms = ?3, held_ms = 0, last_error = ?4 \
         WHERE id = ?1 AND state = 'waiting' AND tries = ?2";
    let of = vec![due.id.as_str().into(), (due.tries + 1).into(), ms(at_ms), reason.into()];
    Statement::new(sql, of)
}

/// Gives a row up that was taken; it is kept for a while, so that staff see it and may try again.
pub(crate) fn give_up(due: &Due, now_ms: u64, reason: &str) -> Statement {
    let sql = "UPDATE outbox SET state = 'given_up', held_ms = 0, ended_ms = ?3, last_error = ?4 \
         WHERE id = ?1 AND state = 'waiting' AND tries = ?2";
    let of = vec![due.id.as_str().into(), (due.tries + 1).into(), ms(now_ms), reason.into()];
    Statement::new(sql, of)
}

/// Gives up what nobody could send for days, and forgets what ended days ago.
pub(crate) fn expire(now_ms: u64) -> [Statement; 2] {
    let before = ms(now_ms.saturating_sub(limits::MAIL_KEPT_MS));
    [
        Statement::new(
            "UPDATE outbox SET state = 'given_up', held_ms = 0, ended_ms = ?2, \
             last_error = 'too_old' WHERE state = 'waiting' AND since_ms < ?1",
            vec![before.clone(), ms(now_ms)],
        ),
        Statement::new(
            "DELETE FROM outbox WHERE state <> 'waiting' AND ended_ms < ?1",
            vec![before],
        ),
    ]
}

/// Makes rows of a venue due at once that nobody holds: one, or as many as are allowed.
pub(crate) fn retry(venue: &VenueId, id: Option<&str>, now_ms: u64) -> Statement {
    let sql = "UPDATE outbox SET state = 'waiting', next_ms = ?2, since_ms = ?2, ended_ms = 0 \
         WHERE id IN (SELECT o.id FROM outbox o WHERE o.venue = ?1 AND o.held_ms <= ?2 \
         AND (o.state = 'given_up' OR (o.state = 'waiting' AND o.next_ms > ?2)) \
         AND (?3 IS NULL OR o.id = ?3) ORDER BY o.made_ms LIMIT ?4)";
    let id = id.map(str::to_owned).into();
    let of = vec![venue.as_str().into(), ms(now_ms), id, limits::MAILS_RETRIED.into()];
    Statement::new(sql, of)
}

/// Loads a venue's rows: how many, and the newest of those that wait, were given up or sent.
///
/// # Errors
/// Fails when the database does.
pub async fn load(db: &Metered, venue: &VenueId) -> Result<(Counts, Vec<Shown>), Fault> {
    let of = |state: &str| {
        let params = vec![venue.as_str().into(), state.into(), limits::MAILS_SHOWN.into()];
        Statement::new(SHOWN_SQL, params)
    };
    let counts = Statement::new(COUNTS_SQL, vec![venue.as_str().into()]);
    let found = db.read(&[counts, of("given_up"), of("waiting"), of("sent")]).await?;
    let mut found = found.into_iter();
    let counts = found.next().unwrap_or_default();
    let counts = counts.first().map(read_counts).transpose()?.unwrap_or_default();
    let shown: Result<Vec<Shown>, Fault> = found.flatten().map(|row| read_shown(&row)).collect();
    Ok((counts, shown?))
}

fn read_counts(row: &Row) -> Result<Counts, Fault> {
    Ok(Counts {
        waiting: integer(row, "waiting")?,
        sent: integer(row, "sent")?,
        given_up: integer(row, "given_up")?,
    })
}

fn read_shown(row: &Row) -> Result<Shown, Fault> {
    Ok(Shown {
        id: text(row, "id")?,
        kind: text(row, "kind")?,
        sealed: text(row, "sealed")?,
        state: text(row, "state")?,
        tries: integer(row, "tries")?,
        next_ms: integer(row, "next_ms")?,
        made_ms: integer(row, "made_ms")?,
        ended_ms: integer(row, "ended_ms")?,
        last_error: text(row, "last_error")?,
    })
}
