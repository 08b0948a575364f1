//! Machines of a venue: what one is, whether it may act, and which of its keys holds.
//!
//! What may be changed back is a register; what is never taken back, another key and the end, are
//! facts. It must not know how a device proves who it is, nor where keys come from.

use serde_json::json;
use sync_engine::change::Draft;

use crate::{Rejection, catalogue::register, limits, people::person};

pub mod code;
pub mod replica;

/// The replicated table of devices.
pub const TABLE: &str = "device";
/// The replicated table of what is never taken back of one.
pub const EVENTS: &str = "device_event";

/// What a device is; it never becomes another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The venue's first machine on site.
    Gateway,
    /// The one that follows it.
    Standby,
    /// Opens doors.
    Node,
    /// Tells what it measures; it may know no more than a token.
    Sensor,
    /// A browser at which customers order.
    Kiosk,
    /// A browser at which money is taken.
    Till,
    /// A browser in the kitchen.
    Kitchen,
    /// A browser that shows something.
    Screen,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Kiosk,
        Self::Till,
        Self::Kitchen,
        Self::Screen,
        Self::Node,
        Self::Sensor,
        Self::Gateway,
        Self::Standby,
    ];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Standby => "standby",
            Self::Node => "node",
            Self::Sensor => "sensor",
            Self::Kiosk => "kiosk",
            Self::Till => "till",
            Self::Kitchen => "kitchen",
            Self::Screen => "screen",
        }
    }

    /// Reads a kind's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Tells whether it keeps a copy of the venue's data: such a device has one name and one key.
    #[must_use]
    pub const fn is_replica(self) -> bool {
        matches!(self, Self::Gateway | Self::Standby)
    }

    /// Tells whether it is a browser, which proves itself by a cookie.
    #[must_use]
    pub const fn is_station(self) -> bool {
        matches!(self, Self::Kiosk | Self::Till | Self::Kitchen | Self::Screen)
    }

    /// Tells whether staff switch quickly at it, by PIN.
    #[must_use]
    pub const fn takes_pins(self) -> bool {
        matches!(self, Self::Till | Self::Kitchen)
    }

    /// Tells whether a fixed token proves it, because it cannot sign.
    #[must_use]
    pub const fn has_token(self) -> bool {
        matches!(self, Self::Sensor)
    }

    /// Returns the page on which a station begins.
    #[must_use]
    pub const fn start_page(self) -> &'static str {
        match self {
            Self::Kiosk => "/kiosk",
            Self::Till => "/counter",
            Self::Kitchen => "/kitchen",
            _ => "/enrol",
        }
    }
}

/// Which key of a device it is: the higher one holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Counts from 1.
    pub version: u32,
    /// The one before was lost to somebody: this one went to nobody who only had that.
    pub replaced: bool,
}

impl Key {
    /// The key with which a device begins.
    pub const FIRST: Self = Self { version: 1, replaced: false };

    /// Returns what tells this key from others of its device. Two replicas may count on at one
    /// time: the one that replaces gives another key than the one that carries on.
    #[must_use]
    pub fn label(self) -> String {
        let mark = if self.replaced { "r" } else { "" };
        format!("{}{mark}", self.version)
    }

    /// Reads it.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        let (version, replaced) = match label.strip_suffix('r') {
            Some(version) => (version, true),
            None => (label, false),
        };
        let plain = version.bytes().all(|byte| byte.is_ascii_digit());
        let version = version.parse().ok().filter(|_| plain && !version.starts_with('0'))?;
        Some(Self { version, replaced })
    }
}

/// A key that was made after the first, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renewal {
    /// Which.
    pub key: Key,
    /// Since when it holds.
    pub at_ms: u64,
}

/// A device as its venue knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its name among machines; drawn once, and never used again.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// Where it stands; may be empty.
    pub place: String,
    /// Since when it is known.
    pub enrolled_ms: u64,
    /// It may not act until somebody lets it in again.
    pub blocked: bool,
    /// Since when it is out of use for good; 0 while it is not.
    pub retired_ms: u64,
    /// The keys after the first, in no order.
    pub renewals: Vec<Renewal>,
}

impl Device {
    /// Returns the key that holds.
    #[must_use]
    pub fn key(&self) -> Key {
        self.renewals.iter().map(|renewal| renewal.key).max().unwrap_or(Key::FIRST)
    }

    /// Tells whether a key is good now: the present one, and for a time the one before it, unless
    /// that one was lost to somebody.
    #[must_use]
    pub fn takes(&self, key: Key, now_ms: u64) -> bool {
        let newest = self.renewals.iter().max().copied();
        let Some(newest) = newest else { return key == Key::FIRST };
        let before = self.renewals.iter().map(|renewal| renewal.key).filter(|k| *k < newest.key);
        let before = before.max().unwrap_or(Key::FIRST);
        let overlaps = now_ms.saturating_sub(newest.at_ms) < limits::KEY_OVERLAP_MS;
        key == newest.key || (key == before && !newest.key.replaced && overlaps)
    }

    /// Returns the keys that are good now, the present one first.
    #[must_use]
    pub fn keys(&self, now_ms: u64) -> Vec<Key> {
        let mut keys: Vec<Key> = self.renewals.iter().map(|renewal| renewal.key).collect();
        keys.push(Key::FIRST);
        keys.sort_unstable_by(|a, b| b.cmp(a));
        keys.retain(|key| self.takes(*key, now_ms));
        keys
    }

    /// Refuses a device that may not act.
    ///
    /// # Errors
    /// Says whether it is blocked or retired.
    pub const fn check(&self) -> Result<(), Rejection> {
        match self {
            Self { retired_ms: 1.., .. } => Err(Rejection::DeviceRetired),
            Self { blocked: true, .. } => Err(Rejection::DeviceBlocked),
            _ => Ok(()),
        }
    }

    /// Writes what it is.
    #[must_use]
    pub fn identity(&self) -> Draft {
        let fields = json!({
            "kind": self.kind.name(),
            "name": self.name,
            "place": self.place,
            "enrolled_ms": self.enrolled_ms,
        });
        register(TABLE, &self.id, "identity", fields)
    }
}

/// Reads what people call a device.
///
/// # Errors
/// Refuses an empty, endless or unprintable one.
pub fn name(text: &str) -> Result<String, Rejection> {
    person::name(text)
}

/// Reads where a device stands; nothing is a place as well.
///
/// # Errors
/// Refuses an endless or unprintable one.
pub fn place(text: &str) -> Result<String, Rejection> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    person::name(text).map_err(|_| Rejection::InvalidField("place"))
}

/// Decides the enrolment of a device; `here` says how many of the venue are in use, `known` how
/// many it ever had, for their rows stay.
///
/// # Errors
/// Refuses one too many.
pub fn enrol(device: &Device, (here, known): (u64, u64)) -> Result<Draft, Rejection> {
    if here >= limits::DEVICES_MAX || known >= limits::DEVICES_EVER {
        return Err(Rejection::TooManyDevices);
    }
    Ok(device.identity())
}

/// Decides another name and place.
///
/// # Errors
/// Refuses a device that is out of use.
pub fn rename(device: &Device, name: &str, place: &str) -> Result<Option<Draft>, Rejection> {
    in_use(device)?;
    if device.name == name && device.place == place {
        return Ok(None);
    }
    let named = Device { name: name.to_owned(), place: place.to_owned(), ..device.clone() };
    Ok(Some(named.identity()))
}

/// Decides that a device may not act, or may again.
///
/// # Errors
/// Refuses a device that is out of use.
pub fn block(device: &Device, blocked: bool) -> Result<Option<Draft>, Rejection> {
    in_use(device)?;
    let fields = json!({"blocked": i64::from(blocked)});
    let draft = || register(TABLE, &device.id, "state", fields);
    Ok((device.blocked != blocked).then(draft))
}

/// Decides the end of a device.
///
/// # Errors
/// Refuses a replica: whatever takes its place has its name.
pub fn retire(device: &Device, now_ms: u64) -> Result<Option<Draft>, Rejection> {
    if device.kind.is_replica() {
        return Err(Rejection::ReplicaStays);
    }
    let fields = json!({"device": device.id, "kind": "retired", "version": 0, "at_ms": now_ms});
    let id = format!("{}.retired", device.id);
    Ok((device.retired_ms == 0).then(|| register(EVENTS, &id, "", fields)))
}

/// Decides another key, which replaces one that was lost or carries on; returns it as well.
///
/// # Errors
/// Refuses a replica, whose key comes with its set-up, and a device that is out of use.
pub fn renew(device: &Device, replaced: bool, now_ms: u64) -> Result<(Key, Draft), Rejection> {
    if device.kind.is_replica() {
        return Err(Rejection::ReplicaStays);
    }
    in_use(device)?;
    let key = Key { version: device.key().version.saturating_add(1), replaced };
    let kind = if replaced { "replaced" } else { "rotated" };
    let fields =
        json!({"device": device.id, "kind": kind, "version": key.version, "at_ms": now_ms});
    Ok((key, register(EVENTS, &format!("{}.{}", device.id, key.label()), "", fields)))
}

const fn in_use(device: &Device) -> Result<(), Rejection> {
    if device.retired_ms > 0 { Err(Rejection::DeviceRetired) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
