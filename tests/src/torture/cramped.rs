//! The real gateway when its disk takes nothing more: what it answers, and how it goes on.
//!
//! The disk is a limit on the size of the process's files, which can be lifted while it runs. It
//! must not know how the gateway notices.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value as Json, json};
use xtask::{program, vendor};

use super::{
    books::{Books, FILE},
    customers::{Shop, agent},
    killing::{GATEWAY, eventually, hermit_config},
};
use crate::{
    contract::venue::cheese_king,
    native::{Kind, Native},
};

/// Orders before, during and after.
const ORDERS: u32 = 20;

/// How much room the disk has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// No file can grow.
    NoMore,
    /// Nothing can be written at all, not even the log.
    None,
}

/// Takes the room away from a running gateway, and gives it back; kills it before, if asked to.
///
/// # Errors
/// Fails when an answer is another one than it must be, or something is lost.
pub fn endure(room: Room, killed: bool) -> Result<()> {
    vendor::ensure()?;
    let relais = program::build("device-gateway", "relais")?;
    let folder = tempfile::tempdir()?;
    let start = folder.path().join("relais-that-is-told-and-not-ended");
    // Who writes beyond the limit is sent a signal that would end it; a full disk sends none.
    write_script(&start, &format!("trap '' XFSZ\nexec {relais:?} \"$@\"\n"))?;
    let config = hermit_config(&folder)?;
    let mut gateway = Native::start(&start, Kind::Gateway, config, folder.path())?;
    let outcome = tortured(&mut gateway, room, killed);
    outcome.with_context(|| format!("the gateway's last words:\n{}", gateway.log()))
}

fn tortured(gateway: &mut Native, room: Room, killed: bool) -> Result<()> {
    let shop = Shop::open(gateway.address(), "chakri.be", GATEWAY)?;
    let mut told = Vec::new();
    for number in 0..ORDERS {
        told.push(place(&shop, number)?);
    }
    let log = fs::metadata(gateway.data().join(format!("{FILE}-wal")))?.len();
    limit(gateway, Some(if room == Room::None { 0 } else { log }))?;
    for number in ORDERS..2 * ORDERS {
        expect(&shop, "/api/orders", Some(&cheese_king(number)), 503, "unavailable")?;
    }
    let first = told.first().context("nothing was placed")?;
    let paid = json!({"means": "cash"});
    expect(&shop, &format!("/api/orders/{}/paid", first.0), Some(&paid), 503, "unavailable")?;
    expect(&shop, "/healthz", None, 503, "unavailable")?;
    for (order, ticket) in &told {
        let (status, answer) = ask(&shop, &format!("/api/orders/{order}"), None)?;
        if status != 200 || answer["ticket"] != ticket.as_str() || answer["state"] != "placed" {
            bail!("{order} was {ticket}, is {status} {answer}");
        }
    }
    if killed {
        gateway.kill()?;
        gateway.restart()?;
    } else {
        limit(gateway, None)?;
    }
    eventually("the gateway is well again", || Ok(ask(&shop, "/healthz", None)?.0 == 200))?;
    for number in 0..3 * ORDERS {
        let placed = place(&shop, number)?;
        if told.get(number as usize).is_some_and(|known| *known != placed) {
            bail!("{placed:?} was another one before");
        }
        if number >= ORDERS {
            told.push(placed);
        }
    }
    gateway.kill()?;
    let books = Books::copy(&gateway.data())?;
    books.check()?;
    books.check_tickets()?;
    let orders = books.orders()?;
    let is_there = |(id, ticket): &&(String, String)| orders[id.as_str()].ticket == *ticket;
    if orders.len() != told.len() || !told.iter().all(|one| is_there(&one)) {
        bail!("{} orders were told, {} are there", told.len(), orders.len());
    }
    Ok(())
}

fn write_script(file: &Path, text: &str) -> Result<()> {
    fs::write(file, format!("#!/bin/sh\n{text}"))?;
    fs::set_permissions(file, fs::Permissions::from_mode(0o700))?;
    Ok(())
}

/// Limits the size of every file that the process writes; none lifts the limit.
fn limit(gateway: &Native, bytes: Option<u64>) -> Result<()> {
    let pid = gateway.pid().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    let pid = pid.context("the gateway does not run")?;
    prlimit(Some(pid), Resource::Fsize, Rlimit { current: bytes, maximum: None })?;
    Ok(())
}

fn place(shop: &Shop, number: u32) -> Result<(String, String)> {
    let (status, answer) = ask(shop, "/api/orders", Some(&cheese_king(number)))?;
    match (status, answer["id"].as_str(), answer["ticket"].as_str()) {
        (200 | 201, Some(id), Some(ticket)) => Ok((id.to_owned(), ticket.to_owned())),
        _ => bail!("order {number} was answered {status} {answer}"),
    }
}

fn expect(shop: &Shop, path: &str, body: Option<&Json>, status: u16, code: &str) -> Result<()> {
    let (said, answer) = ask(shop, path, body)?;
    if said != status || answer["error"]["code"] != code {
        bail!("{path} was answered {said} {answer}, and not {status} {code}");
    }
    Ok(())
}

fn ask(shop: &Shop, path: &str, body: Option<&Json>) -> Result<(u16, Json)> {
    let answer = shop.ask(&agent(), path, body.map(Json::to_string).as_deref());
    answer.with_context(|| format!("{path} is not answered"))
}
