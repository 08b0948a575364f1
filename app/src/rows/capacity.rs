//! Reading how much a kitchen takes on, and what of each slot is taken and leased. It must not
//! decide who gets a slot.

use domain::{
    stock::Shelf,
    venue::capacity::{Capacity, right},
};
use sync_engine::{
    id::VenueId,
    lease::ledger::GRANTED_SQL,
    statement::{Batch, Statement},
};

use super::stock::{HOLDER_SQL, UNSOLD_SQL};
use crate::{
    metered::Metered,
    ports::{Fault, Row},
    rows::{integer, json},
};

const SETTINGS_SQL: &str = "SELECT capacity FROM venue WHERE venue = ?1 AND id = ?1";
const TAKEN_SQL: &str = "(SELECT coalesce(sum(t.weight), 0) FROM slot_take t \
     WHERE t.venue = ?1 AND t.slot_ms = c.slot_ms)";
/// Slots from a time on of which anything is taken or leased; each is a number of 13 digits.
const SLOTS_SQL: &str = "WITH c AS (SELECT t.slot_ms AS slot_ms FROM slot_take t \
     WHERE t.venue = ?1 AND t.slot_ms >= ?2 UNION \
     SELECT CAST(substr(l.right_name, 6) AS INTEGER) FROM lease l WHERE l.venue = ?1 \
     AND l.right_name >= 'slot/' || ?2 AND l.right_name < 'slot0')";
const SLOTS_MAX: i64 = 400;

/// Loads a venue's settings; settings that cannot be read are the usual ones.
///
/// # Errors
/// Fails when the database does.
pub async fn settings(db: &Metered, venue: &VenueId) -> Result<Capacity, Fault> {
    let rows = db.rows(Statement::new(SETTINGS_SQL, vec![venue.as_str().into()])).await?;
    let read = |row| json::<Option<Capacity>>(row, "capacity").ok().flatten();
    Ok(rows.first().and_then(read).unwrap_or_default())
}

/// Loads what of the slots from a time on is taken and leased.
///
/// # Errors
/// Fails when the database does.
pub async fn slots(
    db: &Metered,
    venue: &VenueId,
    (capacity, since_ms): (&Capacity, u64),
) -> Result<Vec<(u64, Shelf)>, Fault> {
    let of_slot = |sql: &str| {
        sql.replace("'stock/' || c.product", "'slot/' || c.slot_ms").replace("c.venue", "?1")
    };
    let leased = GRANTED_SQL.replace("?2", "'slot/' || c.slot_ms");
    let web = of_slot(&UNSOLD_SQL.replace("%HOLDER%", ""));
    let held = of_slot(&UNSOLD_SQL.replace("%HOLDER%", HOLDER_SQL));
    let sql = format!(
        "{SLOTS_SQL} SELECT c.slot_ms AS slot_ms, {TAKEN_SQL} AS moved, {leased} AS leased, \
         {web} AS web, {held} AS held FROM c ORDER BY c.slot_ms LIMIT ?3"
    );
    let params = vec![venue.as_str().into(), (since_ms as i64).into(), SLOTS_MAX.into()];
    let read = |row: &Row| -> Result<(u64, Shelf), Fault> {
        let slot_ms = integer(row, "slot_ms")?.unsigned_abs();
        let shelf = Shelf {
            moved: integer(row, "moved")?,
            leased: integer(row, "leased")?,
            web: integer(row, "web")?,
            held: integer(row, "held")?,
            ..capacity.empty(slot_ms)
        };
        Ok((slot_ms, shelf))
    };
    db.rows(Statement::new(sql, params)).await?.iter().map(read).collect()
}

/// Returns the statement that aborts a batch after which a slot is over its limit.
#[must_use]
pub fn guard(venue: &VenueId, (slot_ms, limit): (u64, i64)) -> Batch {
    let sql = format!(
        "UPDATE local_venue SET generation = generation WHERE venue = ?1 AND ?4 >= \
         (SELECT coalesce(sum(t.weight), 0) FROM slot_take t WHERE t.venue = ?1 \
         AND t.slot_ms = ?3) + {GRANTED_SQL}"
    );
    let params =
        vec![venue.as_str().into(), right(slot_ms).into(), (slot_ms as i64).into(), limit.into()];
    vec![Statement::exactly(1, sql, params)]
}
