//! The small ports on WASI: clock, entropy, files.

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use app::ports::{Assets, Clock, Entropy, Fault, Pending};

/// The host's clock.
pub(crate) struct WasiClock;

impl Clock for WasiClock {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The host's randomness.
pub(crate) struct WasiEntropy;

impl Entropy for WasiEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        getrandom::fill(bytes).map_err(|error| Fault::lasting(error.to_string()))
    }
}

/// The files that the manifest mounts at `/static`.
pub(crate) struct Files;

impl Assets for Files {
    fn get<'a>(&'a self, path: &'a str) -> Pending<'a, Option<Vec<u8>>> {
        Box::pin(async move { std::fs::read(Path::new("/static").join(path)).ok() })
    }
}
