//! Bytes as an answer: what is read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sync_engine::wire::{self, Asked};

fuzz_target!(|bytes: &[u8]| {
    let none = Asked::default();
    if let Ok(response) = wire::read_response(bytes, &none) {
        let again = wire::read_response(&wire::write_response(response.clone(), &none), &none);
        assert_eq!(again, Ok(response));
    }
});
