//! Placing an order: the venue's own price, or a refusal; the same basket again is the same order.
//!
//! It must not know how somebody proved who they are, nor how a contact is sealed.

use serde_json::json;
use sync_engine::change::{Draft, Number};

use super::{Basket, Contact, Mode, Offer, Order, Slot, is_uuid, order_id};
use crate::{Rejection, catalogue::register, limits, pricing::discount, tickets, venue::capacity};

/// Where and when an order is placed.
#[derive(Debug, Clone)]
pub struct Place {
    /// The origin of ticket numbers here, such as `K1`.
    pub origin: String,
    /// The business day, which starts the numbers anew.
    pub day: String,
    /// Now.
    pub now_ms: u64,
    /// Staff accept what is placed here.
    pub to_accept: bool,
    /// Which slot of the kitchen it takes.
    pub slot: Slot,
}

/// Who places an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    /// Their id; empty where nobody is signed in.
    pub person: String,
    /// Where it is brought to, sealed with their key; empty where they have none here.
    pub contact: String,
}

/// Places an order: checks and prices the basket.
///
/// # Errors
/// Refuses whatever the venue does not offer, and a total that is not the price.
pub fn place(
    offer: &Offer,
    basket: &Basket,
    (at, customer): (&Place, &Customer),
) -> Result<Vec<Draft>, Rejection> {
    if !is_uuid(&basket.id) {
        return Err(Rejection::InvalidOrderId);
    }
    let priced = offer.price(&basket.wanted(), &at.day)?;
    deliverable(basket, customer)?;
    let note = note(&basket.note)?;
    let wanted_ms = wanted(basket.wanted_ms, at.now_ms)?;
    let total = &priced.total;
    if total.total_cents != basket.total_cents {
        return Err(Rejection::PriceChanged { total_cents: total.total_cents });
    }
    let fields = json!({
        "ticket_origin": at.origin,
        "mode": basket.mode,
        "lines": priced.lines,
        "total_cents": total.total_cents,
        "placed_ms": at.now_ms,
        "vat": total.vat,
        "rules": priced.rules,
        "fee_cents": total.fee_cents,
        "discounts": priced.discounts,
        "note": note,
        "wanted_ms": wanted_ms,
        "person": customer.person,
        "contact": customer.contact,
        "menu_version": offer.catalogue.version,
        "to_accept": i64::from(at.to_accept),
        "slot_ms": at.slot.slot_ms,
        "slot_weight": at.slot.weight,
        "ready_ms": at.slot.ready_ms,
    });
    let mut draft = register("customer_order", &order_id(&at.origin, &basket.id), "", fields);
    let series = tickets::series(&at.origin, &at.day);
    draft.number = Some(Number { field: "ticket_number", series });
    Ok(vec![draft])
}

/// Answers a basket whose id is known already: the same basket again is the same order. The contact
/// is what the order holds, where it can still be opened here.
///
/// # Errors
/// Refuses another basket under the same id, and a delivery to nobody who is known.
pub fn place_again(
    order: &Order,
    basket: &Basket,
    (customer, contact): (&Customer, Option<&Contact>),
) -> Result<(), Rejection> {
    // Whoever is not signed in any more is told so, and comes again.
    if basket.mode == Mode::Delivery && customer.person.is_empty() {
        return Err(Rejection::DeliveryNeedsAccount);
    }
    let same_lines = order.lines.len() == basket.lines.len()
        && order.lines.iter().zip(&basket.lines).all(|(line, wanted)| line.is_of(wanted));
    let codes: Vec<&str> = order.discounts.iter().map(|one| one.code.as_str()).collect();
    let typed = discount::code(&basket.code);
    let same_terms = order.mode == Some(basket.mode)
        && order.total_cents == basket.total_cents
        && codes == typed.iter().map(String::as_str).collect::<Vec<_>>();
    let wanted_ms = basket.wanted_ms.and_then(|ms| i64::try_from(ms).ok()).unwrap_or_default();
    let same_wishes = order.note == basket.note.trim() && order.wanted_ms == wanted_ms;
    // Whoever knows the id of somebody's basket learns nothing of where they live.
    let same_place = basket.mode != Mode::Delivery
        || (order.person == customer.person
            && contact.is_none_or(|kept| {
                let given = basket.delivery.as_ref().and_then(|given| given.checked().ok());
                given.as_ref() == Some(kept)
            }));
    if same_lines && same_terms && same_wishes && same_place {
        Ok(())
    } else {
        Err(Rejection::OrderConflict(order.id.clone()))
    }
}

/// An order is brought to somebody who is known, and to nobody else.
fn deliverable(basket: &Basket, customer: &Customer) -> Result<(), Rejection> {
    if basket.mode != Mode::Delivery {
        return match &basket.delivery {
            Some(_) => Err(Rejection::InvalidField("delivery")),
            None => Ok(()),
        };
    }
    basket.delivery.as_ref().ok_or(Rejection::InvalidField("delivery"))?.checked()?;
    if customer.person.is_empty() || customer.contact.is_empty() {
        return Err(Rejection::DeliveryNeedsAccount);
    }
    Ok(())
}

fn note(text: &str) -> Result<&str, Rejection> {
    let note = text.trim();
    let fits = note.chars().count() <= limits::NOTE_CHARS && !note.chars().any(char::is_control);
    if fits { Ok(note) } else { Err(Rejection::InvalidField("note")) }
}

/// Whether the kitchen is open then and has room, whoever takes the slot has asked.
fn wanted(wanted_ms: Option<u64>, now_ms: u64) -> Result<u64, Rejection> {
    let ahead = |ms: u64| ms > now_ms && ms - now_ms <= limits::WANTED_AHEAD_MS;
    match wanted_ms {
        None => Ok(0),
        Some(ms) if ahead(ms) => Ok(ms),
        Some(_) => Err(Rejection::Time(capacity::Rejection::Never)),
    }
}
