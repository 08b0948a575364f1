//! Printers of a venue: where they are, what they print, and how wide their paper is.
//!
//! Behind it stands what printers understand. It must not know orders, nor how a printer is
//! reached.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{
    change::Draft,
    id::{VenueId, is_name},
};

use crate::{
    Rejection,
    catalogue::{is_plain, register},
};

mod letters;
mod paper;

pub use letters::CodePage;
pub use paper::{Paper, Width};

/// The register of a venue that holds these settings.
pub const REGISTER: &str = "printing";
/// Printers of one venue.
pub const PRINTERS_MAX: usize = 10;
/// Ports on which printers listen for raw data.
pub const PORTS: std::ops::RangeInclusive<u16> = 9100..=9109;

const NAME_CHARS: usize = 40;

/// How far a printer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Near {
    /// On the venue's network.
    Lan,
    /// On this machine too: a demo's and a suite's stand-ins live there.
    WithLoopback,
}

/// A printer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Printer {
    /// Its id, unique in the venue.
    pub id: String,
    /// What staff call it.
    pub name: String,
    /// Its address on the venue's network, with a port: `192.168.1.50:9100`.
    pub address: String,
    /// It prints receipts.
    pub receipts: bool,
    /// It prints tickets for the kitchen.
    pub kitchen: bool,
    /// For which stations; all of them where there is none.
    pub stations: Vec<String>,
    /// Its paper.
    pub width: Width,
    /// Its letters.
    pub code_page: CodePage,
    /// It says when it has printed; else it is believed to have what it took.
    pub answers: bool,
    /// Orders that were paid before are not for it: it was added then.
    pub since_ms: u64,
}

/// A venue's settings for printing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Printing {
    /// Its printers.
    pub printers: Vec<Printer>,
    /// What the kitchen's printers cannot print comes out at the one for receipts.
    pub fall_back: bool,
}

/// Reads the address of a printer, four bytes and a port; none where it is not near.
#[must_use]
pub fn address(text: &str, near: Near) -> Option<([u8; 4], u16)> {
    let (host, port) = text.split_once(':')?;
    let port: u16 = number(port)?;
    let mut parts = host.split('.');
    let mut next = || parts.next().and_then(number::<u8>);
    let bytes = [next()?, next()?, next()?, next()?];
    if parts.next().is_some() {
        return None;
    }
    let is_private = matches!(bytes, [10, ..] | [172, 16..=31, ..] | [192, 168, ..]);
    let is_lan = is_private && PORTS.contains(&port);
    let is_here = near == Near::WithLoopback && bytes == [127, 0, 0, 1] && port > 0;
    (is_lan || is_here).then_some((bytes, port))
}

/// Reads a number in its one form: no sign, no zero in front.
fn number<N: std::str::FromStr + ToString>(text: &str) -> Option<N> {
    text.parse::<N>().ok().filter(|number| number.to_string() == text)
}

impl Printing {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn checked(self, near: Near) -> Result<Self, Rejection> {
        let refuse = |field| Err(Rejection::InvalidField(field));
        let ids: BTreeSet<&str> = self.printers.iter().map(|one| one.id.as_str()).collect();
        if ids.len() != self.printers.len() || self.printers.len() > PRINTERS_MAX {
            return refuse("printers");
        }
        for printer in &self.printers {
            let name = printer.name.trim();
            if !is_name(&printer.id) {
                return refuse("id");
            }
            if name.is_empty() || name.chars().count() > NAME_CHARS || !is_plain(name) {
                return refuse("name");
            }
            if address(&printer.address, near).is_none() {
                return refuse("address");
            }
            if !printer.stations.iter().all(|station| is_name(station)) {
                return refuse("stations");
            }
        }
        Ok(self)
    }

    /// Finds a printer.
    #[must_use]
    pub fn printer(&self, id: &str) -> Option<&Printer> {
        self.printers.iter().find(|printer| printer.id == id)
    }

    /// Returns the printer on which receipts come out.
    #[must_use]
    pub fn for_receipts(&self) -> Option<&Printer> {
        self.printers.iter().find(|printer| printer.receipts)
    }

    /// Writes the settings.
    #[must_use]
    pub fn draft(&self, venue: &VenueId) -> Draft {
        register("venue", venue.as_str(), REGISTER, json!({"printing": self}))
    }
}

#[cfg(test)]
mod tests;
