//! An entitlement: the right to open a door within a window, bound to a key in its holder's phone.
//!
//! It alone opens nothing: the holder's key proves at the door that the holder is there. Whether it
//! was used is the door's journal's business.

use sync_engine::id::VenueId;

use super::{
    Body, Id, Kind, PublicKey, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
};

/// What an entitlement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// Its serial: under what it is used up and revoked.
    pub serial: Id,
    /// The venue.
    pub venue: VenueId,
    /// The door.
    pub door: String,
    /// The key in the holder's phone.
    pub holder: PublicKey,
    /// When the door may be opened.
    pub window: Window,
    /// The holder may hand it on.
    pub is_delegable: bool,
}

impl Body for Entitlement {
    const KIND: Kind = Kind::Entitlement;

    fn write(&self, fields: &mut FieldWriter) {
        fields.bytes(&self.serial.0);
        fields.text(self.venue.as_str());
        fields.text(&self.door);
        fields.bytes(&self.holder.to_bytes());
        self.window.write(fields);
        fields.flag(self.is_delegable);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        Ok(Self {
            serial: Id(fields.array()?),
            venue: fields.venue()?,
            door: fields.name()?,
            holder: PublicKey::from_bytes(fields.bytes()?)?,
            window: Window::read(fields)?,
            is_delegable: fields.flag()?,
        })
    }

    fn scope(&self) -> Scope<'_> {
        let (venue, door) = (Some(&self.venue), Some(self.door.as_str()));
        Scope { venue, door, id: Some(self.serial), window: self.window }
    }
}
