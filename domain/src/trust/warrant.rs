//! A warrant: the root lets a standby become the venue's primary, once, in a new epoch.
//!
//! That it is used once follows from the epoch, which only rises where it is obeyed. It must not
//! know what a promotion does.

use sync_engine::id::{ReplicaId, VenueId};

use super::{
    Body, Id, Kind, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
    limits,
};

/// What a warrant says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warrant {
    /// Under what it is revoked.
    pub id: Id,
    /// The venue.
    pub venue: VenueId,
    /// Who becomes the primary.
    pub standby: ReplicaId,
    /// The epoch that begins by it.
    pub epoch: u64,
    /// When it may be used.
    pub window: Window,
}

impl Warrant {
    /// Tells whether it raises the highest epoch that its reader was told of.
    ///
    /// # Errors
    /// Refuses a warrant that was used, and one that another has overtaken.
    pub const fn raises(&self, seen: u64) -> Result<(), Rejection> {
        if self.epoch > seen { Ok(()) } else { Err(Rejection::Outdated) }
    }
}

impl Body for Warrant {
    const KIND: Kind = Kind::Warrant;

    fn write(&self, fields: &mut FieldWriter) {
        fields.bytes(&self.id.0);
        fields.text(self.venue.as_str());
        fields.text(self.standby.as_str());
        fields.number(self.epoch);
        self.window.write(fields);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        Ok(Self {
            id: Id(fields.array()?),
            venue: fields.venue()?,
            standby: ReplicaId::parse(fields.text(limits::NAME_BYTES)?)
                .map_err(|_| Rejection::Malformed)?,
            epoch: fields.number()?,
            window: Window::read(fields)?,
        })
    }

    fn scope(&self) -> Scope<'_> {
        Scope { venue: Some(&self.venue), door: None, id: Some(self.id), window: self.window }
    }
}
