//! The whole application in virtual time: hosts, a network that fails, a workload and an auditor.
//!
//! Every host runs the real router, the real SQL on SQLite in memory, and the real uplink; only the
//! ports are simulated. One seed decides everything: which task goes on, what is lost, who crashes.
//! The simulator holds no merge code and no rule of its own; what must hold is the auditor's.

pub mod auditor;
pub mod chance;
pub mod database;
pub mod grants;
pub mod leases;
pub mod network;
pub mod standing;
pub mod tasks;
pub mod workload;
pub mod world;

use auditor::Auditor;
use world::{Faults, World};

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
    /// What was done with leases.
    pub leases: leases::Tally,
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
        self.faults.add(&other.faults);
        self.leases.add(&other.leases);
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
    auditor.agree_all(&world).map_err(|broken| format!("SEED={seed}: {broken}"))?;
    if world.chance.happens(300) {
        world.rot();
    }
    auditor.judge(&mut world).map_err(|broken| format!("SEED={seed}: {broken}"))?;
    grants::judge(&world).map_err(|broken| format!("SEED={seed}: {broken}"))?;
    let mut report = world.report(&auditor);
    let Faults { mended, rotten, poisoned, restores, .. } = report.faults;
    // Audits must not hide a fault of this program: only what no session can know is theirs.
    report.unexplained = u64::from(mended > 0 && rotten == 0 && poisoned == 0);
    if report.unexplained > 0 && restores < 2 {
        return Err(format!("SEED={seed}: always_equal_without_mending: {:?}", report.faults));
    }
    Ok(Report { leases: world.leases.tally(), ..report })
}
