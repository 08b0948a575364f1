//! Tables, for programs: what sensors see, what staff say, what customers without one do.
//!
//! A sensor is answered in the words of the first prototype. It must not decide: `tables` does.

use axum::http::StatusCode;
use domain::{
    device::Kind,
    tables::{
        self, Hand, Moment, Table,
        assignment::{Choice, Floor, Seat},
        presence::Reading,
    },
};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json as value};

use crate::{
    api::orders,
    call::{Answer, Call, json},
    device::proof,
    limits,
    problem::Problem,
    rate,
    tables::{Change, Message, Room},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(rename = "do")]
    what: String,
    name: Option<String>,
    seats: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    choice: Choice,
    table: Option<u32>,
}

/// Hears which tables a sensor sees taken.
pub async fn update(call: Call) -> Answer {
    match heard(&call).await {
        Ok(()) => json(StatusCode::OK, &value!({"status": "success"})),
        Err(problem) => {
            let message = problem.sentence(call.locale);
            let error =
                value!({"code": problem.code, "message": message, "subject": problem.subject});
            let body = value!({"status": "error", "message": message, "error": error});
            tracing::warn!(code = problem.code, detail = problem.detail, "a sensor is refused");
            json(problem.status, &body)
        }
    }
}

async fn heard(call: &Call) -> Result<(), Problem> {
    let proven = call.proven.as_ref();
    let is_sensor = |proven: &&proof::Proven| proven.found.device.kind == Kind::Sensor;
    let no_sensor = || Problem::new(StatusCode::FORBIDDEN, "no_sensor");
    let sensor = proven.filter(is_sensor).ok_or_else(no_sensor)?;
    let message = message(&call.body)?;
    proof::note(call, &sensor.found, "").await?;
    Room::of(call)?.heard(&sensor.found.device.id, &message).await
}

/// Reads what a sensor says; a small machine may not say that it is JSON.
///
/// # Errors
/// Refuses what is empty, too long or malformed.
pub fn message(body: &[u8]) -> Result<Message, Problem> {
    let wrong = |detail: &str| {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "invalid_reading");
        Problem { detail: detail.to_owned(), ..problem }
    };
    let read: Map<String, Json> =
        serde_json::from_slice(body).map_err(|error| wrong(&error.to_string()))?;
    if read.is_empty() || read.len() > limits::SENSOR_TABLES {
        return Err(wrong("no tables, or too many"));
    }
    let reading = |(table, said): (String, Json)| {
        let reading = Reading::deserialize(said).map_err(|error| wrong(&error.to_string()))?;
        Ok((table, reading))
    };
    read.into_iter().map(reading).collect()
}

/// Lists the tables, and what each is now.
pub async fn list(call: Call) -> Answer {
    let room = Room::of(&call)?;
    let (at, floor) = (room.moment().await?, room.floor().await?.floor);
    let there = floor.tables.iter().filter(|table| !table.removed);
    let tables: Vec<Json> = there.map(|table| one(&floor, table, &at)).collect();
    json(StatusCode::OK, &value!({"tables": tables}))
}

fn one(floor: &Floor, table: &Table, at: &Moment) -> Json {
    let seats = floor.seats_at(table, at);
    let has =
        |seat: &&Seat| value!({"order": seat.order, "ticket": seat.ticket, "since_ms": seat.at_ms});
    value!({
        "number": table.number,
        "name": table.name,
        "seats": table.seats,
        "state": floor.state(table, at),
        "hand": table.hand,
        "occupied": table.presence.occupied,
        "sensor": table.presence.sensor,
        "silent": floor.silent.contains(&table.number),
        "orders": seats.iter().map(has).collect::<Vec<_>>(),
    })
}

/// Adds a table.
pub async fn add(call: Call) -> Answer {
    let table: Table = call.json()?;
    Room::of(&call)?.add(&table).await?;
    json(StatusCode::CREATED, &value!({"number": table.number}))
}

/// Says what a table is, or ends what has it.
pub async fn change(call: Call) -> Answer {
    let wanted: Wanted = call.json()?;
    let number = number(&call)?;
    let named = wanted.name.as_deref().zip(wanted.seats);
    let change = what(&call, (&wanted.what, named))?;
    let by = call.visitor()?.person.to_string();
    let room = Room::of(&call)?;
    room.change(number, &change, &by).await?;
    let (at, floor) = (room.moment().await?, room.floor().await?.floor);
    let body = floor.table(number).map(|table| one(&floor, table, &at));
    json(StatusCode::OK, &body.unwrap_or_else(|| value!({"number": number, "removed": true})))
}

/// Says what a customer does whom no table was given; answers with their order.
pub async fn choose(call: Call) -> Answer {
    let chosen: Chosen = call.json()?;
    let id = call.param("id")?.to_owned();
    orders::wants_table(&call, &id).await?;
    rate::take(&call, &rate::TABLE, &id).await?;
    Room::of(&call)?.choose(&id, (chosen.choice, chosen.table)).await?;
    orders::show(call).await
}

/// Returns the number of the table that the path names.
///
/// # Errors
/// Refuses what is no table's number.
pub fn number(call: &Call) -> Result<u32, Problem> {
    let id = call.param("id")?;
    let unknown = || domain::Rejection::UnknownTable(id.to_owned());
    Ok(tables::number(id).ok_or_else(unknown)?)
}

/// Reads what is to be done about a table; what it is is a manager's to say.
///
/// # Errors
/// Refuses another word, and whoever may not.
pub fn what(call: &Call, (what, named): (&str, Option<(&str, u32)>)) -> Result<Change, Problem> {
    let change = match what {
        "end" => Change::End,
        "rename" => {
            let (name, seats) = named.ok_or_else(|| Problem::invalid_field("name"))?;
            Change::Rename(name.trim().to_owned(), seats)
        }
        "remove" => Change::Remove,
        said => Change::Say(Hand::parse(said).ok_or_else(|| Problem::invalid_field("do"))?),
    };
    let is_of_managers = matches!(change, Change::Rename(..) | Change::Remove);
    if is_of_managers {
        call.visitor()?.check(domain::access::Right::People)?;
    }
    Ok(change)
}
