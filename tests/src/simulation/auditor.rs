//! What was promised to whom, and whether it is kept: the promises P1 to P4 as far as they go yet.
//!
//! It reads stores and answers; it must not repeat a rule of the product to predict what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::ports::Row;
use domain::venue::business_day;
use serde_json::Value as Json;

mod shown;

use shown::{content, log_of};

use super::{
    Report, leases,
    tasks::HostId,
    workload::Basket,
    world::{EDGE, SimHost, VENUES, World},
};

const TABLES: [&str; 6] =
    ["venue", "category", "product", "customer_order", "order_event", "payment"];
const ORDER_SQL: &str = "SELECT o.total_cents AS total, o.ticket_origin AS origin, \
     o.ticket_number AS number, (SELECT count(*) FROM payment p \
     WHERE p.venue = o.venue AND p.order_id = o.id) AS payments, \
     (SELECT group_concat(e.kind) FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id) AS events \
     FROM customer_order o WHERE o.venue = ?1 AND o.id = ?2";
/// Refusals that the rules ask for under this workload.
const LAWFUL: [&str; 5] = ["sold_out", "unknown_order", "not_paid", "not_ready", "unavailable"];

/// An order that somebody was told is placed.
#[derive(Debug, Clone)]
struct Promise {
    venue: usize,
    total_cents: i64,
    ticket: String,
    /// The furthest state that anybody was told.
    state: usize,
    /// The furthest state that was told at each host.
    told: BTreeMap<HostId, usize>,
}

#[derive(Debug, Default)]
struct Book {
    promises: BTreeMap<String, Promise>,
    broken: Vec<String>,
    restored: BTreeSet<HostId>,
    report: Report,
    asked: u64,
    answered: u64,
}

/// Where answers are written down.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<Book>>);

/// Holds every promise and judges the world by them.
#[derive(Debug, Default)]
pub struct Auditor(Ledger);

fn rank(state: &Json) -> Option<usize> {
    let states = ["placed", "paid", "ready", "collected"];
    states.iter().position(|known| state == known)
}

impl Ledger {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that somebody asks.
    pub fn asked(&self) {
        self.book().asked += 1;
    }

    /// Tells whether the order's customer knows that it is placed.
    #[must_use]
    pub fn is_placed(&self, id: &str) -> bool {
        self.book().promises.contains_key(id)
    }

    /// Returns the furthest state that a host has told by now.
    #[must_use]
    pub fn floor(&self, id: &str, host: HostId) -> usize {
        let book = self.book();
        book.promises.get(id).and_then(|p| p.told.get(&host)).copied().unwrap_or(0)
    }

    /// Writes an answer down; what no rule asks for is a broken promise.
    pub fn answered(&self, status: u16, answer: &Json) {
        let mut book = self.book();
        book.answered += 1;
        if (200..300).contains(&status) {
            book.report.acknowledged += 1;
            return;
        }
        book.report.refused += 1;
        let code = answer["error"]["code"].as_str().unwrap_or_default();
        if !LAWFUL.contains(&code) {
            book.broken.push(format!("always_answers_by_the_rules: {status} {answer}"));
        }
    }

    /// Writes the answer to an order down.
    pub fn order_answered(&self, basket: &Basket, host: HostId, status: u16, answer: &Json) {
        self.answered(status, answer);
        if !(200..300).contains(&status) {
            return;
        }
        let ticket = answer["ticket"].as_str().unwrap_or_default().to_owned();
        let id = answer["id"].as_str().unwrap_or_default().to_owned();
        let mut book = self.book();
        let was_restored = !book.restored.is_empty();
        let promise = book.promises.entry(id.clone()).or_insert_with(|| Promise {
            venue: basket.venue,
            total_cents: basket.total_cents,
            ticket: ticket.clone(),
            state: 0,
            told: BTreeMap::new(),
        });
        promise.told.entry(host).or_insert(0);
        if promise.ticket != ticket && !was_restored {
            let told = promise.ticket.clone();
            book.broken.push(format!("always_one_ticket: {id} was {told}, is {ticket}"));
        }
    }

    /// Writes the answer to a step down; the floor is what the host had told before it was asked.
    pub fn step_answered(
        &self,
        id: &str,
        host: HostId,
        (step, floor): (&str, usize),
        status: u16,
        answer: &Json,
    ) {
        self.answered(status, answer);
        let Some(state) = rank(&answer["state"]).filter(|_| (200..300).contains(&status)) else {
            return;
        };
        let mut book = self.book();
        if state < floor {
            book.broken.push(format!("always_forward: {id} at {host} went back by {step}"));
        }
        let wanted = rank(&Json::from(step)).unwrap_or(0);
        if state < wanted {
            book.broken.push(format!("always_read_your_write: {id} at {host} is not {step}"));
        }
        if let Some(promise) = book.promises.get_mut(id) {
            promise.state = promise.state.max(state);
            let told = promise.told.entry(host).or_insert(0);
            *told = state.max(*told);
        }
    }

    /// A store was put back to an image: what nobody else holds of it is gone, and nobody can be
    /// blamed for that. Whatever any store still holds stays promised.
    pub fn restored(&self, world: &World, host: HostId) {
        let mut book = self.book();
        book.restored.insert(host);
        book.promises.retain(|id, promise| {
            let sides = [EDGE, promise.venue + 1];
            if !sides.contains(&host) {
                return true;
            }
            let name = VENUES[promise.venue];
            let held = sides.map(|side| {
                let rows = world.hosts[side].store.rows(ORDER_SQL, &[name, id]);
                rows.first().map(state_of)
            });
            promise.told.remove(&host);
            promise.state = promise.state.min(held.into_iter().flatten().max().unwrap_or(0));
            held.iter().any(Option::is_some)
        });
    }

    /// Writes down how an exchange ended.
    pub fn exchanged(&self, outcome: Result<bool, String>) {
        let lawful = ["line", "lost", "answer", "request_stale", "every race", "unavailable"];
        match outcome {
            Ok(_) => self.book().report.agreements += 1,
            Err(why) if lawful.iter().any(|known| why.contains(known)) => {}
            Err(why) => self.book().broken.push(format!("always_exchanges_by_the_rules: {why}")),
        }
    }
}

impl Auditor {
    /// Returns the ledger to write into.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.0.clone()
    }

    /// Returns what was written down.
    #[must_use]
    pub fn report(&self) -> Report {
        let book = self.0.book();
        Report { unanswered: book.asked - book.answered, ..book.report.clone() }
    }

    /// Lets both sides of every venue exchange in peace, then compares everything.
    ///
    /// # Errors
    /// Names the first promise that is broken.
    pub fn judge(&self, world: &mut World) -> Result<(), String> {
        self.agree_all(world)?;
        let book = self.0.book();
        if let Some(broken) = book.broken.first() {
            return Err(broken.clone());
        }
        for (venue, name) in VENUES.into_iter().enumerate() {
            let sides = [&world.hosts[EDGE], &world.hosts[venue + 1]];
            eventually_equal(sides, name)?;
            for side in sides {
                always_without_gaps(side, name)?;
                always_paid_once(side, name)?;
                always_tickets_of_their_own(side, name, &book.restored)?;
                let promises = book.promises.iter().filter(|(_, p)| p.venue == venue);
                let was_restored = !book.restored.is_empty();
                eventually_nothing_is_lost(side, name, was_restored, promises)?;
            }
        }
        Ok(())
    }

    /// Lets both sides of every venue exchange in peace until they agree.
    ///
    /// # Errors
    /// Says which never do.
    pub fn agree_all(&self, world: &World) -> Result<(), String> {
        (0..VENUES.len()).try_for_each(|venue| self.agree(world, venue))
    }

    fn agree(&self, world: &World, venue: usize) -> Result<(), String> {
        let outcome = Arc::new(Mutex::new(Err("nothing happened".to_owned())));
        for _ in 0..4 {
            let mut uplink = world.uplink(venue);
            let slot = Arc::clone(&outcome);
            // The first may learn the edge's time, the next exchanges, the last finds nothing new.
            world.tasks.start(venue + 1, async move {
                let mut last = uplink.exchange().await;
                if last.is_err() {
                    last = uplink.exchange().await;
                }
                if let Ok(moved) = last {
                    last = uplink.audit_everything().await.map(|mended| moved || mended > 0);
                }
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = last;
            });
            while world.tasks.step(&world.chance) {}
        }
        let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).clone();
        outcome.map(drop).map_err(|why| format!("eventually_agrees: {}: {why}", VENUES[venue]))
    }
}

fn eventually_equal(sides: [&SimHost; 2], venue: &str) -> Result<(), String> {
    for table in TABLES.into_iter().chain(leases::TABLES) {
        let [edge, gateway] = sides.map(|side| content(side, table, venue));
        if edge != gateway {
            let alone = |ours: &[Row], theirs: &[Row]| -> Vec<Row> {
                ours.iter().filter(|row| !theirs.contains(row)).take(2).cloned().collect()
            };
            let differing = [alone(&edge, &gateway), alone(&gateway, &edge)];
            let id = differing.iter().flatten().find_map(|row| row["id"].as_str());
            let id = id.unwrap_or_default();
            let logs = sides.map(|side| log_of(side, venue, id));
            return Err(format!(
                "eventually_equal: {venue}.{table} {id}: {} rows at the edge, {} at the gateway\n\
                 {differing:?}\nedge:\n{}\ngateway:\n{}",
                edge.len(),
                gateway.len(),
                logs[0],
                logs[1],
            ));
        }
    }
    let sql = "SELECT stream, replica, generation, seq FROM stream_writer \
               WHERE stream LIKE ?1 AND seq > 0 ORDER BY stream, replica, generation";
    let [edge, gateway] = sides.map(|side| side.store.rows(sql, &[&format!("{venue}/%")]));
    if edge != gateway {
        return Err(format!("eventually_equal: {venue}: vectors {edge:?} and {gateway:?}"));
    }
    Ok(())
}

fn always_without_gaps(side: &SimHost, venue: &str) -> Result<(), String> {
    let sql = "SELECT v.stream AS stream, v.replica AS replica, v.seq AS seq, v.floor + \
               (SELECT count(*) FROM change_log c WHERE c.writer = v.id AND c.seq > v.floor) \
               AS logged, max(v.floor, (SELECT coalesce(max(c.seq), 0) FROM change_log c \
               WHERE c.writer = v.id)) AS highest FROM stream_writer v WHERE v.stream LIKE ?1";
    let rows = side.store.rows(sql, &[&format!("{venue}/%")]);
    match rows.iter().find(|row| row["seq"] != row["logged"] || row["seq"] != row["highest"]) {
        Some(row) => Err(format!("always_without_gaps: host {}: {row:?}", side.id)),
        None => Ok(()),
    }
}

fn always_paid_once(side: &SimHost, venue: &str) -> Result<(), String> {
    let sql = "SELECT o.id AS id, o.total_cents AS total, \
               (SELECT coalesce(sum(p.amount_cents), 0) FROM payment p \
               WHERE p.venue = o.venue AND p.order_id = o.id) AS paid \
               FROM customer_order o WHERE o.venue = ?1";
    let rows = side.store.rows(sql, &[venue]);
    match rows.iter().find(|row| row["paid"] != 0 && row["paid"] != row["total"]) {
        Some(row) => Err(format!("always_paid_once: host {}: {row:?}", side.id)),
        None => Ok(()),
    }
}

/// A store that was put back, and that nobody told so yet, gives its numbers out again.
fn always_tickets_of_their_own(
    side: &SimHost,
    venue: &str,
    restored: &BTreeSet<HostId>,
) -> Result<(), String> {
    let sql = "SELECT ticket_origin AS origin, ticket_number AS number, placed_ms \
               FROM customer_order WHERE venue = ?1";
    let mut seen = BTreeSet::new();
    for row in side.store.rows(sql, &[venue]) {
        let origin = row["origin"].as_str().unwrap_or_default();
        let host = origin.strip_prefix('K').map_or(Some(EDGE), |number| number.parse().ok());
        if host.is_some_and(|host| restored.contains(&host)) {
            continue;
        }
        let day = business_day("Europe/Brussels", row["placed_ms"].as_u64().unwrap_or_default());
        let ticket = format!("{} {} {day}", row["origin"], row["number"]);
        if !seen.insert(ticket.clone()) {
            return Err(format!("always_tickets_of_their_own: host {}: {ticket}", side.id));
        }
    }
    Ok(())
}

fn eventually_nothing_is_lost<'a>(
    side: &SimHost,
    venue: &str,
    was_restored: bool,
    promises: impl Iterator<Item = (&'a String, &'a Promise)>,
) -> Result<(), String> {
    for (id, promise) in promises {
        let rows = side.store.rows(ORDER_SQL, &[venue, id]);
        let [row] = rows.as_slice() else {
            return Err(format!("eventually_nothing_is_lost: host {}: order {id}", side.id));
        };
        // Placed once in each life of a restored store, an order keeps the earlier ticket.
        let renamed = !was_restored && ticket_of(row) != promise.ticket;
        if row["total"] != promise.total_cents || renamed {
            return Err(format!("eventually_as_promised: host {}: {id}: {row:?}", side.id));
        }
        if state_of(row) < promise.state {
            return Err(format!("eventually_nothing_is_lost: host {}: {id}: {row:?}", side.id));
        }
    }
    Ok(())
}

fn ticket_of(row: &Row) -> String {
    let origin = row["origin"].as_str().unwrap_or_default();
    format!("{origin}-{:03}", row["number"].as_i64().unwrap_or_default())
}

fn state_of(row: &Row) -> usize {
    let events = row["events"].as_str().unwrap_or_default();
    if events.contains("collected") {
        3
    } else if events.contains("ready") {
        2
    } else {
        usize::from(row["payments"] != 0)
    }
}
