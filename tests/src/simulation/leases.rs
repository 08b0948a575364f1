//! Rights that both sides of every venue lease from each other, and what was promised of them.
//!
//! Owns the workload of leases and what was told of it. It reads tables and
//! answers; it must not repeat a rule of the product to predict what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::{leases::Desk, metered::Metered, problem::Problem, rows};
use sync_engine::{
    id::Writer,
    lease::{Issue, Spend},
};

use super::{
    hosts::SimHost,
    tasks::HostId,
    world::{EDGE, ParseId, VENUES, World},
};

/// A right, whether the gateway owns it, and how much there is: the last one is exclusive.
pub(super) const RIGHTS: [(&str, bool, i64); 3] =
    [("points/42", false, 6), ("stock/fries", true, 6), ("door/A3", true, 1)];
/// The tables that both sides must hold alike.
pub const TABLES: [&str; 4] = ["lease", "lease_spend", "lease_return", "lease_lost"];
/// Refusals that the rules ask for under this workload.
const LAWFUL: [&str; 7] = [
    "leases_wait",
    "unknown_lease",
    "lease_not_held",
    "lease_over",
    "lease_exhausted",
    "right_exhausted",
    "unavailable",
];
const OWN_SQL: &str = "SELECT l.id AS id FROM lease l, local_venue v WHERE l.venue = ?1 \
     AND v.venue = ?1 AND l.holder = v.replica \
     ORDER BY EXISTS (SELECT 1 FROM lease_return r WHERE r.venue = ?1 AND r.id = l.id), \
     l.stamp DESC, l.id LIMIT 4";
const ANY_SQL: &str =
    "SELECT l.id AS id FROM lease l WHERE l.venue = ?1 ORDER BY l.stamp DESC, l.id LIMIT 6";
const LIFE_SQL: &str = "SELECT replica, generation FROM local_venue WHERE venue = ?1";
/// Whether a lease is of a life that has ended here, and this key was not spent from it before.
const FROZEN_SQL: &str = "SELECT l.id AS id FROM lease l, local_venue v WHERE l.venue = ?1 \
     AND v.venue = ?1 AND l.id = ?2 AND l.holder = v.replica \
     AND l.holder_generation <> v.generation AND NOT EXISTS (SELECT 1 FROM lease_spend s \
     WHERE s.venue = ?1 AND s.lease = ?2 AND s.spend_key = ?3)";
const SPENT_SQL: &str = "SELECT s.spend_key AS id FROM lease_spend s WHERE s.venue = ?1";

/// What was done with leases, and how often what must be survived happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Leases that were issued.
    pub issued: u64,
    /// Spends that were told.
    pub spent: u64,
    /// Leases that came back.
    pub returned: u64,
    /// Leases that came back while a spend from them was under way.
    pub returned_while_spending: u64,
    /// Leases that were written off.
    pub lost: u64,
    /// Refusals to a process that was not confirmed.
    pub waited: u64,
    /// Refusals to a life that does not hold the lease.
    pub not_held: u64,
    /// Rights that were issued again in the end.
    pub issued_again: u64,
}

impl Tally {
    /// Adds another run's counts.
    pub const fn add(&mut self, other: &Self) {
        self.issued += other.issued;
        self.spent += other.spent;
        self.returned += other.returned;
        self.returned_while_spending += other.returned_while_spending;
        self.lost += other.lost;
        self.waited += other.waited;
        self.not_held += other.not_held;
        self.issued_again += other.issued_again;
    }
}

#[derive(Debug, Default)]
pub(super) struct Book {
    /// Spends that somebody was told of: venue and key, how much.
    pub(super) told: BTreeMap<(usize, String), i64>,
    /// Spends that were asked for and not answered; they are asked for again.
    open: Vec<(HostId, usize, Spend)>,
    /// Leases from which a spend is under way.
    spending: Vec<String>,
    keys: u64,
    pub(super) broken: Vec<String>,
    pub(super) tally: Tally,
}

/// Where all that is written down.
#[derive(Debug, Clone, Default)]
pub struct Leases(Arc<Mutex<Book>>);

impl Leases {
    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a store was put back or is gone: what nobody holds any more was never told.
    pub fn forget(&self, world: &World) {
        let known = |venue: usize| {
            let sides = world.sides(venue).into_iter();
            let rows = sides.map(|side| world.hosts[side].store.rows(SPENT_SQL, &[VENUES[venue]]));
            rows.collect::<Vec<_>>()
                .concat()
                .iter()
                .map(|row| row["id"].to_string())
                .collect::<BTreeSet<_>>()
        };
        let known = [known(0), known(1)];
        self.book().told.retain(|(venue, key), _| known[*venue].contains(&format!("\"{key}\"")));
    }

    /// Returns what was done.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.book().tally.clone()
    }
}

/// A spend that is under way until it is answered, or its process dies.
struct UnderWay(Leases, String);

impl UnderWay {
    fn new(leases: &Leases, lease: &str) -> Self {
        leases.book().spending.push(lease.to_owned());
        Self(leases.clone(), lease.to_owned())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut book = self.0.book();
        if let Some(at) = book.spending.iter().position(|lease| *lease == self.1) {
            book.spending.swap_remove(at);
        }
    }
}

/// Takes one step with leases, mostly where a process is confirmed: others only wait.
pub fn step(world: &World) {
    let at = |venue| world.sides(venue).into_iter().map(move |host| (host, venue));
    let all: Vec<(HostId, usize)> = (0..VENUES.len()).flat_map(at).collect();
    let all: Vec<_> = all.into_iter().filter(|at| !world.shares_its_life(at.0)).collect();
    let confirmed = |at: &(HostId, usize)| world.is_confirmed(at.0, at.1);
    let sure: Vec<_> = all.iter().copied().filter(confirmed).collect();
    let from = if sure.is_empty() || world.chance.happens(100) { all } else { sure };
    let (host, venue) = *world.chance.pick(&from);
    let Some(lease) = lease_at(world, host, venue) else {
        return issue(world, (host, venue));
    };
    match world.chance.below(13) {
        0..3 => issue(world, (host, venue)),
        3..9 => {
            // Several callers spend from one lease at once.
            for _ in 0..1 + world.chance.below(2) {
                spend(world, (host, venue), &lease);
            }
        }
        9 => again(world),
        10 => give_back(world, (host, venue), lease),
        11 => {
            spend(world, (host, venue), &lease);
            give_back(world, (host, venue), lease);
        }
        _ if world.chance.happens(300) && !world.is_copy(host) => {
            declare_lost(world, (host, venue), lease);
        }
        _ => {}
    }
}

fn lease_at(world: &World, host: HostId, venue: usize) -> Option<String> {
    let sql = if world.chance.happens(850) { OWN_SQL } else { ANY_SQL };
    let rows = world.hosts[host].store.rows(sql, &[VENUES[venue]]);
    let ids: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    (!ids.is_empty()).then(|| (*world.chance.pick(&ids)).to_owned())
}

fn issue(world: &World, (owner, venue): (HostId, usize)) {
    // A copied owner issues nothing: it cannot know what its original has given out.
    if world.is_copy(owner) {
        return;
    }
    let owned = RIGHTS.into_iter().filter(|(_, is_gateways, _)| *is_gateways == (owner != EDGE));
    let owned: Vec<_> = owned.collect();
    let (right, _, total) = *world.chance.pick(&owned);
    let holder = world.side(venue, 400);
    let holder = life(&world.hosts[holder], venue);
    let amount = 1 + world.chance.below(4) as i64;
    let ask = Issue { right: right.to_owned(), amount: amount.min(total), total, holder };
    start(world, (owner, venue), move |desk| async move {
        let told = desk.open().await.issue(&ask).await;
        desk.told(told, |tally| tally.issued += 1);
    });
}

fn spend(world: &World, at: (HostId, usize), lease: &str) {
    let leases = world.leases.clone();
    let mut book = leases.book();
    book.keys += 1;
    let amount = 1 + world.chance.below(2) as i64;
    let ask = Spend { lease: lease.to_owned(), key: format!("use-{}", book.keys), amount };
    book.open.push((at.0, at.1, ask.clone()));
    drop(book);
    send(world, at, ask);
}

/// A caller that was not answered asks again, under the same key.
fn again(world: &World) {
    let open = world.leases.book().open.clone();
    if !open.is_empty() {
        let (host, venue, ask) = world.chance.pick(&open).clone();
        send(world, (host, venue), ask);
    }
}

fn send(world: &World, at: (HostId, usize), ask: Spend) {
    start(world, at, move |desk| async move {
        let under_way = UnderWay::new(&desk.leases, &ask.lease);
        let params = [VENUES[desk.venue], &ask.lease, &ask.key];
        let is_frozen = !desk.host.store.rows(FROZEN_SQL, &params).is_empty();
        let told = desk.open().await.spend(&ask).await;
        drop(under_way);
        let (is_done, id) = (told.is_ok(), (desk.venue, ask.key.clone()));
        desk.told(told, |tally| tally.spent += 1);
        let mut book = desk.leases.book();
        book.open.retain(|(.., open)| open.key != ask.key);
        if is_done && is_frozen {
            book.broken.push(format!("always_frozen_with_its_life: {ask:?}"));
        }
        if is_done {
            book.told.insert(id, ask.amount);
        }
    });
}

fn give_back(world: &World, at: (HostId, usize), lease: String) {
    start(world, at, move |desk| async move {
        let told = desk.open().await.give_back(&lease).await;
        let under_way = desk.leases.book().spending.contains(&lease);
        desk.told(told, |tally| {
            tally.returned += 1;
            tally.returned_while_spending += u64::from(under_way);
        });
    });
}

fn declare_lost(world: &World, at: (HostId, usize), lease: String) {
    start(world, at, move |desk| async move {
        let told = desk.open().await.declare_lost(&lease).await;
        desk.told(told, |tally| tally.lost += 1);
    });
}

/// What a task needs to deal with leases at a host.
pub(super) struct At {
    leases: Leases,
    host: SimHost,
    venue: usize,
    db: Metered,
    here: app::call::Here,
}

impl At {
    pub(super) async fn open(&self) -> Desk<'_> {
        Desk::open(&self.host.app, &self.db, &self.here).await.expect("the store answers")
    }

    /// Writes an answer down; what no rule asks for is a broken promise.
    fn told<T>(&self, told: Result<T, Problem>, count: impl FnOnce(&mut Tally)) {
        let mut book = self.leases.book();
        match told {
            Ok(_) => count(&mut book.tally),
            Err(refused) if LAWFUL.contains(&refused.code) => {
                book.tally.waited += u64::from(refused.code == "leases_wait");
                book.tally.not_held += u64::from(refused.code == "lease_not_held");
            }
            Err(refused) => {
                book.broken.push(format!("always_leases_by_the_rules: {refused:?}"));
            }
        }
    }
}

/// Starts a task at a host's desk; it dies with the host.
pub(super) fn start<F, T>(world: &World, (host, venue): (HostId, usize), body: F)
where
    F: FnOnce(At) -> T + Send + 'static,
    T: Future<Output = ()> + Send,
{
    let (side, leases) = (world.hosts[host].clone(), world.leases.clone());
    world.tasks.start(host, async move {
        let db = Metered::new(side.app.database.clone(), u32::MAX);
        let found = rows::venue::by_id(&db, &VENUES[venue].parse_id()).await;
        let here = found.expect("the store answers").expect("the venue is open");
        body(At { leases, host: side, venue, db, here }).await;
    });
}

pub(super) fn life(side: &SimHost, venue: usize) -> Writer {
    let row = &side.store.rows(LIFE_SQL, &[VENUES[venue]])[0];
    let part = |name: &str| row[name].as_str().expect("a name").to_owned();
    Writer::parse(&part("replica"), &part("generation")).expect("it has a life")
}
