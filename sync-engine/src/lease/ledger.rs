//! What the store knows of rights and leases: the queries, and the reading of what they return.
//!
//! It must not decide anything.

use crate::{
    Rejection,
    id::{VenueId, Writer},
    limits,
    row::{self, Row},
    statement::Statement,
};

/// How much of a right is out of its owner's hands, spent or not: a loss never comes back. `?1` is
/// the venue, `?2` the right.
pub const GRANTED_SQL: &str = "((SELECT coalesce(sum(l.amount), 0) FROM lease l \
     WHERE l.venue = ?1 AND l.right_name = ?2) - (SELECT coalesce(sum(r.unspent), 0) FROM lease l \
     JOIN lease_return r ON r.venue = l.venue AND r.id = l.id \
     LEFT JOIN lease_lost x ON x.venue = l.venue AND x.id = l.id \
     WHERE l.venue = ?1 AND l.right_name = ?2 AND x.id IS NULL))";

/// What is spent of the lease `l`.
pub(super) const SPENT_SQL: &str = "(SELECT coalesce(sum(s.amount), 0) FROM lease_spend s \
     WHERE s.venue = l.venue AND s.lease = l.id)";

/// Whether the lease `l` came back.
pub(super) const RETURNED_SQL: &str =
    "EXISTS (SELECT 1 FROM lease_return r WHERE r.venue = l.venue AND r.id = l.id)";

/// Whether the lease `l` was written off.
pub(super) const LOST_SQL: &str =
    "EXISTS (SELECT 1 FROM lease_lost x WHERE x.venue = l.venue AND x.id = l.id)";

const COLUMNS: &str = "l.id AS id, l.right_name AS right_name, l.issuer AS issuer, \
     l.fence AS fence, l.amount AS amount, l.holder AS replica, \
     l.holder_generation AS generation";

/// What is out of a right, as its issuer knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// Issued and not returned.
    pub granted: i64,
    /// The highest fence that this issuer has given out, of any right, in any life.
    pub fence: i64,
}

/// One lease and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its fencing token.
    pub id: String,
    /// The right that it is a part of.
    pub right: String,
    /// The store that issued it.
    pub issuer: String,
    /// The number of the token; it only grows.
    pub fence: i64,
    /// How much was issued.
    pub amount: i64,
    /// The life that holds it.
    pub holder: Writer,
    /// How much is spent.
    pub spent: i64,
    /// It came back.
    pub is_returned: bool,
    /// It was written off.
    pub is_lost: bool,
}

/// One spend under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// From which lease.
    pub lease: String,
    /// How much.
    pub amount: i64,
}

impl Lease {
    /// Tells whether nothing more may be spent of it, whatever is left.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.is_returned || self.is_lost
    }

    /// Returns what is unspent.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.amount - self.spent
    }
}

/// Asks how much of a right is out, and for the issuer's highest fence.
#[must_use]
pub fn granted_query(venue: &VenueId, right: &str, issuer: &Writer) -> Statement {
    let sql = format!(
        "SELECT {GRANTED_SQL} AS granted, (SELECT coalesce(max(l.fence), 0) FROM lease l \
         WHERE l.venue = ?1 AND l.issuer = ?3) AS fence"
    );
    Statement::new(sql, vec![venue.as_str().into(), right.into(), issuer.replica.as_str().into()])
}

/// Reads the answer to [`granted_query`].
///
/// # Errors
/// Names the column that cannot be read.
pub fn read_granted(rows: &[Row]) -> Result<Granted, Rejection> {
    let row = rows.first().ok_or(Rejection::InvalidField("granted"))?;
    Ok(Granted { granted: integer(row, "granted")?, fence: integer(row, "fence")? })
}

/// Asks for one lease.
#[must_use]
pub fn lease_query(venue: &VenueId, id: &str) -> Statement {
    let sql = format!(
        "SELECT {COLUMNS}, {SPENT_SQL} AS spent, {RETURNED_SQL} AS returned, {LOST_SQL} AS lost \
         FROM lease l WHERE l.venue = ?1 AND l.id = ?2"
    );
    Statement::new(sql, vec![venue.as_str().into(), id.into()])
}

/// Asks for what a life holds of a right and may still spend, the oldest first.
#[must_use]
pub fn held_query(venue: &VenueId, right: &str, holder: &Writer) -> Statement {
    let sql = format!(
        "SELECT {COLUMNS}, {SPENT_SQL} AS spent, 0 AS returned, 0 AS lost FROM lease l \
         WHERE l.venue = ?1 AND l.right_name = ?2 AND l.holder = ?3 AND l.holder_generation = ?4 \
         AND NOT {RETURNED_SQL} AND NOT {LOST_SQL} AND {SPENT_SQL} < l.amount \
         ORDER BY l.issuer, l.fence LIMIT {}",
        limits::LEASES_PER_READ,
    );
    let holder = [holder.replica.as_str(), holder.generation.as_str()];
    Statement::new(
        sql,
        vec![venue.as_str().into(), right.into(), holder[0].into(), holder[1].into()],
    )
}

/// Reads the answer to [`lease_query`] or [`held_query`].
///
/// # Errors
/// Names the column that cannot be read.
pub fn read_leases(rows: &[Row]) -> Result<Vec<Lease>, Rejection> {
    rows.iter().map(read_lease).collect()
}

/// Asks for what was spent under a key; there is more than one row where two sides that could not
/// see each other took it from a lease of their own.
#[must_use]
pub fn spent_query(venue: &VenueId, key: &str) -> Statement {
    let sql = "SELECT s.lease AS lease, s.amount AS amount FROM lease_spend s \
               WHERE s.venue = ?1 AND s.spend_key = ?2 ORDER BY s.id";
    Statement::new(sql, vec![venue.as_str().into(), key.into()])
}

/// Reads the answer to [`spent_query`].
///
/// # Errors
/// Names the column that cannot be read.
pub fn read_spent(rows: &[Row]) -> Result<Vec<Spent>, Rejection> {
    let read = |row| {
        let lease = row::text(row, "lease")?.to_owned();
        Ok(Spent { lease, amount: integer(row, "amount")? })
    };
    rows.iter().map(read).collect()
}

fn read_lease(row: &Row) -> Result<Lease, Rejection> {
    Ok(Lease {
        id: row::text(row, "id")?.to_owned(),
        right: row::text(row, "right_name")?.to_owned(),
        issuer: row::text(row, "issuer")?.to_owned(),
        fence: integer(row, "fence")?,
        amount: integer(row, "amount")?,
        holder: row::writer(row)?,
        spent: integer(row, "spent")?,
        is_returned: integer(row, "returned")? != 0,
        is_lost: integer(row, "lost")? != 0,
    })
}

fn integer(row: &Row, column: &'static str) -> Result<i64, Rejection> {
    row.get(column).and_then(serde_json::Value::as_i64).ok_or(Rejection::InvalidField(column))
}
