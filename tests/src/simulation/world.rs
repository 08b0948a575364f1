//! One edge for two venues, a gateway and a standby for each: the hosts, their clocks, their lines.
//!
//! Owns what exists and how it fails; what is asked of it is the workload's. It must not judge.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use app::{
    App,
    api::setup::GATEWAY,
    host::{Host, Side},
    metered::Metered,
    migrations,
    replication::{self, aside},
    rows, standby,
    uplink::{EdgeAccess, Form, Uplink},
    witness,
};
use domain::{
    device::{EVENTS, replica::Credential},
    venue::Document,
};
use sync_engine::{
    id::{ReplicaId, Writer},
    limits::CLOCK_AHEAD_MS,
};

use super::{
    Report,
    auditor::Auditor,
    chance::Chance,
    copies::Copied,
    faults::Faults,
    hosts::{SimHost, host, line},
    lasting::Lasting,
    leases::Leases,
    network::Line,
    points::Points,
    revocations,
    second::Second,
    stock::Stock,
    tables::Tables,
    tasks::{HostId, Tasks},
};

/// The venues; each has a gateway, and all share the edge.
pub const VENUES: [&str; 2] = ["chakri", "annexe"];
/// The edge's host number; the gateways follow in the order of the venues, then the standbys.
pub const EDGE: HostId = 0;
/// The 21st of November 2026.
const START_MS: u64 = 1_795_219_200_000;

/// Everything there is.
pub struct World {
    /// The die.
    pub chance: Chance,
    /// What goes on.
    pub tasks: Tasks,
    /// The edge, then the gateways, then the standbys; a copy comes last.
    pub hosts: Vec<SimHost>,
    /// The lines of all hosts but the edge, in their order.
    pub lines: Vec<Line>,
    /// How each venue's gateway sees its standby.
    pub seconds: Vec<Second>,
    /// What happened beside the lines' mishaps.
    pub faults: Faults,
    /// A gateway's disk that was copied, and the machine that it runs in.
    pub copied: Option<Copied>,
    /// Whose gateway writes messages as an older build does.
    pub old_form: Vec<bool>,
    /// The last image that was taken of each host's store.
    pub images: Vec<Option<Vec<u8>>>,
    /// What is leased.
    pub leases: Leases,
    /// What was told of revocations.
    pub revocations: Lasting,
    /// What was told of machines.
    pub devices: Lasting,
    /// What was told of tables.
    pub tables: Tables,
    /// What was told of members' points.
    pub points: Points,
    /// What was asked of what is counted.
    pub stock: Stock,
    world_ms: Arc<AtomicU64>,
}

impl World {
    /// Builds the world of a seed: both venues open on both sides.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let chance = Chance::new(seed);
        let tasks = Tasks::default();
        let world_ms = Arc::new(AtomicU64::new(START_MS));
        let gateways = VENUES.map(|venue| Side::Gateway(venue.parse_id()));
        let standbys = VENUES.map(|venue| Side::Standby(venue.parse_id()));
        let sides = std::iter::once(Side::Edge).chain(gateways).chain(standbys);
        let mut hosts: Vec<SimHost> = sides
            .enumerate()
            .map(|(id, side)| host(id, side, (&chance, &tasks), &world_ms))
            .collect();
        let seconds = (1..=VENUES.len()).map(|gateway| hosts[gateway].see_standby()).collect();
        let upstream = |venue: usize| [EDGE, EDGE, 1, 2][venue];
        let lines = (0..2 * VENUES.len())
            .map(|number| line(&tasks, &chance, &hosts[upstream(number)]))
            .collect();
        let faults = Faults::default();
        let images = vec![None; hosts.len()];
        let old_form = VENUES.map(|_| chance.happens(300)).to_vec();
        let leases = Leases::default();
        let copied = None;
        let world = Self {
            chance,
            tasks,
            hosts,
            lines,
            seconds,
            faults,
            copied,
            old_form,
            images,
            leases,
            revocations: Lasting::of(revocations::TABLE),
            devices: Lasting::of(EVENTS),
            tables: Tables::default(),
            points: Points::default(),
            stock: Stock::default(),
            world_ms,
        };
        for (number, venue) in VENUES.into_iter().enumerate() {
            world.open(EDGE, venue, "edge");
            world.open(number + 1, venue, "gateway");
            world.open_standby(number);
        }
        world
    }

    fn open(&self, host: HostId, venue: &'static str, replica: &'static str) {
        let app = self.hosts[host].app.clone();
        let document = document(venue);
        self.finish(async move {
            migrations::apply(app.database.as_ref()).await.expect("the store is migrated");
            let db = Metered::new(app.database.clone(), u32::MAX);
            let clamp_ms = (host == EDGE).then(|| app.clock.now_ms() + CLOCK_AHEAD_MS);
            replication::open(&db, app.entropy.as_ref(), &document, replica, clamp_ms)
                .await
                .expect("the venue opens");
            if host == EDGE {
                // Whoever is given a key vouches for the edge from then on.
                db.commit(&[witness::enrol(&venue.parse_id(), GATEWAY)]).await.expect("it enrols");
            }
        });
        if host != EDGE {
            self.started(host);
        }
    }

    /// A standby opens its venue empty and learns the rest from its gateway.
    fn open_standby(&self, venue: usize) {
        let host = Self::standby(venue);
        let app = self.hosts[host].app.clone();
        let venue = VENUES[venue].parse_id();
        self.finish(async move {
            migrations::apply(app.database.as_ref()).await.expect("the store is migrated");
            let generation = replication::new_life(app.entropy.as_ref()).expect("a life is drawn");
            let replica = ReplicaId::parse(standby::DEVICE).expect("a name");
            let batch = rows::venue::open(&venue, &Writer { replica, generation }, &[]);
            app.database.commit(&batch).await.expect("the venue opens");
        });
        self.started(host);
    }

    /// Runs something to its end while nothing else goes on.
    pub fn finish(&self, body: impl Future<Output = ()> + Send + 'static) {
        let alone = Tasks::default();
        alone.start(EDGE, body);
        while alone.step(&self.chance) {}
    }

    /// Makes a gateway's uplink; what an earlier one knew is lost with it.
    #[must_use]
    pub fn uplink(&self, host: HostId) -> Uplink {
        self.uplink_of(host, self.hosts[host].app.clone())
    }

    /// Makes an uplink that audits nothing.
    #[must_use]
    pub fn uplink_without_audits(&self, host: HostId) -> Uplink {
        let app = self.hosts[host].app.clone();
        let host_of = Host { audit_every_ms: u64::MAX, ..app.host.as_ref().clone() };
        self.uplink_of(host, App { host: Arc::new(host_of), ..app })
    }

    fn uplink_of(&self, host: HostId, app: App) -> Uplink {
        let venue = self.venue_of(host);
        let id = VENUES[venue].parse_id();
        let (asked, device) = match Self::is_standby(host) {
            true => (venue + 1, standby::DEVICE),
            false => (EDGE, GATEWAY),
        };
        let key = self.hosts[asked].app.host.device_key(&id, device, 1);
        let access = EdgeAccess {
            url: "https://edge".to_owned(),
            device: device.to_owned(),
            key: Credential { version: 1, secret: key },
        };
        let line = Arc::new(self.lines[host - 1].clone());
        let mut uplink = Uplink::new(app, line, id, access);
        if self.old_form[venue] {
            uplink.speak(Form::Json);
        }
        uplink
    }

    /// Lets the time pass.
    pub fn pass(&self, ms: u64) {
        self.world_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Sets a host's clock off by so much.
    pub fn jump(&mut self, host: HostId, offset_ms: i64) {
        self.hosts[host].set_off(offset_ms);
        self.faults.clock_jumps += 1;
    }

    /// Lets a host's table refuse one kind of row, as a faulty build might.
    pub fn poison(&mut self) {
        let host = self.chance.below(self.hosts.len());
        let refuse = "CREATE TRIGGER IF NOT EXISTS poison BEFORE UPDATE ON product \
             WHEN NEW.available = 0 BEGIN SELECT RAISE(ABORT, 'poisoned'); END";
        let _ = self.hosts[host].store.rot(refuse, &[]);
        self.faults.poisoned += 1;
    }

    /// Mends the tables and tries again what they refused.
    fn antidote(&mut self) {
        for host in &self.hosts {
            let count = host.store.rows("SELECT count(*) AS n FROM set_aside", &[]);
            self.faults.set_aside += count[0]["n"].as_u64().unwrap_or_default();
            let _ = host.store.rot("DROP TRIGGER IF EXISTS poison", &[]);
        }
        for host in self.hosts.clone() {
            self.finish(async move {
                let db = Metered::new(host.app.database.clone(), u32::MAX);
                for venue in VENUES {
                    aside::retry(&host.app.host, &db, &venue.parse_id())
                        .await
                        .expect("the store answers");
                }
            });
        }
    }

    /// Lets a few bytes of a gateway's disk go bad.
    pub fn rot(&mut self) {
        // Of a row that nobody else has just so, nobody can tell what it was.
        let venue = self.chance.below(VENUES.len());
        let sql = "SELECT o.id AS id, stamp, replica, generation FROM customer_order o \
             JOIN stream_writer w ON w.id = o.writer WHERE venue = ?1 ORDER BY o.id";
        let [edge, gateway] =
            [EDGE, venue + 1].map(|host| self.hosts[host].store.rows(sql, &[VENUES[venue]]));
        let held = edge.iter().find(|row| gateway.contains(row));
        let Some(id) = held.and_then(|row| row["id"].as_str()) else { return };
        let sql = "UPDATE customer_order SET total_cents = total_cents + 1 \
             WHERE venue = ?1 AND id = ?2";
        let changed = self.hosts[venue + 1].store.rot(sql, &[VENUES[venue], id]);
        self.faults.rotten += u64::from(changed);
    }

    /// Puts another machine beside the hosts, with a gateway's disk in it.
    pub fn add_gateway(&mut self, venue: usize, image: &[u8]) -> HostId {
        let id = self.hosts.len();
        let side = Side::Gateway(VENUES[venue].parse_id());
        let host = host(id, side, (&self.chance, &self.tasks), &self.world_ms);
        host.store.restore(image);
        self.hosts.push(host);
        self.lines.push(line(&self.tasks, &self.chance, &self.hosts[EDGE]));
        self.images.push(None);
        id
    }

    /// Ends all trouble: lines stand, nothing is lost, what goes on comes to its end.
    pub fn heal(&mut self) {
        for line in &self.lines {
            line.is_cut.store(false, Ordering::Relaxed);
            line.is_calm.store(true, Ordering::Relaxed);
        }
        for host in &self.hosts {
            let _was_rough = host.store.calm();
        }
        while self.tasks.step(&self.chance) {}
        self.antidote();
    }

    /// Counts the rows that audits mended by now.
    #[must_use]
    pub fn mended(&self) -> u64 {
        let sql = "SELECT coalesce(sum(count), 0) AS n FROM sync_note WHERE what = 'mended'";
        let hosts = std::iter::once(EDGE).chain((0..VENUES.len()).map(Self::standby));
        hosts
            .map(|host| self.hosts[host].store.rows(sql, &[])[0]["n"].as_u64().unwrap_or_default())
            .sum()
    }

    /// Sums the run up.
    #[must_use]
    pub fn report(&self, auditor: &Auditor) -> Report {
        let mut faults = self.faults.clone();
        for line in &self.lines {
            let mishaps = &line.mishaps;
            faults.lost += mishaps.lost.load(Ordering::Relaxed);
            faults.answers_lost += mishaps.answers_lost.load(Ordering::Relaxed);
            faults.repeated += mishaps.repeated.load(Ordering::Relaxed);
            faults.cut += mishaps.cut.load(Ordering::Relaxed);
        }
        for host in &self.hosts {
            host.store.add_to(&mut faults);
        }
        let edge = &self.hosts[EDGE].store;
        let count = |sql: &str| edge.rows(sql, &[])[0]["n"].as_u64().unwrap_or_default();
        faults.lowered = count("SELECT count(*) AS n FROM change_log WHERE effective <> claimed");
        faults.mended = self.mended();
        faults.new_lives = count(
            "SELECT count(DISTINCT v.stream || v.replica || v.generation) AS n \
             FROM stream_writer v JOIN stream_writer w ON w.stream = v.stream \
             AND w.replica = v.replica AND w.generation > v.generation \
             WHERE v.replica <> 'document'",
        );
        for second in &self.seconds {
            faults.sales_held += second.sales().held.load(Ordering::Relaxed);
            faults.sales_alone += second.sales().alone.load(Ordering::Relaxed);
        }
        let stays = self.copied.as_ref().is_some_and(|copied| !copied.is_gone);
        faults.copies_parted += u64::from(stays && self.has_parted());
        let conflicts = self.hosts.iter().map(|host| host.store.conflicts()).sum();
        Report { faults, conflicts, ..auditor.report() }
    }
}

/// Reads a literal that is an id.
pub trait ParseId {
    /// Reads it.
    fn parse_id(self) -> sync_engine::id::VenueId;
}

impl ParseId for &str {
    fn parse_id(self) -> sync_engine::id::VenueId {
        sync_engine::id::VenueId::parse(self).expect("a venue's name")
    }
}

fn document(venue: &str) -> Document {
    let text = include_str!("../../../fixtures/venues/chakri.json");
    let mut document: Document = serde_json::from_str(text).expect("the demo venue is sound");
    document.venue.id = venue.parse_id();
    document.domains = vec![format!("{venue}.example")];
    // So few that orders race for them.
    document.tables.truncate(3);
    document
}
