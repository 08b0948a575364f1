//! A listener on a host's `/live`, as a browser or a gateway is one.
//!
//! It must not know what a case asserts, nor which host it listens at.

use std::{net::TcpStream, time::Duration};

use serde_json::Value as Json;
use sync_engine::seal::Seal;
use tungstenite::{
    Error, HandshakeError, Message, WebSocket, client, client::IntoClientRequest as _,
    http::HeaderValue,
};

use super::venue::{Headers, Venue, now_ms};

/// How long a listener waits for a word: far longer than any host takes.
const WITHIN: Duration = Duration::from_secs(20);

/// An open socket.
pub struct Listener(WebSocket<TcpStream>);

/// Why there is no socket: the status.
pub type Refusal = u16;

impl Listener {
    /// Listens to the venue, as a page of its own.
    #[must_use]
    pub fn open(venue: &Venue) -> Self {
        let opened = Self::ask(venue, &[("host", &venue.domain)]);
        opened.unwrap_or_else(|refusal| panic!("no socket: {refusal:?}"))
    }

    /// Listens as the venue's gateway does, under a signature with this nonce.
    ///
    /// # Errors
    /// Returns how the host refuses.
    pub fn open_signed(venue: &Venue, key: &[u8], nonce: &str) -> Result<Self, Refusal> {
        let device = format!("{}/gateway", venue.id);
        let (at_ms, path) = (now_ms(), "/live");
        let seal = Seal { device: &device, method: "GET", path, at_ms, nonce, body: b"" };
        let (at, signature) = (at_ms.to_string(), seal.sign(key));
        // A gateway calls its edge by any name that leads there.
        Self::ask(
            venue,
            &[
                ("host", venue.address()),
                ("relais-venue", &venue.id),
                ("relais-device", "gateway"),
                ("relais-at", &at),
                ("relais-nonce", nonce),
                ("relais-signature", &signature),
            ],
        )
    }

    /// Asks for a socket with these headers.
    ///
    /// # Errors
    /// Returns how the host refuses.
    pub fn ask(venue: &Venue, headers: Headers<'_>) -> Result<Self, Refusal> {
        Self::connect(venue.address(), headers)
    }

    /// Asks whoever serves at this address for a socket.
    ///
    /// # Errors
    /// Returns how the host refuses.
    pub fn connect(address: &str, headers: Headers<'_>) -> Result<Self, Refusal> {
        let stream = TcpStream::connect(address).expect("the host listens");
        stream.set_read_timeout(Some(WITHIN)).expect("a socket takes a time limit");
        let mut request = format!("ws://{address}/live")
            .into_client_request()
            .expect("the address is well formed");
        for (name, value) in headers {
            let name: tungstenite::http::HeaderName = name.parse().expect("a header's name");
            let value = HeaderValue::from_str(value).expect("a header's value");
            request.headers_mut().insert(name, value);
        }
        match client(request, stream) {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(HandshakeError::Failure(Error::Http(answer))) => Err(answer.status().as_u16()),
            Err(error) => panic!("the handshake: {error}"),
        }
    }

    /// Says something.
    pub fn say(&mut self, text: &str) {
        self.0.send(Message::text(text)).expect("the socket stands");
    }

    /// Returns the next text; `None` when the host has hung up.
    pub fn hear(&mut self) -> Option<String> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Some(text.to_string()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Close(_)) | Err(Error::ConnectionClosed | Error::Protocol(_)) => {
                    return None;
                }
                Ok(odd) => panic!("a listener hears texts only: {odd:?}"),
                Err(error) => panic!("nothing is heard: {error}"),
            }
        }
    }

    /// Waits for a nudge and returns its topics; it carries counts beside them and nothing else.
    pub fn topics(&mut self) -> Vec<String> {
        let text = self.hear().expect("the socket stands");
        let nudge: Json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        let fields: Vec<&String> = nudge.as_object().into_iter().flat_map(|o| o.keys()).collect();
        assert_eq!(fields, ["topics"], "{text}");
        let topics = nudge["topics"].as_object().unwrap_or_else(|| panic!("no topics: {text}"));
        assert!(topics.values().all(Json::is_u64), "{text}");
        topics.keys().cloned().collect()
    }
}
