//! What a host tells the application about itself: ports and launch configuration.
//!
//! Demo is launch configuration, never data: without it the demo routes do not exist. This file
//! must not know which host it is on.

use std::sync::Arc;

use sync_engine::{
    id::VenueId,
    message::Room,
    seal::{derive, equal},
};

use crate::{
    api::setup::GATEWAY,
    blobs::Shelf,
    device::is_replica,
    lan::Lan,
    menu::Kept,
    openid::Provider,
    outbound::Outbound,
    outbox::Outbox,
    ports::{Assets, Clock, Database, Entropy, Labour, Line, Live},
    replication::stamps::Telling,
    standby::{self, PRIMARY, Standby},
    trust::Root,
    uplink::EDGE,
};

/// The application's state: shared by all requests, made once per host.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub database: Arc<dyn Database>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Whoever listens for changes.
    pub live: Arc<dyn Live>,
    /// The line to the other side.
    pub line: Arc<dyn Line>,
    /// The second gateway, where this host is the first.
    pub standby: Arc<dyn Standby>,
    /// What the answering side knows of stamps that the asking side of this host does.
    pub telling: Arc<Telling>,
    /// Menus that were read and drawn before.
    pub menus: Arc<Kept>,
    /// Slow work.
    pub labour: Arc<dyn Labour>,
    /// The way out to others than the other side.
    pub outbound: Arc<Outbound>,
    /// Who else vouches for people, where somebody does.
    pub openid: Option<Arc<Provider>>,
    /// What sends the messages that handlers leave.
    pub outbox: Arc<Outbox>,
    /// The files of `static/`; hosts whose platform serves them have none to give.
    pub assets: Arc<dyn Assets>,
    /// Where files are kept, where they are.
    pub blobs: Arc<Shelf>,
    /// Launch configuration.
    pub host: Arc<Host>,
}

/// Which side of the line a host is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// Serves the public for many venues, found by host name.
    Edge,
    /// Serves one venue on site, whatever name it is called by.
    Gateway(VenueId),
    /// Keeps a copy of what the venue's gateway holds, and writes nothing by itself.
    Standby(VenueId),
}

impl Side {
    /// Tells whether this side says by which stamps everyone merges.
    #[must_use]
    pub fn is_hub(&self) -> bool {
        *self == Self::Edge
    }

    /// Tells whether handlers may write here.
    #[must_use]
    pub const fn writes(&self) -> bool {
        !matches!(self, Self::Standby(_))
    }

    /// Tells whether staff sign in here by PIN: on site.
    #[must_use]
    pub const fn takes_pins(&self) -> bool {
        matches!(self, Self::Gateway(_) | Self::Standby(_))
    }

    /// Returns what this side's store calls whom it asks.
    #[must_use]
    pub const fn upstream(&self) -> &'static str {
        match self {
            Self::Standby(_) => PRIMARY,
            Self::Edge | Self::Gateway(_) => EDGE,
        }
    }

    /// Tells whether a venue's devices are answered here.
    #[must_use]
    pub fn serves(&self, venue: &VenueId) -> bool {
        match self {
            Self::Edge => true,
            Self::Gateway(own) | Self::Standby(own) => own == venue,
        }
    }

    /// Tells whether it answers this replica: a venue's gateway has a standby and no other.
    #[must_use]
    pub fn answers(&self, venue: &VenueId, device: &str) -> bool {
        match self {
            Self::Edge => is_replica(device),
            Self::Gateway(own) => own == venue && device == standby::DEVICE,
            Self::Standby(_) => false,
        }
    }
}

/// Launch configuration that the application needs.
#[derive(Clone)]
pub struct Host {
    /// Edge or gateway.
    pub side: Side,
    /// The origin of ticket numbers, such as `K1` or `W`.
    pub ticket_origin: String,
    /// The host's own secret; every key is derived from it.
    pub secret: Secret,
    /// Accounts live here: it is the edge, or a gateway that has none.
    pub is_home: bool,
    /// What PINs and devices of the venue are bound to, and edge, gateway and standby share; the
    /// home of accounts derives it.
    pub shared_key: Option<Secret>,
    /// Where trust begins.
    pub root: Root,
    /// Lets a lost administrator in again at `/recover`; there is no such page without one.
    pub recovery_code: Option<Secret>,
    /// Opens `/api/setup/…`; closed without one.
    pub setup_code: Option<Secret>,
    /// Demo routes exist, and the login page offers demo keys.
    pub demo: bool,
    /// The SQL cases of the contract suite can be run over HTTP; only in tests, on loopback.
    pub contract: bool,
    /// Whatever comes here came over HTTPS, and a proxy took it off: cookies are for HTTPS only.
    pub secure_cookies: bool,
    /// What the venue is called on its own network, and where its public site is.
    pub lan: Lan,
    /// How much an exchange's message carries: less on a line that often breaks.
    pub message_room: Room,
    /// How long it is between two audits: in each, some rows are compared with the other side's.
    pub audit_every_ms: u64,
    /// How many changes that every peer has are reaped from the log at once.
    pub reap_changes: u64,
}

/// Bytes that must not be printed.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The fewest bytes a host secret may have.
    pub const BYTES_MIN: usize = 16;

    /// Wraps the bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Returns the bytes, for deriving keys.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Compares without telling by time how much was right.
    #[must_use]
    pub fn matches(&self, given: &str) -> bool {
        equal(&derive(&self.0, "compare"), &derive(given.as_bytes(), "compare"))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Host {
    /// Returns a key with which a venue's gateway or standby signs its requests; its versions count
    /// from 1.
    #[must_use]
    pub fn device_key(&self, venue: &VenueId, device: &str, version: u32) -> [u8; 32] {
        let first = format!("device/{venue}/{device}");
        let label = if version == 1 { first } else { format!("{first}/{version}") };
        derive(self.secret.expose(), &label)
    }

    /// Returns the key to which PINs and devices of the venue are bound, and which edge, gateway
    /// and standby share; it comes from this version of the gateway's.
    #[must_use]
    pub fn pin_key(&self, venue: &VenueId, version: u32) -> Option<[u8; 32]> {
        match &self.shared_key {
            Some(key) => key.expose().try_into().ok(),
            None if self.is_home => Some(shared(&self.device_key(venue, GATEWAY, version))),
            None => None,
        }
    }
}

/// Returns what devices and PINs of a venue are bound to, of the gateway's key that it comes from.
#[must_use]
pub fn shared(device_key: &[u8]) -> [u8; 32] {
    derive(device_key, "shared")
}
