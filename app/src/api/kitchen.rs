//! What the kitchen does item by item, at one station or at all of them, and its settings.
//!
//! It must not decide: `domain::ordering::kitchen` does.

use axum::http::StatusCode;
use domain::{
    Rejection,
    ordering::{
        Item,
        kitchen::{bump, finish, tick as decide},
    },
    venue::kitchen::Kitchen,
};
use serde::Deserialize;
use serde_json::{Value as Json, json as value};
use sync_engine::change::Draft;

use crate::{
    api::orders::answer,
    call::{Answer, Call, Tries, Written, json},
    menu,
    problem::Problem,
    rows::{self, order::Found},
    terms,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tick {
    line: usize,
    #[serde(default)]
    part: Option<usize>,
    done: bool,
    /// The station at which it was ticked; nothing where somebody looks at all of them.
    #[serde(default)]
    station: String,
}

/// Says that one item is done, or not after all; at a station the last one calls the order.
pub async fn tick(call: Call) -> Answer {
    let tick: Tick = call.json()?;
    let item = Item { line: tick.line, part: tick.part };
    let told = |found: &Found, now_ms| decide(&found.order, (item, tick.done), now_ms);
    let mut found = step(&call, told).await?;
    if tick.done && !tick.station.is_empty() {
        found = called(&call).await?;
    }
    answer(&call, StatusCode::OK, &found.order).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bump {
    station: String,
    done: bool,
}

/// Says that a station has done its part of an order, or not after all.
pub async fn station(call: Call) -> Answer {
    let said: Bump = call.json()?;
    let kitchen = rows::kitchen::settings(&call.db, &call.here()?.venue.id).await?;
    if kitchen.station(&said.station).is_none() {
        return Err(Problem::invalid_field("station"));
    }
    let menu = menu::of(&call).await?.catalogue(&call.app);
    let is_mine = |found: &Found, item: &Item| {
        let station = kitchen.station_of(&menu, found.order.product_of(*item));
        station.is_none_or(|station| station.id == said.station)
    };
    let told = |found: &Found, now_ms| {
        let items = found.order.items().into_iter();
        let mine: Vec<Item> = items.filter(|item| is_mine(found, item)).collect();
        bump(&found.order, (&mine, said.done), &found.done, now_ms)
    };
    let mut found = step(&call, told).await?;
    if said.done {
        found = called(&call).await?;
    }
    answer(&call, StatusCode::OK, &found.order).await
}

/// Looks again after a tick was written: of two stations that end at once the later sees both.
async fn called(call: &Call) -> Result<Found, Problem> {
    step(call, |found, now_ms| finish(&found.order, &found.done, now_ms)).await
}

async fn step<D>(call: &Call, decide: D) -> Result<Found, Problem>
where
    D: Fn(&Found, u64) -> Result<Vec<Draft>, Rejection> + Send,
{
    let (venue, id) = (&call.here()?.venue.id, call.param("id")?);
    let mut tries = Tries::default();
    loop {
        let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_order");
        let found = rows::order::by_id(&call.db, venue, id).await?.ok_or_else(unknown)?;
        let drafts = decide(&found, call.app.clock.now_ms())?;
        if drafts.is_empty() {
            return Ok(found);
        }
        if call.write_with(&drafts, Vec::new()).await? == Written::Done {
            let found = rows::order::by_id(&call.db, venue, id).await?;
            return found.ok_or_else(unknown);
        }
        tries.again()?;
    }
}

/// Tells the kitchen's settings.
pub async fn settings(call: Call) -> Answer {
    json(StatusCode::OK, &rows::kitchen::settings(&call.db, &call.here()?.venue.id).await?)
}

/// Keeps the kitchen's settings, as a whole.
pub async fn put_settings(call: Call) -> Answer {
    // What a newer build kept is read with what is unknown in it; a program's mistakes are not.
    let given: Json = call.json()?;
    let kitchen: Kitchen = call.json()?;
    let known = value!(kitchen);
    let strange = |field: &&String| known.get(field.as_str()).is_none();
    if let Some(field) = given.as_object().and_then(|fields| fields.keys().find(strange)) {
        return Err(Problem::invalid_field(field));
    }
    terms::keep_kitchen(&call, kitchen).await?;
    settings(call).await
}
