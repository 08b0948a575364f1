//! Reading orders with everything that happened to them.

use domain::ordering::{Event, Order};
use serde_json::json as value;
use sync_engine::{id::VenueId, statement::Statement};

use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, json, readable, text},
};

const SELECT_SQL: &str = "SELECT o.id AS id, o.ticket_origin AS ticket_origin, \
     o.ticket_number AS ticket_number, o.mode AS mode, o.lines AS lines, \
     o.total_cents AS total_cents, o.placed_ms AS placed_ms, \
     (SELECT json_group_array(json_object('kind', e.kind, 'at_ms', e.at_ms)) \
     FROM order_event e WHERE e.venue = o.venue AND e.order_id = o.id) AS events, \
     (SELECT coalesce(sum(p.amount_cents), 0) FROM payment p \
     WHERE p.venue = o.venue AND p.order_id = o.id) AS paid_cents, \
     (SELECT coalesce(max(p.at_ms), 0) FROM payment p \
     WHERE p.venue = o.venue AND p.order_id = o.id) AS paid_ms \
     FROM customer_order o WHERE o.venue = ?1";

/// An order and since when it is in its state.
#[derive(Debug, Clone)]
pub struct Found {
    /// The order.
    pub order: Order,
    /// When it was paid; 0 while it is not.
    pub paid_ms: i64,
    /// When it became ready; 0 while it is not.
    pub ready_ms: i64,
}

#[derive(serde::Deserialize)]
struct EventRow {
    kind: String,
    at_ms: i64,
}

/// Loads one order.
///
/// # Errors
/// Fails when the database does.
pub async fn by_id(db: &Metered, venue: &VenueId, id: &str) -> Result<Option<Found>, Fault> {
    let sql = format!("{SELECT_SQL} AND o.id = ?2");
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), id.into()])).await?;
    rows.first().map(read).transpose()
}

/// Loads the orders that nobody has collected yet, the oldest first.
///
/// # Errors
/// Fails when the database does.
pub async fn open(db: &Metered, venue: &VenueId, now_ms: u64) -> Result<Vec<Found>, Fault> {
    let sql = format!(
        "{SELECT_SQL} AND o.placed_ms > ?2 AND NOT EXISTS (SELECT 1 FROM order_event e \
         WHERE e.venue = o.venue AND e.order_id = o.id AND e.kind = 'collected') \
         ORDER BY o.placed_ms, o.id LIMIT ?3"
    );
    let since = now_ms.saturating_sub(limits::BOARD_MS) as i64;
    let params = vec![venue.as_str().into(), since.into(), limits::BOARD_ORDERS.into()];
    Ok(readable("order", &db.rows(Statement::new(sql, params)).await?, read))
}

/// Tells whether the peer is known to hold the order.
///
/// # Errors
/// Fails when the database does.
pub async fn peer_holds(db: &Metered, venue: &VenueId, id: &str) -> Result<bool, Fault> {
    let sql = "SELECT EXISTS (SELECT 1 FROM change_log c JOIN peer_vector p \
         ON p.stream = c.stream AND p.replica = c.replica AND p.generation = c.generation \
         AND p.seq >= c.seq WHERE c.stream = ?1 AND c.table_name = 'customer_order' \
         AND c.entity = ?2) AS held";
    let stream = format!("{venue}/{}", domain::schema::ORDERS);
    let rows = db.rows(Statement::new(sql, vec![stream.into(), id.into()])).await?;
    rows.first().map_or(Ok(false), |row| Ok(integer(row, "held")? != 0))
}

fn read(row: &Row) -> Result<Found, Fault> {
    let events: Vec<EventRow> = json(row, "events")?;
    let at = |wanted: Event| {
        let found = events.iter().find(|event| Event::parse(&event.kind) == Some(wanted));
        found.map_or(0, |event| event.at_ms)
    };
    let mode = serde_json::from_value(value!(text(row, "mode")?)).ok();
    let order = Order {
        id: text(row, "id")?,
        ticket_origin: text(row, "ticket_origin")?,
        ticket_number: integer(row, "ticket_number")?,
        mode,
        lines: json(row, "lines")?,
        total_cents: integer(row, "total_cents")?,
        placed_ms: integer(row, "placed_ms")?,
        events: events.iter().filter_map(|event| Event::parse(&event.kind)).collect(),
        paid_cents: integer(row, "paid_cents")?,
    };
    Ok(Found { order, paid_ms: integer(row, "paid_ms")?, ready_ms: at(Event::Ready) })
}
