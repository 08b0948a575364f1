//! What went wrong in a run, counted, so that tests can assert that it did.
//!
//! It must not make anything go wrong.

/// Faults that happened in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Messages lost on the way.
    pub lost: u64,
    /// Answers lost on the way.
    pub answers_lost: u64,
    /// Messages that arrived twice.
    pub repeated: u64,
    /// Messages that met a cut line.
    pub cut: u64,
    /// Gateways that died with everything they were doing.
    pub gateway_crashes: u64,
    /// Workers of the edge that died in the middle of a request.
    pub worker_crashes: u64,
    /// Clocks that jumped.
    pub clock_jumps: u64,
    /// Batches that ended in their middle with the process that ran them.
    pub torn: u64,
    /// Batches that took effect, and whose process was told that the line to the database broke.
    pub unknown: u64,
    /// Batches that met a full disk.
    pub full_disks: u64,
    /// Stores that were put back to an older image.
    pub restores: u64,
    /// Stores whose marker showed that.
    pub noticed: u64,
    /// Disks of gateways that were copied, and ran beside their originals from then on.
    pub copies: u64,
    /// Copies that went away for good before the end.
    pub copies_gone: u64,
    /// Times that the hub was put back after a disk was copied: rows that only the copy had may
    /// then wait for an audit.
    pub rewound_beside_a_copy: u64,
    /// Copies that a new life parted from their originals, on either side.
    pub copies_parted: u64,
    /// New lives that began.
    pub new_lives: u64,
    /// Stamps that the hub lowered.
    pub lowered: u64,
    /// Tables that began to refuse a change which they should take.
    pub poisoned: u64,
    /// Changes that were set aside for it.
    pub set_aside: u64,
    /// Rows whose bytes changed on a disk by themselves.
    pub rotten: u64,
    /// Rows that differed and were mended.
    pub mended: u64,
    /// Sales that a standby held before they were answered.
    pub sales_held: u64,
    /// Sales that were answered without a standby that had followed until then.
    pub sales_alone: u64,
}

impl Faults {
    /// Adds another run's counts.
    pub const fn add(&mut self, other: &Self) {
        self.lost += other.lost;
        self.answers_lost += other.answers_lost;
        self.repeated += other.repeated;
        self.cut += other.cut;
        self.gateway_crashes += other.gateway_crashes;
        self.worker_crashes += other.worker_crashes;
        self.clock_jumps += other.clock_jumps;
        self.torn += other.torn;
        self.unknown += other.unknown;
        self.full_disks += other.full_disks;
        self.restores += other.restores;
        self.noticed += other.noticed;
        self.copies += other.copies;
        self.copies_gone += other.copies_gone;
        self.rewound_beside_a_copy += other.rewound_beside_a_copy;
        self.copies_parted += other.copies_parted;
        self.new_lives += other.new_lives;
        self.lowered += other.lowered;
        self.poisoned += other.poisoned;
        self.set_aside += other.set_aside;
        self.rotten += other.rotten;
        self.mended += other.mended;
        self.sales_held += other.sales_held;
        self.sales_alone += other.sales_alone;
    }
}
