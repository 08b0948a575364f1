//! What customers and staff were told, and whether the books have it.
//!
//! It must not know how anybody was told, nor what a rule of the product says.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Result, bail};

use super::books::{Books, Entry, STATES};
use crate::simulation::chance::Chance;

/// One side of a site, by the letters on its tickets.
pub type Origin = &'static str;

/// How often what happened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Writes that were acknowledged.
    pub acknowledged: usize,
    /// Requests that nobody answered.
    pub unanswered: usize,
    /// Bad requests that were refused.
    pub refused: usize,
    /// Requests that were asked to come again.
    pub put_off: usize,
    /// Orders that were sent again after nobody had answered, and had been placed all the same.
    pub placed_unheard: usize,
}

/// Everything that was told.
#[derive(Default)]
pub struct Ledger(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    told: BTreeMap<String, (Origin, Entry)>,
    /// Baskets of bad requests: no order may come of them.
    refused: BTreeSet<String>,
    /// Baskets that nobody has answered for yet.
    unanswered: Vec<(Origin, u32)>,
    counts: Counts,
    broken: Vec<String>,
}

impl Ledger {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how often what happened.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.pages().counts
    }

    /// Notes something that must not happen.
    pub fn broken(&self, what: String) {
        self.pages().broken.push(what);
    }

    /// Notes that somebody was asked to come again.
    pub fn put_off(&self) {
        self.pages().counts.put_off += 1;
    }

    /// Notes that nobody answered, and which basket must be sent again.
    pub fn unanswered(&self, origin: Origin, basket: Option<u32>) {
        let mut pages = self.pages();
        pages.counts.unanswered += 1;
        pages.unanswered.extend(basket.map(|basket| (origin, basket)));
    }

    /// Takes a basket that nobody has answered for.
    #[must_use]
    pub fn take_unanswered(&self, origin: Origin) -> Option<u32> {
        let mut pages = self.pages();
        let at = pages.unanswered.iter().position(|(of, _)| *of == origin)?;
        Some(pages.unanswered.swap_remove(at).1)
    }

    /// Notes that a bad request was refused as it must be.
    pub fn refused(&self, order: String) {
        let mut pages = self.pages();
        pages.counts.refused += 1;
        pages.refused.insert(order);
    }

    /// Notes that an order is acknowledged in a state; `stood` says that it was placed before.
    pub(super) fn told(&self, origin: Origin, order: &str, entry: Entry, stood: bool) {
        let mut pages = self.pages();
        pages.counts.acknowledged += 1;
        pages.counts.placed_unheard += usize::from(stood);
        let Pages { told, broken, .. } = &mut *pages;
        let known = told.entry(order.to_owned()).or_insert_with(|| (origin, entry.clone()));
        if known.1.ticket != entry.ticket {
            broken.push(format!("{order} was {}, is {}", known.1.ticket, entry.ticket));
        }
        known.1.state = known.1.state.max(entry.state);
    }

    /// Picks an order of a side that has a step to go: its id and the state to ask for.
    #[must_use]
    pub fn pick(&self, origin: Origin, chance: &Chance) -> Option<(String, &'static str)> {
        let pages = self.pages();
        let open = |(of, entry): &(Origin, Entry)| *of == origin && entry.state + 1 < STATES.len();
        let orders: Vec<_> = pages.told.iter().filter(|(_, told)| open(told)).collect();
        let (order, (_, entry)) = orders.get(chance.below(orders.len()))?;
        Some(((*order).clone(), STATES[entry.state + 1]))
    }

    /// Returns some of the orders of a side with their tickets.
    #[must_use]
    pub fn some(&self, origin: Origin, most: usize) -> Vec<(String, String)> {
        let pages = self.pages();
        let of_side = pages.told.iter().filter(|(_, (of, _))| *of == origin);
        of_side.take(most).map(|(id, (_, entry))| (id.clone(), entry.ticket.clone())).collect()
    }

    /// Checks the files of a host that has ended: nothing that these sides told is missing.
    ///
    /// Returns how many orders of other sides it holds.
    ///
    /// # Errors
    /// Fails with the first promise that is broken.
    pub fn audit(&self, data: &Path, origins: &[Origin]) -> Result<usize> {
        let books = Books::copy(data)?;
        books.check()?;
        let orders = books.orders()?;
        let pages = self.pages();
        books.check_tickets()?;
        if let Some(broken) = pages.broken.first() {
            bail!("{broken}");
        }
        for (id, (_, told)) in pages.told.iter().filter(|(_, (of, _))| origins.contains(of)) {
            let Some(entry) = orders.get(id) else {
                bail!("order {id}, ticket {}, was acknowledged and is lost", told.ticket);
            };
            if entry.ticket != told.ticket || entry.state < told.state {
                bail!("order {id} was told as {told:?} and is {entry:?}");
            }
        }
        if let Some(id) = orders.keys().find(|id| pages.refused.contains(*id)) {
            bail!("order {id} was refused and is there");
        }
        let is_of = |entry: &Entry| origins.iter().any(|of| entry.ticket.starts_with(of));
        Ok(orders.values().filter(|entry| !is_of(entry)).count())
    }
}
