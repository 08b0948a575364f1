//! What documents are told apart by: 128 random bits. It must not draw them.

use std::fmt;

use super::Rejection;

/// The id of a document, a person or an order: 16 bytes, written in 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub [u8; 16]);

impl Id {
    /// Reads 32 lower-case hexadecimal digits; the dashes of a UUID may stand between them.
    ///
    /// # Errors
    /// Refuses anything else.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let dashed = text.len() == 36;
        let digits: Vec<u8> = text
            .bytes()
            .enumerate()
            .filter(|(at, byte)| !(dashed && matches!(at, 8 | 13 | 18 | 23) && *byte == b'-'))
            .map(|(_, byte)| byte)
            .collect();
        let bytes = from_hex(&digits).ok_or(Rejection::Malformed)?;
        Ok(Self(bytes.try_into().map_err(|_| Rejection::Malformed)?))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sync_engine::seal::hex(&self.0))
    }
}

/// Reads lower-case hexadecimal digits.
pub(super) fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    data_encoding::HEXLOWER.decode(digits).ok()
}
