//! Leases: a bounded right that one life of one store holds, and nobody else may spend meanwhile.
//!
//! Everything is a fact in one stream: what was issued, spent, returned, written off. Only the life
//! that holds a lease adds to what is spent of it or returns it, so nothing here ever merges: what
//! a holder reads of its own leases is the whole truth. Deciding is pure; what must still hold when
//! the write takes effect stands in the batch as guards. It must not know what a right is for, nor
//! how a store learns that it is confirmed.

pub mod guard;
pub mod ledger;

use serde_json::{Map, Value as Json, json};

use crate::{
    Rejection,
    append::{self, Pen},
    change::{Draft, check_entity},
    id::Writer,
    limits,
    shape::{Schema, Shape, Table, integer, text},
    statement::Batch,
};
use ledger::{Granted, Lease, Spent};

/// The stream of leases.
pub const PURPOSE: &str = "leases";

/// What was issued; the id is the fencing token. The fence alone only grows, over all lives of the
/// issuer, so that what is guarded by a right can refuse an older holder.
pub const ISSUED: Table = Table {
    name: "lease",
    purpose: PURPOSE,
    shape: Shape::Fact(&[
        text("right_name"),
        text("issuer"),
        integer("fence"),
        integer("amount"),
        text("holder"),
        text("holder_generation"),
    ]),
};
/// What was spent, keyed by lease and the caller's own key: two leases never share a row.
pub const SPENT: Table = Table {
    name: "lease_spend",
    purpose: PURPOSE,
    shape: Shape::Fact(&[text("lease"), text("spend_key"), integer("amount")]),
};
/// What its holder gave back, once per lease.
pub const RETURNED: Table =
    Table { name: "lease_return", purpose: PURPOSE, shape: Shape::Fact(&[integer("unspent")]) };
/// What its issuer wrote off, with what seemed unspent then; it never comes back.
pub const LOST: Table =
    Table { name: "lease_lost", purpose: PURPOSE, shape: Shape::Fact(&[integer("unspent")]) };

/// Whether this process may act as the life that its store says it is.
///
/// A store cannot see by itself that it is an old image. It is confirmed once everyone it
/// replicates with was heard to the end since the process started, and none of them knew more of
/// this life than the store does; a copy that runs beside its original must begin a new life first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody knows more of this life than this store.
    Confirmed,
    /// Not known yet: whatever is leased waits.
    Unconfirmed,
}

/// A right or a part of it that goes to a holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The right's name.
    pub right: String,
    /// How much of it.
    pub amount: i64,
    /// How much of the right there is in all, as its owner says now.
    pub total: i64,
    /// The life that gets it.
    pub holder: Writer,
}

/// A part of a lease that is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spend {
    /// The lease.
    pub lease: String,
    /// What it is for, in the caller's own words; the same key is spent once.
    pub key: String,
    /// How much.
    pub amount: i64,
}

/// What a decision wants written, and what must hold when it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The lease that it is about.
    pub lease: String,
    /// What becomes changes.
    pub drafts: Vec<Draft>,
    /// Statements that abort the batch when the decision does not hold any more.
    pub guards: Batch,
}

impl Plan {
    /// Builds the batch.
    ///
    /// # Errors
    /// Refuses ids that are too long.
    pub fn batch(&self, schema: &Schema, pen: &Pen) -> Result<Batch, Rejection> {
        let mut batch = self.guards.clone();
        batch.extend(append::batch(schema, pen, &self.drafts)?);
        Ok(batch)
    }
}

/// Decides to issue a lease.
///
/// # Errors
/// Refuses more than there is of the right, and an unconfirmed issuer: it may have forgotten what
/// it issued.
pub fn issue(pen: &Pen, standing: Standing, ask: &Issue, now: &Granted) -> Result<Plan, Rejection> {
    check_amount(ask.amount)?;
    check_name(&ask.right, "right")?;
    confirmed(standing)?;
    if now.granted.checked_add(ask.amount).is_none_or(|sum| sum > ask.total) {
        return Err(Rejection::RightExhausted);
    }
    let issuer = &pen.writer;
    // Two workers that take one number write one id: the second aborts and decides again.
    let fence = now.fence + 1;
    let lease = format!("{}/{}/{fence}", issuer.replica, issuer.generation);
    let fields = json!({
        "right_name": ask.right,
        "issuer": issuer.replica,
        "fence": fence,
        "amount": ask.amount,
        "holder": ask.holder.replica,
        "holder_generation": ask.holder.generation,
    });
    let guards = vec![guard::issue(&pen.venue, issuer, ask)];
    Ok(Plan { drafts: vec![draft(ISSUED.name, &lease, fields)], lease, guards })
}

/// Decides to spend from a lease; `None` where this very spend is done already.
///
/// # Errors
/// Refuses a key that was spent otherwise, a lease that is over, that another life holds or that
/// has not enough left, and an unconfirmed holder: it may have forgotten what it spent.
pub fn spend(
    pen: &Pen,
    standing: Standing,
    ask: &Spend,
    (lease, before): (Option<&Lease>, &[Spent]),
) -> Result<Option<Plan>, Rejection> {
    check_amount(ask.amount)?;
    check_name(&ask.key, "key")?;
    if before.iter().any(|spent| spent.lease == ask.lease && spent.amount == ask.amount) {
        return Ok(None);
    }
    if !before.is_empty() {
        return Err(Rejection::SpendConflict);
    }
    let lease = held(pen, standing, lease)?;
    if lease.is_over() {
        return Err(Rejection::LeaseOver);
    }
    if ask.amount > lease.left() {
        return Err(Rejection::LeaseExhausted);
    }
    let id = format!("{}/{}", ask.lease, ask.key);
    let fields = json!({"lease": ask.lease, "spend_key": ask.key, "amount": ask.amount});
    let guards = vec![guard::spend(&pen.venue, &pen.writer, ask)];
    let drafts = vec![draft(SPENT.name, &id, fields)];
    Ok(Some(Plan { lease: ask.lease.clone(), drafts, guards }))
}

/// Decides to give back what is unspent; `None` where that is done already.
///
/// # Errors
/// Refuses a lease that was written off or that another life holds, and an unconfirmed holder.
pub fn give_back(
    pen: &Pen,
    standing: Standing,
    id: &str,
    lease: Option<&Lease>,
) -> Result<Option<Plan>, Rejection> {
    let lease = held(pen, standing, lease)?;
    if lease.is_lost {
        return Err(Rejection::LeaseOver);
    }
    if lease.is_returned {
        return Ok(None);
    }
    let guards = vec![guard::give_back(&pen.venue, &pen.writer, id, lease.spent)];
    let drafts = vec![draft(RETURNED.name, id, json!({"unspent": lease.left()}))];
    Ok(Some(Plan { lease: id.to_owned(), drafts, guards }))
}

/// Decides to write a lease off, because its holder will not return; `None` where it is already.
///
/// # Errors
/// Refuses a lease that came back or that another store issued, and an unconfirmed issuer.
pub fn declare_lost(
    pen: &Pen,
    standing: Standing,
    id: &str,
    lease: Option<&Lease>,
) -> Result<Option<Plan>, Rejection> {
    confirmed(standing)?;
    let lease = lease.ok_or(Rejection::UnknownLease)?;
    if lease.issuer != pen.writer.replica.as_str() {
        return Err(Rejection::LeaseNotHeld);
    }
    if lease.is_lost {
        return Ok(None);
    }
    if lease.is_returned {
        return Err(Rejection::LeaseOver);
    }
    let guards = vec![guard::declare_lost(&pen.venue, &pen.writer, id)];
    let drafts = vec![draft(LOST.name, id, json!({"unspent": lease.left()}))];
    Ok(Some(Plan { lease: id.to_owned(), drafts, guards }))
}

fn confirmed(standing: Standing) -> Result<(), Rejection> {
    match standing {
        Standing::Confirmed => Ok(()),
        Standing::Unconfirmed => Err(Rejection::LeasesWait),
    }
}

/// Only the very life that a lease was issued to holds it: an earlier or later one may be a copy.
fn held<'a>(
    pen: &Pen,
    standing: Standing,
    lease: Option<&'a Lease>,
) -> Result<&'a Lease, Rejection> {
    confirmed(standing)?;
    let lease = lease.ok_or(Rejection::UnknownLease)?;
    if lease.holder == pen.writer { Ok(lease) } else { Err(Rejection::LeaseNotHeld) }
}

fn check_amount(amount: i64) -> Result<(), Rejection> {
    if (1..=limits::LEASE_AMOUNT_MAX).contains(&amount) {
        return Ok(());
    }
    Err(Rejection::InvalidField("amount"))
}

fn check_name(name: &str, field: &'static str) -> Result<(), Rejection> {
    if name.len() > limits::NAME_CHARS {
        return Err(Rejection::InvalidField(field));
    }
    check_entity(name).map_err(|_| Rejection::InvalidField(field))
}

fn draft(table: &'static str, entity: &str, fields: Json) -> Draft {
    let payload = match fields {
        Json::Object(fields) => fields,
        _ => Map::new(),
    };
    Draft { table, entity: entity.to_owned(), register: "", payload, number: None }
}

#[cfg(test)]
mod tests;
