//! Members who order, pay with points at either side and are refunded; what they spend was theirs.
//!
//! It reads answers and rows; it adds up what stands there and must not repeat a rule of the
//! product to predict what happens.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::{
    call::{Here, commit},
    loyalty::{self as points, Till},
    metered::Metered,
    problem::Problem,
    rows,
};
use domain::{
    access::Role,
    loyalty::{Reason, TABLE, correct},
    people::person::PersonId,
};
use serde_json::{Value as Json, json};
use sync_engine::change::Draft;

use super::{
    asking::{ask, say},
    hosts::SimHost,
    lasting::Lasting,
    tasks::HostId,
    world::{EDGE, ParseId, VENUES, World},
};

/// So few that both sides spend what is one member's.
const MEMBERS: [&str; 2] = ["00000000000000000000000000000a01", "00000000000000000000000000000a02"];
/// What is ordered, with its price: 250 points.
const ORDERED: (&str, i64) = ("cola", 250);
/// Refusals that the rules ask for under this workload.
const LAWFUL: [&str; 10] = [
    "points_missing",
    "points_lent",
    "points_elsewhere",
    "not_payable",
    "unknown_order",
    "leases_wait",
    "lease_over",
    "lease_exhausted",
    "spend_conflict",
    "unavailable",
];
const ENTRIES_SQL: &str = "SELECT id, person, kind, order_id, points, lease FROM points_entry \
     WHERE venue = ?1 ORDER BY id";
/// What is leased out of a right, less what came back.
const GRANTED_SQL: &str = "SELECT (SELECT coalesce(sum(amount), 0) FROM lease WHERE venue = ?1 \
     AND right_name = ?2) - (SELECT coalesce(sum(r.unspent), 0) FROM lease_return r JOIN lease l \
     ON l.venue = r.venue AND l.id = r.id WHERE r.venue = ?1 AND l.right_name = ?2) AS granted";
const SPENT_SQL: &str = "SELECT coalesce(sum(amount), 0) AS spent FROM lease_spend \
     WHERE venue = ?1 AND spend_key LIKE 'points/' || ?2 || '/%'";
const PAID_SQL: &str = "SELECT count(*) AS paid FROM payment WHERE venue = ?1 \
     AND id = 'points/' || ?2 AND order_id = ?2";
const RECALLED_SQL: &str = "SELECT count(*) AS back FROM points_recall c JOIN lease_return r \
     ON r.venue = c.venue AND r.id = c.id WHERE c.venue = ?1";

/// What happened, so that a test can assert that it did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders that the edge took points for.
    pub at_the_edge: u64,
    /// Orders that gateways took leased points for.
    pub on_site: u64,
    /// Refusals because too few points were there.
    pub missing: u64,
    /// Refusals because the other side held them.
    pub lent: u64,
    /// Orders that were taken back.
    pub taken_back: u64,
    /// Leases that came back because they were asked for.
    pub came_back: u64,
    /// Members who owe something in the end.
    pub debts: u64,
}

impl Tally {
    /// Adds another run's counts.
    pub const fn add(&mut self, other: &Self) {
        self.at_the_edge += other.at_the_edge;
        self.on_site += other.on_site;
        self.missing += other.missing;
        self.lent += other.lent;
        self.taken_back += other.taken_back;
        self.came_back += other.came_back;
        self.debts += other.debts;
    }
}

/// An order of a member, and whether points or cash are to pay it.
#[derive(Debug, Clone)]
struct Ordered {
    venue: usize,
    host: HostId,
    id: String,
    member: &'static str,
    with_points: bool,
}

#[derive(Debug, Default)]
struct Book {
    orders: Vec<Ordered>,
    /// Those of which somebody was told that they are paid; they are asked for less often.
    paid: BTreeSet<String>,
    /// The owner of the points was put back: what came in may be gone, and what went out not.
    is_owner_put_back: bool,
    tally: Tally,
}

/// Where all that is written down.
#[derive(Clone)]
pub struct Points {
    book: Arc<Mutex<Book>>,
    spent: Lasting,
}

impl Default for Points {
    fn default() -> Self {
        Self { book: Arc::default(), spent: Lasting::of(TABLE) }
    }
}

impl Points {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a store was put back or is gone: what nobody holds any more was never told.
    pub fn forget(&self, world: &World, host: HostId) {
        self.spent.forget(world, host);
        self.book().is_owner_put_back |= host == EDGE;
    }

    fn told(&self, (venue, host): (usize, HostId), order: &str, outcome: Result<(), Problem>) {
        let mut book = self.book();
        match outcome {
            Ok(()) => {
                // The payment may have come back from others where the entry is gone.
                if !book.is_owner_put_back {
                    self.spent.told(venue, host, format!("spend/{order}"));
                }
                book.paid.insert(order.to_owned());
                match host {
                    EDGE => book.tally.at_the_edge += 1,
                    _ => book.tally.on_site += 1,
                }
            }
            Err(refused) if LAWFUL.contains(&refused.code) => {
                book.tally.missing += u64::from(refused.code == "points_missing");
                book.tally.lent += u64::from(refused.code == "points_lent");
            }
            Err(refused) => {
                self.spent.broken(format!("always_points_by_the_rules: {refused:?}"));
            }
        }
    }

    /// Judges the world once all sides agree.
    ///
    /// # Errors
    /// Names the member who spent more than ever came in, or the order that was not paid once.
    pub fn judge(&self, world: &World, was_restored: bool) -> Result<Tally, String> {
        self.spent.judge(world)?;
        let mut tally = self.book().tally.clone();
        let is_put_back = self.book().is_owner_put_back;
        for (venue, name) in VENUES.into_iter().enumerate() {
            for side in world.holders(venue) {
                always_paid_with_points_once(&world.hosts[side], name, was_restored)?;
                let owing = always_theirs(&world.hosts[side], name, is_put_back)?;
                tally.debts += if side == EDGE { owing } else { 0 };
            }
            let back = world.hosts[EDGE].store.rows(RECALLED_SQL, &[name]);
            tally.came_back += back[0]["back"].as_u64().unwrap_or_default();
        }
        Ok(tally)
    }
}

/// What an entry says was spent is what was taken from leases, if it was; and is one payment.
///
/// Streams travel apart: of a store that was put back, the entry may be out and the payment gone.
fn always_paid_with_points_once(
    side: &SimHost,
    venue: &str,
    was_restored: bool,
) -> Result<(), String> {
    for row in side.store.rows(ENTRIES_SQL, &[venue]).iter().filter(|row| row["kind"] == "spend") {
        let order = row["order_id"].as_str().unwrap_or_default();
        let spent = side.store.rows(SPENT_SQL, &[venue, order])[0]["spent"].as_i64();
        let paid = side.store.rows(PAID_SQL, &[venue, order])[0]["paid"].as_i64();
        let points = row["points"].as_i64().unwrap_or_default();
        let leased = if row["lease"] == "" { 0 } else { -points };
        let is_paid = paid == Some(1) || (was_restored && paid == Some(0));
        let is_spent = spent == Some(leased) || (was_restored && spent == Some(0));
        if !is_spent || !is_paid {
            let told = format!("{spent:?} of {leased}, paid {paid:?}");
            return Err(format!("always_paid_with_points_once: host {}: {told}: {row:?}", side.id));
        }
    }
    Ok(())
}

/// Nobody's points go out twice: what is leased out and what the owner spent came in before.
/// Returns how many members owe something.
fn always_theirs(side: &SimHost, venue: &str, is_put_back: bool) -> Result<u64, String> {
    let rows = side.store.rows(ENTRIES_SQL, &[venue]);
    let text = |row: &app::ports::Row, name: &str| row[name].as_str().unwrap_or("").to_owned();
    let points = |row: &app::ports::Row| row["points"].as_i64().unwrap_or_default();
    let ids: BTreeSet<String> = rows.iter().map(|row| text(row, "id")).collect();
    let people: BTreeSet<String> = rows.iter().map(|row| text(row, "person")).collect();
    let mut owing = 0;
    for person in people {
        let (mut came, mut gone, mut balance) = (0, 0, 0);
        for row in rows.iter().filter(|row| text(row, "person") == person) {
            let (kind, order) = (text(row, "kind"), text(row, "order_id"));
            let is_back = ids.contains(&format!("back/{order}"));
            let is_leased = !text(row, "lease").is_empty();
            came += points(row).max(0);
            balance += if is_back { 0 } else { points(row) };
            if kind == "spend" {
                gone += match (is_leased, is_back) {
                    (false, false) => -points(row),
                    (true, true) => points(row),
                    _ => 0,
                };
            }
        }
        let right = format!("points/{person}");
        let granted = side.store.rows(GRANTED_SQL, &[venue, &right]);
        let granted = granted[0]["granted"].as_i64().unwrap_or(i64::MAX);
        if granted + gone > came && !is_put_back {
            return Err(format!(
                "always_points_of_their_own: host {}: {venue}: {person}: {granted} are leased and \
                 {gone} spent of {came}",
                side.id
            ));
        }
        owing += u64::from(balance < 0);
    }
    Ok(owing)
}

/// Every member was on site before: they have paid there, and have points.
pub fn begin(world: &World) {
    for (venue, host) in (0..VENUES.len()).map(|venue| (venue, venue + 1)) {
        for member in MEMBERS {
            let (at, body) = (world.hosts[host].clone(), basket(world));
            world.tasks.start(host, async move {
                let Some(id) = ordered(&at, venue, member, body).await else { return };
                let path = format!("/api/orders/{id}/paid");
                let cash = json!({"means": "cash"});
                drop(ask(&at, venue, Some(Role::Counter), "POST", &path, cash).await);
                let given = (750, Reason::Goodwill);
                let draft = correct(member, (member, "staff"), given, at.app.clock.now_ms());
                write(&at, venue, draft.expect("it fits")).await;
            });
        }
    }
}

/// A member orders or pays, staff take cash, correct or take an order back.
pub fn step(world: &World) {
    let venue = world.chance.below(VENUES.len());
    let host = world.side(venue, 350);
    let member = *world.chance.pick(&MEMBERS);
    // The owner of the points knows at any moment what it gave away.
    let is_put_back = world.points.book().is_owner_put_back;
    if let Err(why) = always_theirs(&world.hosts[EDGE], VENUES[venue], is_put_back) {
        world.points.spent.broken(why);
    }
    let orders = world.points.book().orders.clone();
    let of_venue = |ordered: &&Ordered| ordered.venue == venue;
    let all: Vec<Ordered> = orders.iter().filter(of_venue).cloned().collect();
    let paid = world.points.book().paid.clone();
    let is_asked = |ordered: &Ordered| world.chance.happens(100) || !paid.contains(&ordered.id);
    let here: Vec<Ordered> = all.iter().filter(|o| is_asked(o)).cloned().collect();
    match world.chance.below(100) {
        0..30 => order(world, (venue, host), member),
        30..43 => {
            let open: Vec<_> = here.into_iter().filter(|ordered| !ordered.with_points).collect();
            if !open.is_empty() {
                in_cash(world, (venue, host), world.chance.pick(&open).clone());
            }
        }
        43..80 => {
            let is_open = |ordered: &Ordered| ordered.with_points && ordered.host == host;
            let open: Vec<_> = here.into_iter().filter(is_open).collect();
            // Two at once, so that they race for what is one member's.
            for _ in 0..2 {
                if !open.is_empty() && !world.shares_its_life(host) {
                    pay(world, world.chance.pick(&open).clone());
                }
            }
        }
        80..94 => {
            let given = *world.chance.pick(&[300, 250, 250, -300]);
            let id = format!("{:016x}", world.chance.bits());
            let reason = if given > 0 { Reason::Goodwill } else { Reason::Mistake };
            let at = world.hosts[host].clone();
            world.tasks.start(host, async move {
                let now_ms = at.app.clock.now_ms();
                let draft = correct(&id, (member, "staff"), (given, reason), now_ms);
                write(&at, venue, draft.expect("it fits")).await;
            });
        }
        _ if !all.is_empty() => take_back(world, (venue, host), world.chance.pick(&all).clone()),
        _ => {}
    }
}

fn order(world: &World, (venue, host): (usize, HostId), member: &'static str) {
    let with_points = world.chance.happens(600);
    let (at, points, body) = (world.hosts[host].clone(), world.points.clone(), basket(world));
    world.tasks.start(host, async move {
        if let Some(id) = ordered(&at, venue, member, body).await {
            points.book().orders.push(Ordered { venue, host, id, member, with_points });
        }
    });
}

fn basket(world: &World) -> Json {
    let (first, last) = (world.chance.bits() as u32, world.chance.bits() as u32);
    json!({
        "id": format!("{first:08x}-0000-4000-8000-0000{last:08x}"),
        "mode": "take_away",
        "lines": [{"product": ORDERED.0, "quantity": 1}],
        "total_cents": ORDERED.1,
    })
}

async fn ordered(at: &SimHost, venue: usize, member: &str, body: Json) -> Option<String> {
    let wanted = json!({"person": member});
    let (_, cookie) = say(at, venue, "", ("POST", "/contract/sign-in", wanted)).await;
    let (answer, _) = say(at, venue, &cookie, ("POST", "/api/orders", body)).await;
    let id = answer.1["id"].as_str().filter(|_| answer.0 == 201);
    id.map(str::to_owned)
}

fn in_cash(world: &World, (venue, host): (usize, HostId), ordered: Ordered) {
    let (at, points) = (world.hosts[host].clone(), world.points.clone());
    world.tasks.start(host, async move {
        let path = format!("/api/orders/{}/paid", ordered.id);
        let body = json!({"means": "cash"});
        let (status, _) = ask(&at, venue, Some(Role::Counter), "POST", &path, body).await;
        if status == 200 {
            points.book().paid.insert(ordered.id);
        }
    });
}

fn pay(world: &World, ordered: Ordered) {
    let Ordered { venue, host, id, member, .. } = ordered;
    let (at, points) = (world.hosts[host].clone(), world.points.clone());
    world.tasks.start(host, async move {
        let (db, here) = store(&at, venue).await;
        let Some(here) = here else { return };
        let person = PersonId::parse(member).expect("an id");
        let till = Till { app: &at.app, db: &db, here: &here, call: None };
        let outcome = till.pay(&id, &person).await;
        points.told((venue, host), &id, outcome);
    });
}

fn take_back(world: &World, (venue, host): (usize, HostId), ordered: Ordered) {
    let (at, notes) = (world.hosts[host].clone(), world.points.clone());
    world.tasks.start(host, async move {
        let (db, here) = store(&at, venue).await;
        let Some(here) = here else { return };
        let id = &here.venue.id;
        let Ok(Some(found)) = rows::order::by_id(&db, id, &ordered.id).await else { return };
        let known = (&found.order, at.app.clock.now_ms());
        let Ok(Some(draft)) = points::taken_back(&db, id, known).await else { return };
        let drafts = [draft];
        let batch = here.batch(&at.app, &drafts).expect("it can be written");
        if commit(&at.app, &db, &here, (&batch, &drafts)).await.is_ok() {
            notes.book().tally.taken_back += 1;
        }
    });
}

async fn write(at: &SimHost, venue: usize, draft: Draft) {
    let (db, here) = store(at, venue).await;
    let Some(here) = here else { return };
    let drafts = [draft];
    let batch = here.batch(&at.app, &drafts).expect("it can be written");
    drop(commit(&at.app, &db, &here, (&batch, &drafts)).await);
}

async fn store(at: &SimHost, venue: usize) -> (Metered, Option<Here>) {
    let db = Metered::new(at.app.database.clone(), u32::MAX);
    let here = rows::venue::by_id(&db, &VENUES[venue].parse_id()).await;
    (db, here.ok().flatten())
}
