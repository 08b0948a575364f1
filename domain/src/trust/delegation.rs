//! A delegation: the holder of an entitlement lets somebody else open the door once.
//!
//! The holder's phone signs it without asking anybody; it is verified together with the
//! entitlement. That it opens once is the door's business, by its id.

use super::{
    Body, Id, Kind, PublicKey, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
};

/// What a delegation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Its own id: under what its one opening is counted, and it is revoked.
    pub id: Id,
    /// The entitlement that is handed on.
    pub serial: Id,
    /// The key of whoever may open.
    pub delegate: PublicKey,
    /// When it may be used; never longer than the entitlement.
    pub window: Window,
}

impl Body for Delegation {
    const KIND: Kind = Kind::Delegation;

    fn write(&self, fields: &mut FieldWriter) {
        fields.bytes(&self.id.0);
        fields.bytes(&self.serial.0);
        fields.bytes(&self.delegate.to_bytes());
        self.window.write(fields);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        Ok(Self {
            id: Id(fields.array()?),
            serial: Id(fields.array()?),
            delegate: PublicKey::from_bytes(fields.bytes()?)?,
            window: Window::read(fields)?,
        })
    }

    /// Venue and door are the entitlement's.
    fn scope(&self) -> Scope<'_> {
        Scope { venue: None, door: None, id: Some(self.id), window: self.window }
    }
}
