//! The courier's pages: what is to be brought, and handing one order over.
//!
//! It must not decide: `domain::ordering::delivering` does.

use axum::http::{HeaderValue, StatusCode, header};

use crate::{
    call::{Answer, Call, page},
    customer, delivering,
    delivering::AtDoor,
    gate::Allowed,
    host::Side,
    pages::{login::redirect, present, staff::fragment},
    ports::Link,
    problem::{Problem, respond},
    rows::{self, order::Found},
    views::{DeliveriesBoard, DeliveriesView, DeliveryView, RideView, Surface},
};

/// The list.
pub async fn show(call: Call) -> Answer {
    let board = load(&call).await?;
    let mut response = page(&DeliveriesView { shell: call.shell(Surface::Staff), board })?;
    response.extensions_mut().insert(Allowed { geolocation: true, ..Allowed::default() });
    Ok(response)
}

/// The list alone.
pub async fn board(call: Call) -> Answer {
    fragment(&call, &load(&call).await?)
}

async fn load(call: &Call) -> Result<DeliveriesBoard, Problem> {
    let rides = rows::delivery::open(&call.db, &call.here()?.venue.id).await?;
    let own = call.visitor()?.person.as_str();
    let ready = rides.ready.iter().map(|found| ride(call, found, false));
    let left = rides.left.iter().map(|(found, courier)| ride(call, found, courier == own));
    let is_cut = call.app.host.side != Side::Edge
        && !matches!(call.app.line.link(), Link::Connected { .. } | Link::None);
    Ok(DeliveriesBoard {
        locale: call.locale,
        ready: ready.collect::<Result<_, _>>()?,
        left: left.collect::<Result<_, _>>()?,
        is_cut,
        on_site: call.app.host.side != Side::Edge,
        simulates: call.app.host.demo || call.app.host.contract,
    })
}

fn ride(call: &Call, found: &Found, is_own: bool) -> Result<RideView, Problem> {
    let time_zone = call.here()?.venue.time_zone.as_str();
    Ok(RideView { ticket: ticket(call, found, time_zone), is_own })
}

fn ticket(call: &Call, found: &Found, time_zone: &str) -> crate::views::TicketView {
    let contact = present::contact(&call.app.host, found);
    crate::views::TicketView { contact, ..present::ticket(found, (call.locale, time_zone)) }
}

/// One order at the door.
pub async fn one(call: Call) -> Answer {
    shown(&call, None).await
}

/// Hands it over.
pub async fn deliver(call: Call) -> Answer {
    let id = call.param("id")?.to_owned();
    let photo = call.file("photo").map(|file| file.to_vec()).unwrap_or_default();
    let door = AtDoor { receiver: call.field("name"), photo };
    match delivering::deliver(&call, &id, door).await {
        Ok(()) => Ok(redirect("/deliveries", &[])),
        Err(problem) if problem.status.is_server_error() || problem.code == "unknown_order" => {
            Err(problem)
        }
        Err(problem) => shown(&call, Some(&problem)).await,
    }
}

async fn shown(call: &Call, problem: Option<&Problem>) -> Answer {
    let found = delivering::load(call, call.param("id")?).await?;
    if !delivering::may_see(call, &found.order) {
        return Err(domain::Rejection::NoDelivery.into());
    }
    let venue = &call.here()?.venue;
    let brought = delivering::brought(call, &found.order.id).await?;
    let receiver = customer::receiver(&call.app.host, &found, &brought.receiver);
    let mut response = page(&DeliveryView {
        shell: call.shell(Surface::Staff),
        state: present::state(found.order.state()),
        ticket: ticket(call, &found, &venue.time_zone),
        is_paid: found.order.is_paid(),
        takes_photos: call.app.blobs.is_open(),
        receiver: receiver.unwrap_or_default(),
        has_photo: !brought.photo.is_empty(),
        typed: call.field("name"),
        error: problem.map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        *response.status_mut() = problem.status;
    }
    Ok(response)
}

/// The picture of where an order stands, for a courier and for its customer.
pub async fn photo(call: Call) -> Answer {
    let found = delivering::photo(&call, call.param("id")?).await?;
    let mut response = respond(StatusCode::OK, "image/jpeg", found.ok_or_else(Problem::not_found)?);
    let inside = HeaderValue::from_static("inline; filename=\"place.jpg\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, inside);
    Ok(response)
}
