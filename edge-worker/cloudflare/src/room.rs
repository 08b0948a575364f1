//! One Durable Object per venue: the place where its gateway and browsers listen for changes.
//!
//! It sleeps while nothing happens, and its sockets stand meanwhile: nothing that matters is kept
//! in its memory. Only the Worker reaches it, and has decided who may listen. It must not hold
//! venue data: that is D1's.

use std::{cell::Cell, collections::BTreeMap};

use app::{
    limits::{LISTENER_SILENT_MS, LISTENING_BROWSERS, LISTENING_DEVICES},
    live::{PING, PONG, next_version, nudge},
};
use worker::{
    Date, DurableObject, Env, Error, Method, Request, Response, Result, State, WebSocket,
    WebSocketIncomingMessage, WebSocketPair, WebSocketRequestResponsePair, console_error,
    durable_object, js_sys, wasm_bindgen, wasm_bindgen::JsCast as _,
};

/// The tag of every browser, and of every device.
const BROWSER: &str = "browser";
const DEVICE: &str = "device";
/// "The other side broke the rules", as closing a WebSocket says it.
const AGAINST_THE_RULES: u16 = 1008;
const NORMAL: u16 = 1000;

/// The listeners of one venue.
#[durable_object(websocket)]
pub struct VenueRoom {
    state: State,
    last_version: Cell<u64>,
}

impl DurableObject for VenueRoom {
    fn new(state: State, _env: Env) -> Self {
        // Answered by the runtime: a listener that only says that it is there wakes nobody.
        match WebSocketRequestResponsePair::new(PING, PONG) {
            Ok(pair) => state.set_websocket_auto_response(&pair),
            Err(error) => console_error!("pings wake the room: {error:?}"),
        }
        Self { state, last_version: Cell::new(0) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let url = request.url()?;
        let asked = |name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        if request.method() == Method::Post {
            self.tell(&asked("topic").unwrap_or_default(), asked("from").as_deref());
            return Response::empty();
        }
        let upgrade = request.headers().get("upgrade")?;
        if upgrade.is_some_and(|to| to.eq_ignore_ascii_case("websocket")) {
            return self.take(asked("device"));
        }
        Response::error("A venue's room speaks WebSocket only.", 426)
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<()> {
        match message {
            WebSocketIncomingMessage::String(text) if text == PING => socket.send_with_str(PONG),
            _ => socket.close(Some(AGAINST_THE_RULES), Some("a listener has nothing to say")),
        }
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        _code: usize,
        _reason: String,
        _was_clean: bool,
    ) -> Result<()> {
        // A socket that is closed already has had its goodbye.
        let _ = socket.close(Some(NORMAL), None::<String>);
        Ok(())
    }

    async fn websocket_error(&self, _socket: WebSocket, error: Error) -> Result<()> {
        console_error!("a listener's socket failed: {error}");
        Ok(())
    }
}

impl VenueRoom {
    fn take(&self, device: Option<String>) -> Result<Response> {
        let (kind, limit) = match device {
            Some(_) => (DEVICE, LISTENING_DEVICES),
            None => (BROWSER, LISTENING_BROWSERS),
        };
        if self.present(kind) >= limit {
            self.send_the_silent_away(kind);
            if self.present(kind) >= limit {
                return Response::error("No place is free.", 503);
            }
        }
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        let name = device.map(|device| own_tag(&device));
        let tags: Vec<&str> = [Some(kind), name.as_deref()].into_iter().flatten().collect();
        self.state.accept_websocket_with_tags(&server, &tags);
        server.serialize_attachment(Date::now().as_millis())?;
        Response::from_websocket(client)
    }

    fn present(&self, kind: &str) -> usize {
        self.state.get_websockets_with_tag(kind).len()
    }

    /// A socket whose line was cut is noticed late; its place is needed now.
    fn send_the_silent_away(&self, kind: &str) {
        let limit_ms = Date::now().as_millis().saturating_sub(LISTENER_SILENT_MS);
        for socket in self.state.get_websockets_with_tag(kind) {
            let came_ms: Option<u64> = socket.deserialize_attachment().ok().flatten();
            let heard_ms = self.last_ping_ms(&socket);
            if came_ms.max(heard_ms).is_none_or(|last_ms| last_ms < limit_ms) {
                let _ = socket.close(Some(AGAINST_THE_RULES), Some("silent for too long"));
            }
        }
    }

    /// Returns when the runtime last answered this listener; the crate has no name for it.
    fn last_ping_ms(&self, socket: &WebSocket) -> Option<u64> {
        let state: &js_sys::Object = self.state.as_raw().as_ref();
        let name = "getWebSocketAutoResponseTimestamp".into();
        let function: js_sys::Function =
            js_sys::Reflect::get(state, &name).ok()?.dyn_into().ok()?;
        let time = function.call1(state, socket.as_ref()).ok()?;
        // Exact: milliseconds since 1970 are far below 2^53.
        time.dyn_into::<js_sys::Date>().ok().map(|date| date.get_time() as u64)
    }

    fn tell(&self, topic: &str, from: Option<&str>) {
        let version = next_version(self.last_version.get(), Date::now().as_millis());
        self.last_version.set(version);
        let text = nudge(&BTreeMap::from([(topic.to_owned(), version)]));
        let own = from.map(own_tag);
        for socket in self.state.get_websockets() {
            let brought_it =
                own.as_ref().is_some_and(|own| self.state.get_tags(&socket).contains(own));
            if !brought_it {
                // Whoever is leaving hears nothing more.
                let _ = socket.send_with_str(&text);
            }
        }
    }
}

/// The tag by which a device's own sockets are found: it is not told what it brought itself.
fn own_tag(device: &str) -> String {
    format!("{DEVICE}/{device}")
}
