//! The HTTP listener: how many connections are open, and how long each may take for anything.
//!
//! Whoever connects and then dawdles costs a place for a bounded time only. It must not know what
//! is asked or answered, nor how TLS works.

use std::{
    convert::Infallible,
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use app::{gate::Client, locale::Locale, problem::Problem, transport::Transport};
use axum::{Router, body::Body};
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tower::ServiceExt;

use crate::{limits, tls::Tls};

/// What every connection is held to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Connections that are open at once; further ones wait in the system's queue.
    pub(crate) connections: usize,
    /// From an accepted connection to the end of its TLS handshake.
    pub(crate) handshake: Duration,
    /// From the end of one request to the last byte of the next one's head.
    pub(crate) head: Duration,
    /// From the head of a request to its answer, the body's arrival included.
    pub(crate) request: Duration,
    /// The age at which a connection takes no further request.
    pub(crate) connection: Duration,
    /// How long an aged connection may still write its last answer.
    pub(crate) last_answer: Duration,
    /// How long a clean shutdown may take.
    pub(crate) shutdown: Duration,
}

impl Bounds {
    /// What a host in service keeps to.
    pub(crate) const SERVICE: Self = Self {
        connections: limits::CONNECTIONS,
        handshake: limits::HANDSHAKE,
        head: limits::HEAD,
        request: limits::REQUEST,
        connection: limits::CONNECTION,
        last_answer: limits::LAST_ANSWER,
        shutdown: limits::SHUTDOWN,
    };
}

/// Where connections come in.
pub(crate) struct Doors {
    /// Plain http: for this machine's own screens, and for a proxy that speaks HTTPS.
    pub(crate) plain: TcpListener,
    /// HTTPS.
    pub(crate) secure: Option<(TcpListener, Arc<Tls>)>,
}

/// Serves until told to stop, then lets the requests under way end within the shutdown's limit.
pub(crate) async fn serve(
    doors: Doors,
    router: Router,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let (stopping, stopped) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&doors, &places) => accepted,
        };
        // The semaphore is never closed: only then is there no place.
        let Some((guest, place)) = accepted else { break };
        let (router, stopped) = (router.clone(), stopped.clone());
        tokio::spawn(async move {
            welcome(guest, router, bounds, stopped).await;
            drop(place);
        });
    }
    drop(doors);
    stopping.send_replace(true);
    let all = u32::try_from(bounds.connections).unwrap_or(u32::MAX);
    if timeout(bounds.shutdown, places.acquire_many(all)).await.is_err() {
        tracing::warn!("some connections did not end in time; they are closed");
    }
}
type Place = tokio::sync::OwnedSemaphorePermit;

/// Whoever connected.
struct Guest {
    stream: TcpStream,
    from: IpAddr,
    /// What shakes hands with them first, where they came for HTTPS.
    tls: Option<Arc<Tls>>,
}

/// Waits for a free place, then for a connection through either door.
async fn accept(doors: &Doors, places: &Arc<Semaphore>) -> Option<(Guest, Place)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    loop {
        let (accepted, tls) = tokio::select! {
            accepted = doors.plain.accept() => (accepted, None),
            (accepted, tls) = accept_secure(doors.secure.as_ref()) => (accepted, Some(tls)),
        };
        match accepted {
            Ok((stream, peer)) => {
                // A nudge is one small packet, and is not to wait for the answer to the last one.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "small packets of a connection may wait");
                }
                return Some((Guest { stream, from: peer.ip(), tls }, place));
            }
            Err(error) => {
                // Out of descriptors, or gone before we looked: asking at once would spin.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

type Accepted = std::io::Result<(TcpStream, SocketAddr)>;

/// Waits for ever where there is no such door.
async fn accept_secure(door: Option<&(TcpListener, Arc<Tls>)>) -> (Accepted, Arc<Tls>) {
    match door {
        Some((listener, tls)) => (listener.accept().await, Arc::clone(tls)),
        None => std::future::pending().await,
    }
}

/// Shakes hands where it is asked for, then serves.
async fn welcome(guest: Guest, router: Router, bounds: Bounds, mut stopped: watch::Receiver<bool>) {
    let Guest { stream, from, tls } = guest;
    let Some(tls) = tls else {
        let who = (Client(from), Transport::Http);
        return converse((stream, who), router, bounds, stopped).await;
    };
    let shaken = tokio::select! {
        shaken = tls.accept(stream, bounds.handshake) => shaken,
        // Who has not shaken hands has no request under way.
        _ = stopped.wait_for(|stopped| *stopped) => return,
    };
    match shaken {
        Ok(stream) => {
            let who = (Client(from), Transport::Https);
            converse((stream, who), router, bounds, stopped).await;
        }
        // Port scans, browsers that do not know our authority, plain http on this port.
        Err(reason) => tracing::debug!(reason, "no TLS with a client"),
    }
}

/// Serves one connection until either side is done with it or its time is over.
async fn converse<S>(
    (stream, (client, transport)): (S, (Client, Transport)),
    router: Router,
    bounds: Bounds,
    mut stopped: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(transport);
        answer(router.clone(), request, bounds.request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(bounds.head);
    let mut connection =
        pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = sleep(bounds.connection) => None,
        _ = stopped.wait_for(|stopped| *stopped) => None,
    };
    let ended = match ended {
        Some(ended) => Ok(ended),
        None => {
            connection.as_mut().graceful_shutdown();
            timeout(bounds.last_answer, connection).await
        }
    };
    match ended {
        Ok(Ok(())) => {}
        // Browsers hang up whenever they like.
        Ok(Err(error)) => tracing::debug!(%error, "a connection broke"),
        Err(_) => tracing::debug!("a connection took too long"),
    }
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    within: Duration,
) -> Result<Response<Body>, Infallible> {
    match timeout(within, router.oneshot(request)).await {
        Ok(answered) => answered,
        Err(_) => {
            tracing::warn!("a request took too long");
            Ok(Problem::unavailable("a request took too long").json(Locale::En))
        }
    }
}

#[cfg(test)]
mod tests;
