//! Sensors, staff and customers at tables, on all sides; a table is one order's, and who was told
//! of one keeps it.
//!
//! It reads answers and rows; it must not repeat a rule of the product to predict what happens.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::{
    metered::Metered,
    problem::Problem,
    rows,
    tables::{Change, Message, Room},
};
use domain::tables::{
    Hand,
    assignment::{ASSIGNED, Choice},
    presence::Reading,
};
use serde_json::Value as Json;

use super::{
    lasting::Lasting,
    tasks::HostId,
    world::{ParseId, VENUES, World},
};

/// So few that orders race for them, and that they are given away again and again.
const NUMBERS: usize = 3;
const DOUBLED_SQL: &str = "SELECT table_number, group_concat(id) AS orders FROM table_seat \
     WHERE venue = ?1 GROUP BY table_number HAVING count(*) > 1";
const ENDED_SQL: &str = "SELECT id FROM table_end WHERE venue = ?1 AND reason = 'doubled'";
const ANSWERED_SQL: &str = "SELECT id FROM table_claim c WHERE venue = ?1 AND (EXISTS (SELECT 1 \
     FROM table_assignment a WHERE a.venue = c.venue AND a.id = c.id) OR EXISTS (SELECT 1 \
     FROM table_refusal r WHERE r.venue = c.venue AND r.id = c.id))";

/// What was told of tables.
#[derive(Clone)]
pub struct Tables {
    given: Lasting,
    /// Venues whose gateway was put back or copied: what it forgot it may give away again.
    forgave: Arc<Mutex<BTreeSet<usize>>>,
}

impl Default for Tables {
    fn default() -> Self {
        Self { given: Lasting::of(ASSIGNED), forgave: Arc::default() }
    }
}

impl Tables {
    fn forgave(&self) -> MutexGuard<'_, BTreeSet<usize>> {
        self.forgave.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what the answer to an order says of its table.
    pub fn told(&self, venue: usize, host: HostId, answer: &Json) {
        let code = answer["table"]["code"].as_str().unwrap_or_default();
        if let Some(order) = answer["id"].as_str().filter(|_| code == "assigned") {
            self.given.written();
            self.given.told(venue, host, order.to_owned());
        }
    }

    /// Notes that a store was put back, is gone, or runs in a second machine.
    pub fn forget(&self, world: &World, host: HostId) {
        self.given.forget(world, host);
        self.forgave().extend(world.venues_of(host));
    }

    /// Looks whether a gateway has given one table to two orders, and holds what it told.
    pub fn look(&self, world: &World, venue: usize) {
        let host = venue + 1;
        self.given.look(world, venue, host);
        let doubled = world.hosts[host].store.rows(DOUBLED_SQL, &[VENUES[venue]]);
        if let Some(row) = doubled.first()
            && !self.forgave().contains(&venue)
        {
            self.given.broken(format!("always_one_order_a_table: {} {row:?}", VENUES[venue]));
        }
    }

    /// Judges the world once all sides agree; returns how many orders were told a table, and how
    /// many claims of the edge were answered.
    ///
    /// # Errors
    /// Names what is there no more, and a table that two orders have.
    pub fn judge(&self, world: &World) -> Result<(u64, u64), String> {
        self.given.judge(world)?;
        let mut answered = 0;
        for (venue, name) in VENUES.into_iter().enumerate() {
            for side in world.holders(venue) {
                let store = &world.hosts[side].store;
                let doubled = store.rows(DOUBLED_SQL, &[name]);
                if let Some(row) = doubled.first() {
                    return Err(format!("eventually_one_order_a_table: {name} at {side}: {row:?}"));
                }
                let ended = store.rows(ENDED_SQL, &[name]);
                if !ended.is_empty() && !self.forgave().contains(&venue) {
                    return Err(format!("always_one_order_a_table: {name} at {side}: {ended:?}"));
                }
            }
            answered += world.hosts[venue + 1].store.rows(ANSWERED_SQL, &[name]).len() as u64;
        }
        Ok((self.given.count(), answered))
    }
}

/// A sensor, staff or a customer says something of a table at either side.
pub fn step(world: &World, orders: &[String]) {
    let venue = world.chance.below(VENUES.len());
    let host = world.side(venue, 400);
    let number = 1 + world.chance.below(NUMBERS) as u32;
    let lot = world.chance.below(100);
    let order = (!orders.is_empty()).then(|| world.chance.pick(orders).clone());
    world.tables.look(world, venue);
    let (at, notes) = (world.hosts[host].clone(), world.tables.clone());
    world.tasks.start(host, async move {
        let db = Metered::new(at.app.database.clone(), u32::MAX);
        let Ok(Some(here)) = rows::venue::by_id(&db, &VENUES[venue].parse_id()).await else {
            return;
        };
        let room = Room { app: &at.app, db: &db, here: &here };
        let outcome = say(&room, (lot, number), order).await;
        let lawful = ["unavailable", "unknown_table", "no_table_wanted"];
        if let Err(problem) = outcome
            && !lawful.contains(&problem.code)
        {
            let said = format!("{}: {}", problem.code, problem.detail);
            notes.given.broken(format!("always_seats_by_the_rules: {said}"));
        }
    });
}

async fn say(
    room: &Room<'_>,
    (lot, number): (usize, u32),
    order: Option<String>,
) -> Result<(), Problem> {
    let reading = if lot.is_multiple_of(2) { Reading::Occupied } else { Reading::Free };
    match lot {
        0..30 => {
            let message = Message::from([(number.to_string(), reading)]);
            room.heard("sensor", &message).await
        }
        30..60 => room.change(number, &Change::End, "staff").await,
        60..75 => room.change(number, &Change::Say(Hand::Free), "staff").await,
        75..80 => room.change(number, &Change::Say(Hand::Auto), "staff").await,
        _ => {
            let Some(order) = order else { return Ok(()) };
            let choice = [Choice::Wait, Choice::Seated, Choice::TakeAway][lot % 3];
            let table = (choice == Choice::Seated).then_some(number);
            room.choose(&order, (choice, table)).await
        }
    }
}
