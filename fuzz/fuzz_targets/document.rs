//! Bytes and texts as signed documents: what is read is written the same, and nobody believes it.
#![no_main]

use domain::{
    time::Time,
    trust::{
        Body, Document, SecretKey, Verifier, beacon::Beacon, card::Card, certificate::Certificate,
        delegation::Delegation, entitlement::Entitlement, hand_over::HandOver,
        membership::Membership, receipt::Receipt, roots::Roots, text, ticket::Ticket,
        warrant::Warrant,
    },
};
use libfuzzer_sys::fuzz_target;
use sync_engine::id::VenueId;

/// Signing again what was read gives the same bytes but for key and signature.
fn comes_back<T: Body>(bytes: &[u8]) {
    let Ok(document) = Document::<T>::read(bytes) else { return };
    let key = SecretKey::from_seed(&[1; 32]);
    let again = Document::sign_with(&key, document.claim(), document.later()).unwrap();
    let (again, until) = (again.as_bytes(), bytes.len() - 64);
    assert_eq!(again.get(10..until), bytes.get(10..until));
    let mut verifier = Verifier::new(VenueId::parse("chakri").unwrap());
    verifier.trust(SecretKey::from_seed(&[2; 32]).public());
    assert!(verifier.verify::<T>(bytes, &Time::certain(0)).is_err());
}

fuzz_target!(|bytes: &[u8]| {
    comes_back::<Beacon>(bytes);
    comes_back::<Card>(bytes);
    comes_back::<Certificate>(bytes);
    comes_back::<Delegation>(bytes);
    comes_back::<Entitlement>(bytes);
    comes_back::<HandOver>(bytes);
    comes_back::<Membership>(bytes);
    comes_back::<Receipt>(bytes);
    comes_back::<Roots>(bytes);
    comes_back::<Ticket>(bytes);
    comes_back::<Warrant>(bytes);
    let Ok(words) = std::str::from_utf8(bytes) else { return };
    if let Ok(read) = text::from_qr(words) {
        assert_eq!(text::to_qr(&read), words);
    }
    if let Ok(read) = text::from_url(words) {
        assert_eq!(text::to_url(&read), words);
    }
});
