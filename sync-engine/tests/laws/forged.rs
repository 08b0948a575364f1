//! What an enrolled device may send on purpose: small messages that would cost much to read.

use sync_engine::{
    change::Change,
    limits::MESSAGE_BYTES,
    message::Request,
    wire::{read_request, write_request},
};

const HEAD: &str = r#"{"protocol":1,"venue":"v","replica":"r","generation":"g",
    "streams":{"menu":{"have":{}}}}"#;

const PLAIN: u8 = 0;
const UUIDS: u8 = 1;
const LISTED: u8 = 2;
const KNOWN: u8 = 3;

fn number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    number(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

/// A packed request with so many changes of one table and one field, up to its column of entities.
fn forged(count: usize, table: &str, rest: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    text(&mut content, HEAD);
    number(&mut content, count);
    number(&mut content, 1);
    text(&mut content, table);
    text(&mut content, "label");
    number(&mut content, 1);
    text(&mut content, "title");
    // One run of the one kind, one writer from seq 1 on, and stamps of zero.
    content.push(0);
    number(&mut content, count);
    content.push(0);
    text(&mut content, "r");
    text(&mut content, "g");
    content.push(1);
    number(&mut content, count);
    content.extend(vec![0; 2 * count + 1]);
    content.extend_from_slice(rest);
    let packed = miniz_oxide::deflate::compress_to_vec(&content, 6);
    [&[1], packed.as_slice()].concat()
}

/// A column that says one text so many times.
fn listed(count: usize, length: usize) -> Vec<u8> {
    let mut column = vec![LISTED, 1, PLAIN];
    number(&mut column, length);
    column.extend(vec![b'a'; length]);
    column.extend(vec![0; count]);
    column
}

#[test]
fn texts_within_texts_end_before_the_stack_does() {
    for form in [[UUIDS].as_slice(), &[LISTED, 1], &[KNOWN, 0]] {
        let column = form.repeat(MESSAGE_BYTES / form.len() - 1_000);
        let message = forged(1, "dish", &column);
        assert!(message.len() < 50_000, "it is a small message: {}", message.len());
        assert!(read_request(&message).is_err(), "{form:?}");
    }
}

#[test]
fn what_is_said_once_and_meant_often_is_not_kept_beyond_a_limit() {
    let values = [&[1], listed(100, 1).as_slice(), &[0]].concat();
    let sound = [listed(100, 10), values.clone()].concat();
    assert!(read_request(&forged(100, "dish", &sound)).is_ok(), "the message is well made");

    let entities = [listed(100, 4_000_000), values.clone()].concat();
    let titles = [listed(100, 1), vec![1], listed(100, 4_000_000), vec![0]].concat();
    let table = "a".repeat(4_000_000);
    for (what, message) in [
        ("entities", forged(100, "dish", &entities)),
        ("titles", forged(100, "dish", &titles)),
        ("tables", forged(100, &table, &sound)),
    ] {
        assert!(message.len() < 50_000, "it is a small message: {}", message.len());
        assert!(read_request(&message).is_err(), "400 MB of {what} are kept for it");
    }
}

#[test]
fn a_text_full_of_ids_is_written_and_read_within_a_small_stack() {
    let id = "019b76da-9c00-7abc-8def-0123456789ab";
    let change = serde_json::json!({
        "replica": "r", "generation": "g", "seq": 1, "claimed": "0000000000000001",
        "effective": "0000000000000001", "table": "dish", "entity": "d", "register": "label",
        "payload": {"title": id.repeat(1_700)},
    });
    let change: Change = serde_json::from_value(change).expect("it is a change");
    change.check().expect("it is sound");
    let mut request: Request = serde_json::from_str(HEAD).expect("it is a request");
    request.streams.values_mut().for_each(|part| part.changes.push(change.clone()));
    // As much as a program in wasm has.
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let read = small.spawn(move || (read_request(&write_request(request.clone())), request));
    let (read, request) = read.expect("a thread starts").join().expect("it returns");
    assert_eq!(read, Ok(request));
}

#[test]
fn a_head_that_is_longer_than_any_message_s_is_refused() {
    let unknown = format!("\"unknown\":[{}0],\"protocol\"", "{\"\":0},".repeat(400_000));
    let head = HEAD.replacen("\"protocol\"", &unknown, 1);
    let mut content = Vec::new();
    text(&mut content, &head);
    content.extend([0, 0]);
    let packed = miniz_oxide::deflate::compress_to_vec(&content, 6);
    let message = [&[1], packed.as_slice()].concat();
    assert!(message.len() < 50_000, "it is a small message: {}", message.len());
    assert!(read_request(&message).is_err(), "hundreds of megabytes are kept for it");
}
