//! Who listens to which venue on this host, and what each has been told.
//!
//! A listener has no queue: it sees the newest count of each stream, so that whoever reads slowly
//! misses steps, never the last one. It must not know how a socket is carried.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use app::{
    limits::{LISTENING_BROWSERS, LISTENING_DEVICES},
    live::{Seat, next_version, nudge},
    ports::{Clock, Live},
    standby::DEVICE,
};
use sync_engine::id::{Purpose, VenueId};
use tokio::sync::watch;

use crate::{follower::Second, limits, native::Bell};

mod socket;

pub(crate) use socket::{config, with_sockets};

/// The newest count of each stream, by who brought the changes: that device is not told.
type Told = BTreeMap<(String, Option<String>), u64>;

/// Every listener of this host, and the bell of its uplink.
pub(crate) struct Hub {
    clock: Arc<dyn Clock>,
    bell: Option<Arc<Bell>>,
    second: Option<Arc<Second>>,
    house: Mutex<House>,
}

#[derive(Default)]
struct House {
    rooms: BTreeMap<VenueId, Room>,
    last_version: u64,
    closed: bool,
}

/// The listeners of one venue; it exists while somebody listens.
struct Room {
    told: watch::Sender<Told>,
    browsers: usize,
    devices: usize,
}

impl Room {
    fn places(&mut self, seat: &Seat) -> &mut usize {
        if seat.device.is_some() { &mut self.devices } else { &mut self.browsers }
    }
}

impl Hub {
    /// Makes a hub without listeners; what is written here also rings the bell.
    pub(crate) fn new(clock: Arc<dyn Clock>, bell: Option<Arc<Bell>>) -> Self {
        Self { clock, bell, second: None, house: Mutex::default() }
    }

    /// Tells the standby's waiters when it listens no more.
    pub(crate) fn with_second(mut self, second: Arc<Second>) -> Self {
        self.second = Some(second);
        self
    }

    /// Takes a listener in; `None` when there is no place for it.
    fn sit(self: &Arc<Self>, seat: Seat) -> Option<Place> {
        let mut house = self.house();
        let all: usize = house.rooms.values().map(|room| room.browsers + room.devices).sum();
        if house.closed || all >= limits::SOCKETS {
            return None;
        }
        let fresh = || Room { told: watch::Sender::new(Told::new()), browsers: 0, devices: 0 };
        let room = house.rooms.entry(seat.venue.clone()).or_insert_with(fresh);
        let limit = if seat.device.is_some() { LISTENING_DEVICES } else { LISTENING_BROWSERS };
        let taken = room.places(&seat);
        if *taken >= limit {
            return None;
        }
        *taken += 1;
        let mut told = room.told.subscribe();
        // Whoever comes fetches first; only what happens from now on is news.
        let heard = newest(&told.borrow_and_update(), &seat);
        Some(Place { hub: Arc::clone(self), seat, told, heard })
    }

    fn leave(&self, seat: &Seat) {
        let mut house = self.house();
        if let Some(room) = house.rooms.get_mut(&seat.venue) {
            let taken = room.places(seat);
            *taken = taken.saturating_sub(1);
            // A standby that listens anew may be there before its old socket is gone.
            if seat.device.as_deref() == Some(DEVICE)
                && *taken == 0
                && let Some(second) = &self.second
            {
                second.left();
            }
            if room.browsers + room.devices == 0 {
                house.rooms.remove(&seat.venue);
            }
        }
    }

    fn tell(&self, venue: &VenueId, purpose: &Purpose, from: Option<&str>) {
        let mut house = self.house();
        let version = next_version(house.last_version, self.clock.now_ms());
        house.last_version = version;
        if let Some(room) = house.rooms.get(venue) {
            let key = (purpose.as_str().to_owned(), from.map(str::to_owned));
            room.told.send_modify(|told| _ = told.insert(key, version));
        }
    }

    /// Sends every listener away and takes no other in: the host stops.
    pub(crate) fn close(&self) {
        let mut house = self.house();
        house.closed = true;
        house.rooms.clear();
    }

    fn house(&self) -> MutexGuard<'_, House> {
        // What is counted stays true: nothing between two counts can panic.
        self.house.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live for Hub {
    fn changed(&self, venue: &VenueId, purpose: &Purpose) {
        if let Some(bell) = &self.bell {
            bell.ring();
        }
        self.tell(venue, purpose, None);
    }

    fn arrived(&self, venue: &VenueId, purpose: &Purpose, from: Option<&str>) {
        self.tell(venue, purpose, from);
    }

    fn takes_sockets(&self) -> bool {
        true
    }
}

/// A listener's place; it is free again when this is dropped.
struct Place {
    hub: Arc<Hub>,
    seat: Seat,
    told: watch::Receiver<Told>,
    heard: BTreeMap<String, u64>,
}

impl Place {
    /// Waits until there is something to say; `None` when nothing more will come.
    async fn news(&mut self) -> Option<String> {
        loop {
            self.told.changed().await.ok()?;
            let now = newest(&self.told.borrow_and_update(), &self.seat);
            let is_news = |(purpose, version): &(&String, &u64)| {
                self.heard.get(*purpose).is_none_or(|heard| heard < *version)
            };
            let news: BTreeMap<String, u64> =
                now.iter().filter(is_news).map(|(p, v)| (p.clone(), *v)).collect();
            self.heard = now;
            if !news.is_empty() {
                return Some(nudge(&news));
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.hub.leave(&self.seat);
    }
}

/// Returns the newest count of each stream that somebody else than the listener brought.
fn newest(told: &Told, seat: &Seat) -> BTreeMap<String, u64> {
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    for ((purpose, from), version) in told {
        if from.is_none() || *from != seat.device {
            let known = newest.entry(purpose.clone()).or_default();
            *known = (*known).max(*version);
        }
    }
    newest
}

#[cfg(test)]
mod tests;
