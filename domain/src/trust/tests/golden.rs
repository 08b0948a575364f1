//! Documents that were written once are read for ever, and written the same.

use serde_json::Value;
use sync_engine::seal::hex;

use super::samples::{self, for_each_sample};
use crate::trust::{Body, Document, id::from_hex, text};

const DOCUMENTS: &str = include_str!("../../../../fixtures/trust/v1/documents.json");

/// Compares a document with what its file says of it.
fn check<T: Body + std::fmt::Debug>(name: &str, seed: [u8; 32], body: &T) {
    let golden: Value = serde_json::from_str(DOCUMENTS).unwrap();
    let golden = &golden[name];
    let signed = Document::sign(&samples::key(seed), body).unwrap();
    let (bytes, public) = (signed.as_bytes(), samples::public(seed));
    for (field, expected) in [
        ("seed", hex(&seed)),
        ("public_key", public.to_string()),
        ("key_id", public.id().to_string()),
        ("bytes", hex(bytes)),
        ("qr", text::to_qr(bytes)),
        ("url", text::to_url(bytes)),
    ] {
        assert_eq!(golden[field], expected, "{name}: {field}");
    }
    let read = from_hex(golden["bytes"].as_str().unwrap().as_bytes()).unwrap();
    let read = Document::<T>::read(&read).unwrap();
    assert_eq!(read.claim(), body, "{name}");
    read.check(&public).unwrap();
}

#[test]
fn what_was_signed_once_is_signed_and_read_the_same_for_ever() {
    for_each_sample!(|name, seed, body| check(name, seed, &body));
}
