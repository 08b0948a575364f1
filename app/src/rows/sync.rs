//! What the store knows of its own replication: one consistent read, bounded in every list.
//!
//! It must not know what of it is good news.

use domain::schema::SCHEMA;
use serde::Serialize;
use sync_engine::{
    id::VenueId,
    statement::{Batch, Statement, Value},
};

use crate::{
    limits::{ASIDE_SHOWN, PEERS_SHOWN, RETIRED_SHOWN, SHOWN_CHARS},
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, text},
    witness::{self, Witness},
};

/// What a peer holds is noted for all streams together: of one without a row it holds nothing.
const LAGS_SQL: &str = "WITH known AS (SELECT DISTINCT p.peer AS peer, s.value AS stream \
     FROM peer_vector p CROSS JOIN json_each(?1) s \
     WHERE p.stream IN (SELECT value FROM json_each(?1)) ORDER BY p.peer LIMIT ?2) \
     SELECT k.peer AS peer, k.stream AS stream, \
     (SELECT coalesce(sum(v.seq - coalesce(p.seq, 0)), 0) FROM stream_writer v \
     LEFT JOIN peer_vector p ON p.stream = v.stream AND p.peer = k.peer \
     AND p.replica = v.replica AND p.generation = v.generation \
     WHERE v.stream = k.stream AND v.seq > coalesce(p.seq, 0)) AS to_send, \
     (SELECT coalesce(sum(p.seq - coalesce(v.seq, 0)), 0) FROM peer_vector p \
     LEFT JOIN stream_writer v ON v.stream = p.stream \
     AND v.replica = p.replica AND v.generation = p.generation \
     WHERE p.stream = k.stream AND p.peer = k.peer AND p.seq > coalesce(v.seq, 0)) AS to_receive \
     FROM known k ORDER BY k.peer, k.stream";

/// A device is known by the nonces that it used a moment ago; nothing more is written of it.
const HEARD_SQL: &str = "SELECT device, max(at_ms) AS at_ms FROM request_nonce \
     WHERE device >= ?1 AND device < ?2 GROUP BY device ORDER BY device LIMIT ?3";

/// The log is complete above the floor, so its length need not be counted row by row.
const KEPT_SQL: &str = "SELECT coalesce(sum(seq - floor), 0) AS kept FROM stream_writer \
     WHERE stream IN (SELECT value FROM json_each(?1))";

const NOTES_SQL: &str = "SELECT what, count, at_ms FROM sync_note \
     WHERE venue = ?1 AND what IN ('audited', 'mended', 'restored', 'told') ORDER BY what";

const RETIRED_SQL: &str = "SELECT what, count, at_ms FROM sync_note WHERE venue = ?1 \
     AND what >= 'retired/' AND what < 'retired0' ORDER BY at_ms DESC, what LIMIT ?2";

const CLOCK_SQL: &str = "SELECT ms FROM hybrid_clock WHERE venue = ?1";

const SNAPSHOTS_SQL: &str = "SELECT peer, stream FROM snapshot_place \
     WHERE stream IN (SELECT value FROM json_each(?1)) ORDER BY peer, stream LIMIT ?2";

/// What a change says may be as long as its sender liked; a page shows its beginning.
const ASIDE_SQL: &str = "SELECT v.stream AS stream, v.replica AS replica, \
     v.generation AS generation, a.seq AS seq, substr(a.reason, 1, ?3) AS reason, \
     a.at_ms AS at_ms, substr(coalesce(c.table_name, ''), 1, ?3) AS table_name, \
     substr(coalesce(c.entity, ''), 1, ?3) AS entity \
     FROM set_aside a JOIN stream_writer v ON v.id = a.writer \
     LEFT JOIN change_log c ON c.writer = a.writer AND c.seq = a.seq \
     WHERE v.stream IN (SELECT value FROM json_each(?1)) \
     ORDER BY a.at_ms, a.writer, a.seq LIMIT ?2";

const ASIDE_COUNT_SQL: &str = "SELECT count(*) AS count FROM set_aside a \
     JOIN stream_writer v ON v.id = a.writer \
     WHERE v.stream IN (SELECT value FROM json_each(?1))";

const PEER_SQL: &str = "SELECT (SELECT count(*) FROM peer_vector \
     WHERE peer = ?1 AND stream IN (SELECT value FROM json_each(?2))) \
     + (SELECT count(*) FROM witness WHERE venue = ?3 AND name = ?1) AS count";

const RETIRE_SQL: &str = "DELETE FROM peer_vector \
     WHERE peer = ?1 AND stream IN (SELECT value FROM json_each(?2))";
const RETIRE_PLACE_SQL: &str = "DELETE FROM snapshot_place \
     WHERE peer = ?1 AND stream IN (SELECT value FROM json_each(?2))";

/// How far a peer and this store are apart in one stream, as far as was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LagRow {
    /// What this store calls the peer.
    pub peer: String,
    /// Which data.
    pub purpose: String,
    /// Changes that are here and not noted there.
    pub to_send: i64,
    /// Changes that the peer said it holds and that are not here.
    pub to_receive: i64,
}

/// A number of times, and the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// What was noted.
    pub what: String,
    /// How often.
    pub count: i64,
    /// When the last time.
    pub at_ms: i64,
}

/// A change that was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AsideRow {
    /// Which data.
    pub purpose: String,
    /// The table that it names.
    pub table: String,
    /// The row that it names.
    pub entity: String,
    /// Who wrote it.
    pub writer: String,
    /// Its number.
    pub seq: i64,
    /// Why it could not be folded.
    pub reason: String,
    /// Since when it waits.
    pub at_ms: i64,
}

/// What the store knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// How far each noted peer and this store are apart.
    pub lags: Vec<LagRow>,
    /// When each device was last heard.
    pub heard: Vec<(String, i64)>,
    /// Changes in the log.
    pub kept: i64,
    /// Comparisons.
    pub notes: Vec<Noted>,
    /// Peers that were retired.
    pub retired: Vec<Noted>,
    /// The highest time that any stamp bears.
    pub clock_ms: i64,
    /// Peer and purpose of the snapshots that go on.
    pub snapshots: Vec<(String, String)>,
    /// The changes that wait the longest.
    pub aside: Vec<AsideRow>,
    /// How many wait.
    pub aside_count: i64,
    /// Who vouches for this store.
    pub witnesses: Vec<Witness>,
}

/// Loads it all from one state of the store.
///
/// # Errors
/// Fails when the database does.
pub async fn load(db: &Metered, venue: &VenueId) -> Result<Facts, Fault> {
    let purposes = SCHEMA.purposes().len() as i64;
    // One more than is shown tells that there are more.
    let lags = (PEERS_SHOWN as i64 + 1) * purposes;
    let of_venue = || Value::from(venue.as_str());
    let (from, to) = (format!("{venue}/"), format!("{venue}0"));
    let queries = [
        Statement::new(LAGS_SQL, vec![streams(venue), lags.into()]),
        Statement::new(HEARD_SQL, vec![from.into(), to.into(), (PEERS_SHOWN as i64 + 1).into()]),
        Statement::new(KEPT_SQL, vec![streams(venue)]),
        Statement::new(NOTES_SQL, vec![of_venue()]),
        Statement::new(RETIRED_SQL, vec![of_venue(), RETIRED_SHOWN.into()]),
        Statement::new(CLOCK_SQL, vec![of_venue()]),
        Statement::new(SNAPSHOTS_SQL, vec![streams(venue), lags.into()]),
        Statement::new(ASIDE_SQL, vec![streams(venue), ASIDE_SHOWN.into(), SHOWN_CHARS.into()]),
        Statement::new(ASIDE_COUNT_SQL, vec![streams(venue)]),
        witness::list(venue),
    ];
    let found = db.read(&queries).await?;
    let [lags, heard, kept, notes, retired, clock, snapshots, aside, count, heard_by] =
        found.as_slice()
    else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let one = |rows: &[Row], name| rows.first().map_or(Ok(0), |row| integer(row, name));
    let device = |row: &Row| Ok((after_slash(&text(row, "device")?), integer(row, "at_ms")?));
    let snapshot = |row: &Row| Ok((text(row, "peer")?, after_slash(&text(row, "stream")?)));
    Ok(Facts {
        lags: lags.iter().map(lag).collect::<Result<_, Fault>>()?,
        heard: heard.iter().map(device).collect::<Result<_, Fault>>()?,
        kept: one(kept, "kept")?,
        notes: notes.iter().map(noted).collect::<Result<_, Fault>>()?,
        retired: retired.iter().map(noted).collect::<Result<_, Fault>>()?,
        clock_ms: one(clock, "ms")?,
        snapshots: snapshots.iter().map(snapshot).collect::<Result<_, Fault>>()?,
        aside: aside.iter().map(waits).collect::<Result<_, Fault>>()?,
        aside_count: one(count, "count")?,
        witnesses: witness::read(heard_by)?,
    })
}

/// Tells whether it is noted what a peer of this name holds.
///
/// # Errors
/// Fails when the database does.
pub async fn is_noted(db: &Metered, venue: &VenueId, peer: &str) -> Result<bool, Fault> {
    let params = vec![peer.into(), streams(venue), venue.as_str().into()];
    let rows = db.rows(Statement::new(PEER_SQL, params)).await?;
    rows.first().map_or(Ok(false), |row| Ok(integer(row, "count")? > 0))
}

/// Builds the batch that forgets a peer: neither the log nor leases wait for it any more.
#[must_use]
pub fn retire(venue: &VenueId, peer: &str) -> Batch {
    let of_peer = |sql| Statement::new(sql, vec![peer.into(), streams(venue)]);
    vec![of_peer(RETIRE_SQL), of_peer(RETIRE_PLACE_SQL), witness::retire(venue, peer)]
}

/// Counts the changes of a venue that wait.
///
/// # Errors
/// Fails when the database does.
pub async fn aside_count(db: &Metered, venue: &VenueId) -> Result<i64, Fault> {
    let rows = db.rows(Statement::new(ASIDE_COUNT_SQL, vec![streams(venue)])).await?;
    rows.first().map_or(Ok(0), |row| integer(row, "count"))
}

fn streams(venue: &VenueId) -> Value {
    let all: Vec<String> = SCHEMA.purposes().iter().map(|p| format!("{venue}/{p}")).collect();
    serde_json::json!(all).to_string().into()
}

fn lag(row: &Row) -> Result<LagRow, Fault> {
    Ok(LagRow {
        peer: text(row, "peer")?,
        purpose: after_slash(&text(row, "stream")?),
        to_send: integer(row, "to_send")?,
        to_receive: integer(row, "to_receive")?,
    })
}

fn noted(row: &Row) -> Result<Noted, Fault> {
    let (count, at_ms) = (integer(row, "count")?, integer(row, "at_ms")?);
    Ok(Noted { what: text(row, "what")?, count, at_ms })
}

fn waits(row: &Row) -> Result<AsideRow, Fault> {
    Ok(AsideRow {
        purpose: after_slash(&text(row, "stream")?),
        table: text(row, "table_name")?,
        entity: text(row, "entity")?,
        writer: format!("{}/{}", text(row, "replica")?, text(row, "generation")?),
        seq: integer(row, "seq")?,
        reason: text(row, "reason")?,
        at_ms: integer(row, "at_ms")?,
    })
}

/// `venue/device` and `venue/purpose`, without the venue.
fn after_slash(name: &str) -> String {
    name.split_once('/').map_or(name, |(_, rest)| rest).to_owned()
}
