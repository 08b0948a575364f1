//! Hybrid logical time: when a change was made, in an order that all replicas agree on.
//!
//! Owns the encoding of a stamp and nothing else: ticking happens inside the writing batch (see
//! `append`), because many stateless workers write one store at once. It reads no clock.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Rejection, limits};

/// Milliseconds since 1970 (47 bits) and a counter (16 bits).
///
/// Stores hold it as one integer; as text it is sixteen hexadecimal digits, so that no host rounds
/// it and the order of texts is the order of time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Hlc {
    /// Milliseconds since 1970.
    pub ms: u64,
    /// Orders what happened within one millisecond, or while the clock stood still.
    pub counter: u16,
}

/// The largest time that can be encoded: in the year 6429.
pub const MS_MAX: u64 = (1 << 47) - 1;

impl Hlc {
    /// Reads the sixteen digits.
    ///
    /// # Errors
    /// Refuses anything but sixteen lower-case hexadecimal digits of a time that can be encoded.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let invalid = Rejection::InvalidField("stamp");
        let plain = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if text.len() != 16 || !plain {
            return Err(invalid);
        }
        let bits = u64::from_str_radix(text, 16).map_err(|_| invalid.clone())?;
        i64::try_from(bits).map(Self::from_bits).map_err(|_| invalid)
    }

    /// Reads the integer that stores hold; what is negative reads as the beginning of time.
    #[must_use]
    pub const fn from_bits(bits: i64) -> Self {
        let bits = if bits < 0 { 0 } else { bits as u64 };
        Self { ms: bits >> 16, counter: (bits & 0xffff) as u16 }
    }

    /// Returns the integer that stores hold.
    #[must_use]
    pub const fn bits(self) -> i64 {
        let ms = if self.ms > MS_MAX { MS_MAX } else { self.ms };
        ((ms << 16) | self.counter as u64) as i64
    }

    /// Returns the stamp that a hub records for the change with this seq: the claimed one, unless
    /// it lies beyond the limit. Stamps that are lowered to one limit keep the writer's order.
    #[must_use]
    pub fn at_most(self, limit_ms: u64, seq: u64) -> Self {
        if self.ms <= limit_ms {
            return self;
        }
        Self { ms: limit_ms.min(limits::CLOCK_MS_MAX), counter: (seq & 0xffff) as u16 }
    }
}

impl fmt::Display for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.bits())
    }
}

impl TryFrom<String> for Hlc {
    type Error = Rejection;

    fn try_from(text: String) -> Result<Self, Rejection> {
        Self::parse(&text)
    }
}

impl From<Hlc> for String {
    fn from(stamp: Hlc) -> Self {
        stamp.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_forms_have_the_order_of_time_and_reading_undoes_writing(
            a in (0..=MS_MAX, any::<u16>()),
            b in (0..=MS_MAX, any::<u16>()),
        ) {
            let (a, b) = (Hlc { ms: a.0, counter: a.1 }, Hlc { ms: b.0, counter: b.1 });
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(a.cmp(&b), a.bits().cmp(&b.bits()));
            prop_assert_eq!(Hlc::parse(&a.to_string()), Ok(a));
            prop_assert_eq!(Hlc::from_bits(a.bits()), a);
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
            "ffffffffffffffff",
        ] {
            assert_eq!(Hlc::parse(text), Err(Rejection::InvalidField("stamp")), "{text}");
        }
    }
}
