//! A member's card: the home of accounts says who is a member, for 30 days at most.
//!
//! A card in a phone is bound to a key that does not leave it, and counts only with a proof of
//! membership that this key signed just now. A printed card has no key, and counts only with
//! what its member knows. It must not know what members may do, nor what they know.

use sync_engine::id::VenueId;

use super::{
    Body, Id, Kind, PublicKey, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
    limits,
};

/// What a card says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Under what it is revoked.
    pub id: Id,
    /// The venue.
    pub venue: VenueId,
    /// The member.
    pub member: Id,
    /// The key in the member's phone; a printed card has none.
    pub holder: Option<PublicKey>,
    /// When it holds.
    pub window: Window,
}

impl Body for Card {
    const KIND: Kind = Kind::Card;

    fn write(&self, fields: &mut FieldWriter) {
        fields.bytes(&self.id.0);
        fields.text(self.venue.as_str());
        fields.bytes(&self.member.0);
        match &self.holder {
            Some(holder) => fields.bytes(&holder.to_bytes()),
            None => fields.bytes(&[]),
        }
        self.window.write(fields);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        let (id, venue, member) = (Id(fields.array()?), fields.venue()?, Id(fields.array()?));
        let holder = match fields.bytes()? {
            [] => None,
            key => Some(PublicKey::from_bytes(key)?),
        };
        let window = Window::read(fields)?;
        if window.length_ms() > limits::CARD_MS {
            return Err(Rejection::Malformed);
        }
        Ok(Self { id, venue, member, holder, window })
    }

    fn scope(&self) -> Scope<'_> {
        Scope { venue: Some(&self.venue), door: None, id: Some(self.id), window: self.window }
    }
}
