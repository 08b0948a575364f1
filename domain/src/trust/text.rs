//! Documents as text: upper-case base32 for QR codes, base64url for addresses.
//!
//! A QR code packs capital letters and digits into 5.5 bits each, and base32 may stand in an
//! address without escapes, so one code can be the address of a page as well; base45, a little
//! denser, has blanks and percent signs. Both forms are read in one spelling only.

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, Encoding};

use super::{Rejection, limits};

/// Writes for a QR code: capital letters and digits.
#[must_use]
pub fn to_qr(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes)
}

/// Reads what a QR code said.
///
/// # Errors
/// Refuses what is too long, lower case, padded, or does not end in zero bits.
pub fn from_qr(text: &str) -> Result<Vec<u8>, Rejection> {
    decode(&BASE32_NOPAD, text)
}

/// Writes for an address: base64url without padding.
#[must_use]
pub fn to_url(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Reads what stood in an address.
///
/// # Errors
/// Refuses what is too long, padded, or does not end in zero bits.
pub fn from_url(text: &str) -> Result<Vec<u8>, Rejection> {
    decode(&BASE64URL_NOPAD, text)
}

fn decode(encoding: &Encoding, text: &str) -> Result<Vec<u8>, Rejection> {
    if text.len() > encoding.encode_len(limits::DOCUMENT_BYTES) {
        return Err(Rejection::Malformed);
    }
    encoding.decode(text.as_bytes()).map_err(|_| Rejection::Malformed)
}
