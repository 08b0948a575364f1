//! Bytes as JSON messages, as an older build writes them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sync_engine::message::{Request, Response};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = serde_json::from_slice::<Request>(bytes) {
        let _ = request.check(&request.venue);
        for change in request.streams.values().flat_map(|part| &part.changes) {
            let _ = change.check();
        }
    }
    let _ = serde_json::from_slice::<Response>(bytes);
});
