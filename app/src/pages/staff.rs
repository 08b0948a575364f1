//! The staff's pages: home and counter; boards poll their fragment by ETag.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use domain::{access::Right, venue::module::Module};
use sha2::{Digest, Sha256};
use sync_engine::seal::hex;

use crate::{
    call::{Answer, Call, page},
    host::Side,
    pages::{counter, pin, present},
    ports::Link,
    printing,
    problem::{Problem, respond},
    rows::{
        self,
        order::{Found, Open},
    },
    views::{
        CounterBoard, CounterView, Door, ExceptionView, LinkState, StaffView, Surface, TicketView,
        WaitingView,
    },
};

/// Where staff begin.
pub async fn home(call: Call) -> Answer {
    doors(&call, "staff.title").await
}

/// Where managers begin.
pub async fn dashboard(call: Call) -> Answer {
    doors(&call, "dashboard.title").await
}

fn line_state(call: &Call) -> LinkState {
    let link = match call.app.line.link() {
        Link::None if call.app.host.side == Side::Edge => LinkState::Edge,
        Link::None => LinkState::Alone,
        Link::Connected { .. } => LinkState::Reachable,
        Link::Cut { .. } => LinkState::Cut,
        Link::Refused { .. } => LinkState::Refused,
    };
    let is_standby = !call.app.host.side.writes();
    if is_standby { link.of_standby() } else { link }
}

async fn doors(call: &Call, title: &'static str) -> Answer {
    let open = open_orders(call).await?;
    let link = line_state(call);
    let all = [
        (
            Right::Prepare,
            door(
                "/kitchen",
                "flame",
                "staff.kitchen",
                "staff.kitchen_text",
                vec![((open.to_prepare.len() + open.preparing.len()) as u32, "staff.to_prepare")],
            ),
        ),
        (
            Right::Cash,
            door("/counter", "till", "staff.counter", "staff.counter_text", at_counter(&open)),
        ),
        (
            Right::Deliver,
            door("/deliveries", "scooter", "courier.title", "courier.door_text", Vec::new()),
        ),
        (Right::Prepare, door("/floor", "table", "floor.title", "floor.door_text", Vec::new())),
        (Right::Prepare, door("/stock", "box", "stock.title", "stock.door_text", Vec::new())),
        (Right::Prepare, door("/web-orders", "web", "web.title", "web.door_text", Vec::new())),
        (Right::Cash, door("/close", "sum", "close.title", "close.door_text", Vec::new())),
        (Right::Cash, door("/members", "card", "members.title", "members.door_text", Vec::new())),
        (Right::Cash, door("/history", "list", "history.title", "history.door_text", Vec::new())),
        (Right::Cash, door("/ratings", "star", "ratings.title", "ratings.door_text", Vec::new())),
        (Right::People, door("/sales", "chart", "sales.title", "sales.door_text", Vec::new())),
        (Right::Staff, door("/board", "screen", "staff.board", "staff.board_text", Vec::new())),
        (Right::Staff, door("/kiosk", "touch", "staff.kiosk", "staff.kiosk_text", Vec::new())),
        (
            Right::Menu,
            door("/catalogue", "book", "catalogue.title", "catalogue.door_text", Vec::new()),
        ),
        (Right::Menu, door("/hours", "clock", "opening.title", "opening.door_text", Vec::new())),
        (Right::People, door("/people", "people", "people.title", "people.door_text", Vec::new())),
        (
            Right::Platform,
            door("/platform", "building", "platform.title", "platform.door_text", Vec::new()),
        ),
        (
            Right::People,
            door("/settings/ordering", "percent", "terms.title", "terms.door_text", Vec::new()),
        ),
        (Right::People, door("/printers", "printer", "print.title", "print.door_text", Vec::new())),
        (Right::Audit, door("/audit", "journal", "audit.title", "audit.door_text", Vec::new())),
        (
            Right::Maintain,
            door("/devices", "chip", "devices.title", "devices.door_text", Vec::new()),
        ),
        (Right::Staff, door("/sync-status", "sync", "sync.title", "sync.door_text", Vec::new())),
        (Right::Staff, door("/outbox", "mail", "outbox.title", "outbox.door_text", Vec::new())),
        (
            Right::Account,
            door("/account", "person", "account.title", "account.door_text", Vec::new()),
        ),
    ];
    let modules = &call.here()?.venue.modules;
    let is_on = |door: &Door| Module::of(door.href).is_none_or(|module| modules.has(module));
    let doors = all.into_iter().filter(|(right, door)| call.may(*right) && is_on(door));
    let doors = doors.map(|(_, door)| door).collect();
    page(&StaffView { shell: call.shell(Surface::Staff), link, title, doors })
}

fn at_counter(open: &Open) -> Vec<(u32, &'static str)> {
    let facts = [
        (open.to_accept.len(), "staff.to_accept"),
        (open.to_pay.len(), "staff.to_pay"),
        (open.ready.len(), "staff.ready"),
    ];
    let is_shown = |(count, what): &(usize, &str)| *count > 0 || *what != "staff.to_accept";
    facts.into_iter().filter(is_shown).map(|(count, what)| (count as u32, what)).collect()
}

fn door(
    href: &'static str,
    icon: &'static str,
    name: &'static str,
    text: &'static str,
    facts: Vec<(u32, &'static str)>,
) -> Door {
    Door { href, icon, name, text, facts }
}

/// The counter's page.
pub async fn counter(call: Call) -> Answer {
    let board = load_counter(&call).await?;
    page(&CounterView {
        shell: call.shell(Surface::Staff),
        switches: pin::is_station(&call),
        board,
    })
}

/// The counter's board alone.
pub async fn counter_board(call: Call) -> Answer {
    fragment(&call, &load_counter(&call).await?)
}

pub(super) async fn open_orders(call: &Call) -> Result<Open, Problem> {
    let venue = &call.here()?.venue.id;
    Ok(rows::order::open(&call.db, venue, call.app.clock.now_ms()).await?)
}

async fn load_counter(call: &Call) -> Result<CounterBoard, Problem> {
    let (open, seated) = (open_orders(call).await?, seated(call).await?);
    Ok(CounterBoard {
        locale: call.locale,
        to_accept: waiting(call, &open.to_accept, &seated)?,
        to_pay: with_contacts(call, &open.to_pay, &seated)?,
        preparing: column(call, &[open.to_prepare.as_slice(), &open.preparing].concat(), &seated)?,
        ready: with_contacts(call, &open.ready, &seated)?,
        exceptions: exceptions(call).await?,
        troubles: printing::troubles(call).await?,
    })
}

/// Orders that wait to be promised, with what was asked of the edge.
fn waiting(call: &Call, found: &[Found], seated: &Seated) -> Result<Vec<WaitingView>, Problem> {
    let now_ms = call.app.clock.now_ms();
    let mut waiting = Vec::new();
    for ticket in with_contacts(call, found, seated)? {
        let Some(found) = found.iter().find(|found| found.order.id == ticket.id) else { continue };
        let (asked, doubt) =
            (found.order.asked().next().is_some(), found.order.is_in_doubt(now_ms));
        waiting.push(WaitingView { ticket, asked, doubt });
    }
    Ok(waiting)
}

async fn exceptions(call: &Call) -> Result<Vec<ExceptionView>, Problem> {
    let venue = &call.here()?.venue.id;
    let found = rows::order::exceptions(&call.db, venue, call.app.clock.now_ms()).await?;
    let one = |found: &Found| {
        let order = &found.order;
        let texts = order.exceptions().into_iter().map(|one| counter::exception(call, one));
        let text = texts.collect::<Vec<_>>().join(" ");
        ExceptionView { id: order.id.clone(), ticket: order.ticket(), text }
    };
    Ok(found.iter().map(one).collect())
}

/// At which table each order is, by its id.
pub(super) type Seated = BTreeMap<String, u32>;

pub(super) async fn seated(call: &Call) -> Result<Seated, Problem> {
    Ok(rows::tables::seated(&call.db, &call.here()?.venue.id).await?)
}

pub(super) fn column(
    call: &Call,
    found: &[Found],
    seated: &Seated,
) -> Result<Vec<TicketView>, Problem> {
    let mut tickets: Vec<TicketView> = Vec::new();
    for one in found {
        tickets.push(ticket(call, one, seated)?);
    }
    tickets.sort_by(|a, b| (a.since_ms, &a.id).cmp(&(b.since_ms, &b.id)));
    Ok(tickets)
}

pub(super) fn ticket(call: &Call, found: &Found, seated: &Seated) -> Result<TicketView, Problem> {
    let told = (call.locale, call.here()?.venue.time_zone.as_str());
    let table = seated.get(&found.order.id).copied().unwrap_or_default();
    Ok(TicketView { table, ..present::ticket(found, told) })
}

/// Where orders are brought to is shown where they are handed over; the kitchen needs it not.
fn with_contacts(
    call: &Call,
    found: &[Found],
    seated: &Seated,
) -> Result<Vec<TicketView>, Problem> {
    let mut tickets = column(call, found, seated)?;
    for ticket in &mut tickets {
        let found = found.iter().find(|found| found.order.id == ticket.id);
        ticket.contact = found.and_then(|found| present::contact(&call.app.host, found));
    }
    Ok(tickets)
}

/// Answers 304 while nothing has changed, so that a board may ask often.
pub(super) fn fragment(call: &Call, template: &impl askama::Template) -> Answer {
    let html = template.render().map_err(|error| Problem::internal(error.to_string()))?;
    let hash: String = hex(&Sha256::digest(html.as_bytes())).chars().take(16).collect();
    let etag = format!("\"{hash}\"");
    let mut response = if call.header("if-none-match") == etag {
        respond(StatusCode::NOT_MODIFIED, "text/html; charset=utf-8", "")
    } else {
        respond(StatusCode::OK, "text/html; charset=utf-8", html)
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}
