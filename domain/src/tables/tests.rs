//! Tests of tables: what a sensor's readings make of one, and who gets it.

use super::{
    assignment::{End, Floor, Seat, Waiting},
    occupancy::State,
    presence::{Note, Presence, Reading, heard, is_silent},
    *,
};

const DAY: u64 = 1_795_215_600_000;
const NOON: u64 = DAY + 7 * 3_600_000;
const MINUTE: u64 = 60_000;

fn at(now_ms: u64) -> Moment {
    Moment { time: Time::certain(now_ms), day_ms: DAY }
}

fn table(number: u32) -> Table {
    Table { number, seats: 4, ..Table::default() }
}

fn seen(number: u32, occupied: bool, since_ms: u64) -> Table {
    let presence = Presence { occupied, since_ms, sensor: "s1".to_owned() };
    Table { presence, ..table(number) }
}

fn seat(order: &str, table: u32, at_ms: u64, collected_ms: u64) -> Seat {
    Seat {
        order: order.to_owned(),
        ticket: "K1-001".to_owned(),
        table,
        at_ms,
        collected_ms,
        is_cancelled: false,
    }
}

/// Lets a sensor say this, one word every so many milliseconds; returns how often the table turned,
/// how often something was noted, and whether it is taken in the end.
fn say(readings: &[Reading], every_ms: u64) -> (usize, usize, bool) {
    let (mut table, mut note, mut now_ms) = (table(1), Note::default(), NOON);
    let (mut turns, mut notes) = (0, 0);
    for reading in readings {
        let heard = heard((&table, "s1"), *reading, note, &at(now_ms));
        if let Some(draft) = heard.transition {
            turns += 1;
            let number = |field: &str| draft.payload[field].as_u64().expect("a number");
            let presence = Presence {
                occupied: number("occupied") == 1,
                since_ms: number("since_ms"),
                sensor: "s1".to_owned(),
            };
            table.presence = presence;
        }
        if let Some(new) = heard.note {
            (note, notes) = (new, notes + 1);
        }
        now_ms += every_ms;
    }
    (turns, notes, table.presence.occupied)
}

#[test]
fn a_table_turns_at_once_when_something_moves_and_late_when_nothing_does() {
    use Reading::{Free as F, Occupied as O};
    for (what, readings, turns, occupied) in [
        ("the first word", vec![F], 1, false),
        ("somebody comes", vec![F, O], 2, true),
        ("one LIBRE is one missed motion", vec![O, F, O, F, O, F], 1, true),
        ("two in a row count", vec![O, F, F], 2, false),
        ("and go on counting", vec![O, F, F, F, F], 2, false),
        ("somebody comes back", vec![O, F, F, O], 3, true),
    ] {
        let (turned, _, is) = say(&readings, 5_000);
        assert_eq!((turned, is), (turns, occupied), "{what}");
    }
}

#[test]
fn a_sensor_that_says_the_same_writes_once_a_minute() {
    let day = vec![Reading::Occupied; 24 * 60 * 12];
    let (turns, notes, _) = say(&day, 5_000);
    assert_eq!((turns, notes), (1, 24 * 60));
}

#[test]
fn a_sensor_that_posts_ten_times_a_second_turns_a_table_once_in_a_while() {
    use Reading::{Free as F, Occupied as O};
    for flood in [[O, F].repeat(300), [O, F, F].repeat(200), vec![F; 600], vec![O; 600]] {
        let (turns, notes, _) = say(&flood, 100);
        assert!(turns <= 31 && notes <= 62, "{turns} turns and {notes} notes in a minute");
    }
}

#[test]
fn a_sensor_is_silent_when_it_is_not_heard_any_more() {
    let note = |heard_ms| Note { heard_ms, is_quiet: false };
    for (heard_ms, silent) in
        [(NOON, false), (NOON - MINUTE, false), (NOON - 2 * MINUTE, true), (0, false)]
    {
        assert_eq!(is_silent(&note(heard_ms), NOON), silent, "{heard_ms}");
    }
}

#[test]
fn a_table_is_what_its_sensor_staff_and_the_time_make_it() {
    let said = |hand, hand_ms, table: Table| Table { hand, hand_ms, ..table };
    for (what, table, expected) in [
        ("nothing is known", table(1), State::Free),
        ("somebody moves", seen(1, true, NOON - MINUTE), State::Occupied),
        ("nobody moved for a minute", seen(1, false, NOON - MINUTE), State::Occupied),
        ("nobody moved for six", seen(1, false, NOON - 6 * MINUTE), State::Free),
        ("nobody ever moved", seen(1, false, 0), State::Free),
        ("somebody moved yesterday", seen(1, true, DAY - 1), State::Free),
        ("staff closed it", said(Hand::Closed, DAY - 1, seen(1, true, NOON)), State::Closed),
        ("staff saw nobody", said(Hand::Free, NOON, seen(1, true, NOON - 9)), State::Free),
        (
            "and then came somebody",
            said(Hand::Free, NOON - 9, seen(1, true, NOON)),
            State::Occupied,
        ),
        ("staff see a still diner", said(Hand::Occupied, NOON, seen(1, false, 0)), State::Occupied),
        ("staff saw one yesterday", said(Hand::Occupied, DAY - 1, seen(1, false, 0)), State::Free),
    ] {
        assert_eq!(occupancy::state(&table, &[], &at(NOON)), expected, "{what}");
    }
}

#[test]
fn whoever_does_not_know_the_time_frees_no_table_by_it() {
    let unsure = Time {
        now_ms: NOON,
        certainty: crate::time::Certainty::Uncertain { floor_ms: NOON - 9 * MINUTE },
    };
    let moment = Moment { time: unsure, day_ms: DAY };
    let table = seen(1, false, NOON - 8 * MINUTE);
    assert_eq!(occupancy::state(&table, &[], &moment), State::Occupied);
    assert_eq!(occupancy::state(&table, &[], &at(NOON)), State::Free);
}

#[test]
fn an_assignment_is_over_when_its_guests_left_and_not_before() {
    let (eaten, closed) = (NOON - 30 * MINUTE, DAY - 1);
    let floor = |table: Table, seat: Seat, silent: &[u32]| Floor {
        tables: vec![table],
        seats: vec![seat],
        silent: silent.to_vec(),
    };
    let kept = Table { hand: Hand::Occupied, hand_ms: NOON, ..seen(1, false, eaten) };
    for (what, floor, expected) in [
        ("not handed over", floor(seen(1, false, eaten), seat("a", 1, DAY, 0), &[]), None),
        ("they eat", floor(seen(1, true, eaten), seat("a", 1, DAY, eaten), &[]), None),
        (
            "a still diner",
            floor(seen(1, false, NOON - 9 * MINUTE), seat("a", 1, DAY, eaten), &[]),
            None,
        ),
        (
            "they left",
            floor(seen(1, false, NOON - 11 * MINUTE), seat("a", 1, DAY, eaten), &[]),
            Some(End::Left),
        ),
        (
            "it was handed over a moment ago",
            floor(seen(1, false, eaten), seat("a", 1, DAY, NOON - MINUTE), &[]),
            None,
        ),
        (
            "the sensor is silent",
            floor(seen(1, false, eaten), seat("a", 1, DAY, eaten), &[1]),
            None,
        ),
        ("there is no sensor", floor(table(1), seat("a", 1, DAY, eaten), &[]), None),
        ("staff see them", floor(kept, seat("a", 1, DAY, eaten), &[]), None),
        ("it was yesterday", floor(table(1), seat("a", 1, closed, 0), &[]), Some(End::Closing)),
    ] {
        let seat = floor.seats.first().expect("a seat");
        assert_eq!(floor.over(seat, &at(NOON)), expected, "{what}");
    }
}

#[test]
fn a_table_goes_to_who_asks_for_it_or_else_the_first_that_is_free() {
    let closed = Table { hand: Hand::Closed, ..table(4) };
    let gone = Table { removed: true, ..table(6) };
    let tables = vec![table(1), seen(2, true, NOON), table(3), closed, table(5), gone];
    let floor = Floor { tables, seats: vec![seat("a", 1, NOON, 0)], silent: Vec::new() };
    for (what, wished, expected) in [
        ("any", None, Some(3)),
        ("a free one", Some(5), Some(5)),
        ("the one at which they sit", Some(2), Some(2)),
        ("one that another order has", Some(1), Some(3)),
        ("a closed one", Some(4), Some(3)),
        ("one that is gone", Some(6), Some(3)),
        ("one that never was", Some(99), Some(3)),
    ] {
        assert_eq!(floor.choose(wished, ("a", 0), &at(NOON)), expected, "{what}");
    }
}

#[test]
fn who_lost_a_race_looks_elsewhere_and_finds_every_free_table() {
    let floor = Floor { tables: (1..=4).map(table).collect(), ..Floor::default() };
    let orders = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let first: Vec<_> = orders.map(|order| floor.choose(None, (order, 0), &at(NOON))).to_vec();
    assert!(first.iter().all(|table| *table == Some(1)));
    let mut then: Vec<_> =
        orders.iter().filter_map(|order| floor.choose(None, (order, 1), &at(NOON))).collect();
    then.sort_unstable();
    then.dedup();
    assert_eq!(then, [1, 2, 3, 4]);
    assert_eq!(Floor::default().choose(None, ("a", 1), &at(NOON)), None);
}

#[test]
fn who_waits_gets_a_table_once_and_every_claim_an_answer() {
    let tables = vec![table(1), table(2)];
    let mut floor = Floor { tables, seats: vec![seat("old", 1, DAY - 1, 0)], silent: Vec::new() };
    let waiting = |order: &str, wished, is_claim, is_seated| Waiting {
        order: order.to_owned(),
        wished,
        is_claim,
        is_seated,
    };
    let queue = [
        waiting("seated", Some(2), false, true),
        waiting("sits too late", Some(2), false, true),
        waiting("claim", Some(2), true, false),
        waiting("late claim", None, true, false),
        waiting("waits on", None, false, false),
    ];
    let tended = floor.tend(&queue, &at(NOON));
    let given: Vec<_> =
        tended.given.iter().map(|(order, table)| (order.as_str(), *table)).collect();
    assert_eq!(given, [("seated", 2), ("claim", 1)]);
    let written: Vec<_> = tended.drafts.iter().map(|d| (d.table, d.entity.as_str())).collect();
    let expected = [
        (assignment::ENDED, "old"),
        (assignment::ASSIGNED, "seated"),
        (assignment::ASSIGNED, "claim"),
        (assignment::REFUSED, "late claim"),
    ];
    assert_eq!(written, expected);
}

#[test]
fn of_two_lives_that_gave_one_table_away_the_first_keeps_it() {
    let mut floor = Floor {
        tables: vec![table(1)],
        seats: vec![seat("first", 1, NOON - 2, 0), seat("second", 1, NOON - 1, 0)],
        silent: Vec::new(),
    };
    let tended = floor.tend(&[], &at(NOON));
    let ended: Vec<_> =
        tended.drafts.iter().map(|d| (d.entity.as_str(), d.payload["reason"].as_str())).collect();
    assert_eq!(ended, [("second", Some("doubled"))]);
}

#[test]
fn a_table_has_one_number_and_a_venue_so_many_tables() {
    for (text, expected) in
        [("1", Some(1)), ("999", Some(999)), ("01", None), ("0", None), ("1000", None), ("a", None)]
    {
        assert_eq!(number(text), expected, "{text}");
    }
    let known = [table(1), Table { removed: true, ..table(2) }];
    assert_eq!(add(&table(1), &known), Err(Rejection::TableExists(1)));
    assert!(add(&table(2), &known).is_ok(), "it comes back");
    assert_eq!(add(&table(0), &known), Err(Rejection::InvalidField("number")));
    let many: Vec<Table> = (1..=200).map(table).collect();
    assert_eq!(add(&table(201), &many), Err(Rejection::TooManyTables));
}
