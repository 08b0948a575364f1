//! A gateway whose clock is years off: it sells, harms nobody, loses nothing, and says so.
//!
//! It must not know how clocks are compared.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value as Json;
use xtask::{program, vendor};

use super::{
    books::{self, Books},
    customers::{Shop, agent},
    killing::{GATEWAY, PUBLIC_NAME, eventually, open_edge},
};
use crate::{
    contract::venue::cheese_king,
    native::{Kind, Native},
};

/// How far from the edge's time a clock may be and still count as right.
const TOLERANCE_MS: i64 = 60_000;

/// Lets a gateway sell with a clock that is wrong by so much, and then with one that is right.
///
/// # Errors
/// Fails with the first promise that is broken.
pub fn off_by(wrong_by_ms: i64) -> Result<()> {
    vendor::ensure()?;
    let relais = program::build("device-gateway", "relais")?;
    let folder = tempfile::tempdir()?;
    let (mut edge, _, mut config) = open_edge(&relais, &folder)?;
    edge.kill()?;
    config.insert("contract".to_owned(), true.into());
    config.insert("clock_wrong_by_ms".to_owned(), wrong_by_ms.into());
    let mut gateway = Native::start(&relais, Kind::Gateway, config.clone(), folder.path())?;
    let alone = clock(&gateway)?;
    let floor_ms = alone["uncertain_floor_ms"].as_i64();
    ensure!(floor_ms.is_some() && alone["edge_ahead_ms"].is_null(), "alone: {alone}");
    let first = place(&gateway, 0)?;
    edge.restart()?;
    let both = || Ok(books::vector(&gateway.data())? == books::vector(&edge.data())?);
    eventually("both sides hold the same", both)?;
    let told = clock(&gateway)?;
    let (ahead, floor) = (told["edge_ahead_ms"].as_i64(), told["uncertain_floor_ms"].as_i64());
    let is_told = ahead.is_some_and(|ahead| (ahead + wrong_by_ms).abs() < TOLERANCE_MS);
    let is_near = floor.is_some_and(|floor| (floor - now_ms()).abs() < 2 * TOLERANCE_MS);
    ensure!(is_told && is_near, "the edge says how late it is: {told}");
    let second = place(&gateway, 1)?;
    eventually("both sides hold the same", both)?;
    ensure!(books::clock_ms(&edge.data())? <= now_ms() + TOLERANCE_MS, "the edge is poisoned");
    gateway.kill()?;
    config.remove("clock_wrong_by_ms");
    gateway.configure(config);
    gateway.restart()?;
    let is_believed = || Ok(clock(&gateway)?["uncertain_floor_ms"].is_null());
    eventually("the edge says that the clock is right", is_believed)?;
    let third = place(&gateway, 2)?;
    // The edge lowers stamps when it takes them in, and tells so in a later answer.
    eventually("both sides hold the same, under the stamps that the edge recorded", || {
        let same = books::vector(&gateway.data())? == books::vector(&edge.data())?;
        Ok(same && books::contents(&gateway.data())? == books::contents(&edge.data())?)
    })?;
    gateway.kill()?;
    edge.kill()?;
    let [ours, theirs] = [Books::copy(&gateway.data())?, Books::copy(&edge.data())?];
    ours.check_equal(&theirs)?;
    let orders = ours.orders()?;
    ensure!([&first, &second, &third].iter().all(|order| orders.contains_key(*order)), "lost");
    Ok(())
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Signs in anew each time: a cookie is as old as the clock says.
fn shop(gateway: &Native) -> Result<Shop> {
    Shop::open(gateway.address(), PUBLIC_NAME, GATEWAY)
}

fn clock(gateway: &Native) -> Result<Json> {
    match shop(gateway)?.ask(&agent(), "/api/sync-status", None) {
        Some((200, status)) => Ok(status["clock"].clone()),
        other => bail!("the status is {other:?}"),
    }
}

fn place(gateway: &Native, number: u32) -> Result<String> {
    let basket = cheese_king(number).to_string();
    let answer = shop(gateway)?.ask(&agent(), "/api/orders", Some(&basket));
    let (status, answer) = answer.context("nobody answers")?;
    match (status, answer["id"].as_str()) {
        (201, Some(id)) => Ok(id.to_owned()),
        _ => bail!("order {number} was answered {status} {answer}"),
    }
}
