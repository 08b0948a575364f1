//! Points of members: what is earned, what they buy, and what a refund makes of them.
//!
//! Every entry is a fact with a natural key, so that two sides that record the same thing record
//! it once. Invariants: whole numbers only; an order earns once and is paid with points once; what
//! may be spent is never below zero. It must not know who asks, nor how rows are loaded.

pub mod ledger;
pub mod rate;
pub mod spending;

use serde_json::json;
use sync_engine::{
    change::Draft,
    shape::{Shape, Table, integer, text},
};

use crate::{Rejection, catalogue::register, ordering::Order, schema::PEOPLE};
pub use ledger::{Kind, Part, Purse, Reason};
pub use rate::{Level, Loyalty};

/// The table of entries.
pub const TABLE: &str = "points_entry";
/// The most points that one correction gives or takes.
pub const CORRECTION_MAX: u64 = 1_000_000;

/// Entries, each keyed by the order that it is about.
pub const ENTRIES: Table = Table {
    name: TABLE,
    purpose: PEOPLE,
    shape: Shape::Fact(&[
        text("person"),
        text("kind"),
        text("order_id"),
        integer("points"),
        text("lease"),
        text("reason"),
        text("author"),
        integer("at_ms"),
    ]),
};
/// Leases of points that their owner asks back; the id is the lease's.
pub const RECALLED: Table = Table {
    name: "points_recall",
    purpose: PEOPLE,
    shape: Shape::Fact(&[text("person"), integer("at_ms")]),
};

/// Asks for a lease back.
#[must_use]
pub fn recalled(lease: &str, fields: serde_json::Value) -> Draft {
    register(RECALLED.name, lease, "", fields)
}

/// Returns the right of a member's points, of which parts are leased to the gateway.
#[must_use]
pub fn right(person: &str) -> String {
    format!("points/{person}")
}

/// Returns the id of an entry about an order.
#[must_use]
pub fn entry_id(kind: Kind, order: &str) -> String {
    format!("{}/{order}", kind.name())
}

/// Writes what a paid order earns; nothing where nobody is known to have ordered it, where it was
/// paid with points, or where it is too small.
#[must_use]
pub fn earn(order: &Order, settings: &Loyalty, now_ms: u64) -> Option<Draft> {
    let points = settings.earned(order.total_cents);
    let earns = !order.person.is_empty() && points > 0;
    let about = (order.person.as_str(), order.id.as_str());
    earns.then(|| entry(Kind::Earn, about, (points, ""), now_ms))
}

/// Takes back what an order earned and gives back what was spent on it, once.
///
/// The entry names no amount: whatever is known of the order anywhere counts no more, also what
/// arrives later.
#[must_use]
pub fn take_back(order: &Order, person: &str, now_ms: u64) -> Draft {
    entry(Kind::Back, (person, &order.id), (0, ""), now_ms)
}

/// Gives a member points or takes them, because somebody of the staff says why.
///
/// # Errors
/// Refuses nothing at all and too much.
pub fn correct(
    id: &str,
    (person, author): (&str, &str),
    (points, reason): (i64, Reason),
    now_ms: u64,
) -> Result<Draft, Rejection> {
    if !(1..=CORRECTION_MAX).contains(&points.unsigned_abs()) {
        return Err(Rejection::InvalidField("points"));
    }
    let fields = json!({
        "person": person,
        "kind": Kind::Correction.name(),
        "order_id": "",
        "points": points,
        "lease": "",
        "reason": reason.name(),
        "author": author,
        "at_ms": now_ms,
    });
    Ok(register(TABLE, &entry_id(Kind::Correction, id), "", fields))
}

fn entry(
    kind: Kind,
    (person, order): (&str, &str),
    (points, lease): (i64, &str),
    now_ms: u64,
) -> Draft {
    let fields = json!({
        "person": person,
        "kind": kind.name(),
        "order_id": order,
        "points": points,
        "lease": lease,
        "reason": "",
        "author": "",
        "at_ms": now_ms,
    });
    register(TABLE, &entry_id(kind, order), "", fields)
}

#[cfg(test)]
mod tests;
