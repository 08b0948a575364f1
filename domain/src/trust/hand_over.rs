//! A hand-over code: a login on its way from one origin to another, where no cookie goes.
//!
//! It is worth a session for two minutes at most, at one origin, once: whoever takes it remembers
//! its nonce until it has ended. It must not know what a session is.

use sync_engine::id::VenueId;

use super::{
    Body, Id, Kind, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
    limits,
};

/// What a hand-over code says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// Taken once.
    pub nonce: Id,
    /// The venue.
    pub venue: VenueId,
    /// Who is signed in.
    pub person: Id,
    /// Which kind of session begins, such as `staff`.
    pub session: String,
    /// Where it is taken, such as `https://chakri.lan.example.org`.
    pub origin: String,
    /// When it may be taken.
    pub window: Window,
}

impl HandOver {
    /// Tells whether it was made for this origin.
    ///
    /// # Errors
    /// Refuses any other one.
    pub fn is_for(&self, origin: &str) -> Result<(), Rejection> {
        if self.origin == origin { Ok(()) } else { Err(Rejection::WrongOrigin) }
    }
}

impl Body for HandOver {
    const KIND: Kind = Kind::HandOver;

    fn write(&self, fields: &mut FieldWriter) {
        fields.bytes(&self.nonce.0);
        fields.text(self.venue.as_str());
        fields.bytes(&self.person.0);
        fields.text(&self.session);
        fields.text(&self.origin);
        self.window.write(fields);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        let code = Self {
            nonce: Id(fields.array()?),
            venue: fields.venue()?,
            person: Id(fields.array()?),
            session: fields.name()?,
            origin: fields.text(limits::ORIGIN_BYTES)?.to_owned(),
            window: Window::read(fields)?,
        };
        let is_short = code.window.length_ms() <= limits::HAND_OVER_MS;
        if is_short { Ok(code) } else { Err(Rejection::Malformed) }
    }

    fn scope(&self) -> Scope<'_> {
        Scope { venue: Some(&self.venue), door: None, id: Some(self.nonce), window: self.window }
    }
}
