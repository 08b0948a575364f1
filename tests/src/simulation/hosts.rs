//! The hosts: each the whole application over simulated ports, with a clock of its own.
//!
//! It must not know how hosts are joined, nor what goes wrong with them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use app::{
    App,
    host::{Host, Secret, Side},
    ports::{Clock, Entropy, Fault},
};
use axum::Router;
use domain::access::Role;
use sync_engine::message::Room;

use super::{
    chance::Chance,
    database::Store,
    network::Line,
    second::Second,
    tasks::{HostId, Tasks},
    world::{EDGE, VENUES},
};

/// The time on one host.
#[derive(Clone)]
pub struct HostClock {
    world_ms: Arc<AtomicU64>,
    offset_ms: Arc<AtomicI64>,
}

impl Clock for HostClock {
    fn now_ms(&self) -> u64 {
        let world_ms = self.world_ms.load(Ordering::Relaxed);
        world_ms.saturating_add_signed(self.offset_ms.load(Ordering::Relaxed))
    }
}

struct Dice(Chance);

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        bytes.fill_with(|| self.0.bits() as u8);
        Ok(())
    }
}

/// One host.
#[derive(Clone)]
pub struct SimHost {
    /// Its number.
    pub id: HostId,
    /// Its ports and configuration.
    pub app: App,
    /// Its routes.
    pub router: Router,
    /// Its store.
    pub store: Store,
    clock: HostClock,
    /// Of its staff, by venue and role; they are asked for anew when the host knows them no more.
    pub(super) cookies: Arc<Mutex<BTreeMap<(usize, Role), String>>>,
}

impl SimHost {
    /// Sets its clock off by so much.
    pub(super) fn set_off(&self, offset_ms: i64) {
        self.clock.offset_ms.store(offset_ms, Ordering::Relaxed);
    }

    /// Gives a gateway eyes for its standby.
    pub(super) fn see_standby(&mut self) -> Second {
        let second = Second::new(self.clock.clone());
        self.app.standby = Arc::new(second.clone());
        self.router = app::router(self.app.clone());
        second
    }
}

pub(super) fn line(tasks: &Tasks, chance: &Chance, to: &SimHost) -> Line {
    Line::new(tasks.clone(), chance.clone(), (to.id, to.router.clone()))
}

pub(super) fn host(
    id: HostId,
    side: Side,
    (chance, tasks): (&Chance, &Tasks),
    world_ms: &Arc<AtomicU64>,
) -> SimHost {
    let store = Store::new(id != EDGE, chance, tasks);
    let clock = HostClock { world_ms: Arc::clone(world_ms), offset_ms: Arc::default() };
    // A copy calls itself what its original does, and has its secret; so does a standby.
    let name = match &side {
        Side::Edge => EDGE,
        Side::Gateway(venue) | Side::Standby(venue) => gateway_of(venue.as_str()),
    };
    let origin = if name == EDGE { "W".to_owned() } else { format!("K{name}") };
    let host = Host {
        ticket_origin: origin,
        secret: Secret::new(format!("simulated secret of host {name}")),
        is_home: id == EDGE,
        contract: true,
        // Some messages are so small that every exchange takes several.
        message_room: Room { changes: *chance.pick(&[3, 40, 2_000]), ..Room::default() },
        // Audits mend what nothing else should leave behind: some never run one.
        audit_every_ms: *chance.pick(&[0, 60_000, u64::MAX, u64::MAX]),
        reap_changes: *chance.pick(&[1, 25, 1_000]),
        ..stage::host(side)
    };
    let app = App {
        clock: Arc::new(clock.clone()),
        entropy: Arc::new(Dice(chance.clone())),
        ..stage::app(Arc::new(store.clone()), host)
    };
    let router = app::router(app.clone());
    SimHost { id, app, router, store, clock, cookies: Arc::default() }
}

fn gateway_of(venue: &str) -> HostId {
    VENUES.iter().position(|name| *name == venue).map_or(EDGE, |venue| venue + 1)
}
