//! Signed requests and answers: HMAC-SHA256 with a device's enrolled key.
//!
//! Owns what is signed and how it is compared. It must not know headers, nor where keys come from;
//! that a nonce is used once is the store's business.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{Rejection, limits};

/// What a request's signature covers.
#[derive(Debug, Clone, Copy)]
pub struct Seal<'a> {
    /// The device that signs.
    pub device: &'a str,
    /// The HTTP method, upper case.
    pub method: &'a str,
    /// The path without host and query.
    pub path: &'a str,
    /// The device's clock.
    pub at_ms: u64,
    /// Used once.
    pub nonce: &'a str,
    /// The body, as sent.
    pub body: &'a [u8],
}

impl Seal<'_> {
    /// Signs with the device's key.
    #[must_use]
    pub fn sign(&self, key: &[u8]) -> String {
        hex(&self.mac(key))
    }

    /// Checks signature and age.
    ///
    /// # Errors
    /// `signature_invalid` before `request_stale`, so that only the device itself learns our time.
    pub fn verify(&self, key: &[u8], signature: &str, now_ms: u64) -> Result<(), Rejection> {
        if !equal(hex(&self.mac(key)).as_bytes(), signature.as_bytes()) {
            return Err(Rejection::SignatureInvalid);
        }
        if self.at_ms.abs_diff(now_ms) > limits::SIGNATURE_TOLERANCE_MS {
            return Err(Rejection::RequestStale);
        }
        Ok(())
    }

    fn mac(&self, key: &[u8]) -> [u8; 32] {
        let text = format!(
            "relais-request-1\n{}\n{}\n{}\n{}\n{}\n{}",
            self.device,
            self.method,
            self.path,
            self.at_ms,
            self.nonce,
            hex(&Sha256::digest(self.body)),
        );
        mac(key, text.as_bytes())
    }
}

/// Signs an answer: bound to the request's nonce, so that no old answer can stand in for it.
#[must_use]
pub fn sign_answer(key: &[u8], nonce: &str, status: u16, body: &[u8]) -> String {
    let text = format!("relais-answer-1\n{nonce}\n{status}\n{}", hex(&Sha256::digest(body)));
    hex(&mac(key, text.as_bytes()))
}

/// Derives a key for one use from a secret; different labels give unrelated keys.
#[must_use]
pub fn derive(secret: &[u8], label: &str) -> [u8; 32] {
    mac(secret, format!("relais-key-1\n{label}").as_bytes())
}

/// HMAC-SHA256 of the text.
#[must_use]
pub fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length; the error type is for other algorithms.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// Compares in a time that depends on the lengths only.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0
}

/// Writes bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}
