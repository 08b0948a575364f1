//! Reading tables, who has them and who waits for one, and what a store notes of sensors.
//!
//! It must not decide anything.

use std::collections::BTreeMap;

use domain::tables::{
    self, Hand, Table,
    assignment::{Choice, Floor, Seat, Waiting},
    presence::{self, Note, Presence},
};
use sync_engine::{
    id::VenueId,
    statement::{Statement, Value},
};

use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, readable, small, text},
};

const TABLES_SQL: &str = "SELECT t.id AS id, t.name AS name, t.seats AS seats, t.x AS x, \
     t.y AS y, t.removed AS removed, t.occupied AS occupied, t.since_ms AS since_ms, \
     t.sensor AS sensor, t.hand AS hand, t.hand_ms AS hand_ms, \
     coalesce(s.heard_ms, 0) AS heard_ms, coalesce(s.is_quiet, 0) AS is_quiet \
     FROM dining_table t LEFT JOIN table_sensor s \
     ON s.venue = t.venue AND s.table_number = CAST(t.id AS INTEGER) \
     WHERE t.venue = ?1 AND t.identity_stamp > 0 ORDER BY CAST(t.id AS INTEGER), t.id LIMIT ?2";

const SEATS_SQL: &str = "SELECT s.id AS id, s.table_number AS table_number, a.at_ms AS at_ms, \
     coalesce(o.ticket_origin, '') AS ticket_origin, coalesce(o.ticket_number, 0) \
     AS ticket_number, coalesce((SELECT max(e.at_ms) FROM order_event e WHERE e.venue = s.venue \
     AND e.order_id = s.id AND e.kind = 'collected'), 0) AS collected_ms, \
     EXISTS (SELECT 1 FROM order_event e WHERE e.venue = s.venue AND e.order_id = s.id \
     AND e.kind = 'cancelled') AS is_cancelled \
     FROM table_seat s JOIN table_assignment a ON a.venue = s.venue AND a.id = s.id \
     LEFT JOIN customer_order o ON o.venue = s.venue AND o.id = s.id \
     WHERE s.venue = ?1 ORDER BY a.at_ms, s.id LIMIT ?2";

const QUEUE_SQL: &str = "SELECT q.id AS id, \
     coalesce(h.choice, '') AS choice, coalesce(h.wished, c.wished, 0) AS wished, \
     max(coalesce(h.at_ms, 0), coalesce(c.at_ms, 0)) AS at_ms, \
     EXISTS (SELECT 1 FROM order_event e WHERE e.venue = q.venue AND e.order_id = q.id \
     AND e.kind IN ('collected', 'cancelled')) AS is_collected \
     FROM table_queue q LEFT JOIN table_claim c ON c.venue = q.venue AND c.id = q.id \
     LEFT JOIN table_choice h ON h.venue = q.venue AND h.id = q.id \
     WHERE q.venue = ?1 ORDER BY at_ms, q.id LIMIT ?2";

const OF_ORDER_SQL: &str = "SELECT ?2 AS id, \
     coalesce((SELECT a.table_number FROM table_assignment a WHERE a.venue = ?1 AND a.id = ?2), 0) \
     AS assigned, \
     coalesce((SELECT e.reason FROM table_end e WHERE e.venue = ?1 AND e.id = ?2), '') AS ended, \
     EXISTS (SELECT 1 FROM table_claim c WHERE c.venue = ?1 AND c.id = ?2) AS is_claimed, \
     EXISTS (SELECT 1 FROM table_refusal r WHERE r.venue = ?1 AND r.id = ?2) AS is_refused, \
     coalesce((SELECT h.choice FROM table_choice h WHERE h.venue = ?1 AND h.id = ?2), '') \
     AS choice, \
     coalesce((SELECT h.wished FROM table_choice h WHERE h.venue = ?1 AND h.id = ?2), 0) AS wished";

const HISTORY_SQL: &str = "SELECT a.id AS id, a.at_ms AS at_ms, \
     coalesce(e.at_ms, 0) AS ended_ms, coalesce(e.reason, '') AS reason, \
     coalesce(o.ticket_origin, '') AS ticket_origin, coalesce(o.ticket_number, 0) \
     AS ticket_number FROM table_assignment a \
     LEFT JOIN table_end e ON e.venue = a.venue AND e.id = a.id \
     LEFT JOIN customer_order o ON o.venue = a.venue AND o.id = a.id \
     WHERE a.venue = ?1 AND a.table_number = ?2 ORDER BY a.at_ms DESC, a.id LIMIT ?3";

/// A floor, what was noted of its sensors, and who waits for a table.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The floor.
    pub floor: Floor,
    /// What this store noted of sensors, by the table's number.
    pub notes: Vec<(u32, Note)>,
}

impl Found {
    /// Returns what was noted of a table's sensor.
    #[must_use]
    pub fn note(&self, table: u32) -> Note {
        let found = self.notes.iter().find(|(number, _)| *number == table);
        found.map(|(_, note)| *note).unwrap_or_default()
    }
}

/// Loads the floor, removed tables among the others.
///
/// # Errors
/// Fails when the database does.
pub async fn floor(db: &Metered, venue: &VenueId, now_ms: u64) -> Result<Found, Fault> {
    let params = || vec![venue.as_str().into(), limits::TABLES_SHOWN.into()];
    let queries = [Statement::new(TABLES_SQL, params()), Statement::new(SEATS_SQL, params())];
    let found = db.read(&queries).await?;
    let [tables, seats] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let tables = readable("dining_table", tables, table);
    let silent = tables.iter().filter(|(_, note)| presence::is_silent(note, now_ms));
    let silent = silent.map(|(table, _)| table.number).collect();
    let notes = tables.iter().map(|(table, note)| (table.number, *note)).collect();
    let tables = tables.into_iter().map(|(table, _)| table).collect();
    let seats = readable("table_assignment", seats, seat);
    Ok(Found { floor: Floor { tables, seats, silent }, notes })
}

/// Loads which orders have which table.
///
/// # Errors
/// Fails when the database does.
pub async fn seated(db: &Metered, venue: &VenueId) -> Result<BTreeMap<String, u32>, Fault> {
    let sql = "SELECT id, table_number FROM table_seat WHERE venue = ?1 ORDER BY id LIMIT ?2";
    let params = vec![venue.as_str().into(), limits::TABLES_SHOWN.into()];
    let rows = db.rows(Statement::new(sql, params)).await?;
    let one = |row: &Row| Ok((text(row, "id")?, small(row, "table_number")?));
    Ok(readable("table_seat", &rows, one).into_iter().collect())
}

/// Tells whether any order has a table, or waits for one.
///
/// # Errors
/// Fails when the database does.
pub async fn is_busy(db: &Metered, venue: &VenueId) -> Result<bool, Fault> {
    let sql = "SELECT EXISTS (SELECT 1 FROM table_seat s WHERE s.venue = ?1) \
         OR EXISTS (SELECT 1 FROM table_queue q WHERE q.venue = ?1) AS is_busy";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    rows.first().map_or(Ok(false), |row| Ok(integer(row, "is_busy")? != 0))
}

/// An order that waits, with what tells whether it still does.
#[derive(Debug, Clone)]
pub struct Queued {
    /// The order and what it wants.
    pub waiting: Waiting,
    /// Since when.
    pub at_ms: u64,
    /// It was handed over already, or called off.
    pub is_collected: bool,
}

/// Loads who waits for a table, the first that came first.
///
/// # Errors
/// Fails when the database does.
pub async fn queue(db: &Metered, venue: &VenueId) -> Result<Vec<Queued>, Fault> {
    let params = vec![venue.as_str().into(), limits::TABLES_SHOWN.into()];
    let rows = db.rows(Statement::new(QUEUE_SQL, params)).await?;
    Ok(readable("table_queue", &rows, queued))
}

/// What is known of an order's table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfOrder {
    /// The table that it was given.
    pub assigned: Option<u32>,
    /// Why it has it no more; empty while it has.
    pub ended: String,
    /// The edge claimed one.
    pub is_claimed: bool,
    /// The claim got none.
    pub is_refused: bool,
    /// What the customer does without one.
    pub choice: Option<Choice>,
    /// At which table they say that they sit.
    pub wished: Option<u32>,
}

/// Loads what is known of an order's table.
///
/// # Errors
/// Fails when the database does.
pub async fn of_order(db: &Metered, venue: &VenueId, order: &str) -> Result<OfOrder, Fault> {
    let params = vec![venue.as_str().into(), order.into()];
    let rows = db.rows(Statement::new(OF_ORDER_SQL, params)).await?;
    let Some(row) = rows.first() else { return Ok(OfOrder::default()) };
    Ok(OfOrder {
        assigned: number(row, "assigned")?,
        ended: text(row, "ended")?,
        is_claimed: integer(row, "is_claimed")? != 0,
        is_refused: integer(row, "is_refused")? != 0,
        choice: Choice::parse(&text(row, "choice")?),
        wished: number(row, "wished")?,
    })
}

/// An assignment that was, or is.
#[derive(Debug, Clone)]
pub struct Past {
    /// The order's ticket; empty where it has not arrived.
    pub ticket: String,
    /// Since when.
    pub at_ms: u64,
    /// Until when; 0 while it has no end.
    pub ended_ms: u64,
    /// Why it ended.
    pub reason: String,
}

/// Loads what a table was given to lately, the newest first.
///
/// # Errors
/// Fails when the database does.
pub async fn history(db: &Metered, venue: &VenueId, table: u32) -> Result<Vec<Past>, Fault> {
    let params = vec![venue.as_str().into(), i64::from(table).into(), limits::TABLE_HISTORY.into()];
    let rows = db.rows(Statement::new(HISTORY_SQL, params)).await?;
    Ok(readable("table_assignment", &rows, past))
}

/// Returns the statement that keeps what is noted of a sensor.
#[must_use]
pub fn keep_note(venue: &VenueId, table: u32, note: Note) -> Statement {
    let sql = "INSERT INTO table_sensor (venue, table_number, heard_ms, is_quiet) \
         VALUES (?1, ?2, ?3, ?4) ON CONFLICT (venue, table_number) DO UPDATE SET \
         heard_ms = excluded.heard_ms, is_quiet = excluded.is_quiet";
    let (number, heard_ms) = (i64::from(table), note.heard_ms as i64);
    let quiet = i64::from(note.is_quiet);
    Statement::new(sql, vec![venue.as_str().into(), number.into(), heard_ms.into(), quiet.into()])
}

/// Returns the statement that aborts a batch in which a table goes to an order while another has
/// it; it stands after the assignment and the ends of the same batch.
#[must_use]
pub fn guard(venue: &VenueId, table: u32, order: &str) -> Statement {
    let sql = "UPDATE local_venue SET generation = generation WHERE venue = ?1 \
         AND NOT EXISTS (SELECT 1 FROM table_seat s WHERE s.venue = ?1 \
         AND s.table_number = ?2 AND s.id <> ?3)";
    let params = vec![venue.as_str().into(), i64::from(table).into(), order.into()];
    Statement::exactly(1, sql, params)
}

/// Returns the statement that lets orders wait no more; it is local.
#[must_use]
pub fn forget_waiting(venue: &VenueId, orders: &[&str]) -> Statement {
    let orders: Value = serde_json::json!(orders).to_string().into();
    Statement::new(
        "DELETE FROM table_queue WHERE venue = ?1 AND id IN (SELECT value FROM json_each(?2))",
        vec![venue.as_str().into(), orders],
    )
}

fn table(row: &Row) -> Result<(Table, Note), Fault> {
    let id = text(row, "id")?;
    let unreadable = || Fault::lasting("a table's number cannot be read");
    let table = Table {
        number: tables::number(&id).ok_or_else(unreadable)?,
        name: text(row, "name")?,
        seats: small(row, "seats")?,
        x: small(row, "x")?,
        y: small(row, "y")?,
        removed: integer(row, "removed")? != 0,
        presence: Presence {
            occupied: integer(row, "occupied")? != 0,
            since_ms: moment(row, "since_ms")?,
            sensor: text(row, "sensor")?,
        },
        hand: Hand::parse(&text(row, "hand")?).unwrap_or_default(),
        hand_ms: moment(row, "hand_ms")?,
    };
    let is_quiet = integer(row, "is_quiet")? != 0;
    Ok((table, Note { heard_ms: moment(row, "heard_ms")?, is_quiet }))
}

fn seat(row: &Row) -> Result<Seat, Fault> {
    let collected_ms = moment(row, "collected_ms")?;
    Ok(Seat {
        order: text(row, "id")?,
        ticket: ticket(row)?,
        table: small(row, "table_number")?,
        at_ms: moment(row, "at_ms")?,
        collected_ms,
        is_cancelled: collected_ms == 0 && integer(row, "is_cancelled")? != 0,
    })
}

fn queued(row: &Row) -> Result<Queued, Fault> {
    let choice = Choice::parse(&text(row, "choice")?);
    let waiting = Waiting {
        order: text(row, "id")?,
        wished: number(row, "wished")?,
        is_claim: choice.is_none(),
        is_seated: choice == Some(Choice::Seated),
    };
    let is_collected = integer(row, "is_collected")? != 0;
    Ok(Queued { waiting, at_ms: moment(row, "at_ms")?, is_collected })
}

fn past(row: &Row) -> Result<Past, Fault> {
    Ok(Past {
        ticket: ticket(row)?,
        at_ms: moment(row, "at_ms")?,
        ended_ms: moment(row, "ended_ms")?,
        reason: text(row, "reason")?,
    })
}

fn ticket(row: &Row) -> Result<String, Fault> {
    let (origin, number) = (text(row, "ticket_origin")?, integer(row, "ticket_number")?);
    Ok(if origin.is_empty() { String::new() } else { format!("{origin}-{number:03}") })
}

fn moment(row: &Row, name: &str) -> Result<u64, Fault> {
    Ok(u64::try_from(integer(row, name)?).unwrap_or_default())
}

fn number(row: &Row, name: &str) -> Result<Option<u32>, Fault> {
    Ok(small(row, name).ok().filter(|number| *number > 0))
}
