//! Numbers and bytes, written one after the other and read back with every length checked.
//!
//! It must not know what they mean.

use crate::{Rejection, limits};

/// Bytes that are being written.
#[derive(Debug, Default)]
pub(super) struct Output(Vec<u8>);

impl Output {
    /// Returns what was written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Writes a byte.
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Writes a number, seven bits a byte, the lowest first.
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// Writes a number that may be negative, so that small ones of both signs are short.
    pub(super) fn signed(&mut self, number: i64) {
        self.number(((number << 1) ^ (number >> 63)) as u64);
    }

    /// Writes bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// Writes bytes after their length.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.raw(bytes);
    }
}

/// Bytes that are being read, and how much may still be kept of them.
#[derive(Debug)]
pub(super) struct Input<'a> {
    rest: &'a [u8],
    room: usize,
}

const MALFORMED: Rejection = Rejection::InvalidField("message");

impl<'a> Input<'a> {
    /// Starts at the first byte.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, room: limits::MESSAGE_KEPT_BYTES }
    }

    /// Takes room for bytes that are kept: what is said once may be meant two thousand times.
    pub(super) fn keep(&mut self, bytes: usize) -> Result<(), Rejection> {
        self.room = self.room.checked_sub(bytes).ok_or(Rejection::BatchTooLarge)?;
        Ok(())
    }

    /// Reads a byte.
    pub(super) fn byte(&mut self) -> Result<u8, Rejection> {
        let (first, rest) = self.rest.split_first().ok_or(MALFORMED)?;
        self.rest = rest;
        Ok(*first)
    }

    /// Reads a number.
    pub(super) fn number(&mut self) -> Result<u64, Rejection> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(MALFORMED);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(MALFORMED)
    }

    /// Reads a number that may be negative.
    pub(super) fn signed(&mut self) -> Result<i64, Rejection> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// Reads a count or an index and checks that it stays below a limit.
    pub(super) fn below(&mut self, limit: usize) -> Result<usize, Rejection> {
        let number = usize::try_from(self.number()?).map_err(|_| MALFORMED)?;
        if number < limit { Ok(number) } else { Err(MALFORMED) }
    }

    /// Reads so many bytes.
    pub(super) fn raw(&mut self, length: usize) -> Result<&'a [u8], Rejection> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(MALFORMED)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Reads bytes after their length.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Rejection> {
        let length = usize::try_from(self.number()?).map_err(|_| MALFORMED)?;
        self.raw(length)
    }

    /// Reads text after its length.
    pub(super) fn text(&mut self) -> Result<&'a str, Rejection> {
        std::str::from_utf8(self.bytes()?).map_err(|_| MALFORMED)
    }

    /// Checks that nothing is left.
    pub(super) fn end(&self) -> Result<(), Rejection> {
        if self.rest.is_empty() { Ok(()) } else { Err(MALFORMED) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reading_undoes_writing(
            numbers in proptest::collection::vec(any::<u64>(), 0..20),
            signed in proptest::collection::vec(any::<i64>(), 0..20),
        ) {
            let mut output = Output::default();
            numbers.iter().for_each(|number| output.number(*number));
            signed.iter().for_each(|number| output.signed(*number));
            let bytes = output.into_bytes();
            let mut input = Input::new(&bytes);
            for number in numbers {
                prop_assert_eq!(input.number(), Ok(number));
            }
            for number in signed {
                prop_assert_eq!(input.signed(), Ok(number));
            }
            prop_assert_eq!(input.end(), Ok(()));
        }
    }

    #[test]
    fn a_number_that_does_not_fit_or_end_is_refused() {
        for bytes in [&[0xff; 10][..], &[0x80; 12], &[0x80], &[]] {
            assert_eq!(Input::new(bytes).number(), Err(MALFORMED));
        }
    }
}
