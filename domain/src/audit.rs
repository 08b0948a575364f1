//! The audit: who did what that touches security or money; written with the act, never changed.
//!
//! Entries of one life of a store are numbered without gaps, inside the batch of the act itself;
//! seals chain them. It must not know how somebody proved who they are.

pub mod check;
pub mod seal;

use serde_json::{Map, Value as Json, json};
use sync_engine::{
    change::{Draft, Number},
    id::Writer,
};

use crate::time::{Certainty, Time};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Somebody signed in.
    SignedIn,
    /// Somebody ended sessions.
    SignedOut,
    /// A venue got its first administrator.
    SetUp,
    /// Somebody was let in again at the machine itself.
    Recovered,
    /// A person was made known at the venue.
    PersonAdded,
    /// What a person is here was changed.
    AccessChanged,
    /// A password was chosen.
    PasswordChanged,
    /// An address was changed.
    AddressChanged,
    /// A PIN was chosen, or taken away.
    PinChanged,
    /// A second factor was set up.
    FactorSet,
    /// A second factor was taken away.
    FactorReset,
    /// Money was taken.
    Paid,
    /// An order was called off.
    Cancelled,
    /// Money was given back.
    Refunded,
    /// A day was closed.
    DayClosed,
    /// A venue was opened.
    VenueOpened,
    /// What a venue is used for was changed.
    VenueChanged,
    /// A version of the menu went on sale.
    MenuPublished,
    /// Somebody was erased.
    Erased,
    /// A peer of replication was given up.
    PeerRetired,
    /// A device was enrolled.
    DeviceEnrolled,
    /// A device was given another name or place.
    DeviceRenamed,
    /// A device was blocked.
    DeviceBlocked,
    /// A device was let in again.
    DeviceAdmitted,
    /// A device was taken out of use.
    DeviceRetired,
    /// A device got another key.
    DeviceRekeyed,
    /// A member got a card.
    CardIssued,
    /// A member's card was ended.
    CardEnded,
    /// Staff gave a member points, or took them.
    PointsCorrected,
    /// What had been printed was printed again.
    Reprinted,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 30] = [
        Self::SignedIn,
        Self::SignedOut,
        Self::SetUp,
        Self::Recovered,
        Self::PersonAdded,
        Self::AccessChanged,
        Self::PasswordChanged,
        Self::AddressChanged,
        Self::PinChanged,
        Self::FactorSet,
        Self::FactorReset,
        Self::Paid,
        Self::Cancelled,
        Self::Refunded,
        Self::DayClosed,
        Self::VenueOpened,
        Self::VenueChanged,
        Self::MenuPublished,
        Self::Erased,
        Self::PeerRetired,
        Self::DeviceEnrolled,
        Self::DeviceRenamed,
        Self::DeviceBlocked,
        Self::DeviceAdmitted,
        Self::DeviceRetired,
        Self::DeviceRekeyed,
        Self::CardIssued,
        Self::CardEnded,
        Self::PointsCorrected,
        Self::Reprinted,
    ];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::SetUp => "set_up",
            Self::Recovered => "recovered",
            Self::PersonAdded => "person_added",
            Self::AccessChanged => "access_changed",
            Self::PasswordChanged => "password_changed",
            Self::AddressChanged => "address_changed",
            Self::PinChanged => "pin_changed",
            Self::FactorSet => "factor_set",
            Self::FactorReset => "factor_reset",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::DayClosed => "day_closed",
            Self::VenueOpened => "venue_opened",
            Self::VenueChanged => "venue_changed",
            Self::MenuPublished => "menu_published",
            Self::Erased => "erased",
            Self::PeerRetired => "peer_retired",
            Self::DeviceEnrolled => "device_enrolled",
            Self::DeviceRenamed => "device_renamed",
            Self::DeviceBlocked => "device_blocked",
            Self::DeviceAdmitted => "device_admitted",
            Self::DeviceRetired => "device_retired",
            Self::DeviceRekeyed => "device_rekeyed",
            Self::CardIssued => "card_issued",
            Self::CardEnded => "card_ended",
            Self::PointsCorrected => "points_corrected",
            Self::Reprinted => "reprinted",
        }
    }
}

/// One entry, as it is written.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Its id; drawn at random.
    pub id: String,
    /// What was done.
    pub act: Act,
    /// Who did it: a person, a device, or the machine itself.
    pub actor: &'a str,
    /// To whom or what.
    pub subject: &'a str,
    /// What else is worth knowing; no personal data.
    pub detail: Json,
    /// From which network; no single address.
    pub from: String,
    /// When.
    pub time: Time,
}

impl Entry<'_> {
    /// Writes it as this life of the store.
    #[must_use]
    pub fn draft(&self, writer: &Writer) -> Draft {
        let certain = i64::from(self.time.certainty == Certainty::Certain);
        let fields = json!({
            "act": self.act.name(),
            "actor": self.actor,
            "subject": self.subject,
            "detail": self.detail,
            "source": self.from,
            "at_ms": self.time.now_ms,
            "certain": certain,
            "replica": writer.replica,
            "generation": writer.generation,
        });
        let payload = match fields {
            Json::Object(fields) => fields,
            _ => Map::new(),
        };
        let series = format!("audit/{}", writer.generation);
        Draft {
            table: "audit_entry",
            entity: self.id.clone(),
            register: "",
            payload,
            number: Some(Number { field: "number", series }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_act_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Act::ALL.into_iter().map(Act::name).collect();
        assert_eq!(names.len(), Act::ALL.len());
    }
}
