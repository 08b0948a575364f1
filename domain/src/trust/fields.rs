//! The bytes of a document, and the fields of its body.
//!
//! ```text
//! document  = version kind key-id body signature
//! version   = %x01                 ; one byte; another one is not read at all
//! kind      = %x01-0B              ; one byte, see `Kind`
//! key-id    = 8 bytes              ; of the key that signed
//! body      = *field               ; up to the signature
//! signature = 64 bytes             ; Ed25519 over "relais-document-1" LF, and all before it
//!
//! field     = length bytes
//! length    = one byte below 128, else two: the upper six bits with %x80 set, then the
//!             lower eight; a length below 128 is never written in two
//! number    = a field of the number's bytes, the highest first and never zero; nothing is 0
//! flag      = a number, 0 or 1
//! text      = a field of UTF-8 without control characters
//! list      = a field of fields
//! ```
//!
//! Fields stand in an order that each kind fixes. A later build appends fields and keeps the
//! version: what an older build does not know stays at the end, is signed like the rest and comes
//! out as it went in. A version changes when a field must not be overlooked. So every document has
//! one form, and two forms are two documents.

use sync_engine::id::{VenueId, is_name};

use super::{Rejection, limits};

/// Writes the fields of a body.
#[derive(Debug, Default)]
pub struct FieldWriter {
    bytes: Vec<u8>,
}

impl FieldWriter {
    /// Writes bytes. What is too long for a field is cut; such a body does not read back, and
    /// therefore is never signed.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let length = bytes.len().min(limits::FIELD_BYTES);
        let [high, low] = u16::try_from(length).unwrap_or_default().to_be_bytes();
        if length < 0x80 {
            self.bytes.push(low);
        } else {
            self.bytes.extend([0x80 | high, low]);
        }
        self.bytes.extend(bytes.iter().take(length));
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Writes a number.
    pub fn number(&mut self, number: u64) {
        let bytes = number.to_be_bytes();
        let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
        self.bytes(bytes.get(from..).unwrap_or_default());
    }

    /// Writes a flag.
    pub fn flag(&mut self, flag: bool) {
        self.number(flag.into());
    }

    /// Writes a list, whose members' fields the closure writes.
    pub fn list(&mut self, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(&inner.bytes);
    }

    /// Returns what was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads the fields of a body; every length is checked before it is believed.
#[derive(Debug)]
pub struct FieldReader<'a> {
    rest: &'a [u8],
}

impl<'a> FieldReader<'a> {
    /// Reads from the beginning of the body.
    #[must_use]
    pub const fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    /// Tells whether every field was read.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads bytes.
    ///
    /// # Errors
    /// Refuses a body that ends before, and a length in its longer form.
    pub fn bytes(&mut self) -> Result<&'a [u8], Rejection> {
        let (length, rest) = match self.rest {
            [length, rest @ ..] if *length < 0x80 => (usize::from(*length), rest),
            [high, low, rest @ ..] if *high < 0xc0 => {
                let length = u16::from_be_bytes([high & 0x3f, *low]);
                if length < 0x80 {
                    return Err(Rejection::Malformed);
                }
                (usize::from(length), rest)
            }
            _ => return Err(Rejection::Malformed),
        };
        let (field, rest) = rest.split_at_checked(length).ok_or(Rejection::Malformed)?;
        self.rest = rest;
        Ok(field)
    }

    /// Reads exactly so many bytes.
    ///
    /// # Errors
    /// Refuses another length.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Rejection> {
        self.bytes()?.try_into().map_err(|_| Rejection::Malformed)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Refuses what is longer, no UTF-8, or has control characters.
    pub fn text(&mut self, bytes_max: usize) -> Result<&'a str, Rejection> {
        let bytes = self.bytes()?;
        let text = std::str::from_utf8(bytes).map_err(|_| Rejection::Malformed)?;
        if bytes.len() > bytes_max || text.chars().any(char::is_control) {
            return Err(Rejection::Malformed);
        }
        Ok(text)
    }

    /// Reads a plain name: `a-z`, `0-9`, `-`, `_`.
    ///
    /// # Errors
    /// Refuses anything else.
    pub fn name(&mut self) -> Result<String, Rejection> {
        let name = self.text(limits::NAME_BYTES)?;
        if is_name(name) { Ok(name.to_owned()) } else { Err(Rejection::Malformed) }
    }

    /// Reads a venue's id.
    ///
    /// # Errors
    /// Refuses what is none.
    pub fn venue(&mut self) -> Result<VenueId, Rejection> {
        VenueId::parse(self.text(limits::NAME_BYTES)?).map_err(|_| Rejection::Malformed)
    }

    /// Reads a number.
    ///
    /// # Errors
    /// Refuses more than 53 bits, which not every reader has, and leading zeros.
    pub fn number(&mut self) -> Result<u64, Rejection> {
        let bytes = self.bytes()?;
        if bytes.len() > 7 || bytes.first() == Some(&0) {
            return Err(Rejection::Malformed);
        }
        let number = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if number < 1 << 53 { Ok(number) } else { Err(Rejection::Malformed) }
    }

    /// Reads a flag.
    ///
    /// # Errors
    /// Refuses any number but 0 and 1.
    pub fn flag(&mut self) -> Result<bool, Rejection> {
        match self.number()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Rejection::Malformed),
        }
    }

    /// Reads a list.
    ///
    /// # Errors
    /// Refuses more members, and a member that the closure refuses or does not read to its end.
    pub fn list<T>(
        &mut self,
        members_max: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, Rejection>,
    ) -> Result<Vec<T>, Rejection> {
        let mut inner = Self::new(self.bytes()?);
        let mut members = Vec::new();
        while !inner.is_at_end() {
            if members.len() == members_max {
                return Err(Rejection::Malformed);
            }
            members.push(read(&mut inner)?);
        }
        Ok(members)
    }
}
