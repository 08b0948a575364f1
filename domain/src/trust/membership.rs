//! A proof of membership: the phone that holds a member's card says that it is there just now, as
//! a code that it renews without asking anybody.
//!
//! It is verified together with the card, whose key signs it. It names a person and gives no right
//! to spend: whoever photographs it has a minute of being recognised. It must not know what members
//! may do.

use sync_engine::id::VenueId;

use super::{
    Body, Id, Kind, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
    limits,
};

/// What a proof of membership says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The venue.
    pub venue: VenueId,
    /// The member.
    pub member: Id,
    /// When it may be shown: 60 to 90 seconds.
    pub window: Window,
}

impl Body for Membership {
    const KIND: Kind = Kind::Membership;

    fn write(&self, fields: &mut FieldWriter) {
        fields.text(self.venue.as_str());
        fields.bytes(&self.member.0);
        self.window.write(fields);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        let (venue, member) = (fields.venue()?, Id(fields.array()?));
        let window = Window::read(fields)?;
        if limits::MEMBERSHIP_MS.contains(&window.length_ms()) {
            Ok(Self { venue, member, window })
        } else {
            Err(Rejection::Malformed)
        }
    }

    /// The member's id is no document's: a person is not revoked by it.
    fn scope(&self) -> Scope<'_> {
        Scope { venue: Some(&self.venue), door: None, id: None, window: self.window }
    }
}
