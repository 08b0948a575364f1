//! Who may act on what is leased: what a host's start does to that, and what it is step by step.
//!
//! It calls what real hosts call when they start; it must not decide anything itself.

use std::sync::{Arc, Mutex, PoisonError};

use app::{leases::Desk, metered::Metered, replication::life as lives, rows, standby, witness};
use sync_engine::lease::{Issue, Standing};

use super::{
    leases::life,
    tasks::HostId,
    world::{EDGE, ParseId, VENUES, World},
};

impl World {
    /// A gateway's process starts: its whole image may be an old one, so nobody has heard it yet.
    pub fn started(&self, host: HostId) {
        if host != EDGE {
            let venue = self.venue_of(host);
            let app = self.hosts[host].app.clone();
            let followed = !World::is_standby(host) && self.seconds[venue].is_put_up();
            if host == venue + 1 {
                self.seconds[venue].forget();
            }
            self.starts(host, async move {
                let mut names = vec![app.host.side.upstream()];
                names.extend(followed.then_some(standby::DEVICE));
                let batch = witness::await_all(&VENUES[venue].parse_id(), &names);
                app.database.commit(&batch).await.expect("the store takes it");
            });
        }
    }

    /// A host goes on, on a store that was put back; its marker shows that, or only others know.
    pub fn wake(&mut self, host: HostId) {
        let app = self.hosts[host].app.clone();
        if self.chance.happens(500) {
            self.faults.noticed += 1;
            self.starts(host, async move {
                let db = Metered::new(app.database.clone(), u32::MAX);
                lives::begin_anew(&db, &app).await.expect("a new life begins");
            });
        } else if host == EDGE {
            // Who rewinds an edge's database doubts it in the same breath: no process starts there.
            self.starts(host, async move {
                let batch = VENUES.map(|venue| witness::doubt(&venue.parse_id()));
                app.database.commit(&batch).await.expect("the store takes it");
            });
        }
        self.started(host);
    }

    /// A process that cannot write does not start: it is tried until it can.
    fn starts(&self, host: HostId, body: impl Future<Output = ()> + Send + 'static) {
        let store = &self.hosts[host].store;
        let was_rough = store.calm();
        self.finish(body);
        if was_rough {
            store.roughen();
        }
    }

    /// Tells whether a host may act on what is leased, as its own store says.
    #[must_use]
    pub fn is_confirmed(&self, host: HostId, venue: usize) -> bool {
        let query = witness::list(&VENUES[venue].parse_id());
        let rows = self.hosts[host].store.rows(&query.sql, &[VENUES[venue], "9"]);
        witness::standing(&witness::read(&rows).expect("they read")) == Standing::Confirmed
    }
}

/// What a host answers who asks it to issue a right of its own.
#[must_use]
pub fn issue(world: &World, host: usize, right: &str) -> &'static str {
    let side = world.hosts[host].clone();
    let answer = Arc::new(Mutex::new("nothing happened"));
    let slot = Arc::clone(&answer);
    let holder = life(&world.hosts[host], 0);
    let ask = Issue { right: right.to_owned(), amount: 1, total: 1, holder };
    world.finish(async move {
        let db = Metered::new(side.app.database.clone(), u32::MAX);
        let here = rows::venue::by_id(&db, &VENUES[0].parse_id()).await.expect("it answers");
        let here = here.expect("the venue is open");
        let desk = Desk::open(&side.app, &db, &here).await.expect("the store answers");
        let told = desk.issue(&ask).await.map_or_else(|problem| problem.code, |_| "issued");
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = told;
    });
    *answer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One exchange of the first venue's gateway, in peace; tells whether it ended in agreement.
#[must_use]
pub fn exchange(world: &World) -> bool {
    let outcome = Arc::new(Mutex::new(false));
    let (slot, mut uplink) = (Arc::clone(&outcome), world.uplink(EDGE + 1));
    world.tasks.start(EDGE + 1, async move {
        let is_agreed = uplink.exchange().await.is_ok();
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = is_agreed;
    });
    while world.tasks.step(&world.chance) {}
    *outcome.lock().unwrap_or_else(PoisonError::into_inner)
}
