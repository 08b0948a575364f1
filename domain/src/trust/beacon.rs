//! A beacon: what time it was at the edge when it signed this.
//!
//! Whoever hears one knows that it is not earlier; nobody learns from it how much later it is. It
//! may come over any way, also in a customer's QR code. It must not set a clock.

use super::{
    Body, Kind, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
};

/// What a beacon says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beacon {
    /// Milliseconds since 1970.
    pub at_ms: u64,
}

impl Body for Beacon {
    const KIND: Kind = Kind::Beacon;

    fn write(&self, fields: &mut FieldWriter) {
        fields.number(self.at_ms);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        Ok(Self { at_ms: fields.number()? })
    }

    fn scope(&self) -> Scope<'_> {
        Scope { venue: None, door: None, id: None, window: Window::ALWAYS }
    }
}
