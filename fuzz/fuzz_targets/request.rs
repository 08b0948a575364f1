//! Bytes as a request: what is read can be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sync_engine::wire;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = wire::read_request(bytes) {
        assert_eq!(wire::read_request(&wire::write_request(request.clone())), Ok(request));
    }
});
