//! Golden messages of every protocol version: never edited, only added. What an older build wrote
//! must be read for as long as such a build may be out there, and nothing of it may be lost.

#![expect(clippy::unwrap_used, reason = "this is a test")]

use serde_json::Value as Json;
use sync_engine::{
    message::{Request, Response},
    wire::{self, Asked},
};

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
    assert_eq!(request.epoch, 1, "who says none is in the first");
}

#[test]
fn a_later_epoch_is_said_in_both_forms_and_what_is_none_is_refused() {
    let text = include_str!("../../fixtures/wire/v1/request.json");
    let first: Request = serde_json::from_str(text).unwrap();
    let venue = first.venue.clone();
    for (epoch, good) in [(1, true), (7, true), (0, false), (u64::MAX, false)] {
        let request = Request { epoch, ..first.clone() };
        let plain = serde_json::to_string(&request).unwrap();
        let read: Request = serde_json::from_str(&plain).unwrap();
        assert_eq!((read.epoch, plain.contains("epoch")), (epoch, epoch != 1));
        let compact = wire::read_request(&wire::write_request(request.clone())).unwrap();
        assert_eq!(compact.epoch, epoch);
        assert_eq!(request.check(&venue).is_ok(), good, "{epoch}");
    }
    let text = include_str!("../../fixtures/wire/v1/response.json");
    let answer: Response = serde_json::from_str(text).unwrap();
    assert_eq!((answer.epoch, answer.stamps.as_str()), (1, ""));
    let (later, asked) = (Response { epoch: 7, ..answer.clone() }, Asked::default());
    let compact = wire::read_response(&wire::write_response(later, &asked), &asked).unwrap();
    assert_eq!(compact.epoch, 7);
    assert!(Response { epoch: 0, ..answer }.check().is_err());
}

#[test]
fn an_answer_of_protocol_1_is_read_whole() {
    let response: Response = check(include_str!("../../fixtures/wire/v1/response.json"));
    response.check().unwrap();
    assert!(response.more);
    assert_eq!(response.streams.values().next().unwrap().changes[0].register, "");
}
