//! Who sends what waits on a native host: a task that runs when it is rung, and when time comes.
//!
//! It must not know what a mail says, nor decide when one is due.

use std::{sync::Arc, time::Duration};

use app::{
    App,
    chores::round,
    limits::{MAIL_PAUSES_MS, MAILS_AT_ONCE},
    outbound::Outbound,
    outbox::{Outbox, Post, pause_ms},
    ports::{Bell, Mailer},
};
use tokio::sync::Notify;

use crate::{
    config::{Carrier, MailAccess},
    smtp::Smtp,
};

/// Wakes the task.
#[derive(Default)]
pub(crate) struct Postman(Notify);

impl Bell for Postman {
    fn ring(&self) {
        self.0.notify_one();
    }
}

/// Makes the outbox as it is configured.
pub(crate) fn outbox(
    access: &MailAccess,
    outbound: &Arc<Outbound>,
    postman: Arc<Postman>,
) -> Result<Outbox, String> {
    let post = match &access.carrier {
        None => None,
        Some((carrier, from)) => {
            let mailer: Arc<dyn Mailer> = match carrier {
                Carrier::Smtp(access) => Arc::new(Smtp::new(access)?),
                Carrier::Api { url, key } => {
                    let outbound = outbound.clone();
                    Arc::new(app::mail::MailApi::new(outbound, url.clone(), key.clone()))
                }
            };
            Some(Post { mailer, from: from.clone() })
        }
    };
    Ok(Outbox::new(post, postman, access.links.clone()))
}

/// Sends until the process ends.
pub(crate) async fn run(app: App, postman: Arc<Postman>) {
    let [longest_ms, ..] = MAIL_PAUSES_MS;
    loop {
        match round(&app, MAILS_AT_ONCE).await {
            Ok(round) if round.more => continue,
            Ok(_) => {}
            Err(fault) => tracing::warn!(detail = %fault.detail, "mails wait for the store"),
        }
        let pause = Duration::from_millis(pause_ms(&app).await.unwrap_or(longest_ms));
        // A bell and the end of the pause are both a reason to look.
        let _ = tokio::time::timeout(pause, postman.0.notified()).await;
    }
}
