//! Pictures of what is sold: small, and named after their content, as pages of a menu are.
//!
//! A picture is a fact of the catalogue, written before the product that names it: whoever has the
//! one has the other, and nobody is sent for it. It must not know what is drawn on one.

use data_encoding::BASE64URL_NOPAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use sync_engine::{change::Draft, seal::hex};

use super::register;
use crate::limits;

/// The table of pictures.
pub const TABLE: &str = "menu_picture";
/// Below which address pictures are found.
const FOLDER: &str = "/pictures/";

/// Returns what a picture is found by: the SHA-256 of its bytes.
#[must_use]
pub fn id(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns the address of a picture.
#[must_use]
pub fn address(id: &str) -> String {
    format!("{FOLDER}{id}")
}

/// Returns which picture an address names; none where it is another address.
#[must_use]
pub fn of_address(address: &str) -> Option<&str> {
    let id = address.strip_prefix(FOLDER)?;
    let digits = id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (digits && id.len() == 64).then_some(id)
}

/// Writes a picture; none where it is too long to travel.
#[must_use]
pub fn draft(bytes: &[u8]) -> Option<Draft> {
    let fits = !bytes.is_empty() && bytes.len() <= limits::PICTURE_BYTES;
    fits.then(|| register(TABLE, &id(bytes), "", json!({"content": BASE64URL_NOPAD.encode(bytes)})))
}

/// Reads what is kept under a name; none where it is not what its name says.
#[must_use]
pub fn read(name: &str, content: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD.decode(content.as_bytes()).ok()?;
    (id(&bytes) == name).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_read_under_its_own_name_alone() {
        let bytes = [0, 255, 62, 63].repeat(limits::PICTURE_BYTES / 4);
        let draft = draft(&bytes).expect("it fits");
        let content = draft.payload["content"].as_str().expect("it is a text");
        assert_eq!(draft.entity, id(&bytes));
        assert_eq!(read(&draft.entity, content), Some(bytes.clone()));
        assert_eq!(read(&id(b"another"), content), None);
        assert_eq!(read(&draft.entity, &content.replacen('A', "B", 1)), None);
        assert_eq!(read(&draft.entity, "%"), None);
        assert_eq!(of_address(&address(&draft.entity)), Some(draft.entity.as_str()));
    }

    #[test]
    fn the_largest_picture_travels_and_a_larger_one_is_none() {
        let most = draft(&vec![7; limits::PICTURE_BYTES]).expect("it fits");
        let payload = serde_json::to_string(&most.payload).expect("it is JSON");
        assert!(payload.len() < sync_engine::limits::PAYLOAD_BYTES - 1_000, "{}", payload.len());
        assert!(draft(&vec![7; limits::PICTURE_BYTES + 1]).is_none() && draft(b"").is_none());
    }

    #[test]
    fn only_a_name_of_64_digits_is_one() {
        let id = "0a".repeat(32);
        for odd in [&id[1..], "", "../x", &id.to_uppercase()] {
            assert_eq!(of_address(&address(odd)), None, "{odd}");
        }
        assert_eq!(of_address(&format!("/static/{id}")), None);
    }
}
