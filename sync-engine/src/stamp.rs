//! Hybrid logical time: when a change was made, in an order that all replicas agree on.
//!
//! Owns the encoding of a stamp and nothing else: ticking happens inside the writing batch (see
//! `append`), because many stateless workers write one store at once. It reads no clock.

use std::fmt;

use crate::Rejection;

/// Milliseconds since 1970 (48 bits) and a counter (16 bits), as sixteen hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hlc {
    /// Milliseconds since 1970.
    pub ms: u64,
    /// Orders what happened within one millisecond, or while the clock stood still.
    pub counter: u16,
}

/// The largest time that can be encoded: in the year 10889.
pub const MS_MAX: u64 = (1 << 48) - 1;

impl Hlc {
    /// Reads the sixteen digits.
    ///
    /// # Errors
    /// Refuses anything but sixteen lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let invalid = Rejection::InvalidField("stamp");
        let plain = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if text.len() != 16 || !plain {
            return Err(invalid);
        }
        let bits = u64::from_str_radix(text, 16).map_err(|_| invalid)?;
        Ok(Self { ms: bits >> 16, counter: (bits & 0xffff) as u16 })
    }

    /// Returns the earlier of this stamp and the limit: how far a foreign clock may pull ours.
    #[must_use]
    pub fn at_most(self, limit_ms: u64) -> Self {
        if self.ms > limit_ms { Self { ms: limit_ms.min(MS_MAX), counter: 0 } } else { self }
    }
}

impl fmt::Display for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}{:04x}", self.ms & MS_MAX, self.counter)
    }
}

/// The SQL expression of a log row's full stamp: effective time, then writer and seq as tie-break.
///
/// Fixed-width text, so that comparing text compares stamps on every host.
pub const STAMP_SQL: &str =
    "c.effective || '-' || c.replica || '-' || c.generation || '-' || printf('%010x', c.seq)";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_order_is_time_order_and_reading_undoes_writing(
            a in (0..=MS_MAX, any::<u16>()),
            b in (0..=MS_MAX, any::<u16>()),
        ) {
            let (a, b) = (Hlc { ms: a.0, counter: a.1 }, Hlc { ms: b.0, counter: b.1 });
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(Hlc::parse(&a.to_string()), Ok(a));
        }
    }

    #[test]
    fn a_stamp_that_is_not_sixteen_lower_case_digits_is_refused() {
        for text in [
            "",
            "0",
            "00000000000000000",
            "000000000000000G",
            "00000000000000AA",
            "é00000000000000",
        ] {
            assert_eq!(Hlc::parse(text), Err(Rejection::InvalidField("stamp")), "{text}");
        }
    }
}
