//! The standby of each venue, and how its gateway waits for it.
//!
//! It answers as the native host does, in pauses instead of seconds. It must not judge.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use app::{
    ports::{Clock, Pending},
    standby::{Cover, Follower, Follows, Standby, Tip},
};

use super::{
    hosts::HostClock,
    tasks::{HostId, pause},
    world::{VENUES, World},
};

/// How long a sale waits for the standby, in pauses.
const PATIENCE: usize = 600;

/// What became of sales that a standby was to hold first.
#[derive(Debug, Default)]
pub struct Sales {
    /// The standby held them before they were answered.
    pub held: AtomicU64,
    /// It did not confirm in time, and they went on without it.
    pub alone: AtomicU64,
}

/// A gateway's standby as the gateway's process sees it.
#[derive(Clone)]
pub struct Second {
    clock: HostClock,
    known: Arc<Mutex<Follower>>,
    /// Its gateway is configured to have one: it was put up.
    is_put_up: Arc<AtomicBool>,
    /// What was said to be held.
    told: Arc<Mutex<Vec<Tip>>>,
    sales: Arc<Sales>,
    /// A sale waits for it.
    awaited: Arc<AtomicBool>,
}

impl Second {
    /// Knows of no standby yet.
    #[must_use]
    pub fn new(clock: HostClock) -> Self {
        Self {
            clock,
            known: Arc::default(),
            is_put_up: Arc::default(),
            told: Arc::default(),
            sales: Arc::default(),
            awaited: Arc::default(),
        }
    }

    /// Tells whether the gateway is configured to have one.
    #[must_use]
    pub fn is_put_up(&self) -> bool {
        self.is_put_up.load(Ordering::Relaxed)
    }

    /// The gateway's process dies, and what it knew with it.
    pub fn forget(&self) {
        *self.known() = Follower::default();
    }

    /// Returns what became of sales.
    #[must_use]
    pub fn sales(&self) -> &Sales {
        &self.sales
    }

    /// Tells whether a sale has waited since this was asked last.
    #[must_use]
    pub fn was_awaited(&self) -> bool {
        self.awaited.swap(false, Ordering::Relaxed)
    }

    /// Takes what was said to be held since the last time.
    #[must_use]
    pub fn take_told(&self) -> Vec<Tip> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn known(&self) -> MutexGuard<'_, Follower> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standby for Second {
    fn heard(&self, held: Tip, wrote: u64) {
        let now_ms = self.clock.now_ms();
        self.is_put_up.store(true, Ordering::Relaxed);
        self.known().heard(held, wrote, now_ms);
    }

    fn holds(&self, wanted: Tip) -> Pending<'_, bool> {
        Box::pin(async move {
            for _ in 0..PATIENCE {
                let cover = self.known().cover(&wanted);
                match cover {
                    Cover::Coming => {
                        self.awaited.store(true, Ordering::Relaxed);
                        pause().await;
                    }
                    Cover::Alone => return false,
                    Cover::Held => {
                        self.sales.held.fetch_add(1, Ordering::Relaxed);
                        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(wanted);
                        return true;
                    }
                }
            }
            self.sales.alone.fetch_add(1, Ordering::Relaxed);
            self.known().lost(self.clock.now_ms());
            false
        })
    }

    fn follows(&self) -> Follows {
        self.known().follows()
    }
}

impl World {
    /// Returns a venue's standby.
    #[must_use]
    pub const fn standby(venue: usize) -> HostId {
        VENUES.len() + 1 + venue
    }

    /// Tells whether a host is a standby.
    #[must_use]
    pub const fn is_standby(host: HostId) -> bool {
        host > VENUES.len() && host <= 2 * VENUES.len()
    }

    /// Lists the hosts that hold a venue's data, those that take no orders too.
    #[must_use]
    pub fn holders(&self, venue: usize) -> Vec<HostId> {
        [self.sides(venue), vec![Self::standby(venue)]].concat()
    }

    /// Picks one of the hosts on site.
    #[must_use]
    pub fn on_site(&self, venue: usize) -> HostId {
        if self.chance.happens(300) { Self::standby(venue) } else { self.gateway(venue) }
    }

    /// What a gateway was told that its standby holds, the standby's store holds.
    ///
    /// # Errors
    /// Says what is missing there.
    pub fn always_at_the_standby(&self, venue: usize) -> Result<(), String> {
        let sql = "SELECT seq FROM stream_writer WHERE stream = ?1 AND replica = ?2 \
             AND generation = ?3";
        let stream = format!("{}/leases", VENUES[venue]);
        let standby = &self.hosts[Self::standby(venue)].store;
        for told in self.seconds[venue].take_told() {
            let writer = &told.writer;
            let named = [stream.as_str(), writer.replica.as_str(), writer.generation.as_str()];
            let rows = standby.rows(sql, &named);
            let held = rows.first().and_then(|row| row["seq"].as_u64()).unwrap_or_default();
            if held < told.seq {
                return Err(format!("always_at_the_standby: {held} of {told:?}"));
            }
        }
        Ok(())
    }
}
