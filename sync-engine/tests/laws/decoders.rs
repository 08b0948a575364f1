//! Whatever arrives may be forged: no bytes take a decoder down, and none make it keep much.
//!
//! The bodies here are those of the fuzz targets in `fuzz/`; here they run on random and on broken
//! real messages, in every test run.

use proptest::prelude::*;
use sync_engine::{
    message::{Request, Response},
    wire::{self, Asked},
};

const REQUEST: &str = include_str!("../../../fixtures/wire/v1/request.json");
const RESPONSE: &str = include_str!("../../../fixtures/wire/v1/response.json");

/// Reads bytes as every kind of message; what is read can be written and read again.
fn body(bytes: &[u8]) {
    if let Ok(request) = wire::read_request(bytes) {
        assert_eq!(wire::read_request(&wire::write_request(request.clone())), Ok(request.clone()));
        let asked = Asked::of(&request);
        let _ = wire::read_response(bytes, &asked);
    }
    if let Ok(response) = wire::read_response(bytes, &Asked::default()) {
        let none = Asked::default();
        let again = wire::read_response(&wire::write_response(response.clone(), &none), &none);
        assert_eq!(again, Ok(response));
    }
    let _ = serde_json::from_slice::<Request>(bytes);
    let _ = serde_json::from_slice::<Response>(bytes);
}

fn sound() -> Vec<Vec<u8>> {
    let request: Request = serde_json::from_str(REQUEST).expect("it is sound");
    let response: Response = serde_json::from_str(RESPONSE).expect("it is sound");
    let asked = Asked::of(&request);
    let mut messages = vec![wire::write_request(request), wire::write_response(response, &asked)];
    // The same without packing: a changed byte then reaches what is inside.
    let inside: Vec<Vec<u8>> = messages
        .iter()
        .map(|bytes| {
            let body = bytes.get(1..).expect("a message has a first byte");
            let plain = miniz_oxide::inflate::decompress_to_vec(body);
            [vec![0], plain.unwrap_or_else(|_| body.to_vec())].concat()
        })
        .collect();
    messages.extend(inside);
    messages
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_take_a_decoder_down(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        body(&bytes);
        body(&[&[0], bytes.as_slice()].concat());
        body(&[&[1], bytes.as_slice()].concat());
    }

    #[test]
    fn no_broken_message_takes_a_decoder_down(
        which in 0..4_usize,
        hits in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6),
        cut in any::<u16>(),
    ) {
        let mut bytes = sound()[which].clone();
        for (place, byte) in hits {
            let place = usize::from(place) % bytes.len();
            bytes[place] = byte;
        }
        body(&bytes);
        bytes.truncate(usize::from(cut) % bytes.len());
        body(&bytes);
    }
}

#[test]
fn every_sound_message_is_read_and_every_part_of_it_is_not() {
    for bytes in sound() {
        let whole = wire::read_request(&bytes).is_ok()
            || wire::read_response(&bytes, &Asked::default()).is_ok();
        assert!(whole);
        for length in 0..bytes.len() {
            let part = &bytes[..length];
            assert!(wire::read_request(part).is_err(), "{length}");
            assert!(wire::read_response(part, &Asked::default()).is_err(), "{length}");
        }
    }
}

#[test]
fn a_message_that_unpacks_to_too_much_is_refused() {
    let bomb = miniz_oxide::deflate::compress_to_vec(&vec![0; 64 << 20], 9);
    let bytes = [&[1], bomb.as_slice()].concat();
    assert!(bytes.len() < 100_000 && wire::read_request(&bytes).is_err());
}
