//! Keys and trust on every host: the platform's own code signs what this machine's verifies.

use domain::{
    time::Time,
    trust::{
        Document, SecretKey, Verifier, beacon::Beacon, certificate::Certificate, roots::Roots, text,
    },
};
use serde_json::{Value as Json, json};
use sync_engine::id::VenueId;

use super::exchange::{message, nonce};
use crate::{
    cases,
    contract::{
        Case,
        venue::{Answer, Venue, now_ms},
    },
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_gateway_is_certified_and_asking_again_renews,
    an_exchange_brings_the_signed_time,
    keys_that_are_none_are_refused,
];

const TOLERANCE_MS: u64 = 60_000;

fn ask(venue: &Venue, public_key: &str, number: u32) -> Answer {
    let body = json!({"public_key": public_key}).to_string();
    let what = ("application/json", body.as_bytes());
    venue.signed("/api/certificate", what, now_ms(), &nonce(number))
}

fn bytes(text: &Json) -> Vec<u8> {
    text::from_url(text.as_str().expect("a document is text")).expect("a document is base64url")
}

/// Believes the roots that an answer lists, as a gateway does at first.
fn verifier(venue: &Venue, answer: &Json) -> Verifier {
    let list = Document::<Roots>::read(&bytes(&answer["roots"][0])).expect("a list of roots");
    list.check(&list.claim().present).expect("the root signed it");
    let mut verifier = Verifier::new(VenueId::parse(&venue.id).expect("a venue's id"));
    list.claim().keys().for_each(|key| verifier.trust(key));
    verifier
}

fn a_gateway_is_certified_and_asking_again_renews(venue: &Venue) {
    let key = SecretKey::from_seed(&[3; 32]).public();
    let answer = ask(venue, &key.to_string(), 1);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut verifier = verifier(venue, &answer.json());
    let now = Time::certain(now_ms());
    let first = verifier.learn(&bytes(&answer.json()["certificate"]), &now).expect("it holds");
    assert_eq!(first.body.key, key);
    let again = ask(venue, &key.to_string(), 2).json();
    let second = verifier.verify::<Certificate>(&bytes(&again["certificate"]), &now);
    assert_ne!(second.expect("it holds").body.id, first.body.id);
    let kept = "SELECT count(*) AS count FROM trust_certificate WHERE venue = ?1";
    assert_eq!(venue.rows(kept, json!([venue.id]))[0]["count"], 1);
}

fn an_exchange_brings_the_signed_time(venue: &Venue) {
    let key = SecretKey::from_seed(&[3; 32]).public();
    let verifier = verifier(venue, &ask(venue, &key.to_string(), 1).json());
    let answer = venue.exchange(&message(venue, json!({})), now_ms(), &nonce(2)).json();
    let now = Time::certain(now_ms());
    let beacon = verifier.verify::<Beacon>(&bytes(&answer["beacon"]), &now).expect("it holds");
    assert!(beacon.body.at_ms.abs_diff(now.now_ms) < TOLERANCE_MS, "{beacon:?}");
    assert_eq!(beacon.body.at_ms, answer["now_ms"]);
}

fn keys_that_are_none_are_refused(venue: &Venue) {
    let before = venue.footprint();
    let weak = format!("01{}", "00".repeat(31));
    for (number, key) in (1..).zip([weak.as_str(), "", "nonsense"]) {
        let answer = ask(venue, key, number);
        assert_eq!((answer.status, answer.code().as_str()), (422, "key_invalid"), "{key}");
    }
    assert_eq!(venue.footprint(), before);
}
