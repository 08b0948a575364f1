//! A gateway's certificate: which key is the gateway's, and what it may sign.
//!
//! The root signs it for 30 days, so what a stolen gateway can do ends by itself, and at once where
//! its revocation arrives. It must not know when it is renewed.

use std::collections::BTreeSet;

use sync_engine::id::VenueId;

use super::{
    Body, Id, Kind, PublicKey, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
    limits,
};

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Under what it is revoked.
    pub id: Id,
    /// The gateway's venue.
    pub venue: VenueId,
    /// The gateway's public key.
    pub key: PublicKey,
    /// The doors for which it may sign, in order.
    pub doors: Vec<String>,
    /// The kinds of document that it may sign, as their bytes, in order; those of a newer build
    /// are kept.
    pub purposes: Vec<u8>,
    /// When it holds, 30 days at most.
    pub window: Window,
}

/// What a venue's gateway may sign.
const GATEWAY_SIGNS: [Kind; 3] = [Kind::Ticket, Kind::Entitlement, Kind::HandOver];

impl Certificate {
    /// Certifies a venue's gateway from now on for as long as a certificate holds.
    #[must_use]
    pub fn of_gateway(
        id: Id,
        venue: VenueId,
        key: PublicKey,
        doors: BTreeSet<String>,
        now_ms: u64,
    ) -> Self {
        Self {
            id,
            venue,
            key,
            doors: doors.into_iter().collect(),
            purposes: GATEWAY_SIGNS.map(Kind::byte).to_vec(),
            window: Window { from_ms: now_ms, until_ms: now_ms + limits::CERTIFICATE_MS },
        }
    }

    /// Tells whether so little of its life is left that it is to be renewed.
    #[must_use]
    pub const fn is_due(&self, now_ms: u64) -> bool {
        self.window.until_ms.saturating_sub(now_ms) < limits::RENEW_BEFORE_MS
    }

    /// Tells whether the gateway may sign documents of this kind.
    #[must_use]
    pub fn allows(&self, kind: Kind) -> bool {
        self.purposes.contains(&kind.byte())
    }

    /// Tells whether the gateway may sign for this door.
    #[must_use]
    pub fn covers(&self, door: &str) -> bool {
        self.doors.iter().any(|own| own == door)
    }
}

impl Body for Certificate {
    const KIND: Kind = Kind::Certificate;

    fn write(&self, fields: &mut FieldWriter) {
        fields.bytes(&self.id.0);
        fields.text(self.venue.as_str());
        fields.bytes(&self.key.to_bytes());
        fields.list(|list| self.doors.iter().for_each(|door| list.text(door)));
        fields.bytes(&self.purposes);
        self.window.write(fields);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        let certificate = Self {
            id: Id(fields.array()?),
            venue: fields.venue()?,
            key: PublicKey::from_bytes(fields.bytes()?)?,
            doors: fields.list(limits::DOORS_MAX, FieldReader::name)?,
            purposes: fields.bytes()?.to_vec(),
            window: Window::read(fields)?,
        };
        let is_ordered = rises(&certificate.doors) && rises(&certificate.purposes);
        if !is_ordered
            || certificate.purposes.len() > limits::PURPOSES_MAX
            || certificate.window.length_ms() > limits::CERTIFICATE_MS
        {
            return Err(Rejection::Malformed);
        }
        Ok(certificate)
    }

    fn scope(&self) -> Scope<'_> {
        Scope { venue: Some(&self.venue), door: None, id: Some(self.id), window: self.window }
    }
}

/// What has no order of its own stands in one, each once: a set has one form.
fn rises<T: Ord>(members: &[T]) -> bool {
    members.is_sorted_by(|earlier, later| earlier < later)
}
