//! Rows that are never taken back: which somebody was told of, where, and whether they stay,
//! everywhere and for ever.
//!
//! It reads one table; it must not know what its rows mean.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    auditor::log_of,
    hosts::SimHost,
    tasks::HostId,
    world::{VENUES, World},
};

#[derive(Debug, Default)]
struct Book {
    /// The rows that somebody was told of, by venue and id, and at which hosts.
    told: BTreeMap<(usize, String), BTreeSet<HostId>>,
    broken: Vec<String>,
    written: u64,
}

/// Where all that is written down of one table.
#[derive(Debug, Clone)]
pub struct Lasting {
    table: &'static str,
    book: Arc<Mutex<Book>>,
}

impl Lasting {
    /// Begins with a table of which nobody was told anything.
    #[must_use]
    pub fn of(table: &'static str) -> Self {
        Self { table, book: Arc::default() }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that somebody was told of a write.
    pub fn written(&self) {
        self.book().written += 1;
    }

    /// Notes that somebody was told at a host that this row is there.
    pub fn told(&self, venue: usize, host: HostId, id: String) {
        self.book().told.entry((venue, id)).or_default().insert(host);
    }

    /// Notes what must not have happened.
    pub fn broken(&self, why: String) {
        self.book().broken.push(why);
    }

    /// Returns how many writes somebody was told of.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.book().written
    }

    /// Lists what a store holds.
    fn held(&self, host: &SimHost, venue: usize) -> BTreeSet<String> {
        let sql = format!("SELECT id FROM {} WHERE venue = ?1", self.table);
        let rows = host.store.rows(&sql, &[VENUES[venue]]);
        rows.iter().filter_map(|row| row["id"].as_str()).map(str::to_owned).collect()
    }

    /// Looks whether a host holds what somebody was told there.
    pub fn look(&self, world: &World, venue: usize, host: HostId) {
        let here = self.held(&world.hosts[host], venue);
        let mut book = self.book();
        let missing = book
            .told
            .iter()
            .find(|((of, id), hosts)| *of == venue && hosts.contains(&host) && !here.contains(id));
        let missing = missing.map(|((_, id), _)| self.names("always_lasts", venue, id, host));
        book.broken.extend(missing);
    }

    /// Notes that a store was put back or is gone: what nobody holds any more was never told.
    pub fn forget(&self, world: &World, host: HostId) {
        let all: Vec<_> = (0..VENUES.len())
            .map(|venue| {
                let sides = world.holders(venue).into_iter();
                sides.flat_map(|side| self.held(&world.hosts[side], venue)).collect::<BTreeSet<_>>()
            })
            .collect();
        let mut book = self.book();
        book.told.retain(|(venue, id), _| all[*venue].contains(id));
        for hosts in book.told.values_mut() {
            hosts.remove(&host);
        }
    }

    /// Judges the world once all sides agree.
    ///
    /// # Errors
    /// Names what is there no more.
    pub fn judge(&self, world: &World) -> Result<(), String> {
        let book = self.book();
        if let Some(broken) = book.broken.first() {
            return Err(broken.clone());
        }
        for (venue, id) in book.told.keys() {
            for side in world.holders(*venue) {
                if !self.held(&world.hosts[side], *venue).contains(id) {
                    let why = self.names("eventually_lasts", *venue, id, side);
                    let logs = world.holders(*venue).into_iter().map(|side| {
                        let log = log_of(&world.hosts[side], VENUES[*venue], id);
                        let holds = self.held(&world.hosts[side], *venue).contains(id);
                        format!("\nhost {side} holds it: {holds}, and of its stream:\n{log}")
                    });
                    return Err(logs.fold(why, |why, log| why + &log));
                }
            }
        }
        Ok(())
    }

    fn names(&self, promise: &str, venue: usize, id: &str, host: HostId) -> String {
        format!("{promise}: {} {} {id} at host {host}", VENUES[venue], self.table)
    }
}
