//! Hosts that are killed again and again under load, and started again on the same files.
//!
//! A seed decides who is killed and when, as far as the system lets it. After every kill the files
//! are audited as they lie there. It must not know what is asked of the hosts.

use std::{
    fs, iter,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use xtask::{program, vendor};

use super::{
    books::{self, Books},
    customers::{Crowd, REQUESTS, Shop},
    ledger::{Counts, Origin},
};
use crate::{
    native::{Kind, Native},
    simulation::chance::Chance,
    site,
};

/// The letters on the tickets of the two sides.
pub const GATEWAY: Origin = "K1";
/// See [`GATEWAY`].
pub const EDGE: Origin = "W";
/// The public name of the demo venue.
pub(super) const PUBLIC_NAME: &str = "chakri.be";
/// Customers at each host.
const CUSTOMERS: usize = 3;
/// After so many answers at most a host that is alone is killed.
const ANSWERS: usize = 40;
/// A host is killed at one of a round's answers, and up to so long after it, to meet every moment
/// of a request.
const LATER_US: usize = 3_000;
/// Under load a store is written to again within this.
const WRITES_WITHIN_US: usize = 50_000;
/// A start takes about this long; one kill of every two falls into it.
const START_US: usize = 60_000;
/// Orders that are asked for once more at the end.
const ASKED_AGAIN: usize = 40;
/// How long anything may take that must happen by itself.
pub(super) const WITHIN: Duration = Duration::from_secs(30);
/// How often two sides may be stopped until they are found at rest.
const STOPS: u32 = 3;
/// How often it is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// The gateway of a venue that has no edge until the end.
    Hermit,
    /// The gateway, while it exchanges with its edge.
    Gateway,
    /// The self-hosted edge, while it is exchanged with.
    Edge,
}

/// What a run came to.
#[derive(Debug, Clone, Copy)]
pub struct Killed {
    /// Kills under load.
    pub under_load: usize,
    /// Kills during a start.
    pub while_starting: usize,
    /// Rounds in which the victim took in orders of the other side before it was killed.
    pub exchanging: usize,
    /// What was told.
    pub counts: Counts,
}

/// Kills in so many rounds, and checks that nothing that was acknowledged is lost.
///
/// # Errors
/// Fails with the first promise that is broken.
pub fn run(victim: Victim, seed: u64, rounds: usize) -> Result<Killed> {
    let mut run = Run::start(victim, seed)?;
    let outcome = (0..rounds)
        .try_for_each(|round| run.round(round).with_context(|| format!("round {round}")));
    outcome.and_then(|()| run.end()).with_context(|| run.logs())
}

/// A gateway, its edge if it has one, and everybody who comes.
pub(super) struct Run {
    victim: Victim,
    chance: Chance,
    pub(super) gateway: Native,
    edge: Option<Native>,
    shops: Vec<Shop>,
    pub(super) crowd: Crowd,
    under_load: usize,
    while_starting: usize,
    exchanging: usize,
    /// Orders of the other side that the victim held when it was last killed.
    foreign: usize,
    relais: PathBuf,
    folder: TempDir,
}

impl Run {
    /// Signs the gateway's staff in anew: a store that began again knows nobody.
    pub(super) fn sign_in(&mut self) -> Result<()> {
        let again = Shop::open(self.gateway.address(), PUBLIC_NAME, GATEWAY)?;
        let last = self.shops.last_mut().context("the gateway is a shop")?;
        *last = again;
        Ok(())
    }

    pub(super) fn start(victim: Victim, seed: u64) -> Result<Self> {
        vendor::ensure()?;
        let relais = program::build("device-gateway", "relais")?;
        let folder = tempfile::tempdir()?;
        let mut shops = Vec::new();
        let (edge, config) = if victim == Victim::Hermit {
            (None, hermit_config(&folder)?)
        } else {
            let (edge, shop, config) = open_edge(&relais, &folder)?;
            shops.push(shop);
            (Some(edge), config)
        };
        let gateway = Native::start(&relais, Kind::Gateway, config, folder.path())?;
        shops.push(Shop::open(gateway.address(), PUBLIC_NAME, GATEWAY)?);
        Ok(Self {
            victim,
            chance: Chance::new(seed),
            gateway,
            edge,
            shops,
            crowd: Crowd::default(),
            under_load: 0,
            while_starting: 0,
            exchanging: 0,
            foreign: 0,
            relais,
            folder,
        })
    }

    /// Everybody is served until the victim is killed; then its files are audited.
    fn round(&mut self, round: usize) -> Result<()> {
        self.crowd.forewarn(false);
        let (killed, origin) = thread::scope(|scope| {
            let (ring, answered) = mpsc::channel();
            for shop in self.shops.iter().flat_map(|shop| iter::repeat_n(shop, CUSTOMERS)) {
                let (crowd, chance, ring) = (&self.crowd, self.chance.clone(), ring.clone());
                scope.spawn(move || crowd.visit(shop, &chance, &ring));
            }
            drop(ring);
            // An exchange takes its time; alone, more kills find more than longer rounds.
            let most = match self.victim {
                Victim::Hermit => ANSWERS,
                Victim::Gateway | Victim::Edge => self.shops.len() * CUSTOMERS * REQUESTS,
            };
            wait(&answered, self.chance.below(most));
            self.crowd.forewarn(true);
            let (victim, origin) = match (self.victim, &mut self.edge) {
                (Victim::Edge, Some(edge)) => (edge, EDGE),
                _ => (&mut self.gateway, GATEWAY),
            };
            lurk(&victim.data(), round, &self.chance);
            (victim.kill(), origin)
        });
        killed?;
        self.under_load += 1;
        let crowd = &self.crowd;
        let victim = match (self.victim, &mut self.edge) {
            (Victim::Edge, Some(edge)) => edge,
            _ => &mut self.gateway,
        };
        let foreign = crowd.ledger().audit(&victim.data(), &[origin])?;
        self.exchanging += usize::from(foreign > self.foreign);
        self.foreign = foreign;
        for _ in 0..round % 3 {
            victim.begin()?;
            // The moment itself is the fault: nothing is waited for.
            thread::sleep(Duration::from_micros(self.chance.below(START_US) as u64));
            victim.kill()?;
            self.while_starting += 1;
            crowd.ledger().audit(&victim.data(), &[origin])?;
        }
        victim.restart()
    }

    /// Serves everybody until they go home.
    pub(super) fn serve(&self) {
        let (ring, _nobody_listens) = mpsc::channel();
        thread::scope(|scope| {
            for shop in self.shops.iter().flat_map(|shop| iter::repeat_n(shop, CUSTOMERS)) {
                let ring = ring.clone();
                scope.spawn(move || self.crowd.visit(shop, &self.chance.clone(), &ring));
            }
        });
    }

    /// Waits until both sides hold the same.
    pub(super) fn settle(&self) -> Result<()> {
        settled(&self.gateway, self.edge.as_ref().context("there is no edge")?)
    }

    /// Gives a gateway that was alone an edge, which learns everything from it.
    fn join(&mut self) -> Result<()> {
        if self.edge.is_none() {
            self.gateway.kill()?;
            let (edge, shop, config) = open_edge(&self.relais, &self.folder)?;
            self.edge = Some(edge);
            self.shops.push(shop);
            self.gateway.configure(config);
            self.gateway.restart()?;
        }
        Ok(())
    }

    /// Lets both sides become equal, asks them once more, and compares their files.
    pub(super) fn end(&mut self) -> Result<Killed> {
        self.join()?;
        self.settle()?;
        for shop in &self.shops {
            self.crowd.ask_again(shop, ASKED_AGAIN)?;
        }
        let edge = self.edge.as_mut().context("there is no edge")?;
        stop_at_rest(&mut self.gateway, edge)?;
        let sides = [self.gateway.data(), edge.data()];
        Books::copy(&sides[0])?.check_equal(&Books::copy(&sides[1])?)?;
        for side in sides {
            self.crowd.ledger().audit(&side, &[GATEWAY, EDGE])?;
        }
        Ok(Killed {
            under_load: self.under_load,
            while_starting: self.while_starting,
            exchanging: self.exchanging,
            counts: self.crowd.ledger().counts(),
        })
    }

    /// Returns what the hosts said last.
    pub(super) fn logs(&self) -> String {
        let edge = self.edge.as_ref().map(Native::log).unwrap_or_default();
        format!("the edge's last words:\n{edge}\nthe gateway's:\n{}", self.gateway.log())
    }
}

/// Waits until both sides hold the same.
pub(super) fn settled(gateway: &Native, edge: &Native) -> Result<()> {
    let (ours, theirs) = (gateway.data(), edge.data());
    eventually("both sides hold the same", || Ok(books::vector(&ours)? == books::vector(&theirs)?))
}

/// Stops both sides while they hold the same.
///
/// A gateway writes by itself what becomes due, such as the end of a table's second assignment, so
/// what two running hosts were seen to hold may be out of date before they are stopped.
pub(super) fn stop_at_rest(gateway: &mut Native, edge: &mut Native) -> Result<()> {
    for _ in 0..STOPS {
        settled(gateway, edge)?;
        gateway.kill()?;
        edge.kill()?;
        let (ours, theirs) = (Books::copy(&gateway.data())?, Books::copy(&edge.data())?);
        if ours.vector()? == theirs.vector()? {
            return Ok(());
        }
        edge.restart()?;
        gateway.restart()?;
    }
    bail!("{STOPS} times the gateway wrote something when both had settled")
}

/// Starts an edge with the demo venue; returns it, how it is reached, and how a gateway reaches it.
pub(super) fn open_edge(relais: &Path, folder: &TempDir) -> Result<(Native, Shop, toml::Table)> {
    let config = site::edge_config(folder);
    let edge = Native::start(relais, Kind::Edge, config, folder.path())?;
    let enrolled = site::open_venue(edge.address(), &site::document()?)?;
    let shop = Shop::open(edge.address(), PUBLIC_NAME, EDGE)?;
    let config = site::gateway_config(folder, &enrolled, edge.address())?;
    Ok((edge, shop, config))
}

/// Returns the configuration of a gateway that has no edge.
pub(super) fn hermit_config(folder: &TempDir) -> Result<toml::Table> {
    let enrolled = serde_json::json!({"venue": "chakri", "device": "", "device_key": ""});
    let nowhere = ([127, 0, 0, 1], 0).into();
    let mut config = site::gateway_config(folder, &enrolled, nowhere)?;
    for key in ["edge_url", "device", "device_key"] {
        config.remove(key);
    }
    Ok(config)
}

/// Waits until a condition holds that must come true by itself.
pub(super) fn eventually(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let until = Instant::now() + WITHIN;
    while !holds()? {
        if Instant::now() > until {
            bail!("it never came to this: {what}");
        }
        thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// Waits for some answers; customers that all went home end it sooner.
fn wait(answered: &Receiver<()>, answers: usize) {
    for _ in 0..answers {
        if answered.recv_timeout(WITHIN).is_err() {
            return;
        }
    }
}

/// Lets any moment pass or, every second time, comes upon the store while it is written to: that
/// is a small part of its time, and the worst moment of all.
fn lurk(data: &Path, round: usize, chance: &Chance) {
    let looks = |ending: &str| {
        let found = fs::metadata(data.join(format!("{}{ending}", books::FILE)));
        found.and_then(|found| Ok((found.len(), found.modified()?))).ok()
    };
    let state = || ["", "-wal"].map(looks);
    let before = state();
    let lurks = round.is_multiple_of(2);
    let most = if lurks { WRITES_WITHIN_US } else { chance.below(LATER_US) };
    let until = Instant::now() + Duration::from_micros(most as u64);
    while Instant::now() < until && !(lurks && state() != before) {
        thread::yield_now();
    }
}
