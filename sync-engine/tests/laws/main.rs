//! The laws of replication, on the real SQL: any order, any duplicate, any loss, equal data.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this is a test: what does not hold panics"
)]

mod copies;
mod decoders;
mod forged;
mod leases;
mod poison;
mod shapes;
mod store;
mod talk;
mod values;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use store::{SCHEMA, Store, purposes};
use sync_engine::{
    Rejection,
    change::{Change, Draft, Number},
    id::Purpose,
    vector::Vector,
};

fn draft(table: &'static str, entity: &str, register: &'static str, fields: Json) -> Draft {
    let Json::Object(payload) = fields else { panic!("fields are an object") };
    Draft { table, entity: entity.to_owned(), register, payload, number: None }
}

fn title(entity: &str, text: &str) -> Draft {
    draft("dish", entity, "label", json!({"title": text}))
}

fn cents(entity: &str, cents: i64) -> Draft {
    draft("dish", entity, "offer", json!({"cents": cents}))
}

fn sale(entity: &str, cents: i64) -> Draft {
    let mut sale = draft("sale", entity, "", json!({"dish": "d", "cents": cents}));
    sale.number = Some(Number { field: "number", series: "s".to_owned() });
    sale
}

fn menu() -> Purpose {
    Purpose::parse("menu").expect("a name")
}

#[derive(Debug, Clone)]
enum Step {
    Title { at: usize, entity: u8, text: u8, clock: u64 },
    Cents { at: usize, entity: u8, cents: i64, clock: u64 },
    Sale { at: usize, entity: u8, cents: i64, clock: u64 },
    Exchange { from: usize, to: usize, losses: Vec<bool> },
    Reap { at: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let clock = prop_oneof![0..5_u64, 1_000_000..1_000_005_u64, Just(1 << 40)];
    let step =
        prop_oneof![
            (0..3_usize, 0..3_u8, 0..9_u8, clock.clone())
                .prop_map(|(at, entity, text, clock)| { Step::Title { at, entity, text, clock } }),
            (0..3_usize, 0..3_u8, 0..9_i64, clock.clone()).prop_map(
                |(at, entity, cents, clock)| { Step::Cents { at, entity, cents, clock } }
            ),
            (0..3_usize, 0..3_u8, 0..9_i64, clock)
                .prop_map(|(at, entity, cents, clock)| Step::Sale { at, entity, cents, clock }),
            (0..3_usize, 0..3_usize, proptest::collection::vec(any::<bool>(), 0..4))
                .prop_map(|(from, to, losses)| Step::Exchange { from, to, losses }),
            (0..3_usize).prop_map(|at| Step::Reap { at }),
        ];
    proptest::collection::vec(step, 1..40)
}

fn run(stores: &[Store; 3], step: &Step) {
    match step {
        Step::Title { at, entity, text, clock } => {
            assert!(
                stores[*at].write(&[title(&format!("d{entity}"), &format!("t{text}"))], *clock)
            );
        }
        Step::Cents { at, entity, cents: amount, clock } => {
            assert!(stores[*at].write(&[cents(&format!("d{entity}"), *amount)], *clock));
        }
        // A sale that exists already must abort; that is the caller's sign to load again.
        Step::Sale { at, entity, cents, clock } => {
            stores[*at].write(&[sale(&format!("s{entity}"), *cents)], *clock);
        }
        Step::Exchange { from, to, losses } if from != to => {
            let mut losses = losses.iter().copied();
            stores[*from].exchange(&stores[*to], 7, || losses.next().unwrap_or(false));
        }
        Step::Exchange { .. } => {}
        Step::Reap { at } => {
            for purpose in purposes() {
                let others = (0..3).filter(|other| other != at);
                let peers: Vec<Vector> = others.map(|n| stores[n].vector(&purpose)).collect();
                stores[*at].reap(&purpose, &peers);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn replicas_that_have_exchanged_everything_hold_equal_data(steps in steps()) {
        let stores = ["a", "b", "c"].map(Store::new);
        for step in &steps {
            run(&stores, step);
        }
        for (from, to) in [(0, 1), (1, 2), (2, 0), (0, 1), (1, 2)] {
            stores[from].exchange(&stores[to], 7, || false);
        }
        prop_assert_eq!(stores[0].content(), stores[1].content());
        prop_assert_eq!(stores[1].content(), stores[2].content());
        for purpose in purposes() {
            prop_assert_eq!(stores[0].vector(&purpose), stores[2].vector(&purpose));
        }
    }

    #[test]
    fn the_tables_are_what_the_stamps_say_in_whatever_order_changes_arrive(
        steps in steps(),
        shuffle in any::<u64>(),
    ) {
        let source = Store::new("a");
        for step in &steps {
            if let Step::Title { entity, text, clock, .. } = step {
                source.write(&[title(&format!("d{entity}"), &format!("t{text}"))], *clock);
            }
            if let Step::Cents { entity, cents: amount, clock, .. } = step {
                source.write(&[cents(&format!("d{entity}"), *amount)], *clock);
            }
        }
        // Each change becomes its own writer's first, so that any order is without gaps.
        let mut changes = source.beyond(&menu(), &Vector::default());
        for (number, change) in changes.iter_mut().enumerate() {
            let name = format!("w{number}");
            change.writer = sync_engine::id::Writer::parse(&name, "g").expect("names");
            change.seq = 1;
        }
        let in_order = Store::new("b");
        in_order.take_in(&menu(), &changes, 7).expect("they are sound");
        let mut order: Vec<usize> = (0..changes.len()).collect();
        order.sort_by_key(|n| (*n as u64 + 1).wrapping_mul(shuffle | 1));
        let shuffled = Store::new("c");
        for number in order {
            let one: &[Change] = std::slice::from_ref(&changes[number]);
            shuffled.take_in(&menu(), one, 7).expect("it is sound");
            shuffled.take_in(&menu(), one, 7).expect("again changes nothing");
        }
        prop_assert_eq!(in_order.content(), shuffled.content());
    }
}

#[test]
fn two_fields_that_are_edited_apart_both_survive() {
    let (a, b) = (Store::new("a"), Store::new("b"));
    assert!(a.write(&[title("d", "Le Cheese King"), cents("d", 1150)], 1));
    a.exchange(&b, 1, || false);
    assert!(a.write(&[title("d", "Le Roi du fromage")], 5));
    assert!(b.write(&[cents("d", 1200)], 3));
    a.exchange(&b, 9, || false);
    assert_eq!(a.content(), b.content());
    assert!(a.content().contains("Le Roi du fromage") && a.content().contains("1200"));
}

#[test]
fn a_fact_that_exists_aborts_the_write_and_takes_no_number() {
    let store = Store::new("a");
    assert!(store.write(&[sale("s1", 5)], 1));
    let before = store.content();
    assert!(!store.write(&[title("d", "lost"), sale("s1", 6)], 2), "the whole batch aborts");
    assert_eq!(store.content(), before);
    assert!(store.write(&[sale("s2", 7)], 3));
    assert!(store.content().contains("Integer(2)"), "the number was not used up");
}

#[test]
fn of_two_writings_of_one_fact_the_first_by_stamp_stays_everywhere() {
    let (a, b) = (Store::new("a"), Store::new("b"));
    assert!(a.write(&[sale("s", 1)], 20));
    assert!(b.write(&[sale("s", 2)], 10));
    a.exchange(&b, 30, || false);
    assert_eq!(a.content(), b.content());
    assert!(a.content().contains("Integer(2)"), "{}", a.content());
}

#[test]
fn a_clock_that_stands_still_or_goes_back_still_orders_local_writes() {
    let store = Store::new("a");
    for (now_ms, text) in [(100, "one"), (100, "two"), (50, "three"), (0, "four")] {
        assert!(store.write(&[title("d", text)], now_ms));
        assert!(store.content().contains(text), "{text} is the newest");
    }
}

#[test]
fn a_write_after_a_stamp_from_the_future_still_takes_effect() {
    let (a, b) = (Store::new("a"), Store::new("b"));
    assert!(a.write(&[title("d", "from the future")], 1 << 42));
    a.exchange(&b, 1_000, || false);
    assert!(b.write(&[title("d", "now")], 1_000), "what is acknowledged has taken effect");
    assert!(b.content().contains("now"), "{}", b.content());
    a.exchange(&b, 1_000, || false);
    assert_eq!(a.content(), b.content());
}

#[test]
fn the_hub_lowers_a_stamp_from_the_future_and_keeps_the_writer_s_order() {
    let (a, mut hub) = (Store::new("a"), Store::new("hub"));
    hub.clamp_ms = Some(61_000);
    for text in ["one", "two", "three"] {
        assert!(a.write(&[title("d", text)], 1 << 42));
    }
    a.exchange(&hub, 1_000, || false);
    let taken = hub.beyond(&menu(), &Vector::default());
    assert!(taken.iter().all(|change| change.effective.ms == 61_000));
    assert!(taken.iter().all(|change| change.claimed > change.effective));
    assert!(taken.is_sorted_by_key(|change| change.effective), "the order stays");
    assert!(hub.content().contains("three"), "{}", hub.content());
    assert!(hub.write(&[title("d", "after")], 1_500));
    assert!(hub.content().contains("after"), "an honest write is not locked out");
}

#[test]
fn of_two_writers_with_fast_clocks_the_one_who_saw_the_other_wins() {
    let (a, b, mut hub) = (Store::new("a"), Store::new("b"), Store::new("hub"));
    hub.clamp_ms = Some(61_000);
    for text in ["one", "two", "three"] {
        assert!(a.write(&[title("d", text)], 1 << 42));
    }
    a.exchange(&hub, 1_000, || false);
    b.exchange(&hub, 1_000, || false);
    assert!(b.write(&[title("d", "four")], 1 << 43));
    // The hub's clock stands still, or was set back: its limit is the same.
    b.exchange(&hub, 1_000, || false);
    assert!(hub.content().contains("four"), "{}", hub.content());
}

#[test]
fn a_gap_and_a_change_of_our_own_that_we_lack_are_refused() {
    let (a, b) = (Store::new("a"), Store::new("b"));
    for number in 0..3 {
        assert!(a.write(&[title("d", &number.to_string())], number));
    }
    let changes = a.beyond(&menu(), &Vector::default());
    assert_eq!(b.take_in(&menu(), &changes[1..], 1), Err(Rejection::SeqGap));
    assert_eq!(b.content(), "");
    let restored = Store::new("a");
    assert_eq!(restored.take_in(&menu(), &changes, 1), Err(Rejection::RebaseRequired));
    assert_eq!(restored.content(), "");
}

#[test]
fn of_two_stores_that_write_one_life_none_goes_on_where_the_other_stands() {
    // A disk was copied: both count from one.
    let (a, copy, hub) = (Store::new("a"), Store::new("a"), Store::new("hub"));
    assert!(a.write(&[title("d", "one")], 1));
    assert!(copy.write(&[title("d", "two")], 2) && copy.write(&[title("d", "three")], 3));
    let [first, second] = [&a, &copy].map(|store| store.beyond(&menu(), &Vector::default()));
    hub.take_in(&menu(), &first, 9).expect("the first comes first");
    hub.take_in(&menu(), &second, 9).expect("the message is no fault");
    assert_eq!(hub.vector(&menu()), a.vector(&menu()), "the gap would never be filled");
    assert!(hub.content().contains("one"), "{}", hub.content());
    hub.take_in(&menu(), &first, 9).expect("what is held already changes nothing");
    assert_eq!(hub.vector(&menu()), a.vector(&menu()));
}

#[test]
fn what_a_peer_was_known_to_hold_is_not_agreed_once_it_holds_a_copy_s_history() {
    let (a, copy) = (Store::new("a"), Store::new("a"));
    for (number, text) in (1..).zip(["one", "two", "three"]) {
        assert!(a.write(&[title("d", text)], number));
        assert!(copy.write(&[title("d", text)], number + u64::from(text == "two")));
    }
    let hub_after = |changes: &[Change]| {
        let hub = Store::new("hub");
        hub.take_in(&menu(), changes, 9).expect("it is new");
        hub
    };
    let [ours, copied] = [&a, &copy].map(|store| store.beyond(&menu(), &Vector::default()));
    assert!(a.is_contradicted_by(&hub_after(&copied[..2]), &menu(), 2));
    assert!(!a.is_contradicted_by(&hub_after(&copied[..2]), &menu(), 1), "it never held that");
    assert!(!a.is_contradicted_by(&hub_after(&ours[..2]), &menu(), 3), "it merely lost some");
    assert!(!a.is_contradicted_by(&hub_after(&ours), &menu(), 3));
}

#[test]
fn a_message_that_is_lost_again_and_again_loses_nothing() {
    let (a, b) = (Store::new("a"), Store::new("b"));
    for number in 0..10 {
        assert!(a.write(&[title(&format!("a{number}"), "x")], number));
        assert!(b.write(&[sale(&format!("b{number}"), 1)], number));
    }
    let mut losses = 0;
    a.exchange(&b, 20, || {
        losses += 1;
        losses % 2 == 1 && losses < 12
    });
    assert!(losses >= 12, "losses happened: {losses}");
    assert_eq!(a.content(), b.content());
}

#[test]
fn the_declared_tables_are_sound() {
    assert!(SCHEMA.is_sound());
}

#[test]
fn a_store_that_comes_late_gets_the_rows_of_what_the_log_forgot() {
    let (a, b) = (Store::new("a"), Store::new("b"));
    for number in 0..10 {
        assert!(a.write(&[title(&format!("d{number}"), "x"), cents("d1", number)], 5));
        assert!(a.write(&[sale(&format!("s{number}"), 1)], 6));
    }
    a.exchange(&b, 20, || false);
    for purpose in purposes().filter(|purpose| !a.vector(purpose).is_empty()) {
        a.reap(&purpose, &[b.vector(&purpose)]);
        let floor = a.held(&purpose).floor();
        assert!(floor.have.iter().all(|(_, seq)| seq > 7) && !floor.have.is_empty(), "{floor:?}");
    }
    assert!(a.write(&[title("d1", "after")], 30));
    let late = Store::new("c");
    assert!(late.write(&[title("d2", "its own")], 40));
    // Whoever asks, the rows go the way that they are lacked, also when answers are lost.
    let mut lost = 0;
    late.exchange(&a, 50, || {
        lost += 1;
        lost % 3 == 2
    });
    assert!(lost > 3, "{lost}");
    assert_eq!(late.content(), a.content());
    assert!(late.content().contains("after") && late.content().contains("its own"));
    let later = Store::new("d");
    a.exchange(&later, 60, || false);
    assert_eq!(later.content(), a.content());
}
