//! How a venue takes orders from the web: who accepts them, and when it takes none.
//!
//! The web pauses by itself while the gateway is silent, and resumes when it is heard again; staff
//! may pause it for some minutes. It must not know how the gateway is heard.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{
    change::Draft,
    id::VenueId,
    shape::{Group, Shape, Table, integer, text},
};

use crate::{
    catalogue::{is_plain, register},
    limits,
    schema::ORDERS,
};

/// The register of a venue that holds these settings.
pub const REGISTER: &str = "web";
/// The replicated table of what staff said; the id is the venue's.
pub const PAUSES: Table = Table {
    name: "web_pause",
    purpose: ORDERS,
    shape: Shape::Register(&[Group {
        name: "pause",
        columns: &[integer("until_ms"), text("reason"), text("set_by"), integer("at_ms")],
    }]),
};

const MINUTE_MS: u64 = 60_000;
const SECOND_MS: u64 = 1_000;
const USUAL_SILENT_S: u64 = 180;
/// A gateway that is well is heard every half a minute.
const SILENT_S: std::ops::RangeInclusive<u64> = 60..=86_400;

/// A venue's settings for orders from the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Web {
    /// Staff accept each order; else it is promised as it is placed.
    pub staff_accept: bool,
    /// So long the gateway may be silent until the web takes no orders, in seconds.
    pub silent_s: u64,
}

impl Default for Web {
    fn default() -> Self {
        Self { staff_accept: false, silent_s: USUAL_SILENT_S }
    }
}

/// What orders from the web are refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The gateway is silent.
    Silent,
    /// Staff have said so.
    Paused,
    /// Nobody has promised the order yet.
    NotAccepted,
    /// The order is promised: its customer asks the counter to call it off.
    Accepted,
    /// An order that is promised is called off on site.
    CancelOnSite,
}

impl Rejection {
    /// Returns the stable code that callers may rely on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Silent => "web_silent",
            Self::Paused => "web_paused",
            Self::NotAccepted => "not_accepted",
            Self::Accepted => "order_accepted",
            Self::CancelOnSite => "cancel_on_site",
        }
    }
}

/// When the gateway was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// There is no gateway that could be.
    Nobody,
    /// Not for longer than anybody remembers.
    LongAgo,
    /// Then.
    At(u64),
}

/// What staff said of orders from the web, the last time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pause {
    /// None are taken until then.
    pub until_ms: u64,
    /// Why.
    pub reason: String,
}

/// Why the web takes no orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paused {
    /// The gateway is silent.
    Silent,
    /// Staff have said so.
    ByStaff(Pause),
}

impl Paused {
    /// Returns the refusal of an order.
    #[must_use]
    pub const fn refusal(&self) -> crate::Rejection {
        match self {
            Self::Silent => crate::Rejection::Web(Rejection::Silent),
            Self::ByStaff(_) => crate::Rejection::Web(Rejection::Paused),
        }
    }
}

impl Web {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the field that does not fit.
    pub fn checked(self) -> Result<Self, crate::Rejection> {
        let fits = SILENT_S.contains(&self.silent_s);
        if fits { Ok(self) } else { Err(crate::Rejection::InvalidField("silent_s")) }
    }

    /// Writes the settings.
    #[must_use]
    pub fn draft(&self, venue: &VenueId) -> Draft {
        register("venue", venue.as_str(), REGISTER, json!({"web": self}))
    }

    /// Says whether and why the web takes no orders now.
    #[must_use]
    pub fn paused(&self, pause: &Pause, heard: Heard, now_ms: u64) -> Option<Paused> {
        // A clock that was put back has heard nobody in the future.
        let is_silent = match heard {
            Heard::Nobody => false,
            Heard::LongAgo => true,
            Heard::At(at_ms) => now_ms.abs_diff(at_ms) > self.silent_s.saturating_mul(SECOND_MS),
        };
        if now_ms < pause.until_ms {
            return Some(Paused::ByStaff(pause.clone()));
        }
        is_silent.then_some(Paused::Silent)
    }
}

/// Pauses orders from the web for so many minutes; none resumes them.
///
/// # Errors
/// Refuses more than a day, and a reason that says nothing.
pub fn pause(
    venue: &VenueId,
    (minutes, reason): (u64, &str),
    (by, at_ms): (&str, u64),
) -> Result<Draft, crate::Rejection> {
    if minutes > limits::PAUSE_MINUTES {
        return Err(crate::Rejection::InvalidField("minutes"));
    }
    let reason = reason.trim();
    let fits = reason.chars().count() <= limits::REASON_CHARS && is_plain(reason);
    if !fits || (minutes > 0 && reason.is_empty()) {
        return Err(crate::Rejection::InvalidField("reason"));
    }
    let until_ms = if minutes == 0 { 0 } else { at_ms + minutes * MINUTE_MS };
    let fields = json!({"until_ms": until_ms, "reason": reason, "set_by": by, "at_ms": at_ms});
    Ok(register(PAUSES.name, venue.as_str(), "pause", fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_pauses_while_the_gateway_is_silent_and_resumes_by_itself() {
        let web = Web::default();
        let now_ms = 1_000_000_000;
        for (heard, paused) in [
            (Heard::Nobody, None),
            (Heard::At(now_ms), None),
            (Heard::At(now_ms - 180_000), None),
            (Heard::At(now_ms - 180_001), Some(Paused::Silent)),
            (Heard::At(now_ms + 180_001), Some(Paused::Silent)),
            (Heard::LongAgo, Some(Paused::Silent)),
        ] {
            assert_eq!(web.paused(&Pause::default(), heard, now_ms), paused, "{heard:?}");
        }
    }

    #[test]
    fn staff_pause_the_web_for_some_minutes_and_say_why() {
        let venue = VenueId::parse("chakri").expect("a name");
        let draft = pause(&venue, (15, " Trop de monde "), ("ann", 1_000)).expect("it is good");
        assert_eq!(draft.payload["until_ms"], json!(901_000));
        let said = Pause { until_ms: 901_000, reason: "Trop de monde".to_owned() };
        let web = Web::default();
        let paused = web.paused(&said, Heard::Nobody, 900_999).expect("it is paused");
        assert_eq!(paused.refusal().code(), "web_paused");
        assert_eq!(web.paused(&said, Heard::Nobody, 901_000), None);
        let resumed = pause(&venue, (0, ""), ("ann", 2_000)).expect("it resumes");
        assert_eq!(resumed.payload["until_ms"], json!(0));
        for (minutes, reason) in [(limits::PAUSE_MINUTES + 1, "x"), (5, " "), (5, "\u{202e}x")] {
            assert!(pause(&venue, (minutes, reason), ("ann", 1)).is_err(), "{minutes} {reason}");
        }
        assert!(Web { silent_s: 59, ..Web::default() }.checked().is_err());
    }
}
