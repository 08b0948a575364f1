//! Reading what is counted, moved and leased of products. It must not decide who may sell.

use domain::stock::{Shelf, right};
use sync_engine::{
    id::VenueId,
    lease::ledger::GRANTED_SQL,
    statement::{Batch, Statement},
};

use crate::{
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, readable, text},
};

/// The last count of each product.
pub(super) const LAST_SQL: &str = "NOT EXISTS (SELECT 1 FROM stock_count n WHERE n.venue = c.venue \
     AND n.product = c.product AND n.epoch > c.epoch)";
const MOVED_SQL: &str = "(SELECT coalesce(sum(m.pieces), 0) FROM stock_move m \
     WHERE m.venue = c.venue AND m.product = c.product AND m.epoch = c.epoch)";
/// What of leases is neither sold nor given back, of those that a condition names.
pub(super) const UNSOLD_SQL: &str = "(SELECT coalesce(sum(l.amount - \
     (SELECT coalesce(sum(s.amount), 0) FROM lease_spend s WHERE s.venue = l.venue \
     AND s.lease = l.id)), 0) FROM lease l \
     WHERE l.venue = c.venue AND l.right_name = 'stock/' || c.product %HOLDER% \
     AND NOT EXISTS (SELECT 1 FROM lease_return r WHERE r.venue = l.venue AND r.id = l.id) \
     AND NOT EXISTS (SELECT 1 FROM lease_lost x WHERE x.venue = l.venue AND x.id = l.id))";
pub(super) const HOLDER_SQL: &str = "AND EXISTS (SELECT 1 FROM local_venue v \
     WHERE v.venue = l.venue AND v.replica = l.holder AND v.generation = l.holder_generation)";

/// Builds the query of every product that was ever counted.
#[must_use]
pub fn query(venue: &VenueId) -> Statement {
    let leased = GRANTED_SQL.replace("?2", "'stock/' || c.product");
    let (web, held) =
        (UNSOLD_SQL.replace("%HOLDER%", ""), UNSOLD_SQL.replace("%HOLDER%", HOLDER_SQL));
    let sql = format!(
        "SELECT c.product AS product, c.tracked AS tracked, c.epoch AS epoch, c.base AS base, \
         c.leased AS leased_before, c.web_percent AS web_percent, {leased} AS leased, \
         {MOVED_SQL} AS moved, {web} AS web, {held} AS held \
         FROM stock_count c WHERE c.venue = ?1 AND {LAST_SQL} ORDER BY c.product LIMIT 2000"
    );
    Statement::new(sql, vec![venue.as_str().into()])
}

/// Reads the rows of [`query`].
#[must_use]
pub fn read(rows: &[Row]) -> Vec<Shelf> {
    readable("stock_count", rows, shelf)
}

/// Loads every product that was ever counted.
///
/// # Errors
/// Fails when the database does.
pub async fn shelves(db: &Metered, venue: &VenueId) -> Result<Vec<Shelf>, Fault> {
    Ok(read(&db.rows(query(venue)).await?))
}

/// Returns the statement that aborts a batch after which less than nothing is left of a product, or
/// which somebody has counted again.
#[must_use]
pub fn guard(venue: &VenueId, shelf: &Shelf) -> Batch {
    let sql = format!(
        "UPDATE local_venue SET generation = generation WHERE venue = ?1 AND EXISTS \
         (SELECT 1 FROM stock_count c WHERE c.venue = ?1 AND c.product = ?3 AND c.epoch = ?4 \
         AND {LAST_SQL} AND c.base - {MOVED_SQL} + c.leased - {GRANTED_SQL} >= 0)"
    );
    let params = vec![
        venue.as_str().into(),
        right(&shelf.product).into(),
        shelf.product.as_str().into(),
        (shelf.epoch as i64).into(),
    ];
    vec![Statement::exactly(1, sql, params)]
}

fn shelf(row: &Row) -> Result<Shelf, Fault> {
    Ok(Shelf {
        product: text(row, "product")?,
        tracked: integer(row, "tracked")? != 0,
        epoch: integer(row, "epoch")?.unsigned_abs(),
        base: integer(row, "base")?,
        leased_before: integer(row, "leased_before")?,
        leased: integer(row, "leased")?,
        moved: integer(row, "moved")?,
        web: integer(row, "web")?,
        held: integer(row, "held")?,
        web_percent: integer(row, "web_percent")?,
    })
}
