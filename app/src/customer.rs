//! Who orders: whoever is signed in, or showed their card at the kiosk.
//!
//! Where an order is brought to is sealed under its customer's own key.
//!
//! A customer need not be known at the venue before: the first delivery makes their name known
//! there, sealed, so that its gateway gets their key. It must not know prices.

use domain::{
    ordering::{Basket, Contact, Customer, Mode, Order, contact, delivering},
    people::person::{PersonId, named},
};
use sync_engine::{change::Draft, statement::Statement};

use crate::{
    call::Call,
    host::Host,
    people::{account, at_kiosk, keys},
    problem::Problem,
    rows::{order::Found, text},
};

/// A customer, and what must be written with their order.
#[derive(Debug, Default)]
pub struct Ordering {
    /// Who.
    pub customer: Customer,
    /// What makes them known at the venue.
    pub drafts: Vec<Draft>,
    key: Option<keys::PersonKey>,
}

/// Finds out who orders this basket, which becomes the order of this id.
///
/// # Errors
/// Fails when the database does, or the host has no randomness.
pub async fn of(call: &Call, basket: &Basket, order: &str) -> Result<Ordering, Problem> {
    let is_delivery = basket.mode == Mode::Delivery;
    if let Some(member) = at_kiosk::member(call).await?.filter(|_| !is_delivery) {
        let customer =
            Customer { person: member.person.as_str().to_owned(), ..Customer::default() };
        return Ok(Ordering { customer, ..Ordering::default() });
    }
    let Some(visitor) = call.visitor.as_ref().filter(|visitor| !visitor.owes_code()) else {
        return Ok(Ordering::default());
    };
    // What staff key in for somebody at the counter is not their own.
    if visitor.roles.is_staff() && !is_delivery {
        return Ok(Ordering::default());
    }
    let mut ordering = Ordering::default();
    ordering.customer.person = visitor.person.as_str().to_owned();
    let Some(given) = basket.delivery.as_ref().filter(|_| is_delivery) else {
        return Ok(ordering);
    };
    let app = &call.app;
    let Some(key) = keys::load(&app.host, &call.db, &visitor.person).await? else {
        return Ok(ordering);
    };
    let kept = serde_json::to_string(&given.checked()?)
        .map_err(|error| Problem::internal(error.to_string()))?;
    let place = contact::place(order);
    ordering.customer.contact = key.seal(app.entropy.as_ref(), &place, &kept)?;
    ordering.drafts = introduction(call, &visitor.person).await?;
    ordering.key = Some(key);
    Ok(ordering)
}

impl Ordering {
    /// Opens where an order of this customer is brought to.
    #[must_use]
    pub fn contact(&self, order: &Order) -> Option<Contact> {
        self.key.as_ref().and_then(|key| opened(key, order))
    }
}

/// Opens where an order is brought to, with the key of whoever ordered it as a row holds it.
#[must_use]
pub fn contact(host: &Host, order: &Order, wrapped: &str) -> Option<Contact> {
    let person = PersonId::parse(&order.person)?;
    opened(&keys::unwrap(host, &person, wrapped)?, order)
}

/// Opens who received an order.
#[must_use]
pub fn receiver(host: &Host, found: &Found, sealed: &str) -> Option<String> {
    let person = PersonId::parse(&found.order.person)?;
    let key = keys::unwrap(host, &person, &found.wrapped)?;
    key.open(&delivering::receiver_place(&found.order.id), sealed)
}

fn opened(key: &keys::PersonKey, order: &Order) -> Option<Contact> {
    let text = key.open(&contact::place(&order.id), &order.contact)?;
    serde_json::from_str(&text).ok()
}

/// Keys go to the gateways of venues that know somebody by name. Only their home makes them known.
async fn introduction(call: &Call, person: &PersonId) -> Result<Vec<Draft>, Problem> {
    if !call.app.host.is_home {
        return Ok(Vec::new());
    }
    let sql = "SELECT name_sealed FROM person WHERE venue = ?1 AND id = ?2";
    let params = vec![call.here()?.venue.id.as_str().into(), person.as_str().into()];
    let rows = call.db.rows(Statement::new(sql, params)).await?;
    let known = rows.first().map(|row| text(row, "name_sealed")).transpose()?;
    if known.is_some_and(|name| !name.is_empty()) {
        return Ok(Vec::new());
    }
    let account = account::of(&call.db, person).await?;
    let name = account.map(|account| account.name_sealed).filter(|name| !name.is_empty());
    Ok(name.map(|name| named(person, &name)).into_iter().collect())
}
