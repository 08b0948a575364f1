//! The floor: which tables are free, what staff say of them, and the page of one table.
//!
//! It must not decide what a table is: `domain::tables` does.

use domain::{
    access::Right,
    tables::{Hand, Moment, Table, assignment::Floor, occupancy::State},
};

use crate::{
    api::tables::{number, what},
    call::{Answer, Call, page},
    pages::{login::redirect, staff::fragment},
    problem::Problem,
    qr, rows,
    rows::tables::Past,
    tables::Room,
    transport,
    views::{FloorBoard, FloorView, PastView, Surface, TablePage, TileView},
};

/// The floor's page.
pub async fn show(call: Call) -> Answer {
    shown(&call, None).await
}

/// The floor's board alone.
pub async fn board(call: Call) -> Answer {
    let board = load(&call).await?;
    fragment(&call, &board)
}

/// Adds a table.
pub async fn add(call: Call) -> Answer {
    match added(&call).await {
        Ok(()) => Ok(redirect("/floor", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => shown(&call, Some(problem)).await,
    }
}

async fn added(call: &Call) -> Result<(), Problem> {
    let count = |name: &'static str| match call.field(name).trim() {
        "" if name == "seats" => Ok(0),
        text => text.parse::<u32>().map_err(|_| Problem::invalid_field(name)),
    };
    let table = Table {
        number: count("number")?,
        name: call.field("name").trim().to_owned(),
        seats: count("seats")?,
        ..Table::default()
    };
    Room::of(call)?.add(&table).await
}

/// One table's page.
pub async fn one(call: Call) -> Answer {
    one_shown(&call, None).await
}

/// Does what a form of a table's page says.
pub async fn change(call: Call) -> Answer {
    let number = number(&call)?;
    match changed(&call, number).await {
        Ok(true) => Ok(redirect(&format!("/floor/{number}"), &[])),
        Ok(false) => Ok(redirect("/floor", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) if problem.code == "unknown_table" => Err(problem),
        Err(problem) => one_shown(&call, Some(problem)).await,
    }
}

/// Tells whether the table is still there.
async fn changed(call: &Call, number: u32) -> Result<bool, Problem> {
    let (name, seats) = (call.field("name"), call.field("seats"));
    let seats = match seats.trim() {
        "" => 0,
        text => text.parse().map_err(|_| Problem::invalid_field("seats"))?,
    };
    let said = call.field("do");
    let change = what(call, (&said, Some((&name, seats))))?;
    let by = call.visitor()?.person.to_string();
    Room::of(call)?.change(number, &change, &by).await?;
    Ok(said != "remove")
}

async fn load(call: &Call) -> Result<FloorBoard, Problem> {
    let room = Room::of(call)?;
    let (at, floor) = (room.moment().await?, room.floor().await?.floor);
    let there = floor.tables.iter().filter(|table| !table.removed);
    let tables: Vec<TileView> = there.map(|table| tile(call, &floor, (table, &at))).collect();
    let free = tables.iter().filter(|table| table.state == State::Free.name()).count();
    let waiting = rows::tables::queue(&call.db, &call.here()?.venue.id).await?;
    let waiting = waiting.iter().filter(|q| !q.is_collected && q.at_ms >= at.day_ms).count();
    Ok(FloorBoard { locale: call.locale, tables, free, waiting })
}

async fn shown(call: &Call, problem: Option<Problem>) -> Answer {
    let board = load(call).await?;
    let mut response = page(&FloorView {
        shell: call.shell(Surface::Staff),
        board,
        manages: call.may(Right::People),
        typed: ["number", "name", "seats"].map(|name| call.field(name)),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

async fn one_shown(call: &Call, problem: Option<Problem>) -> Answer {
    let number = number(call)?;
    let room = Room::of(call)?;
    let (at, floor) = (room.moment().await?, room.floor().await?.floor);
    let unknown = || domain::Rejection::UnknownTable(number.to_string());
    let table = floor.table(number).ok_or_else(unknown)?;
    let venue = &call.here()?.venue;
    let history = rows::tables::history(&call.db, &venue.id, number).await?;
    let scheme = if transport::is_secure(call) { "https" } else { "http" };
    let link = format!("{scheme}://{}/menu?table={number}", call.header("host"));
    let mut response = page(&TablePage {
        shell: call.shell(Surface::Staff),
        table: tile(call, &floor, (table, &at)),
        hand: hand(table, &at).name(),
        sensor: table.presence.sensor.clone(),
        history: history.iter().map(|past| line(call, &venue.time_zone, past)).collect(),
        picture: qr::svg(&link).unwrap_or_default(),
        link,
        manages: call.may(Right::People),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

/// Returns what staff say of a table as far as it still counts.
fn hand(table: &Table, at: &Moment) -> Hand {
    let is_of_today = table.hand == Hand::Closed || table.hand_ms >= at.day_ms;
    if is_of_today { table.hand } else { Hand::Auto }
}

fn tile(call: &Call, floor: &Floor, (table, at): (&Table, &Moment)) -> TileView {
    let seats = floor.seats_at(table, at);
    let state = floor.state(table, at);
    let hand = hand(table, at);
    let since_ms = match state {
        State::Assigned => seats.first().map_or(0, |seat| seat.at_ms),
        State::Occupied if hand == Hand::Occupied => table.hand_ms,
        State::Occupied => table.presence.since_ms,
        State::Free | State::Closed => 0,
    };
    TileView {
        number: table.number,
        name: table.name.clone(),
        seats: table.seats,
        state: state.name(),
        label: call.locale.find(&format!("floor.{}", state.name())).unwrap_or(state.name()),
        tickets: seats.iter().map(|seat| seat.ticket.clone()).collect(),
        since_ms,
        silent: floor.silent.contains(&table.number),
        by_hand: hand != Hand::Auto,
    }
}

fn line(call: &Call, zone: &str, past: &Past) -> PastView {
    let why = call.locale.find(&format!("floor.end_{}", past.reason)).unwrap_or_default();
    let moment = |at_ms| call.locale.moment(zone, at_ms);
    let until = if past.ended_ms == 0 { String::new() } else { moment(past.ended_ms) };
    PastView { ticket: past.ticket.clone(), from: moment(past.at_ms), until, why: why.to_owned() }
}
