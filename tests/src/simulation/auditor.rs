//! What was promised to whom, and whether it is kept: the promises P1 to P4 as far as they go yet.
//!
//! It reads stores and answers; it must not repeat a rule of the product to predict what happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value as Json;

mod agreeing;
mod audited;
mod checks;
mod prices;
mod shown;

pub(super) use shown::log_of;

use agreeing::agree_all;
use checks::{
    always_paid_once, always_tickets_of_their_own, always_without_gaps, eventually_equal,
    eventually_erased_and_else_readable, eventually_nothing_is_lost, rank, revision_of,
};

use super::{
    Report, afterwards,
    basket::Basket,
    counter, deliveries, menus,
    tasks::HostId,
    world::{EDGE, VENUES, World},
};

const ORDER_SQL: &str = "SELECT o.total_cents AS total, o.ticket_origin AS origin, \
     o.ticket_number AS number, (SELECT count(*) FROM payment p \
     WHERE p.venue = o.venue AND p.order_id = o.id) AS payments, \
     (SELECT group_concat(e.kind) FROM order_event e \
     WHERE e.venue = o.venue AND e.order_id = o.id) AS events \
     FROM customer_order o WHERE o.venue = ?1 AND o.id = ?2";
/// What is handed over stays so: more than any number of other facts.
const THE_END: usize = 1_000;
/// Refusals that the rules ask for under this workload.
const LAWFUL: [&str; 21] = [
    "sold_out",
    "only_left",
    "unknown_order",
    "not_paid",
    "not_ready",
    "not_recallable",
    "no_delivery",
    "with_courier",
    "not_on_its_way",
    "not_had_yet",
    "not_in_kitchen",
    "order_cancelled",
    "web_silent",
    "slot_full",
    "not_cancellable",
    "refund_too_much",
    "refund_changed",
    "nothing_to_close",
    "unavailable",
    // A host that was put back has forgotten who was signed in; so has one that erased them.
    "sign_in_required",
    "delivery_needs_account",
];

/// An order that somebody was told is placed.
#[derive(Debug, Clone)]
struct Promise {
    venue: usize,
    total_cents: i64,
    ticket: String,
    /// The highest revision that anybody was told.
    revision: usize,
    /// The highest revision that was told at each host.
    told: BTreeMap<HostId, usize>,
}

#[derive(Debug, Default)]
struct Book {
    promises: BTreeMap<String, Promise>,
    broken: Vec<String>,
    restored: BTreeSet<HostId>,
    /// As whom each order that is brought was asked for.
    brought: BTreeMap<String, BTreeSet<String>>,
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

impl Ledger {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that somebody asks.
    pub fn asked(&self) {
        self.book().asked += 1;
    }

    /// Notes as whom an order is asked for.
    pub fn brought_to(&self, basket: &Basket, session: &str) {
        let mut book = self.book();
        book.brought.entry(basket.order()).or_default().insert(session.to_owned());
    }

    /// Tells whether the order's customer knows that it is placed.
    #[must_use]
    pub fn is_placed(&self, id: &str) -> bool {
        self.book().promises.contains_key(id)
    }

    /// Returns the highest revision that a host has told by now.
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
        if answer["error"]["code"] == "order_conflict" {
            // Who comes again may be another: the member was erased, is new to a host that was put
            // back, or two of them signed in at once.
            let mut book = self.book();
            if book.brought.get(&basket.order()).is_some_and(|members| members.len() > 1) {
                book.answered += 1;
                return;
            }
        }
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
            revision: 0,
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
        let revision = answer["revision"].as_u64().unwrap_or_default() as usize;
        let revision = revision
            + match answer["state"].as_str() {
                Some("delivered") => 2 * THE_END,
                Some("collected") => THE_END,
                _ => 0,
            };
        let mut book = self.book();
        book.report.cancelled += u64::from(step == "cancelled");
        book.report.refunded += u64::from(step == "refunded");
        if revision < floor {
            book.broken.push(format!("always_forward: {id} at {host} went back by {step}"));
        }
        // What was paid for and called out may have been called back meanwhile.
        let wanted = match step {
            "left" => 4,
            "cancelled" => 5,
            // What the customer came for is not brought any more.
            "collected" | "delivered" => 6,
            _ => rank(&Json::from(step)).unwrap_or(0).min(if revision > 2 { 2 } else { 4 }),
        };
        if state < wanted {
            book.broken.push(format!("always_read_your_write: {id} at {host} is not {step}"));
        }
        if let Some(promise) = book.promises.get_mut(id) {
            promise.revision = promise.revision.max(revision);
            let told = promise.told.entry(host).or_insert(0);
            *told = revision.max(*told);
        }
    }

    /// A gateway's disk was copied: two machines give out numbers under one name, and what one of
    /// them has told, the other has told as well.
    pub fn copied(&self, original: HostId, copy: HostId) {
        self.book().restored.extend([original, copy]);
    }

    /// A store was put back to an image, or is gone for good: what nobody else holds of it is gone,
    /// and nobody can be blamed for that. Whatever any store still holds stays promised.
    pub fn lost(&self, world: &World, host: HostId) {
        let mut book = self.book();
        book.restored.insert(host);
        let venues = world.venues_of(host);
        book.promises.retain(|id, promise| {
            if !venues.contains(&promise.venue) {
                return true;
            }
            let name = VENUES[promise.venue];
            let held = world.holders(promise.venue).into_iter().map(|side| {
                let rows = world.hosts[side].store.rows(ORDER_SQL, &[name, id]);
                rows.first().map(revision_of)
            });
            let held: Vec<_> = held.collect();
            promise.told.remove(&host);
            let most = held.iter().flatten().max().copied().unwrap_or(0);
            promise.revision = promise.revision.min(most);
            held.iter().any(Option::is_some)
        });
    }

    /// Sees whether a standby holds what its gateway was told, unless the standby was put back.
    pub fn covered(&self, world: &World, venue: usize) {
        let told = world.always_at_the_standby(venue);
        let mut book = self.book();
        if !book.restored.contains(&World::standby(venue)) {
            book.broken.extend(told.err());
        }
    }

    /// Writes down how an exchange ended.
    pub fn exchanged(&self, outcome: Result<bool, String>) {
        let lawful =
            ["line", "lost", "answer", "request_stale", "every race", "unavailable", "is full"];
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
        counter::close_all(world);
        audited::seal(world);
        agree_all(world, (2, true))?;
        let mut book = self.0.book();
        if let Some(broken) = book.broken.first() {
            return Err(broken.clone());
        }
        if let Some(differs) = difference(world) {
            return Err(differs);
        }
        let had = book.promises.iter().filter(|(_, promise)| promise.revision >= THE_END);
        counter::always_shown_as_had(world, had.map(|(id, had)| (had.venue, id.clone())))?;
        let mut sealed = 0;
        for (venue, name) in VENUES.into_iter().enumerate() {
            for side in world.holders(venue).into_iter().map(|side| &world.hosts[side]) {
                always_without_gaps(side, name)?;
                always_paid_once(side, name)?;
                prices::always_adds_up(side, name)?;
                let was_restored = !book.restored.is_empty();
                counter::always_back_at_most_what_was_paid(side, name, was_restored)?;
                // Whoever was put back gives numbers out again.
                book.report.closed += counter::reports(side, name);
                if !was_restored {
                    counter::always_chained(side, name)?;
                    counter::always_one_way_at_one_place(side, name)?;
                }
                deliveries::always_brought_by_somebody(side, name, was_restored)?;
                afterwards::always_of_who_ordered(side, name)?;
                afterwards::always_numbered_without_gaps(side, name, &book.restored)?;
                menus::always_priced_by_its_version(side, name, was_restored)?;
                always_tickets_of_their_own(side, name, &book.restored)?;
                let promises = book.promises.iter().filter(|(_, p)| p.venue == venue);
                eventually_nothing_is_lost(side, name, was_restored, promises)?;
                if !was_restored {
                    audited::eventually_every_payment_has_its_entry(side, name)?;
                }
            }
            for side in world.holders(venue) {
                sealed += audited::eventually_sealed(world, (side, venue), &book.restored)?;
            }
        }
        book.report.sealed += sealed;
        Ok(())
    }

    /// Lets all sides of every venue exchange in peace so many times, without an audit that could
    /// mend anything.
    ///
    /// # Errors
    /// Says which sides never agree.
    pub fn agree_without_audits(&self, world: &World, rounds: usize) -> Result<(), String> {
        agree_all(world, (rounds, false))
    }
}

/// Compares what all sides of every venue hold; returns the first difference.
#[must_use]
pub fn difference(world: &World) -> Option<String> {
    let venues = VENUES.into_iter().enumerate();
    let mut pairs = venues.flat_map(|(venue, name)| {
        world.holders(venue).into_iter().skip(1).map(move |gateway| (gateway, name))
    });
    pairs.find_map(|(gateway, name)| {
        let sides = [&world.hosts[EDGE], &world.hosts[gateway]];
        eventually_equal(sides, name).and_then(|()| menus::eventually_one_menu(sides, name)).err()
    })
}

/// Looks on every replica for keys of people who were erased, and for names that nobody can read.
///
/// # Errors
/// Names the replica and the person.
pub fn erased_and_else_readable(world: &World) -> Result<(), String> {
    for (venue, name) in VENUES.into_iter().enumerate() {
        for gateway in world.holders(venue).into_iter().skip(1) {
            let sides = [&world.hosts[EDGE], &world.hosts[gateway]];
            eventually_erased_and_else_readable(sides, name)?;
        }
    }
    Ok(())
}
