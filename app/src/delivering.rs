//! What a courier does: takes an order along, says where they are, hands it over.
//!
//! Where a courier is stays on the side that was told, and goes with the hand-over. It must not
//! know pages.

use axum::http::StatusCode;
use domain::{
    access::Right,
    ordering::{
        Mode, Order, State,
        delivering::{self, Handed, photo_place, receiver_place},
    },
    people::person::{self, PersonId},
    venue::map::Point,
};
use serde_json::{Value as Json, json};
use sync_engine::statement::{Batch, Statement};

use crate::{
    blobs::{self, BlobId, Label},
    call::{Call, Tries, Written},
    customer, limits,
    people::{
        account::slow,
        keys::{self, PersonKey},
        photo::refused,
    },
    picture,
    ports::CommitFault,
    problem::Problem,
    rows::{
        self,
        delivery::{Brought, Position},
        order::Found,
    },
};

/// Under this a customer's delivery photos take room.
const PHOTO: &str = "delivery";

/// Takes an order along.
///
/// # Errors
/// Refuses what is not ready, or is with somebody else, and fails when the database does.
pub async fn leave(call: &Call, id: &str) -> Result<(), Problem> {
    let courier = call.visitor()?.person.as_str().to_owned();
    let mut tries = Tries::default();
    loop {
        let order = load(call, id).await?.order;
        let before = brought(call, id).await?;
        let now_ms = call.app.clock.now_ms();
        let drafts = delivering::leave(&order, (&courier, &before.courier), now_ms)?;
        if drafts.is_empty() {
            return Ok(());
        }
        let holds = vec![rows::order::guard_course(&call.here()?.venue.id, &order, &drafts)];
        if call.write_with(&drafts, holds).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// What a courier says and shows at a door.
#[derive(Debug, Clone, Default)]
pub struct AtDoor {
    /// Who took it; may be empty where there is a picture.
    pub receiver: String,
    /// A picture of where it stands, as the phone made it; may be empty.
    pub photo: Vec<u8>,
}

/// Hands an order over where it is brought to.
///
/// # Errors
/// Wants a name or a picture, refuses what is not on its way, and fails when the database or the
/// store of files does.
pub async fn deliver(call: &Call, id: &str, door: AtDoor) -> Result<(), Problem> {
    let courier = call.visitor()?.person.as_str().to_owned();
    let receiver = door.receiver.trim();
    if !receiver.is_empty() {
        person::name(receiver)?;
    } else if door.photo.is_empty() {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "receiver_missing"));
    }
    let found = load(call, id).await?;
    // A picture is work: not for an order that takes none.
    let planned = delivering::deliver(&found.order, (&courier, &Handed::default()), 0)?;
    if planned.is_empty() {
        return Ok(());
    }
    let mut handed = Handed::default();
    let mut local = Batch::new();
    if let Some((person, key)) = customer_of(call, &found) {
        if !receiver.is_empty() {
            let place = receiver_place(&found.order.id);
            handed.receiver = key.seal(call.app.entropy.as_ref(), &place, receiver)?;
        }
        if !door.photo.is_empty() {
            let order = &found.order;
            let (id, batch) = keep_photo(call, (order, &person, &key), door.photo).await?;
            handed.photo = id.as_str().to_owned();
            local = batch;
        }
    }
    let mut tries = Tries::default();
    loop {
        let order = load(call, id).await?.order;
        let now_ms = call.app.clock.now_ms();
        let drafts = delivering::deliver(&order, (&courier, &handed), now_ms)?;
        if drafts.is_empty() {
            // Somebody else was first: their picture counts, and this one is swept.
            return Ok(());
        }
        let mut local = local.clone();
        local.push(rows::order::guard_course(&call.here()?.venue.id, &order, &drafts));
        if call.write_with(&drafts, local).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Of somebody who was erased nothing is kept; the hand-over itself is.
fn customer_of(call: &Call, found: &Found) -> Option<(PersonId, PersonKey)> {
    let person = PersonId::parse(&found.order.person)?;
    let key = keys::unwrap(&call.app.host, &person, &found.wrapped)?;
    Some((person, key))
}

async fn keep_photo(
    call: &Call,
    (order, person, key): (&Order, &PersonId, &PersonKey),
    photo: Vec<u8>,
) -> Result<(BlobId, Batch), Problem> {
    let app = &call.app;
    app.blobs.place()?;
    let small = slow(app, move || Ok(picture::portrait(&photo))).await?.map_err(refused)?;
    let sealed = key.seal_bytes(app.entropy.as_ref(), &photo_place(&order.id), &small)?;
    let label = Label { owner: person.as_str(), what: PHOTO };
    let old_ms = app.clock.now_ms() as i64 - limits::DELIVERY_PHOTO_MS;
    let sql = "UPDATE blob SET sweep_ms = 1 \
         WHERE owner = ?1 AND what = ?2 AND made_ms < ?3 AND sweep_ms = 0";
    let params = vec![person.as_str().into(), PHOTO.into(), old_ms.into()];
    let coming = blobs::put(app, &call.db, label, sealed).await?;
    let batch = vec![coming.stays(), Statement::new(sql, params)];
    Ok((coming.id, batch))
}

/// Returns the picture of where an order stands; none where there is none, or it is elsewhere.
///
/// # Errors
/// Refuses whoever may not see it, and fails when database or store of files do.
pub async fn photo(call: &Call, id: &str) -> Result<Option<Vec<u8>>, Problem> {
    let found = load(call, id).await?;
    if !may_see(call, &found.order) {
        return Err(unknown());
    }
    let brought = brought(call, id).await?;
    let Some(id) = BlobId::parse(&brought.photo) else { return Ok(None) };
    let Some((_, key)) = customer_of(call, &found) else { return Ok(None) };
    if !call.app.blobs.is_open() {
        return Ok(None);
    }
    let Some(sealed) = call.app.blobs.get(&id).await? else { return Ok(None) };
    Ok(key.open_bytes(&photo_place(&found.order.id), &sealed))
}

/// Notes where the courier of an order is, or that a demo makes it up from now on.
///
/// # Errors
/// Refuses a place that there is not and an order that is not on its way.
pub async fn note(call: &Call, id: &str, point: Option<Point>) -> Result<(), Problem> {
    if point.is_some_and(|point| !point.is_on_earth()) {
        return Err(Problem::invalid_field("latitude_e6"));
    }
    let order = load(call, id).await?.order;
    if order.state() != State::OnItsWay {
        return Err(domain::Rejection::NotOnItsWay.into());
    }
    let now_ms = call.app.clock.now_ms() as i64;
    let nowhere = Point { latitude_e6: 0, longitude_e6: 0 };
    let position = Position {
        point: point.unwrap_or(nowhere),
        at_ms: now_ms,
        simulated_ms: if point.is_some() { 0 } else { now_ms },
    };
    let venue = &call.here()?.venue.id;
    match call.db.commit(&rows::delivery::note_position(venue, id, &position)).await {
        // Somebody else was first: that is a place as good as this one.
        Ok(()) | Err(CommitFault::Conflict) => Ok(()),
        Err(CommitFault::Fault(fault)) => Err(fault.into()),
    }
}

/// Says where restaurant, courier and address are, as far as that is known.
///
/// # Errors
/// Refuses whoever is neither its customer nor a courier, and fails when the database does.
pub async fn way(call: &Call, id: &str) -> Result<Json, Problem> {
    let found = load(call, id).await?;
    if !may_see(call, &found.order) {
        return Err(unknown());
    }
    let venue = &call.here()?.venue.id;
    let map = rows::delivery::map(&call.db, venue).await?;
    let contact = customer::contact(&call.app.host, &found.order, &found.wrapped);
    let address = contact.and_then(|contact| {
        contact.point.or_else(|| map.places.get(&contact.postal_code).copied())
    });
    let state = found.order.state();
    let known = rows::delivery::position(&call.db, venue, id).await?;
    let known = known.filter(|_| state == State::OnItsWay);
    let now_ms = call.app.clock.now_ms() as i64;
    let courier = known.filter(|at| at.simulated_ms == 0).map(|at| {
        json!({
            "latitude_e6": at.point.latitude_e6,
            "longitude_e6": at.point.longitude_e6,
            "age_ms": (now_ms - at.at_ms).max(0),
        })
    });
    let walked = |at: &Position| {
        ((now_ms - at.simulated_ms).max(0) * 1_000 / limits::SIMULATED_MS).min(1_000)
    };
    let simulated = known.filter(|at| at.simulated_ms > 0).map(|at| walked(&at));
    Ok(json!({
        "state": state,
        "restaurant": map.restaurant,
        "address": address,
        "courier": courier,
        "simulated_permille": simulated,
    }))
}

/// Whoever knows the id of somebody's order learns nothing of where they live: the way leads there.
#[must_use]
pub fn may_see(call: &Call, order: &Order) -> bool {
    let visitor = call.visitor.as_ref().filter(|visitor| !visitor.owes_code());
    let is_own = visitor.is_some_and(|visitor| visitor.person.as_str() == order.person);
    order.mode == Some(Mode::Delivery) && (is_own || call.may(Right::Deliver))
}

/// Loads who brought an order.
///
/// # Errors
/// Fails when the database does.
pub async fn brought(call: &Call, id: &str) -> Result<Brought, Problem> {
    Ok(rows::delivery::brought(&call.db, &call.here()?.venue.id, id).await?)
}

/// Loads an order.
///
/// # Errors
/// Fails where there is none, or the database does.
pub async fn load(call: &Call, id: &str) -> Result<Found, Problem> {
    let found = rows::order::by_id(&call.db, &call.here()?.venue.id, id).await?;
    found.ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_order")
}
