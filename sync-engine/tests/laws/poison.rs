//! One change that nobody ought to have sent: what comes after it goes on, here and elsewhere.

use serde_json::{Value as Json, json};
use sync_engine::{
    Rejection,
    append::{self, Pen},
    change::Change,
    id::Purpose,
    limits,
    vector::Vector,
};

use crate::{
    menu, sale,
    store::{Store, purposes},
    title,
};

const LAST: &str = "7fffffffffffffff";

/// A title that somebody else wrote, with one thing about it that is otherwise.
fn foreign(seq: u64, field: &str, value: Json) -> Change {
    let mut change = json!({
        "replica": "till", "generation": "a", "seq": seq, "claimed": "0000000000010000",
        "effective": "0000000000010000", "table": "dish", "entity": "d", "register": "label",
        "payload": {"title": "soup"},
    });
    change[field] = value;
    serde_json::from_value(change).expect("it can be said")
}

fn nested(depth: usize) -> Json {
    (0..depth).fold(json!(1), |inside, _| json!([inside]))
}

/// A hub and a gateway; on one of them a statement runs row by row, on the other at once.
fn stores() -> [Store; 2] {
    let mut hub = Store::new("b");
    hub.clamp_ms = Some(7);
    let stores = [hub, Store::new("a")];
    assert_ne!(stores[0].one_by_one, stores[1].one_by_one);
    stores
}

#[test]
fn a_stamp_at_the_end_of_time_leaves_room_for_the_next_write() {
    for store in stores() {
        let mut change = foreign(1, "effective", json!(LAST));
        // Under the name of an earlier life even a hub takes a stamp as it is.
        change.writer.replica = store.writer.replica.clone();
        let taken = store.take_in(&menu(), &[change], 7);
        assert_eq!(taken, Err(Rejection::InvalidField("stamp")));
        assert!(store.write(&[title("d", "tea")], 7));
    }
}

#[test]
fn whatever_is_kept_can_be_told_on_whole() {
    let large = json!({"title": "x".repeat(700_000)});
    let broken = [
        ("payload", large),
        ("payload", json!({"title": nested(60)})),
        ("table", json!("a\u{0}b")),
        ("entity", json!("a\u{0}b")),
        ("register", json!("a\u{0}b")),
    ];
    for store in stores() {
        let changes: Vec<Change> = (1..)
            .zip(&broken)
            .map(|(seq, (field, value))| foreign(seq, field, value.clone()))
            .collect();
        for change in &changes {
            assert_eq!(store.take_in(&menu(), std::slice::from_ref(change), 7), Ok(()));
        }
        let mut have = Vector::default();
        for change in changes {
            let told = store.beyond(&menu(), &have);
            let first = told.first().expect("something is told");
            assert_eq!(first.digest(), change.digest(), "{}", change.seq);
            have.advance(&change.writer, change.seq);
        }
    }
}

#[test]
fn what_no_message_could_carry_on_is_refused() {
    let broken = [
        ("payload", json!({"title": "x".repeat(limits::PAYLOAD_BYTES_PER_MESSAGE)})),
        ("payload", json!({"title": nested(120)})),
        ("table", json!("x".repeat(limits::PAYLOAD_BYTES_PER_MESSAGE))),
        ("entity", json!("x".repeat(limits::PAYLOAD_BYTES_PER_MESSAGE))),
        ("register", json!("x".repeat(limits::PAYLOAD_BYTES_PER_MESSAGE))),
    ];
    for store in stores() {
        for (field, value) in &broken {
            let taken = store.take_in(&menu(), &[foreign(1, field, value.clone())], 7);
            assert_eq!(taken, Err(Rejection::InvalidField(field)));
        }
    }
}

#[test]
fn one_message_cannot_bring_more_writers_than_a_vector_may_name() {
    for store in stores() {
        let many = |from: usize| -> Vec<Change> {
            let by = |n: usize| foreign(1, "generation", json!(format!("g{n}")));
            (from..from + limits::CHANGES_PER_MESSAGE).map(by).collect()
        };
        assert_eq!(store.take_in(&menu(), &many(0), 7), Err(Rejection::BatchTooLarge));
        let few = &many(0)[..limits::WRITERS_PER_STREAM / 2];
        assert_eq!(store.take_in(&menu(), few, 7), Ok(()));
        assert_eq!(store.take_in(&menu(), &many(9), 7), Err(Rejection::BatchTooLarge));
        let told = json!(store.vector(&menu()));
        serde_json::from_value::<Vector>(told).expect("a peer can read it");
        assert_eq!(store.take_in(&menu(), &[foreign(1, "seq", json!(1))], 7), Ok(()));
    }
}

/// A payload as large as one may be, with something in it that is left out of these bytes.
fn largest(other_bytes: usize) -> String {
    "x".repeat(limits::PAYLOAD_BYTES - other_bytes)
}

#[test]
fn a_row_that_says_more_than_its_changes_did_is_taken_in() {
    let (a, b) = (Store::new("a"), Store::new("b"));
    // Whoever writes leaves out what is empty, and writes two registers of a row apart.
    let sale = json!({"dish": largest(r#"{"dish":""}"#.len())});
    let course = [("", "word"), ("place", "position")];
    let mut changes = vec![foreign(1, "payload", sale)];
    changes[0].table = "sale".to_owned();
    changes[0].register = String::new();
    let till = Purpose::parse("till").expect("a name");
    let board = Purpose::parse("board").expect("a name");
    assert_eq!(a.take_in(&till, &changes, 7), Ok(()));
    for (seq, (register, field)) in (1..).zip(course) {
        let mut change = foreign(seq, "payload", json!({field: "x".repeat(60_000)}));
        change.table = "course".to_owned();
        change.register = register.to_owned();
        assert_eq!(a.take_in(&board, &[change], 7), Ok(()));
    }
    for purpose in [till, board] {
        let last = a.vector(&purpose).iter().map(|(_, seq)| seq).max().unwrap_or_default();
        // The last change that all have stays in the log.
        assert_eq!(a.take_in(&purpose, &[foreign(last + 1, "table", json!("later"))], 7), Ok(()));
        a.reap(&purpose, &[a.vector(&purpose)]);
        assert!(!a.held(&purpose).floor().have.is_empty(), "rows travel, and no changes");
    }
    b.exchange(&a, 20, || false);
    assert_eq!(a.content(), b.content());
    for purpose in purposes() {
        assert!(b.vector(&purpose).covers(&a.vector(&purpose)), "{purpose}");
    }
}

#[test]
fn a_payload_leaves_room_for_the_number_that_it_gets() {
    let (a, b) = (Store::new("a"), Store::new("b"));
    let mut draft = sale("s", 1);
    draft.payload.remove("cents");
    draft.payload.remove("dish");
    draft.payload.insert("dish".to_owned(), largest(r#"{"dish":""}"#.len()).into());
    let pen = Pen { venue: a.venue.clone(), writer: a.writer.clone(), now_ms: 7 };
    let refused = append::batch(&a.schema, &pen, &[draft.clone()]);
    if refused.is_ok() {
        assert!(a.write(&[draft], 7));
        a.exchange(&b, 20, || false);
        assert_eq!(a.content(), b.content(), "what was written here counts there");
    }
    assert_eq!(refused, Err(Rejection::InvalidField("payload")));
}
