//! Reading deliveries: what is to be brought, who has it, and where its courier was last.
//!
//! It must not know who may see any of it.

use domain::venue::map::{Map, Point};
use sync_engine::{
    id::VenueId,
    statement::{Statement, Value},
};

use crate::{
    limits,
    metered::Metered,
    ports::{Fault, Row},
    rows::{
        self, integer,
        order::{COLUMNS_SQL, Found, LEFT_SQL, OVER_SQL, READY_SQL, SERVING_SQL, read},
        readable, text,
    },
};

const BROUGHT_SQL: &str = "o.mode = 'delivery'";

/// What is to be brought: each list with the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Rides {
    /// Ready, and nobody has taken it along.
    pub ready: Vec<Found>,
    /// With a courier, and which one.
    pub left: Vec<(Found, String)>,
}

/// Loads what is to be brought.
///
/// # Errors
/// Fails when the database does.
pub async fn open(db: &Metered, venue: &VenueId) -> Result<Rides, Fault> {
    let serving = |condition: String| {
        let sql = format!(
            "{COLUMNS_SQL}, {} {SERVING_SQL}{BROUGHT_SQL} AND {condition} \
             AND NOT {OVER_SQL} ORDER BY o.placed_ms, o.id LIMIT ?2",
            courier("o.venue", "o.id"),
        );
        Statement::new(sql, vec![venue.as_str().into(), limits::BOARD_ORDERS.into()])
    };
    let queries =
        [serving(format!("{READY_SQL} AND NOT {LEFT_SQL}")), serving(LEFT_SQL.to_owned())];
    let found = db.read(&queries).await?;
    let [ready, left] = found.as_slice() else {
        return Err(Fault::lasting("a read returned another number of results"));
    };
    let with_courier = |row: &Row| Ok((read(row)?, text(row, "courier")?));
    Ok(Rides { ready: readable("order", ready, read), left: readable("order", left, with_courier) })
}

fn courier(venue: &str, order: &str) -> String {
    format!(
        "coalesce((SELECT d.courier FROM delivery_step d WHERE d.venue = {venue} \
         AND d.id = {order} || '/left'), '') AS courier"
    )
}

/// Who brought an order, and to whom.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// Who took it along; empty while nobody has.
    pub courier: String,
    /// Who received it, sealed; may be empty.
    pub receiver: String,
    /// The picture of where it stands; may be empty.
    pub photo: String,
}

/// Loads who brought an order.
///
/// # Errors
/// Fails when the database does.
pub async fn brought(db: &Metered, venue: &VenueId, order: &str) -> Result<Brought, Fault> {
    let sql = "SELECT id, courier, receiver, photo FROM delivery_step \
         WHERE venue = ?1 AND id IN (?2 || '/left', ?2 || '/delivered')";
    let mut brought = Brought::default();
    for row in db.rows(Statement::new(sql, vec![venue.as_str().into(), order.into()])).await? {
        if text(&row, "id")?.ends_with("/left") {
            brought.courier = text(&row, "courier")?;
        } else {
            brought.receiver = text(&row, "receiver")?;
            brought.photo = text(&row, "photo")?;
        }
    }
    Ok(brought)
}

/// Where a courier was last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Where.
    pub point: Point,
    /// When.
    pub at_ms: i64,
    /// When a demo began to make it up; 0 where somebody is really there.
    pub simulated_ms: i64,
}

/// Loads where an order's courier was last, if anybody told this store.
///
/// # Errors
/// Fails when the database does.
pub async fn position(
    db: &Metered,
    venue: &VenueId,
    order: &str,
) -> Result<Option<Position>, Fault> {
    let sql = "SELECT latitude_e6, longitude_e6, at_ms, simulated_ms FROM courier_position \
         WHERE venue = ?1 AND order_id = ?2";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into(), order.into()])).await?;
    rows.first().map(read_position).transpose()
}

fn read_position(row: &Row) -> Result<Position, Fault> {
    let point = Point {
        latitude_e6: integer(row, "latitude_e6")?,
        longitude_e6: integer(row, "longitude_e6")?,
    };
    let (at_ms, simulated_ms) = (integer(row, "at_ms")?, integer(row, "simulated_ms")?);
    Ok(Position { point, at_ms, simulated_ms })
}

/// Returns the statements that note where a courier is: of one that is on the way only, and not
/// more often than somebody looks. What nobody ever handed over is forgotten with them.
#[must_use]
pub fn note_position(venue: &VenueId, order: &str, position: &Position) -> Vec<Statement> {
    let sql = "INSERT INTO courier_position \
         (venue, order_id, latitude_e6, longitude_e6, at_ms, simulated_ms) \
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM order_event e \
         WHERE e.venue = ?1 AND e.order_id = ?2 \
         AND e.kind IN ('collected', 'delivered', 'cancelled')) \
         ON CONFLICT (venue, order_id) DO UPDATE SET latitude_e6 = excluded.latitude_e6, \
         longitude_e6 = excluded.longitude_e6, at_ms = excluded.at_ms, \
         simulated_ms = excluded.simulated_ms \
         WHERE abs(excluded.at_ms - courier_position.at_ms) >= ?7 \
         OR excluded.simulated_ms <> courier_position.simulated_ms";
    let params: Vec<Value> = vec![
        venue.as_str().into(),
        order.into(),
        position.point.latitude_e6.into(),
        position.point.longitude_e6.into(),
        position.at_ms.into(),
        position.simulated_ms.into(),
        limits::POSITION_EVERY_MS.into(),
    ];
    let old = "DELETE FROM courier_position WHERE venue = ?1 AND at_ms < ?2";
    let since_ms = position.at_ms - limits::POSITION_KEPT_MS;
    let old = Statement::new(old, vec![venue.as_str().into(), since_ms.into()]);
    vec![Statement::new(sql, params), old]
}

/// Loads from where a venue's maps come; what cannot be read is a plain grid.
///
/// # Errors
/// Fails when the database does.
pub async fn map(db: &Metered, venue: &VenueId) -> Result<Map, Fault> {
    let sql = "SELECT map FROM venue WHERE venue = ?1 AND id = ?1";
    let rows = db.rows(Statement::new(sql, vec![venue.as_str().into()])).await?;
    let read = |row| rows::json::<Option<Map>>(row, "map").ok().flatten();
    Ok(rows.first().and_then(read).unwrap_or_default())
}
