//! Reading what orders took that were called off: of shelves and of slots.
//!
//! It must not decide whether an order may be called off.

use domain::stock::Taken;
use sync_engine::{id::VenueId, statement::Statement};

use super::stock::LAST_SQL;
use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, readable, text},
};

/// One order.
const ONE_SQL: &str = "SELECT ?2 AS id";
/// The orders that were called off last, whatever clocks say; what was handed over all the same is
/// gone.
const LATELY_SQL: &str = "SELECT DISTINCT n.id AS id FROM \
     (SELECT x.id AS id FROM order_exception x WHERE x.venue = ?1 \
     ORDER BY x.at_ms DESC LIMIT ?2) n \
     WHERE EXISTS (SELECT 1 FROM order_event e WHERE e.venue = ?1 AND e.order_id = n.id \
     AND e.kind = 'cancelled') \
     AND NOT EXISTS (SELECT 1 FROM order_event e WHERE e.venue = ?1 AND e.order_id = n.id \
     AND e.kind IN ('collected', 'delivered'))";
/// What they took of what is counted since the last count, and has not been put back. Whoever
/// counted after that has counted what lay there.
const TAKEN_SQL: &str = "SELECT t.id AS id, t.product AS product, c.epoch AS epoch, \
     sum(t.pieces) AS pieces FROM (SELECT f.id AS id, m.product AS product, m.epoch AS epoch, \
     0 AS placed_ms, m.pieces AS pieces FROM off f CROSS JOIN stock_move m ON m.venue = ?1 \
     AND m.id > f.id || '/' AND m.id < f.id || '0' AND m.why = 'sold' UNION ALL \
     SELECT f.id, substr(l.right_name, 7), 0, o.placed_ms, s.amount FROM off f \
     CROSS JOIN lease_spend s ON s.venue = ?1 AND s.spend_key > f.id || '/' \
     AND s.spend_key < f.id || '0' CROSS JOIN lease l ON l.venue = s.venue AND l.id = s.lease \
     CROSS JOIN customer_order o ON o.venue = ?1 AND o.id = f.id \
     WHERE l.right_name >= 'stock/' AND l.right_name < 'stock0') t \
     CROSS JOIN stock_count c ON c.venue = ?1 AND c.product = t.product \
     WHERE %LAST% AND c.tracked = 1 AND (t.epoch = c.epoch OR t.placed_ms >= c.at_ms) \
     AND NOT EXISTS (SELECT 1 FROM stock_move b WHERE b.venue = ?1 \
     AND b.id = t.id || '/' || t.product || '/back') \
     GROUP BY t.id, t.product, c.epoch ORDER BY t.id, t.product LIMIT %MOST%";
/// Their slots to which nothing went back.
const SLOTS_SQL: &str = "SELECT o.id AS id, o.slot_ms AS slot_ms, o.slot_weight AS weight \
     FROM off f CROSS JOIN customer_order o ON o.venue = ?1 AND o.id = f.id \
     WHERE o.slot_weight > 0 AND NOT EXISTS (SELECT 1 FROM slot_take t \
     WHERE t.venue = ?1 AND t.id = o.id || '/back') ORDER BY o.id LIMIT %MOST%";

/// A slot that an order had taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Whose it was.
    pub order: String,
    /// When the slot begins.
    pub slot_ms: u64,
    /// What the order weighs.
    pub weight: i64,
}

/// Loads what an order, which is called off now, has taken of what is counted.
///
/// # Errors
/// Fails when the database does.
pub async fn taken(db: &Metered, venue: &VenueId, order: &str) -> Result<Vec<Taken>, Fault> {
    let params = vec![venue.as_str().into(), order.into()];
    let query = Statement::new(of(ONE_SQL, TAKEN_SQL), params);
    Ok(readable("stock_move", &db.rows(query).await?, read_taken))
}

/// Loads what orders that were called off lately, here or elsewhere, have not given back yet.
///
/// # Errors
/// Fails when the database does.
pub async fn owed(db: &Metered, venue: &VenueId) -> Result<(Vec<Taken>, Vec<Slot>), Fault> {
    let params = vec![venue.as_str().into(), limits::PUT_BACK_AMONG.into()];
    let queries = [
        Statement::new(of(LATELY_SQL, TAKEN_SQL), params.clone()),
        Statement::new(of(LATELY_SQL, SLOTS_SQL), params),
    ];
    let found = db.read(&queries).await?;
    let [taken, slots] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    Ok((readable("stock_move", taken, read_taken), readable("slot_take", slots, read_slot)))
}

fn of(orders: &str, wanted: &str) -> String {
    let most = limits::PUT_BACK_AT_ONCE.to_string();
    let wanted = wanted.replace("%LAST%", LAST_SQL).replace("%MOST%", &most);
    format!("WITH off AS ({orders}) {wanted}")
}

fn read_taken(row: &Row) -> Result<Taken, Fault> {
    Ok(Taken {
        order: text(row, "id")?,
        product: text(row, "product")?,
        epoch: integer(row, "epoch")?.unsigned_abs(),
        pieces: integer(row, "pieces")?,
    })
}

fn read_slot(row: &Row) -> Result<Slot, Fault> {
    Ok(Slot {
        order: text(row, "id")?,
        slot_ms: integer(row, "slot_ms")?.unsigned_abs(),
        weight: integer(row, "weight")?,
    })
}
