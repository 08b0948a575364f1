//! A listener's socket: from the granted answer to its end.
//!
//! Nudges go out; all that a listener has to say is that it is there. Whoever is silent too long,
//! reads too slowly or says anything else is cut off. It must not know what changed.

use std::{sync::Arc, time::Duration};

use app::{
    limits::LISTENER_SILENT_MS,
    live::{self, PING, PONG, Seat},
    locale::Locale,
};
use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, HeaderValue, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::derive_accept_key,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use super::{Hub, Place};
use crate::limits;

/// Makes sockets of the connections for which a route grants a seat.
pub(crate) fn with_sockets(router: Router, hub: Arc<Hub>) -> Router {
    router.layer(from_fn_with_state(hub, upgrade))
}

async fn upgrade(State(hub): State<Arc<Hub>>, mut request: Request, next: Next) -> Response {
    let accept = accept(request.headers());
    let coming = hyper::upgrade::on(&mut request);
    let mut answer = next.run(request).await;
    let Some(seat) = answer.extensions_mut().remove::<Seat>() else {
        return answer;
    };
    let Some(accept) = accept else {
        return instead(&answer, live::upgrade_required(Locale::En));
    };
    let Some(place) = hub.sit(seat) else {
        return instead(&answer, live::full(Locale::En));
    };
    let headers = answer.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    tokio::spawn(listen(coming, place));
    answer
}

/// Returns what proves to the listener that it was understood; `None` when it asks for no socket.
fn accept(headers: &HeaderMap) -> Option<HeaderValue> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let words = text(header::CONNECTION).split(',');
    let wants = words.into_iter().any(|word| word.trim().eq_ignore_ascii_case("upgrade"));
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?;
    let fits = wants && text(header::SEC_WEBSOCKET_VERSION) == "13";
    fits.then(|| HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()).flatten()
}

/// Answers with a refusal, under the headers that every answer has.
fn instead(granted: &Response, mut refusal: Response) -> Response {
    for (name, value) in granted.headers() {
        refusal.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    refusal
}

async fn listen(coming: OnUpgrade, place: Place) {
    match timeout(limits::HEAD, coming).await {
        Ok(Ok(connection)) => {
            let config = config(limits::LISTENER_BYTES);
            let stream = TokioIo::new(connection);
            let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
            converse(socket, place, Duration::from_millis(LISTENER_SILENT_MS)).await;
        }
        // Browsers hang up whenever they like.
        Ok(Err(error)) => tracing::debug!(%error, "a listener left before it listened"),
        Err(_) => tracing::debug!("a listener never came"),
    }
}

/// Small buffers: there may be many sockets, and what they carry is short.
pub(crate) fn config(message_bytes: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(message_bytes))
        .max_frame_size(Some(message_bytes))
        .read_buffer_size(limits::SOCKET_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::SOCKET_BUFFER * 4)
}

/// Speaks with one listener until either side has had enough.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    mut place: Place,
    silent: Duration,
) {
    let mut until = Instant::now() + silent;
    let code = loop {
        let say = tokio::select! {
            news = place.news() => match news {
                Some(nudge) => nudge,
                None => break CloseCode::Away,
            },
            said = socket.next() => match said {
                Some(Ok(Message::Text(text))) if text.as_str() == PING => {
                    until = Instant::now() + silent;
                    PONG.to_owned()
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    until = Instant::now() + silent;
                    continue;
                }
                Some(Ok(Message::Close(_))) | None | Some(Err(_)) => return,
                Some(Ok(_)) => break CloseCode::Policy,
            },
            () = sleep_until(until) => break CloseCode::Policy,
        };
        match timeout(limits::NUDGE, socket.send(Message::text(say))).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    };
    let frame = CloseFrame { code, reason: "".into() };
    // The place is free at once; a listener that does not take its goodbye is dropped.
    drop(place);
    let _ = timeout(limits::NUDGE, socket.close(Some(frame))).await;
}

#[cfg(test)]
mod tests;
