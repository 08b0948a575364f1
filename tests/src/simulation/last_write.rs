//! The last two writes at each venue, by clocks that are years apart: each takes effect at once
//! where it was acknowledged, and the later one everywhere once all agree.
//!
//! Whatever clocks say, what is written after everybody has heard everything is the last. It must
//! not know how stamps are made.

use std::sync::{Arc, Mutex, PoisonError};

use domain::access::Role;
use serde_json::{Value as Json, json};

use super::{
    asking::ask,
    auditor::{Auditor, log_of},
    basket::PRODUCTS,
    tasks::HostId,
    workload::FIVE_YEARS_MS,
    world::{VENUES, World},
};

const SHOWN_SQL: &str = "SELECT available FROM product WHERE venue = ?1 AND id = ?2";

/// A switch of one product.
#[derive(Debug)]
struct Write {
    venue: usize,
    host: HostId,
    product: &'static str,
    available: bool,
}

/// Writes at one side by a clock that is fast, and at another by one that is slow.
///
/// # Errors
/// Says which write was refused, did not take effect where it was acknowledged, or is not the last.
pub fn run(world: &mut World, auditor: &Auditor) -> Result<(), String> {
    let mut writes: Vec<Write> = (0..VENUES.len()).map(|venue| first(world, venue)).collect();
    for offset_ms in [FIVE_YEARS_MS, -FIVE_YEARS_MS] {
        for write in &mut writes {
            let others: Vec<HostId> =
                world.sides(write.venue).into_iter().filter(|side| *side != write.host).collect();
            write.host = *world.chance.pick(&others);
            world.jump(write.host, offset_ms);
            write.take(world)?;
        }
        auditor.agree_without_audits(world, 2)?;
    }
    writes.iter().try_for_each(|write| write.judge(world))
}

fn first(world: &World, venue: usize) -> Write {
    let host = *world.chance.pick(&world.sides(venue));
    let (product, _) = *world.chance.pick(&PRODUCTS);
    Write { venue, host, product, available: true }
}

impl Write {
    fn take(&mut self, world: &World) -> Result<(), String> {
        self.available = true;
        self.available = !self.is_shown(world, self.host);
        let answer = self.send(world);
        if !(200..300).contains(&answer.0) {
            return Err(format!("eventually_a_write_is_taken: {self:?}: {answer:?}"));
        }
        if !self.is_shown(world, self.host) {
            return Err(format!("always_an_acknowledged_write_takes_effect: {self:?}"));
        }
        Ok(())
    }

    fn judge(&self, world: &World) -> Result<(), String> {
        let hides = |side: &HostId| !self.is_shown(world, *side);
        match world.sides(self.venue).into_iter().find(hides) {
            Some(side) => {
                let log = log_of(&world.hosts[side], VENUES[self.venue], self.product);
                let why = format!("not at host {side}: {self:?}\n{log}");
                Err(format!("eventually_the_last_write_is_shown: {why}"))
            }
            None => Ok(()),
        }
    }

    fn is_shown(&self, world: &World, side: HostId) -> bool {
        let rows = world.hosts[side].store.rows(SHOWN_SQL, &[VENUES[self.venue], self.product]);
        rows.first().is_some_and(|row| row["available"] == i64::from(self.available))
    }

    fn send(&self, world: &World) -> (u16, Json) {
        let answer = Arc::new(Mutex::new((0, Json::Null)));
        let (slot, host, venue) = (Arc::clone(&answer), world.hosts[self.host].clone(), self.venue);
        let path = format!("/api/products/{}/availability", self.product);
        let body = json!({"available": self.available});
        world.finish(async move {
            let told = ask(&host, venue, Some(Role::Kitchen), "POST", &path, body).await;
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = told;
        });
        answer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
