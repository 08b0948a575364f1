//! The small ports on a native host: clock, entropy, files, and what the uplink listens to.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use app::ports::{Assets, Clock, Entropy, Fault, Line, Link, Live, Pending};
use sync_engine::id::{Purpose, VenueId};
use tokio::sync::Notify;

use crate::limits;

/// The system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The system's randomness.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        getrandom::fill(bytes).map_err(|error| Fault::lasting(error.to_string()))
    }
}

/// The files of a folder.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Assets for Folder {
    fn get<'a>(&'a self, path: &'a str) -> Pending<'a, Option<Vec<u8>>> {
        let file = self.0.join(path);
        Box::pin(async move {
            let read = move || {
                let fits = std::fs::metadata(&file).ok()?.len() <= limits::ASSET_BYTES;
                fits.then(|| std::fs::read(&file).ok()).flatten()
            };
            tokio::task::spawn_blocking(read).await.ok().flatten()
        })
    }
}

/// The line to the edge as the uplink last saw it, and the bell that wakes it.
#[derive(Default)]
pub(crate) struct Bell {
    bell: Notify,
    /// 0 while connected, else since when the line is cut.
    cut_since_ms: AtomicU64,
}

impl Bell {
    /// Notes that an exchange succeeded.
    pub(crate) fn connected(&self) {
        if self.cut_since_ms.swap(0, Ordering::Relaxed) != 0 {
            tracing::info!("the edge answers");
        }
    }

    /// Notes that an exchange failed.
    pub(crate) fn cut(&self, now_ms: u64) {
        let since = self.cut_since_ms.compare_exchange(
            0,
            now_ms.max(1),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if since.is_ok() {
            tracing::warn!("the edge does not answer; the venue goes on by itself");
        }
    }

    /// Waits until something is written here.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }
}

impl Live for Bell {
    fn changed(&self, _venue: &VenueId, _purpose: &Purpose) {
        self.bell.notify_one();
    }
}

impl Line for Bell {
    fn link(&self) -> Link {
        match self.cut_since_ms.load(Ordering::Relaxed) {
            0 => Link::Connected,
            since_ms => Link::Cut { since_ms },
        }
    }
}
