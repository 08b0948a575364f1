//! The standby as the primary's process sees it: who waits for it, and how long.
//!
//! It must not know what is sold, nor how the standby speaks.

use std::sync::Arc;

use app::{
    ports::{Clock, Pending},
    standby::{Cover, Follower, Follows, Standby, Tip},
};
use tokio::{sync::watch, time::timeout};

use crate::limits;

/// The standby, and everyone who waits for it.
pub(crate) struct Second {
    clock: Arc<dyn Clock>,
    known: watch::Sender<Follower>,
}

impl Second {
    /// Knows of no standby yet.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, known: watch::Sender::new(Follower::default()) }
    }

    /// Notes that it hung up: whoever waits is answered now.
    pub(crate) fn left(&self) {
        self.lose("it hung up", |_| true);
    }

    fn lose(&self, reason: &str, is_lost: impl FnOnce(&Follower) -> bool) {
        let now_ms = self.clock.now_ms();
        let changed = self.known.send_if_modified(|known| {
            let before = known.follows();
            if is_lost(known) {
                known.lost(now_ms);
            }
            known.follows() != before
        });
        if changed {
            tracing::warn!(reason, "the standby is lost; exclusive sales go on without it");
        }
    }
}

impl Standby for Second {
    fn heard(&self, held: Tip, wrote: u64) {
        let now_ms = self.clock.now_ms();
        let mut found = false;
        self.known.send_modify(|known| {
            let before = known.follows();
            known.heard(held, wrote, now_ms);
            found = known.follows() != before;
        });
        if found {
            tracing::info!("the standby follows; exclusive sales wait for it");
        }
    }

    fn holds(&self, wanted: Tip) -> Pending<'_, bool> {
        Box::pin(async move {
            let mut known = self.known.subscribe();
            let decided = known.wait_for(|known| known.cover(&wanted) != Cover::Coming);
            if let Ok(known) = timeout(limits::STANDBY, decided).await {
                return known.is_ok_and(|known| known.cover(&wanted) == Cover::Held);
            }
            self.lose("it did not confirm in time", |known| known.cover(&wanted) == Cover::Coming);
            self.known.borrow().cover(&wanted) == Cover::Held
        })
    }

    fn follows(&self) -> Follows {
        self.known.borrow().follows()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use stage::{Hand, START_MS};
    use sync_engine::id::Writer;
    use tokio::time::{Instant, advance};

    use super::*;

    fn tip(seq: u64) -> Tip {
        Tip { writer: Writer::parse("gateway", "a").unwrap(), seq }
    }

    /// A standby that holds everything, of one change.
    fn followed() -> Arc<Second> {
        let second = Second::new(Arc::<Hand>::default());
        second.heard(tip(1), 1);
        Arc::new(second)
    }

    #[tokio::test(start_paused = true)]
    async fn a_sale_waits_until_the_standby_holds_it() {
        let second = followed();
        let waiting = tokio::spawn({
            let second = second.clone();
            async move { second.holds(tip(2)).await }
        });
        tokio::task::yield_now().await;
        advance(limits::STANDBY - Duration::from_millis(1)).await;
        assert!(!waiting.is_finished());
        second.heard(tip(2), 2);
        assert!(waiting.await.unwrap());
        assert_eq!(second.follows(), Follows::Closely { since_ms: START_MS });
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_confirm_in_time_is_waited_for_no_more_until_it_has_caught_up() {
        let second = followed();
        let started = Instant::now();
        assert!(!second.holds(tip(2)).await);
        assert_eq!(started.elapsed(), limits::STANDBY);
        assert_eq!(second.follows(), Follows::Lost { since_ms: START_MS });
        assert!(!second.holds(tip(3)).await);
        assert_eq!(started.elapsed(), limits::STANDBY, "the second sale is answered at once");
        second.heard(tip(3), 3);
        assert!(!second.holds(tip(4)).await);
        assert_eq!(started.elapsed(), limits::STANDBY * 2, "it is waited for again");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_answered_when_the_standby_hangs_up() {
        let second = followed();
        let started = Instant::now();
        let waiting = tokio::spawn({
            let second = second.clone();
            async move { second.holds(tip(2)).await }
        });
        tokio::task::yield_now().await;
        second.left();
        assert!(!waiting.await.unwrap());
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
