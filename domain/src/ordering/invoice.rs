//! An invoice: one per order, numbered without gaps by whoever gave the order its ticket.
//!
//! A series belongs to one life of one origin: a store that was put back begins another, so no
//! number of a series is ever skipped for it. It must not know how somebody is called.

use serde_json::json;
use sync_engine::{
    change::{Draft, Number},
    shape::{Shape, Table, integer, text},
};

use super::{Order, State};
use crate::{Rejection, catalogue::register, schema::ORDERS};

/// The table of invoices, by order.
pub const TABLE: &str = "invoice";
/// How they replicate.
pub const INVOICES: Table = Table {
    name: TABLE,
    purpose: ORDERS,
    shape: Shape::Fact(&[text("origin"), integer("number"), text("billed"), integer("at_ms")]),
};

/// How much of a life's name stands in a number.
const LIFE_CHARS: usize = 4;

/// Where invoices are numbered.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The origin of ticket numbers here, such as `K1`.
    pub origin: String,
    /// The store's present life.
    pub life: String,
}

impl Desk {
    /// Returns the name of its series.
    #[must_use]
    pub fn series(&self) -> String {
        let life: String = self.life.chars().take(LIFE_CHARS).collect();
        format!("{}-{}", self.origin, life.to_ascii_uppercase())
    }
}

/// Numbers an order's invoice; to whom it is addressed comes sealed.
///
/// # Errors
/// Refuses an order that is not paid, one that was called off, and one of another origin: two sides
/// that number one order would leave a gap on one of them.
pub fn issue(
    order: &Order,
    (desk, billed): (&Desk, &str),
    now_ms: u64,
) -> Result<Vec<Draft>, Rejection> {
    if !order.is_paid() {
        return Err(Rejection::NotPaid);
    }
    if order.state() == State::Cancelled {
        return Err(Rejection::OrderCancelled);
    }
    if order.ticket_origin != desk.origin {
        return Err(Rejection::InvoiceElsewhere);
    }
    let series = desk.series();
    let fields = json!({"origin": series, "billed": billed, "at_ms": now_ms});
    let mut draft = register(TABLE, &order.id, "", fields);
    // Beside the series of a day's tickets, which begin with an origin too.
    let series = format!("invoice/{series}/{}", desk.life);
    draft.number = Some(Number { field: "number", series });
    Ok(vec![draft])
}

/// Says what a sealed addressee is about, so that it opens nowhere else.
#[must_use]
pub fn billed_place(order: &str) -> String {
    format!("order/{order}/invoice")
}
