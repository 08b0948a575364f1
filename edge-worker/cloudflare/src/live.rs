//! Between the application and the rooms: who is told after a request, who gets a socket.
//!
//! A nudge leaves when the answer does: it neither slows a write nor fails it, and whoever misses
//! one asks now and then anyway. It must not know who sits in a room.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use app::{
    live::{self, Seat},
    locale::Locale,
    ports::Live,
};
use sync_engine::id::{Purpose, VenueId};
use worker::{
    Context, Env, Headers, Method, Request, RequestInit, Response, Result, Stub, console_error,
};

use crate::exchange;

/// The binding of the rooms in `wrangler.toml`.
const ROOMS: &str = "VENUE_ROOM";
/// A venue's room has no name on the network: only the path and the query count.
const ROOM: &str = "https://room.invalid";

/// What one request changed; each request has its own.
#[derive(Debug)]
pub(crate) struct Nudges {
    takes_sockets: bool,
    changed: Mutex<BTreeSet<Nudge>>,
}

/// One thing to tell a venue's room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Nudge {
    venue: VenueId,
    topic: String,
    from: Option<String>,
}

impl Nudges {
    /// Starts with nothing to tell.
    pub(crate) fn new(takes_sockets: bool) -> Self {
        Self { takes_sockets, changed: Mutex::default() }
    }

    fn note(&self, venue: &VenueId, purpose: &Purpose, from: Option<&str>) {
        if self.takes_sockets {
            let (venue, topic) = (venue.clone(), purpose.as_str().to_owned());
            let nudge = Nudge { venue, topic, from: from.map(str::to_owned) };
            self.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(nudge);
        }
    }

    /// Tells the rooms, while the answer is on its way already.
    pub(crate) fn send(&self, env: &Env, context: &Context) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        for nudge in std::mem::take(&mut *changed) {
            let env = env.clone();
            context.wait_until(async move {
                if let Err(error) = tell(&env, &nudge).await {
                    console_error!("a venue's listeners were not told: {error}");
                }
            });
        }
    }
}

impl Live for Nudges {
    fn changed(&self, venue: &VenueId, purpose: &Purpose) {
        self.note(venue, purpose, None);
    }

    fn arrived(&self, venue: &VenueId, purpose: &Purpose, from: Option<&str>) {
        self.note(venue, purpose, from);
    }

    fn takes_sockets(&self) -> bool {
        self.takes_sockets
    }
}

/// Tells whether this Worker has rooms at all.
pub(crate) fn has_rooms(env: &Env) -> bool {
    env.durable_object(ROOMS).is_ok()
}

fn room(env: &Env, venue: &VenueId) -> Result<Stub> {
    env.durable_object(ROOMS)?.get_by_name(venue.as_str())
}

async fn tell(env: &Env, nudge: &Nudge) -> Result<()> {
    // Names of topics and devices are plain: a-z, 0-9, - and _.
    let from = nudge.from.as_ref().map(|from| format!("&from={from}")).unwrap_or_default();
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    let url = format!("{ROOM}/nudge?topic={}{from}", nudge.topic);
    let request = Request::new_with_init(&url, &init)?;
    room(env, &nudge.venue)?.fetch_with_request(request).await.map(drop)
}

/// Seats a listener whom the application admitted: its socket is the room's from then on.
pub(crate) async fn seat(env: &Env, seat: &Seat, granted: Granted) -> Result<Response> {
    match connect(env, seat).await {
        Ok(answer) if answer.status_code() == 101 => return Ok(answer),
        // The room is full.
        Ok(_) => {}
        Err(error) => console_error!("a listener got no socket: {error}"),
    }
    let mut refusal = live::full(Locale::En);
    for (name, value) in granted.headers() {
        refusal.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    exchange::outgoing(refusal).await
}

/// The application's answer to a listener, which is not sent: the room's is.
type Granted = axum::response::Response;

async fn connect(env: &Env, seat: &Seat) -> Result<Response> {
    let headers = Headers::new();
    headers.set("upgrade", "websocket")?;
    let mut init = RequestInit::new();
    init.with_headers(headers);
    let device = seat.device.as_ref().map(|name| format!("?device={name}")).unwrap_or_default();
    let request = Request::new_with_init(&format!("{ROOM}/listen{device}"), &init)?;
    room(env, &seat.venue)?.fetch_with_request(request).await
}
