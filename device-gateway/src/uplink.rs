//! When the gateway exchanges with its edge: for ever, sooner when something was written here.
//!
//! It survives any answer: whatever goes wrong is one line in the log and a pause that grows, with
//! jitter, to a limit. It must not know what is exchanged.

use std::{sync::Arc, time::Duration};

use app::{
    ports::{Clock, Entropy},
    uplink::Uplink,
};

use crate::{
    ear::Ear,
    native::Bell,
    pace::{Pace, jittered},
};

/// What one uplink works with.
pub(crate) struct Driver {
    pub(crate) uplink: Uplink,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) bell: Arc<Bell>,
    pub(crate) ear: Ear,
}

impl Driver {
    /// Exchanges until the process ends.
    pub(crate) async fn run(mut self) {
        let mut pace = Pace::default();
        let mut uncertified = String::new();
        loop {
            match self.uplink.exchange().await {
                Ok(moved) => {
                    self.bell.connected(self.clock.now_ms());
                    pace.succeeded(moved);
                    self.certify(&mut uncertified).await;
                    self.ear.attend(|| self.uplink.knock()).await;
                }
                Err(reason) => {
                    self.bell.failed(&reason, refuses(&reason), self.clock.now_ms());
                    pace.failed();
                }
            }
            let pause_ms = pace.pause_ms(self.ear.listens());
            let pause = Duration::from_millis(jittered(pause_ms, self.lot()));
            // A bell and the end of the pause are both a reason to look.
            let _ = tokio::time::timeout(pause, self.bell.rung()).await;
        }
    }

    /// Sees to the certificate; what stands in its way is told once.
    async fn certify(&mut self, told: &mut String) {
        let certified = self.uplink.certify().await.err();
        if let Err(reason) = self.uplink.tell_lan().await {
            tracing::warn!(reason, "the edge does not know this gateway's name on site");
        }
        if let Err(reason) = self.uplink.tell_contacts().await {
            tracing::warn!(reason, "the edge does not know which devices were heard here");
        }
        let reason = certified.unwrap_or_default();
        if !reason.is_empty() && reason != *told {
            tracing::warn!(reason, "no certificate from the edge; it is asked again");
        }
        *told = reason;
    }

    fn lot(&self) -> u8 {
        let mut byte = [0];
        // Without entropy the full pause is as good.
        let _ = self.entropy.fill(&mut byte);
        let [byte] = byte;
        byte
    }
}

/// Tells whether the edge, or whoever answers in its place, finds fault with the request itself.
///
/// An edge that knows another key refuses with a signature that this gateway cannot check. Server
/// errors, timeouts (408) and throttling (429) pass by themselves.
fn refuses(reason: &str) -> bool {
    let answers = ["the edge answered ", "the primary answered ", "an answer "];
    let answer = answers.iter().find_map(|p| reason.strip_prefix(p));
    let status = answer.and_then(|rest| rest.split(' ').next()).and_then(|s| s.parse::<u16>().ok());
    matches!(status, Some(400..=407 | 409..=428 | 430..=499))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_waiting_does_not_mend_is_a_refusal() {
        let cases = [
            ("the edge answered 401 signature_invalid", true),
            ("the edge answered 409 rebase_required", true),
            ("the primary answered 403 unknown_device", true),
            ("an answer 401 is not signed by the edge", true),
            ("an answer 404 is not signed by the edge", true),
            ("the edge answered 503 unavailable", false),
            ("an answer 429 is not signed by the edge", false),
            ("an answer 200 is not signed by the edge", false),
            ("error sending request: connection refused", false),
        ];
        for (reason, expect) in cases {
            assert_eq!(refuses(reason), expect, "{reason}");
        }
    }
}
