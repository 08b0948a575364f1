//! Text that only the holder of a key reads: XChaCha20-Poly1305, written as text.
//!
//! Personal fields and second factors are kept so. It must not know whose key it is, nor where it
//! is kept.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use sync_engine::seal::hex;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a nonce; drawn at random for each text.
pub const NONCE_BYTES: usize = 24;

/// The first letter of a sealed text: another way of sealing gets another one.
const VERSION: char = '1';

/// Seals a text; `about` is bound to it, so that it opens in no other place.
#[must_use]
pub fn seal(key: &[u8; KEY_BYTES], nonce: &[u8; NONCE_BYTES], about: &str, text: &str) -> String {
    let sealed = seal_bytes(key, nonce, about, text.as_bytes());
    // It fails for texts of many gigabytes only; limits are far below.
    if sealed.is_empty() { String::new() } else { format!("{VERSION}{}", hex(&sealed)) }
}

/// Opens a sealed text; none where key, place or text are others.
#[must_use]
pub fn open(key: &[u8; KEY_BYTES], about: &str, sealed: &str) -> Option<String> {
    let bytes = from_hex(sealed.strip_prefix(VERSION)?)?;
    String::from_utf8(open_bytes(key, about, &bytes)?).ok()
}

/// Seals bytes that are no text, such as a photo; empty where that fails.
#[must_use]
pub fn seal_bytes(
    key: &[u8; KEY_BYTES],
    nonce: &[u8; NONCE_BYTES],
    about: &str,
    bytes: &[u8],
) -> Vec<u8> {
    let payload = Payload { msg: bytes, aad: about.as_bytes() };
    let sealed = XChaCha20Poly1305::new(key.into()).encrypt(nonce.into(), payload);
    sealed.map(|sealed| [&nonce[..], &sealed].concat()).unwrap_or_default()
}

/// Opens sealed bytes; none where key, place or bytes are others.
#[must_use]
pub fn open_bytes(key: &[u8; KEY_BYTES], about: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
    let payload = Payload { msg: sealed, aad: about.as_bytes() };
    XChaCha20Poly1305::new(key.into()).decrypt((&nonce).into(), payload).ok()
}

/// Reads hexadecimal digits.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? * 16 + digit(*low)?));
    rest.is_empty().then(|| bytes.collect()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: [u8; 32] = [7; 32];
    const NONCE: [u8; 24] = [9; 24];

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place_only(text in ".{0,200}", at in 0_usize..400) {
            let sealed = seal(&KEY, &NONCE, "person/name", &text);
            prop_assert_eq!(open(&KEY, "person/name", &sealed), Some(text.clone()));
            prop_assert_eq!(open(&KEY, "person/mail", &sealed), None);
            prop_assert_eq!(open(&[8; 32], "person/name", &sealed), None);
            let mut altered = sealed.clone().into_bytes();
            let at = at % altered.len();
            altered[at] = if altered[at] == b'0' { b'f' } else { b'0' };
            prop_assert_eq!(open(&KEY, "person/name", &String::from_utf8(altered).unwrap()), None);
        }

        #[test]
        fn bytes_are_sealed_as_texts_are(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let sealed = seal_bytes(&KEY, &NONCE, "person/photo", &bytes);
            prop_assert_eq!(open_bytes(&KEY, "person/photo", &sealed), Some(bytes.clone()));
            prop_assert_eq!(open_bytes(&KEY, "person/name", &sealed), None);
            prop_assert_eq!(open_bytes(&[8; 32], "person/photo", &sealed), None);
            prop_assert_eq!(open_bytes(&KEY, "person/photo", &bytes), None);
        }

        #[test]
        fn any_text_can_be_tried(text in ".{0,200}") {
            prop_assert_eq!(open(&KEY, "", &text), None);
        }
    }

    #[test]
    fn only_pairs_of_digits_are_bytes() {
        for (text, expected) in [
            ("", Some(vec![])),
            ("00ff7F", Some(vec![0, 255, 127])),
            ("0", None),
            ("0g", None),
            ("é0", None),
            ("+1", None),
        ] {
            assert_eq!(from_hex(text), expected, "{text}");
        }
    }
}
