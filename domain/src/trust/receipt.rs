//! A receipt: the edge says that an order was paid, for a kiosk or a counter that cannot ask it.
//!
//! It repeats what the ticket said was due, so it pays that order, amount and attempt alone; the
//! provider's reference lets the fact merge with the same one when the line is back. It must not
//! know how money is counted.

use sync_engine::id::VenueId;

use super::{
    Body, Kind, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
    limits,
    ticket::Due,
};

/// Whether money is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is not.
    Test,
    /// It is.
    Live,
}

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The venue.
    pub venue: VenueId,
    /// What was paid.
    pub due: Due,
    /// The provider's reference, by which the payment is keyed everywhere.
    pub payment: String,
    /// When it was paid.
    pub paid_ms: u64,
}

impl Receipt {
    /// Tells whether it pays exactly this.
    ///
    /// # Errors
    /// Refuses another mode first, then another order, amount or attempt.
    pub fn pays(&self, due: &Due) -> Result<(), Rejection> {
        if self.due.mode != due.mode {
            return Err(Rejection::WrongMode);
        }
        if self.due == *due { Ok(()) } else { Err(Rejection::WrongOrder) }
    }
}

impl Body for Receipt {
    const KIND: Kind = Kind::Receipt;

    fn write(&self, fields: &mut FieldWriter) {
        fields.text(self.venue.as_str());
        self.due.write(fields);
        fields.text(&self.payment);
        fields.number(self.paid_ms);
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        Ok(Self {
            venue: fields.venue()?,
            due: Due::read(fields)?,
            payment: fields.text(limits::PAYMENT_BYTES)?.to_owned(),
            paid_ms: fields.number()?,
        })
    }

    /// A payment stays made: nothing about it ends.
    fn scope(&self) -> Scope<'_> {
        Scope { venue: Some(&self.venue), door: None, id: None, window: Window::ALWAYS }
    }
}
