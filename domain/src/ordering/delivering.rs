//! A delivery: a courier takes the order along, and hands it over where it is brought to.
//!
//! Both are facts beside all others of the order, so delivered never turns back. Who brought it,
//! and to whom, stands beside the fact under its id; a name or a picture is the customer's own and
//! comes sealed. It must not know where anybody is.

use serde_json::json;
use sync_engine::{
    change::Draft,
    shape::{Shape, Table, integer, text},
};

use super::{
    Mode, Order,
    progress::{Event, State, happens},
};
use crate::{Rejection, catalogue::register, schema::ORDERS};

/// The table of who brought what.
pub const TABLE: &str = "delivery_step";
/// How it replicates.
pub const STEPS: Table = Table {
    name: TABLE,
    purpose: ORDERS,
    shape: Shape::Fact(&[
        text("order_id"),
        text("courier"),
        text("receiver"),
        text("photo"),
        integer("at_ms"),
    ]),
};

/// How an order came into somebody's hands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handed {
    /// Who took it, sealed with the customer's key; may be empty.
    pub receiver: String,
    /// The picture of where it stands; empty where there is none.
    pub photo: String,
}

/// Says that a courier has taken the order along, which `carrier` may have done already.
///
/// # Errors
/// Refuses what is not delivered, is not ready, or is on its way already.
pub fn leave(
    order: &Order,
    (courier, carrier): (&str, &str),
    now_ms: u64,
) -> Result<Vec<Draft>, Rejection> {
    is_delivery(order)?;
    match order.state() {
        State::Placed => Err(Rejection::NotPaid),
        State::Paid | State::Preparing => Err(Rejection::NotReady),
        State::Ready => Ok(step(order, (Event::Left, courier), &Handed::default(), now_ms)),
        State::OnItsWay if carrier == courier => Ok(Vec::new()),
        State::OnItsWay => Err(Rejection::WithCourier),
        State::Cancelled => Err(Rejection::OrderCancelled),
        State::Collected => Err(Rejection::NoDelivery),
        State::Delivered => Ok(Vec::new()),
    }
}

/// Says that the order was handed over where it is brought to; a colleague may take it on.
///
/// # Errors
/// Refuses an order that is not on its way, and one that was called off meanwhile.
pub fn deliver(
    order: &Order,
    (courier, handed): (&str, &Handed),
    now_ms: u64,
) -> Result<Vec<Draft>, Rejection> {
    is_delivery(order)?;
    match order.state() {
        State::OnItsWay => Ok(step(order, (Event::Delivered, courier), handed, now_ms)),
        State::Cancelled => Err(Rejection::OrderCancelled),
        State::Collected | State::Delivered => Ok(Vec::new()),
        _ => Err(Rejection::NotOnItsWay),
    }
}

/// Says what a sealed name of whoever took an order is about, so that it opens nowhere else.
#[must_use]
pub fn receiver_place(order: &str) -> String {
    format!("order/{order}/receiver")
}

/// Says what a sealed picture of where an order stands is about.
#[must_use]
pub fn photo_place(order: &str) -> String {
    format!("order/{order}/photo")
}

fn is_delivery(order: &Order) -> Result<(), Rejection> {
    if order.mode == Some(Mode::Delivery) { Ok(()) } else { Err(Rejection::NoDelivery) }
}

fn step(
    order: &Order,
    (event, courier): (Event, &str),
    handed: &Handed,
    now_ms: u64,
) -> Vec<Draft> {
    let happens = happens(order, event, now_ms);
    let fields = json!({
        "order_id": order.id,
        "courier": courier,
        "receiver": handed.receiver,
        "photo": handed.photo,
        "at_ms": now_ms,
    });
    let who = register(TABLE, &happens.entity.clone(), "", fields);
    vec![happens, who]
}
