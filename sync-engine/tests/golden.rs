//! Golden messages of every protocol version: never edited, only added. What an older build wrote
//! must be read for as long as such a build may be out there, and nothing of it may be lost.

#![expect(clippy::unwrap_used, reason = "this is a test")]

use serde_json::Value as Json;
use sync_engine::message::{Request, Response};

fn check<T: serde::de::DeserializeOwned + serde::Serialize>(text: &str) -> T {
    let message: T = serde_json::from_str(text).unwrap();
    let golden: Json = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_value(&message).unwrap(), golden, "reading and writing lose nothing");
    message
}

#[test]
fn a_request_of_protocol_1_is_read_whole() {
    let request: Request = check(include_str!("../../fixtures/wire/v1/request.json"));
    let change = &request.streams.values().next().unwrap().changes[0];
    change.check().unwrap();
    assert_eq!(change.payload["colour-of-a-newer-build"], "vert");
    assert!(request.extra.contains_key("field-of-a-newer-build"));
}

#[test]
fn an_answer_of_protocol_1_is_read_whole() {
    let response: Response = check(include_str!("../../fixtures/wire/v1/response.json"));
    response.check().unwrap();
    assert!(response.more);
    assert_eq!(response.streams.values().next().unwrap().changes[0].register, "");
}
