//! The Worker's clock and randomness.
//!
//! It must not know what they are used for.

use app::ports::{Clock, Entropy, Fault};
use worker::Date;

/// The Workers clock; it stands still while code runs and moves on with every I/O.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkerClock;

impl Clock for WorkerClock {
    fn now_ms(&self) -> u64 {
        Date::now().as_millis()
    }
}

/// `crypto.getRandomValues`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlatformEntropy;

impl Entropy for PlatformEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        getrandom::fill(bytes).map_err(|error| Fault::lasting(format!("no randomness: {error}")))
    }
}
