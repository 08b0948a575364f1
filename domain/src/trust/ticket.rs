//! A ticket: an order that a gateway signs, for a phone to carry to where it can be paid.
//!
//! The hash stands for the whole order; the lines are what a person reads while the edge has not
//! seen the order itself. It must not know how an order is hashed or priced.

use sync_engine::id::VenueId;

use super::{
    Body, Id, Kind, Rejection, Scope, Window,
    fields::{FieldReader, FieldWriter},
    limits,
    receipt::Mode,
};
use crate::limits::{CENTS_MAX, QUANTITY_MAX};

/// What is to be paid, and what a receipt must repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The order.
    pub order: Id,
    /// The hash of all that it says.
    pub order_hash: [u8; 32],
    /// What it costs.
    pub amount_cents: i64,
    /// The how-manieth try to pay it.
    pub attempt: u64,
    /// Whether it is a test.
    pub mode: Mode,
}

impl Due {
    pub(super) fn write(&self, fields: &mut FieldWriter) {
        fields.bytes(&self.order.0);
        fields.bytes(&self.order_hash);
        fields.number(u64::try_from(self.amount_cents).unwrap_or(u64::MAX));
        fields.number(self.attempt);
        fields.flag(self.mode == Mode::Live);
    }

    pub(super) fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        Ok(Self {
            order: Id(fields.array()?),
            order_hash: fields.array()?,
            amount_cents: cents(fields)?,
            attempt: fields.number()?,
            mode: if fields.flag()? { Mode::Live } else { Mode::Test },
        })
    }
}

/// One line of the order as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How many.
    pub quantity: u32,
    /// Of what.
    pub label: String,
    /// What they cost together.
    pub total_cents: i64,
}

/// What a ticket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The venue.
    pub venue: VenueId,
    /// What is to be paid.
    pub due: Due,
    /// The number that is called out, such as `K1-017`.
    pub call: String,
    /// When it may be paid.
    pub window: Window,
    /// The first lines of the order, as many as there is room for.
    pub lines: Vec<Line>,
}

impl Ticket {
    /// Keeps as many lines as a ticket has room for, and cuts long labels.
    #[must_use]
    pub fn fitting(lines: impl IntoIterator<Item = Line>) -> Vec<Line> {
        let mut room = limits::TICKET_LINES_BYTES;
        let mut kept = Vec::new();
        for mut line in lines.into_iter().take(limits::TICKET_LINES) {
            line.label.retain(|sign| !sign.is_control());
            line.label.truncate(line.label.floor_char_boundary(limits::TICKET_LABEL_BYTES));
            let Some(rest) = room.checked_sub(line.bytes()) else { break };
            room = rest;
            kept.push(line);
        }
        kept
    }
}

impl Line {
    fn write(&self, fields: &mut FieldWriter) {
        fields.number(self.quantity.into());
        fields.text(&self.label);
        fields.number(u64::try_from(self.total_cents).unwrap_or(u64::MAX));
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        let quantity = u32::try_from(fields.number()?).map_err(|_| Rejection::Malformed)?;
        let label = fields.text(limits::TICKET_LABEL_BYTES)?.to_owned();
        let line = Self { quantity, label, total_cents: cents(fields)? };
        if (1..=QUANTITY_MAX).contains(&quantity) { Ok(line) } else { Err(Rejection::Malformed) }
    }

    fn bytes(&self) -> usize {
        let mut fields = FieldWriter::default();
        self.write(&mut fields);
        fields.into_bytes().len()
    }
}

impl Body for Ticket {
    const KIND: Kind = Kind::Ticket;

    fn write(&self, fields: &mut FieldWriter) {
        fields.text(self.venue.as_str());
        self.due.write(fields);
        fields.text(&self.call);
        self.window.write(fields);
        fields.list(|list| self.lines.iter().for_each(|line| line.write(list)));
    }

    fn read(fields: &mut FieldReader<'_>) -> Result<Self, Rejection> {
        let ticket = Self {
            venue: fields.venue()?,
            due: Due::read(fields)?,
            call: fields.text(limits::CALL_BYTES)?.to_owned(),
            window: Window::read(fields)?,
            lines: fields.list(limits::TICKET_LINES, Line::read)?,
        };
        let lines_bytes: usize = ticket.lines.iter().map(Line::bytes).sum();
        if lines_bytes > limits::TICKET_LINES_BYTES {
            Err(Rejection::Malformed)
        } else {
            Ok(ticket)
        }
    }

    fn scope(&self) -> Scope<'_> {
        Scope { venue: Some(&self.venue), door: None, id: None, window: self.window }
    }
}

fn cents(fields: &mut FieldReader<'_>) -> Result<i64, Rejection> {
    let cents = i64::try_from(fields.number()?).map_err(|_| Rejection::Malformed)?;
    if cents > CENTS_MAX { Err(Rejection::Malformed) } else { Ok(cents) }
}
