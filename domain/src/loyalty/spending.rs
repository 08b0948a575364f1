//! Paying an order with points: whole or not at all, once, and only by the side that took it.
//!
//! Two sides that cannot see each other would both take points for one order; the side whose order
//! it is takes them, and the other one says so. It must not know how a lease is spent.

use serde_json::json;
use sync_engine::{change::Draft, lease::ledger::Lease};

use super::{Kind, Loyalty, entry};
use crate::{
    Rejection,
    catalogue::register,
    ordering::{Order, State, back::POINTS},
};

/// From what a side takes points.
#[derive(Debug, Clone)]
pub enum Source {
    /// It owns them: so many are free, and so many are leased out and unspent.
    Owner {
        /// What is neither spent nor leased out.
        free: i64,
        /// What the member has in all.
        balance: i64,
    },
    /// It holds leases of them.
    Holder(Vec<Lease>),
}

/// What pays an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The entry and the payment.
    pub drafts: Vec<Draft>,
    /// How many points it takes.
    pub points: i64,
    /// What is taken from which lease; nothing where the side owns the points.
    pub takes: Vec<(String, i64)>,
}

/// Decides to pay an order with a member's points; `None` where it is paid already.
///
/// # Errors
/// Refuses an order of somebody else or of another side, and more points than there are here.
pub fn pay(
    order: &Order,
    (person, origin): (&str, &str),
    (settings, source): (&Loyalty, &Source),
    now_ms: u64,
) -> Result<Option<Payment>, Rejection> {
    if order.is_paid() {
        return Ok(None);
    }
    order.promised()?;
    let is_theirs = order.person.is_empty() || order.person == person;
    if order.state() != State::Placed || order.paid_cents != 0 || !is_theirs {
        return Err(Rejection::NotPayable);
    }
    if !settings.on {
        return Err(Rejection::PointsOff);
    }
    if order.ticket_origin != origin {
        return Err(Rejection::PointsElsewhere);
    }
    let points = settings.price(order.total_cents);
    let takes = takes(source, points)?;
    let lease = takes.first().map_or("", |(lease, _)| lease.as_str());
    let paid = json!({
        "order_id": order.id,
        "means": POINTS,
        "amount_cents": order.total_cents,
        "at_ms": now_ms,
    });
    let drafts = vec![
        entry(Kind::Spend, (person, &order.id), (-points, lease), now_ms),
        register("payment", &format!("points/{}", order.id), "", paid),
    ];
    Ok(Some(Payment { drafts, points, takes }))
}

fn takes(source: &Source, points: i64) -> Result<Vec<(String, i64)>, Rejection> {
    match source {
        Source::Owner { free, .. } if *free >= points => Ok(Vec::new()),
        Source::Owner { balance, .. } if *balance >= points => Err(Rejection::PointsLent),
        Source::Owner { free, .. } => Err(Rejection::PointsMissing(points - free)),
        Source::Holder(leases) => {
            let mut missing = points;
            let mut takes = Vec::new();
            for lease in leases {
                let part = lease.left().min(missing);
                if part > 0 {
                    takes.push((lease.id.clone(), part));
                    missing -= part;
                }
            }
            if missing > 0 { Err(Rejection::PointsMissing(missing)) } else { Ok(takes) }
        }
    }
}
