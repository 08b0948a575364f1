//! Which key of a device holds when, and what is refused of one.

use super::*;

fn device(renewals: &[(u32, bool, u64)]) -> Device {
    let renewal = |(version, replaced, at_ms): &(u32, bool, u64)| Renewal {
        key: Key { version: *version, replaced: *replaced },
        at_ms: *at_ms,
    };
    Device {
        id: "till-1".to_owned(),
        kind: Kind::Till,
        name: "Till".to_owned(),
        place: String::new(),
        enrolled_ms: 1,
        blocked: false,
        retired_ms: 0,
        renewals: renewals.iter().map(renewal).collect(),
    }
}

#[test]
fn the_key_before_holds_a_day_longer_unless_it_was_lost() {
    const DAY: u64 = limits::KEY_OVERLAP_MS;
    for (renewals, now_ms, good) in [
        (&[][..], 9, &["1"][..]),
        (&[(2, false, 10)], 10, &["2", "1"]),
        (&[(2, false, 10)], 9 + DAY, &["2", "1"]),
        (&[(2, false, 10)], 10 + DAY, &["2"]),
        (&[(2, true, 10)], 10, &["2r"]),
        (&[(2, false, 10), (3, false, 20)], 21, &["3", "2"]),
        // Told in another order, and by two replicas at one time: the stricter one counts.
        (&[(3, false, 20), (2, false, 10)], 21, &["3", "2"]),
        (&[(2, false, 10), (2, true, 9)], 11, &["2r"]),
        (&[(2, true, 9), (3, false, 12)], 13, &["3", "2r"]),
        // A gateway that had not heard of the third one counts the second again.
        (&[(2, false, 30), (3, true, 20)], 31, &["3r"]),
    ] {
        let labels: Vec<String> =
            device(renewals).keys(now_ms).into_iter().map(Key::label).collect();
        assert_eq!(labels, good, "{renewals:?} at {now_ms}");
    }
}

#[test]
fn a_key_is_read_from_its_label_and_from_nothing_else() {
    for key in [Key::FIRST, Key { version: 7, replaced: true }] {
        assert_eq!(Key::parse(&key.label()), Some(key));
    }
    for text in ["", "r", "0", "01", "+1", "-1", "1rr", "99999999999", "1.5", "one"] {
        assert_eq!(Key::parse(text), None, "{text}");
    }
}

#[test]
fn nothing_is_done_to_a_device_that_is_out_of_use() {
    let gone = Device { retired_ms: 5, blocked: true, ..device(&[]) };
    assert_eq!(gone.check(), Err(Rejection::DeviceRetired));
    assert_eq!(block(&gone, false), Err(Rejection::DeviceRetired));
    assert_eq!(rename(&gone, "a", ""), Err(Rejection::DeviceRetired));
    assert_eq!(renew(&gone, true, 6).map(|(key, _)| key), Err(Rejection::DeviceRetired));
    assert_eq!(retire(&gone, 6), Ok(None));
}

#[test]
fn a_replica_keeps_its_name_and_its_key() {
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_replica()) {
        let replica = Device { kind, ..device(&[]) };
        assert_eq!(retire(&replica, 1), Err(Rejection::ReplicaStays));
        assert_eq!(renew(&replica, false, 1).map(|(key, _)| key), Err(Rejection::ReplicaStays));
        assert!(block(&replica, true).unwrap().is_some());
    }
}

#[test]
fn a_venue_has_so_many_devices_and_no_more() {
    let (most, ever) = (limits::DEVICES_MAX, limits::DEVICES_EVER);
    for (counts, ok) in [((0, 0), true), ((most - 1, most), true), ((most, most), false)] {
        assert_eq!(enrol(&device(&[]), counts).is_ok(), ok, "{counts:?}");
    }
    assert_eq!(enrol(&device(&[]), (0, ever)), Err(Rejection::TooManyDevices));
}

#[test]
fn a_name_is_one_line_and_a_place_may_be_empty() {
    assert_eq!(name(" Caisse 1 "), Ok("Caisse 1".to_owned()));
    assert_eq!(place("  "), Ok(String::new()));
    for bad in ["a\nb", "a\u{202e}b", &"x".repeat(200)] {
        assert_eq!(name(bad), Err(Rejection::InvalidField("name")));
        assert_eq!(place(bad), Err(Rejection::InvalidField("place")));
    }
}

#[test]
fn every_kind_has_a_name_and_only_stations_take_pins() {
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.name()), Some(kind));
        assert!(!kind.takes_pins() || kind.is_station(), "{kind:?}");
        assert!(!(kind.is_station() && kind.has_token()), "{kind:?}");
    }
    assert_eq!(Kind::parse("toaster"), None);
}
