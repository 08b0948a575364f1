//! The gateway's ear at its edge: a socket on which the edge says that it has news.
//!
//! Whatever is heard rings the bell, and so does the loss of the socket; the exchange that follows
//! finds out what changed. That the edge agreed to listen is not signed: whoever pretends to be it
//! can cause an exchange, and that one is. An edge without sockets is asked again now and then. It
//! must not know what is exchanged.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use app::{
    live::{PING, PONG},
    ports::{Entropy, Outgoing},
};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
    time::{Instant, interval_at},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use crate::{
    client::Client,
    limits, live,
    native::Bell,
    pace::{grown, jittered},
};

/// How an attempt to listen ended.
enum End {
    /// The edge has no sockets.
    NotOffered,
    /// It could not be reached, has no place now, or hung up soon.
    NotReached,
    /// The socket stood for a while, and is gone.
    Lost,
}

/// The socket, or when to ask for the next one.
pub(crate) struct Ear {
    client: Client,
    bell: Arc<Bell>,
    entropy: Arc<dyn Entropy>,
    stands: Arc<AtomicBool>,
    attempt: Option<JoinHandle<End>>,
    failures: u32,
    not_before: Instant,
}

impl Ear {
    /// Makes an ear that has not asked for a socket yet.
    pub(crate) fn new(client: Client, bell: Arc<Bell>, entropy: Arc<dyn Entropy>) -> Self {
        let stands = Arc::default();
        let not_before = Instant::now();
        Self { client, bell, entropy, stands, attempt: None, failures: 0, not_before }
    }

    /// Tells whether the edge says by itself when it has news.
    pub(crate) fn listens(&self) -> bool {
        self.stands.load(Ordering::Acquire)
    }

    /// Sees to the socket after an exchange that succeeded; asks for another one when it is due.
    pub(crate) async fn attend(&mut self, knock: impl FnOnce() -> Result<Outgoing, String>) {
        if let Some(attempt) = self.attempt.take_if(|attempt| attempt.is_finished()) {
            let end = attempt.await.unwrap_or(End::NotReached);
            self.not_before = Instant::now() + self.pause(&end);
        }
        if self.attempt.is_some() || Instant::now() < self.not_before {
            return;
        }
        match knock() {
            Ok(request) => {
                let (client, bell) = (self.client.clone(), Arc::clone(&self.bell));
                let stands = Arc::clone(&self.stands);
                self.attempt = Some(tokio::spawn(listen(client, request, bell, stands)));
            }
            Err(reason) => tracing::warn!(reason, "the edge cannot be asked for a socket"),
        }
    }

    fn pause(&mut self, end: &End) -> Duration {
        let pause_ms = match end {
            End::NotOffered => limits::EAR_NOT_OFFERED_MS,
            End::Lost => {
                self.failures = 0;
                0
            }
            End::NotReached => {
                self.failures = self.failures.saturating_add(1);
                grown(limits::EAR_PAUSE_MIN_MS, self.failures - 1, limits::EAR_PAUSE_MAX_MS)
            }
        };
        let mut lot = [0];
        // Without entropy the full pause is as good.
        let _ = self.entropy.fill(&mut lot);
        let [lot] = lot;
        Duration::from_millis(jittered(pause_ms, lot))
    }
}

async fn listen(
    client: Client,
    request: Outgoing,
    bell: Arc<Bell>,
    stands: Arc<AtomicBool>,
) -> End {
    let mut socket = match client.upgrade(request).await {
        Ok(stream) => {
            let config = live::config(limits::NUDGE_BYTES);
            WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await
        }
        Err(Some(status)) if !matches!(status, 401 | 408 | 409 | 429 | 500 | 502..=599) => {
            tracing::info!(
                status,
                "there is no socket to listen at; the other side is asked for news"
            );
            return End::NotOffered;
        }
        Err(status) => {
            tracing::debug!(status, "the other side gave no socket");
            return End::NotReached;
        }
    };
    tracing::info!("the other side says when it has news");
    stands.store(true, Ordering::Release);
    let since = Instant::now();
    // What came while there was no socket.
    bell.ring();
    hear(&mut socket, &bell, limits::EAR_PING).await;
    stands.store(false, Ordering::Release);
    tracing::info!("the socket is gone");
    bell.ring();
    // An edge that hangs up at once is not asked again at once.
    if since.elapsed() < limits::EAR_PING { End::NotReached } else { End::Lost }
}

/// Rings for every nudge until the socket breaks, closes or is silent.
async fn hear<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocketStream<S>,
    bell: &Bell,
    every: Duration,
) {
    let mut tick = interval_at(Instant::now() + every, every);
    let mut heard = true;
    loop {
        tokio::select! {
            _ = tick.tick() => {
                let ping = socket.send(Message::text(PING));
                let sent = tokio::time::timeout(limits::NUDGE, ping).await;
                if !heard || !matches!(sent, Ok(Ok(()))) {
                    return;
                }
                heard = false;
            }
            said = socket.next() => match said {
                None | Some(Err(_) | Ok(Message::Close(_))) => return,
                Some(Ok(message)) => {
                    heard = true;
                    if matches!(&message, Message::Text(text) if text.as_str() != PONG) {
                        bell.ring();
                    }
                }
            },
        }
    }
}

#[cfg(test)]
mod tests;
