//! Stores that are put back, copied and moved under a running venue: the real hosts must notice by
//! their marker or by each other, and what anybody still holds must come back.
//!
//! It owns the files that are put back. It must not know what a marker says.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use xtask::{process, program, vendor};

use super::{
    books::{self, Books, FILE},
    customers::{Shop, agent},
    killing::{GATEWAY, PUBLIC_NAME, WITHIN, eventually, open_edge, settled, stop_at_rest},
};
use crate::{
    contract::venue::cheese_king,
    native::{Kind, Native},
    simulation::chance::Chance,
};

/// The marker file, as every native host calls it.
const MARKER: &str = "relais.marker";
/// A start is killed at most so long after its marker moved, and not later than this without.
const AFTER_MARKER_US: usize = 3_000;

/// What is put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Image {
    /// The database alone.
    Database,
    /// Everything that is kept, the marker with it: only others can know that it is old.
    Whole,
}

/// A venue with both its sides.
struct Venue {
    edge: Native,
    gateway: Native,
    shop: Shop,
    /// Orders and tickets that were told at the gateway.
    told: Vec<(String, String)>,
    relais: PathBuf,
    folder: TempDir,
}

impl Venue {
    fn open() -> Result<Self> {
        vendor::ensure()?;
        let relais = program::build("device-gateway", "relais")?;
        let folder = tempfile::tempdir()?;
        let (edge, _, config) = open_edge(&relais, &folder)?;
        let gateway = Native::start(&relais, Kind::Gateway, config, folder.path())?;
        let shop = shop(&gateway)?;
        Ok(Self { edge, gateway, shop, told: Vec::new(), relais, folder })
    }

    fn order(&mut self, numbers: std::ops::Range<u32>) -> Result<()> {
        for number in numbers {
            self.told.push(place(&self.shop, number)?);
        }
        Ok(())
    }

    fn settle(&self) -> Result<()> {
        settled(&self.gateway, &self.edge)
    }

    fn life(&self) -> Result<String> {
        books::life(&self.gateway.data())
    }

    fn restart(&mut self) -> Result<()> {
        self.gateway.kill()?;
        self.gateway.restart()
    }

    /// Both sides hold everything that was told, and nothing else. No ticket is there twice, but
    /// where twins give out numbers under one letter nobody can promise that.
    fn end(mut self, others: &[(String, String)]) -> Result<()> {
        stop_at_rest(&mut self.gateway, &mut self.edge)?;
        let sides = [self.gateway.data(), self.edge.data()];
        let [ours, theirs] = [Books::copy(&sides[0])?, Books::copy(&sides[1])?];
        ours.check()?;
        ours.check_equal(&theirs)?;
        if others.is_empty() {
            theirs.check_tickets()?;
        }
        let orders = theirs.orders()?;
        let told: Vec<_> = self.told.iter().chain(others).collect();
        for (order, ticket) in &told {
            let found = orders.get(order).with_context(|| format!("{order} is lost"))?;
            ensure!(found.ticket == *ticket, "{order} was {ticket}, is {found:?}");
        }
        ensure!(orders.len() == told.len(), "{} told, {} there", told.len(), orders.len());
        Ok(())
    }
}

fn shop(gateway: &Native) -> Result<Shop> {
    Shop::open(gateway.address(), PUBLIC_NAME, GATEWAY)
}

fn place(shop: &Shop, number: u32) -> Result<(String, String)> {
    let basket = cheese_king(number).to_string();
    let answer = shop.ask(&agent(), "/api/orders", Some(&basket));
    let (status, answer) = answer.context("nobody answers")?;
    match (status, answer["id"].as_str(), answer["ticket"].as_str()) {
        (201, Some(id), Some(ticket)) => Ok((id.to_owned(), ticket.to_owned())),
        _ => bail!("order {number} was answered {status} {answer}"),
    }
}

fn status(shop: &Shop) -> Result<Json> {
    match shop.ask(&agent(), "/api/sync-status", None) {
        Some((200, status)) => Ok(status),
        other => bail!("the status is {other:?}"),
    }
}

/// A store is put back while the line is cut, sells, and meets its edge again.
///
/// # Errors
/// Fails with the first promise that is broken.
pub fn put_back(image: Image) -> Result<()> {
    let mut venue = Venue::open()?;
    venue.order(0..5)?;
    venue.settle()?;
    let first = venue.life()?;
    venue.gateway.kill()?;
    let kept = tempfile::tempdir()?;
    copy(&venue.gateway.data(), kept.path())?;
    venue.gateway.restart()?;
    ensure!(venue.life()? == first, "a restart began a new life");
    venue.order(5..10)?;
    venue.settle()?;
    venue.gateway.kill()?;
    venue.edge.kill()?;
    let data = venue.gateway.data();
    if image == Image::Database {
        fs::copy(data.join(MARKER), kept.path().join(MARKER))?;
    }
    fs::remove_dir_all(&data)?;
    copy(kept.path(), &data)?;
    venue.gateway.restart()?;
    let second = venue.life()?;
    let found = status(&venue.shop)?;
    ensure!(found["leases"] == json!({"confirmed": false, "awaited": ["edge"]}), "{found}");
    let is_noticed = image == Image::Database;
    ensure!((second != first) == is_noticed, "{image:?}: {first} {second}");
    ensure!(found["restored"] == i64::from(is_noticed), "{found}");
    ensure!(venue.gateway.log().contains("begins a new life") == is_noticed, "the log says so");
    if image == Image::Whole {
        // Nobody has told it yet that its next numbers are taken, so it sells nothing meanwhile.
        venue.edge.restart()?;
        eventually("it begins a new life", || Ok(venue.life()? != first))?;
    }
    venue.order(10..15)?;
    if image == Image::Database {
        venue.edge.restart()?;
    }
    venue.settle()?;
    let confirmed = || Ok(status(&venue.shop)?["leases"]["confirmed"] == true);
    eventually("its edge has heard it", confirmed)?;
    let third = venue.life()?;
    venue.restart()?;
    ensure!(venue.life()? == third, "a restart began a new life");
    venue.end(&[])
}

/// The whole folder of a gateway is copied, and both copies run beside each other.
///
/// # Errors
/// Fails with the first promise that is broken.
pub fn clone() -> Result<()> {
    let mut venue = Venue::open()?;
    venue.order(0..5)?;
    venue.settle()?;
    let first = venue.life()?;
    venue.gateway.kill()?;
    let twin_folder = tempfile::tempdir()?;
    copy(&venue.gateway.data(), &twin_folder.path().join("data"))?;
    venue.gateway.restart()?;
    ensure!(venue.life()? == first, "the original lives on");
    let text = fs::read_to_string(venue.folder.path().join("gateway.toml"))?;
    let mut config: toml::Table = text.parse()?;
    let data = twin_folder.path().join("data");
    config.insert("data_dir".to_owned(), data.to_string_lossy().into_owned().into());
    let mut twin = Native::start(&venue.relais, Kind::Gateway, config, twin_folder.path())?;
    ensure!(books::life(&twin.data())? != first, "two stores write under one name");
    let twin_shop = shop(&twin)?;
    let mut twins = Vec::new();
    for number in 0..10 {
        venue.order(100 + number..101 + number)?;
        twins.push(place(&twin_shop, 200 + number)?);
    }
    venue.settle()?;
    settled(&twin, &venue.edge)?;
    venue.settle()?;
    ensure!(venue.life()? == first, "the original lives on");
    twin.kill()?;
    venue.end(&twins)
}

/// A gateway is killed again and again when its marker has just moved, and always starts again.
///
/// # Errors
/// Fails with the first start that fails.
pub fn kill_starts(seed: u64, rounds: usize) -> Result<usize> {
    let mut venue = Venue::open()?;
    let chance = Chance::new(seed);
    let mut new_lives = 0;
    for round in 0..rounds {
        let number = u32::try_from(round)?;
        venue.order(number..number + 1)?;
        let before = venue.life()?;
        venue.gateway.kill()?;
        let marker = venue.gateway.data().join(MARKER);
        let looks = || fs::metadata(&marker).and_then(|found| found.modified()).ok();
        let old = looks();
        venue.gateway.begin()?;
        let until = Instant::now() + WITHIN;
        while looks() == old {
            ensure!(Instant::now() < until, "the marker never moves");
            thread::yield_now();
        }
        // The moment itself is the fault: nothing is waited for.
        thread::sleep(Duration::from_micros(chance.below(AFTER_MARKER_US) as u64));
        venue.gateway.kill()?;
        venue.gateway.restart().with_context(|| format!("round {round}"))?;
        new_lives += usize::from(venue.life()? != before);
    }
    let before = venue.life()?;
    venue.restart()?;
    ensure!(venue.life()? == before, "a restart began a new life");
    venue.end(&[])?;
    Ok(new_lives)
}

/// Copies a folder with its files.
fn copy(from: &Path, to: &Path) -> Result<()> {
    ensure!(from.join(FILE).exists(), "there is no store in {}", from.display());
    let mut command = std::process::Command::new("cp");
    command.args(["-a", "--no-target-directory"]).args([from, to]);
    process::lines("cp", &mut command).map(drop)
}
