//! The one source of chance in a run: a seeded generator, shared by everything that needs a die.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// A die that the seed decides.
#[derive(Debug, Clone)]
pub struct Chance(Arc<AtomicU64>);

impl Chance {
    /// Seeds a generator.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
        Self(Arc::new(AtomicU64::new(mixed)))
    }

    /// Returns the next 64 bits (splitmix64).
    #[must_use]
    pub fn bits(&self) -> u64 {
        let step = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below the bound.
    #[must_use]
    pub fn below(&self, bound: usize) -> usize {
        (self.bits() % bound.max(1) as u64) as usize
    }

    /// Tells whether something happens that happens so often in a thousand times.
    #[must_use]
    pub fn happens(&self, per_mille: usize) -> bool {
        self.below(1_000) < per_mille
    }

    /// Picks one.
    #[must_use]
    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
