//! The whole application in virtual time: hosts, a network that fails, a workload and an auditor.
//!
//! Every host runs the real router, the real SQL on SQLite in memory, and the real uplink; only the
//! ports are simulated. One seed decides everything: which task goes on, what is lost, who crashes.
//! The simulator holds no merge code and no rule of its own; what must hold is the auditor's.

mod afterwards;
pub mod asking;
pub mod auditor;
pub mod basket;
pub mod chance;
pub mod copies;
pub mod counter;
pub mod database;
mod deliveries;
pub mod devices;
pub mod faults;
pub mod grants;
pub mod hosts;
pub mod last_write;
pub mod lasting;
pub mod leases;
pub mod menus;
pub mod network;
pub mod points;
pub mod revocations;
pub mod second;
pub mod slots;
pub mod standing;
pub mod stock;
pub mod tables;
pub mod tasks;
pub mod workload;
pub mod world;

use auditor::Auditor;
use faults::Faults;
use world::World;

/// What one run did, so that a test can assert that its faults happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Requests that were answered with success.
    pub acknowledged: u64,
    /// Requests that were refused as the rules say.
    pub refused: u64,
    /// Requests whose answer never came.
    pub unanswered: u64,
    /// Faults that happened.
    pub faults: Faults,
    /// Exchanges that came to agreement.
    pub agreements: u64,
    /// Batches that lost a race or were refused by a guard.
    pub conflicts: u64,
    /// Runs in which an audit mended what neither a bad disk nor a bad table explains: two
    /// restores at an unlucky moment, or a fault.
    pub unexplained: u64,
    /// What the last of them would have left behind.
    pub difference: Option<String>,
    /// People who were erased, as the edge knows.
    pub erased: u64,
    /// How often somebody was told that something is revoked.
    pub revoked: u64,
    /// How often somebody was told that something about a machine was changed.
    pub rekeyed: u64,
    /// Entries of the audit that were found sealed, on all stores.
    pub sealed: u64,
    /// How often somebody was told a table.
    pub seated: u64,
    /// Claims of the edge that a gateway answered.
    pub claims: u64,
    /// Reports of days that were found chained, on all stores.
    pub closed: u64,
    /// Orders that somebody was told are called off.
    pub cancelled: u64,
    /// How often somebody was told that money is back.
    pub refunded: u64,
    /// Orders that were handed over where they were brought to.
    pub delivered: u64,
    /// Orders that were invoiced.
    pub invoiced: u64,
    /// Orders that were rated.
    pub rated: u64,
    /// What was done with leases.
    pub leases: leases::Tally,
    /// What was done with members' points.
    pub points: points::Tally,
    /// What was sold of what is counted.
    pub stock: stock::Tally,
    /// What was taken of the kitchens' slots.
    pub slots: slots::Tally,
}

impl Report {
    /// Adds another run's counts.
    pub fn add(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unanswered += other.unanswered;
        self.agreements += other.agreements;
        self.conflicts += other.conflicts;
        self.unexplained += other.unexplained;
        self.sealed += other.sealed;
        self.difference = other.difference.clone().or(self.difference.take());
        self.erased += other.erased;
        self.faults.add(&other.faults);
        self.revoked += other.revoked;
        self.rekeyed += other.rekeyed;
        self.seated += other.seated;
        self.claims += other.claims;
        self.closed += other.closed;
        self.cancelled += other.cancelled;
        self.refunded += other.refunded;
        self.delivered += other.delivered;
        self.invoiced += other.invoiced;
        self.rated += other.rated;
        self.leases.add(&other.leases);
        self.points.add(&other.points);
        self.stock.add(other.stock);
        self.slots.add(other.slots);
    }
}

/// Runs one seed to its end.
///
/// # Errors
/// Says which promise is broken.
pub fn run(seed: u64) -> Result<Report, String> {
    let mut world = World::new(seed);
    let mut auditor = Auditor::default();
    workload::run(&mut world, &mut auditor);
    world.heal();
    let broken = |broken: String| format!("SEED={seed}: {broken}");
    auditor.agree_without_audits(&world, 3).map_err(broken)?;
    last_write::run(&mut world, &auditor).map_err(broken)?;
    let differs = auditor::difference(&world);
    let mended = world.mended();
    if world.chance.happens(300) {
        world.rot();
    }
    auditor.judge(&mut world).map_err(broken)?;
    auditor::erased_and_else_readable(&world).map_err(broken)?;
    grants::judge(&world).map_err(broken)?;
    world.revocations.judge(&world).map_err(broken)?;
    world.devices.judge(&world).map_err(broken)?;
    let (seated, claims) = world.tables.judge(&world).map_err(broken)?;
    let faults = world.report(&auditor).faults;
    let was_restored = faults.restores + faults.copies > 0;
    let points = world.points.judge(&world, was_restored).map_err(broken)?;
    let stock = world.stock.judge(&world).map_err(broken)?;
    let slots = slots::judge(&world).map_err(broken)?;
    let mut report = world.report(&auditor);
    (report.invoiced, report.rated) = afterwards::counts(&world);
    (report.stock, report.slots) = (stock, slots);
    report.delivered = deliveries::delivered(&world);
    let erased = world.hosts[world::EDGE].store.rows("SELECT id FROM erasure", &[]);
    report.erased = erased.len() as u64;
    // Audits must not hide a fault of this program: before a disk went bad, only what a table
    // refused was theirs to mend.
    let is_unexplained = (differs.is_some() || (mended > 0 && report.faults.poisoned == 0))
        && report.faults.rewound_beside_a_copy == 0;
    report.unexplained = u64::from(is_unexplained);
    if is_unexplained {
        let why = differs.unwrap_or_else(|| "mended on the way".to_owned());
        // What a standby alone holds, or alone has not heard, where a store was put back, waits
        // for an audit: about one seed in a thousand.
        let (faults, at_standby) = (&report.faults, (0..world::VENUES.len()).map(World::standby));
        let is_known = faults.restores > 0
            && at_standby.into_iter().any(|host| why.contains(&format!("at host {host}\n")));
        // A copy that goes on is as good as a store that was put back.
        if faults.restores + faults.copies < 2 && !is_known {
            let why = format!("always_equal_without_mending: {:?}: {why}", report.faults);
            return Err(broken(why));
        }
        report.difference = Some(why);
    }
    let (revoked, rekeyed) = (world.revocations.count(), world.devices.count());
    let leases = world.leases.tally();
    Ok(Report { leases, points, revoked, rekeyed, seated, claims, ..report })
}
