//! What tests of the application stand on: a clock that is set by hand, numbers that never come
//! twice, and a host to which nobody listens. A test alters what it is about, by field.
//!
//! It must not know a store, nor what any test wants.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use app::{
    App,
    host::{Host, Secret, Side},
    lan::Lan,
    ports::{Alone, Clock, Database, Entropy, Fault},
    trust::Root,
};
use sync_engine::message::Room;

pub mod line;

/// The 21st of November 2026, when every clock starts.
pub const START_MS: u64 = 1_795_219_200_000;

/// A clock that is set by hand.
pub struct Hand(AtomicU64);

impl Hand {
    /// Lets the time pass; returns what it was before.
    pub fn pass(&self, ms: u64) -> u64 {
        self.0.fetch_add(ms, Ordering::Relaxed)
    }

    /// Sets it to any time.
    pub fn set(&self, now_ms: u64) {
        self.0.store(now_ms, Ordering::Relaxed);
    }
}

impl Default for Hand {
    fn default() -> Self {
        Self(AtomicU64::new(START_MS))
    }
}

impl Clock for Hand {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Numbers that never come twice.
pub struct Count(AtomicU64);

impl Count {
    /// Begins at a number: two hosts of one test begin far apart.
    #[must_use]
    pub const fn from(number: u64) -> Self {
        Self(AtomicU64::new(number))
    }
}

impl Entropy for Count {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, from)| *byte = *from);
        Ok(())
    }
}

/// Configures a host of this side: a home of accounts, behind HTTPS, without demo or codes.
#[must_use]
pub fn host(side: Side) -> Host {
    Host {
        ticket_origin: if side.is_hub() { "W" } else { "K1" }.to_owned(),
        side,
        secret: Secret::new("a secret of some length"),
        is_home: true,
        shared_key: None,
        root: Root::default(),
        recovery_code: None,
        setup_code: None,
        demo: false,
        contract: false,
        secure_cookies: true,
        lan: Lan::default(),
        message_room: Room::default(),
        // Only when a test asks for it.
        audit_every_ms: u64::MAX,
        reap_changes: 1,
    }
}

/// Starts the application on a database: its ports reach nobody, its time stands still.
#[must_use]
pub fn app(database: Arc<dyn Database>, host: Host) -> App {
    App {
        database,
        clock: Arc::new(Hand::default()),
        entropy: Arc::new(Count::from(1)),
        live: Arc::new(Alone),
        line: Arc::new(Alone),
        standby: Arc::new(Alone),
        telling: Arc::default(),
        menus: Arc::default(),
        labour: Arc::new(Alone),
        outbound: Arc::default(),
        openid: None,
        outbox: Arc::default(),
        assets: Arc::new(Alone),
        blobs: Arc::default(),
        host: Arc::new(host),
    }
}
