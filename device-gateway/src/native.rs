//! The small ports on a native host: clock, entropy, files, and what the uplink listens to.

use std::{
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use app::ports::{Assets, Clock, Entropy, Fault, Labour, Line, Link, Pending, Work};
use tokio::sync::{Notify, Semaphore, oneshot};

use crate::limits;

/// Where systemd says that the clock was synchronised since the system started. The kernel's own
/// flag would want unsafe code; Raspberry Pi OS and Debian have this one.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";

/// The system's clock, and what the edge said of it. It is never set from here.
#[derive(Default)]
pub(crate) struct SystemClock {
    /// By how much it is made wrong: a test's gateway lives years away.
    pub(crate) wrong_by_ms: i64,
    told: Mutex<Option<Told>>,
}

/// How far ahead the edge's time lay when it was told.
struct Told {
    ahead_ms: i64,
    now_ms: u64,
    /// Runs on evenly when somebody sets the clock.
    at: Instant,
}

impl SystemClock {
    /// A clock that is wrong by so much.
    pub(crate) fn wrong_by(wrong_by_ms: i64) -> Self {
        Self { wrong_by_ms, ..Self::default() }
    }

    fn told_slot(&self) -> MutexGuard<'_, Option<Told>> {
        // Each change is one assignment: a panic elsewhere leaves nothing half done.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        now_ms.saturating_add_signed(self.wrong_by_ms)
    }

    fn is_kept(&self) -> bool {
        self.wrong_by_ms == 0 && Path::new(SYNCHRONISED).exists()
    }

    fn told(&self, edge_ahead_ms: i64) {
        let told = Told { ahead_ms: edge_ahead_ms, now_ms: self.now_ms(), at: Instant::now() };
        *self.told_slot() = Some(told);
    }

    fn edge_ahead_ms(&self) -> Option<i64> {
        let told = self.told_slot();
        let told = told.as_ref()?;
        let passed = u64::try_from(told.at.elapsed().as_millis()).unwrap_or(u64::MAX);
        let edge_ms = told.now_ms.saturating_add(passed).saturating_add_signed(told.ahead_ms);
        let signed = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        Some(signed(edge_ms).saturating_sub(signed(self.now_ms())))
    }
}

/// The system's randomness.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        getrandom::fill(bytes).map_err(|error| Fault::lasting(error.to_string()))
    }
}

/// Slow work on one thread of its own, piece after piece: a Pi has memory for few, and what one
/// thread had of it, another does not find again.
pub(crate) struct Bench {
    pieces: SyncSender<Piece>,
    waiting: Semaphore,
}

type Piece = (Work, oneshot::Sender<()>);

impl Default for Bench {
    fn default() -> Self {
        let (pieces, queue) = mpsc::sync_channel(limits::SLOW_WORK_WAITING);
        thread::spawn(move || work_through(&queue));
        Self { pieces, waiting: Semaphore::new(limits::SLOW_WORK_WAITING) }
    }
}

fn work_through(queue: &Receiver<Piece>) {
    while let Ok((work, done)) = queue.recv() {
        // A piece that panics answers by silence, and the next one goes on.
        if panic::catch_unwind(AssertUnwindSafe(work)).is_ok() {
            let _nobody_waits = done.send(());
        }
    }
}

impl Labour for Bench {
    fn carry_out(&self, work: Work) -> Pending<'_, Result<(), Fault>> {
        Box::pin(async move {
            let crowded = |_| Fault::passing("too much slow work waits");
            let _waiting = self.waiting.try_acquire().map_err(crowded)?;
            let (done, is_done) = oneshot::channel();
            let full = |_| Fault::passing("too much slow work waits");
            self.pieces.try_send((work, done)).map_err(full)?;
            is_done.await.map_err(|_| Fault::lasting("slow work broke off"))
        })
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

/// The line to the other side as the uplink last saw it, and the bell that wakes it.
pub(crate) struct Bell {
    other_side: &'static str,
    bell: Notify,
    seen: Mutex<Seen>,
}

/// How the last exchange went.
struct Seen {
    link: Link,
    /// Why it failed; empty when it did not.
    reason: String,
}

impl Bell {
    /// Nothing was tried yet; the log calls the other side by this name.
    pub(crate) fn new(other_side: &'static str) -> Self {
        let link = Link::Connected { since_ms: None };
        let seen = Seen { link, reason: String::new() };
        Self { other_side, bell: Notify::new(), seen: Mutex::new(seen) }
    }

    /// Notes that an exchange succeeded.
    pub(crate) fn connected(&self, now_ms: u64) {
        let mut seen = self.seen();
        let since_ms = match seen.link {
            Link::Connected { since_ms: Some(since_ms) } => since_ms,
            _ => {
                tracing::info!("the {} answers", self.other_side);
                now_ms
            }
        };
        let link = Link::Connected { since_ms: Some(since_ms) };
        *seen = Seen { link, reason: String::new() };
    }

    /// Notes that an exchange failed, and warns unless it failed for the same reason before.
    pub(crate) fn failed(&self, reason: &str, refused: bool, now_ms: u64) {
        let mut seen = self.seen();
        seen.link = match (seen.link, refused) {
            (Link::Refused { since_ms }, true) => Link::Refused { since_ms },
            (Link::Cut { since_ms }, false) => Link::Cut { since_ms },
            (_, true) => Link::Refused { since_ms: now_ms },
            (_, false) => Link::Cut { since_ms: now_ms },
        };
        if seen.reason != reason {
            let other_side = self.other_side;
            tracing::warn!(reason, refused, "no exchange with the {other_side}; this host goes on");
            reason.clone_into(&mut seen.reason);
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Each change is one assignment: a panic elsewhere leaves nothing half done.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the uplink: something was written here, or the edge says that it has news.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Waits until somebody rings.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }
}

impl Line for Bell {
    fn link(&self) -> Link {
        self.seen().link
    }
}
