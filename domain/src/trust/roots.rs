//! The list of root keys: how a venue learns that the edge has a new one.
//!
//! The first list is pinned at enrolment; a later one counts where the present or the previous root
//! that is pinned has signed it, and only if it is newer. It must not know where it is kept.

use super::{
    Body, Kind, PublicKey, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
};

/// What a list of roots says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    /// What signs now.
    pub present: PublicKey,
    /// What signed before and is still believed.
    pub previous: Option<PublicKey>,
    /// When the list was made: an older one never replaces a newer one.
    pub at_ms: u64,
}

impl Roots {
    /// Returns the keys, the present one first.
    pub fn keys(&self) -> impl Iterator<Item = PublicKey> {
        std::iter::once(self.present).chain(self.previous)
    }

    /// Tells whether this list may stand in the place of what is pinned.
    ///
    /// # Errors
    /// Refuses one that is older.
    pub const fn succeeds(&self, pinned: &Self) -> Result<(), Rejection> {
        if self.at_ms < pinned.at_ms { Err(Rejection::Outdated) } else { Ok(()) }
    }
}

impl Body for Roots {
    const KIND: Kind = Kind::Roots;

    fn write(&self, fields: &mut FieldWriter) {
        fields.bytes(&self.present.to_bytes());
        fields.bytes(self.previous.map(|key| key.to_bytes()).as_ref().map_or(&[], |key| key));
        fields.number(self.at_ms);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        let present = PublicKey::from_bytes(fields.bytes()?)?;
        let previous = match fields.bytes()? {
            [] => None,
            bytes => Some(PublicKey::from_bytes(bytes)?),
        };
        let roots = Self { present, previous, at_ms: fields.number()? };
        if roots.previous == Some(present) { Err(Rejection::Malformed) } else { Ok(roots) }
    }

    fn scope(&self) -> Scope<'_> {
        Scope { venue: None, door: None, id: None, window: Window::ALWAYS }
    }
}
