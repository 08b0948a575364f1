//! Tests of what staff are told: each state of the line, of peers, of the clock.

use super::*;
use crate::rows::sync::LagRow;

const NOW_MS: u64 = 1_795_000_000_000;

fn writer() -> Writer {
    Writer::parse("edge", "a1").expect("a writer")
}

fn gateway() -> Side {
    Side::Gateway(sync_engine::id::VenueId::parse("chakri").expect("a venue"))
}

fn standing(side: &Side, link: Link, facts: Facts) -> Standing {
    let writer = writer();
    let purposes = ["catalogue", "orders"];
    decide(&seen(side, link, (&writer, &purposes), Time::certain(NOW_MS)), facts)
}

fn seen<'a>(
    side: &'a Side,
    link: Link,
    (writer, purposes): (&'a Writer, &'a [&'a str]),
    time: Time,
) -> Seen<'a> {
    let (follows, epochs) = (Follows::Nobody, Epochs::default());
    Seen { side, link, follows, epochs, writer, purposes, time, edge_ahead_ms: None }
}

#[test]
fn only_a_gateway_has_a_standby_and_can_be_superseded() {
    let (writer, purposes) = (writer(), ["orders"]);
    let follows = Follows::Lost { since_ms: 7 };
    let standby = Side::Standby(sync_engine::id::VenueId::parse("chakri").expect("a venue"));
    for (side, told, superseded) in
        [(gateway(), Some(follows), true), (Side::Edge, None, false), (standby, None, false)]
    {
        let (link, epochs) = (Link::Cut { since_ms: 7 }, Epochs { seen: 2, own: 1 });
        let seen = seen(&side, link, (&writer, &purposes), Time::certain(NOW_MS));
        let found = decide(&Seen { follows, epochs, ..seen }, Facts::default());
        assert_eq!((found.standby, found.epoch.is_superseded), (told, superseded), "{side:?}");
        assert_eq!(found.epoch.seen, 2);
    }
}

#[test]
fn a_standby_gives_up_neither_its_gateway_nor_the_edge() {
    let standby = Side::Standby(sync_engine::id::VenueId::parse("chakri").expect("a venue"));
    let found = standing(&standby, Link::Cut { since_ms: 7 }, Facts::default()).peers;
    assert_eq!(found[0].name, PRIMARY, "it knows its gateway before it has met it");
    for (peer, code) in [(PRIMARY, "primary_stays"), (EDGE, "edge_stays")] {
        assert_eq!(may_retire(&standby, peer, true).unwrap_err().code, code);
    }
}

fn lag(peer: &str, to_send: i64) -> LagRow {
    let (peer, purpose) = (peer.to_owned(), "orders".to_owned());
    LagRow { peer, purpose, to_send, to_receive: 1 }
}

#[test]
fn the_line_is_told_as_it_is_and_an_edge_has_none() {
    let connected = |since_ms| Link::Connected { since_ms };
    for (side, link, expected) in [
        (Side::Edge, Link::None, LineState::Edge),
        (gateway(), Link::None, LineState::Alone),
        (gateway(), connected(None), LineState::Connected { since_ms: None }),
        (gateway(), connected(Some(7)), LineState::Connected { since_ms: Some(7) }),
        (gateway(), Link::Cut { since_ms: 7 }, LineState::Cut { since_ms: 7 }),
        (gateway(), Link::Refused { since_ms: 7 }, LineState::Refused { since_ms: 7 }),
    ] {
        assert_eq!(standing(&side, link, Facts::default()).line, expected);
    }
}

#[test]
fn what_is_unknown_of_a_peer_is_said_as_such() {
    let facts = Facts { lags: vec![lag("gateway", 12)], ..Facts::default() };
    let found = standing(&Side::Edge, Link::None, facts).peers;
    let [peer] = found.as_slice() else { panic!("{found:?}") };
    let lags: Vec<_> = peer.streams.iter().map(|l| (l.to_send, l.to_receive)).collect();
    assert_eq!(lags, [(None, None), (Some(12), Some(1))]);
    let found = standing(&gateway(), Link::Cut { since_ms: 7 }, Facts::default()).peers;
    assert_eq!(found[0].name, EDGE, "a gateway knows its edge before it has met it");
    assert_eq!(found[0].streams[0].to_send, None);
}

#[test]
fn a_device_that_was_heard_a_moment_ago_is_in_touch() {
    let ago = |ms: u64| i64::try_from(NOW_MS - ms).expect("63 bits");
    let heard = vec![
        ("new".to_owned(), ago(HEARD_RECENTLY_MS)),
        ("old".to_owned(), ago(HEARD_RECENTLY_MS + 1)),
    ];
    let facts = Facts { heard, lags: vec![lag("gone", 1), lag("old", 1)], ..Facts::default() };
    let found = standing(&Side::Edge, Link::None, facts).peers;
    let told: Vec<_> =
        found.iter().map(|p| (p.name.as_str(), p.talking, p.heard_ms, p.may_retire)).collect();
    let old = Some(ago(HEARD_RECENTLY_MS + 1));
    let new = ("new", true, Some(ago(HEARD_RECENTLY_MS)), false);
    assert_eq!(told, [("gone", false, None, true), new, ("old", false, old, true)]);
}

#[test]
fn a_list_of_peers_ends_and_says_so() {
    let lags = |count| (0..count).map(|n| lag(&format!("till-{n:02}"), 1)).collect();
    for (count, more) in [(PEERS_SHOWN, false), (PEERS_SHOWN + 1, true)] {
        let facts = Facts { lags: lags(count), ..Facts::default() };
        let found = standing(&Side::Edge, Link::None, facts);
        assert_eq!((found.peers.len(), found.more_peers), (PEERS_SHOWN, more));
    }
}

#[test]
fn a_stamp_from_the_future_tells_of_a_clock_that_was_wrong() {
    let now = i64::try_from(NOW_MS).expect("63 bits");
    let allowed = i64::try_from(CLOCK_AHEAD_MS).expect("63 bits");
    for (highest, ahead_ms, is_ahead) in [
        (0, 0, false),
        (now - 5, -5, false),
        (now + allowed, allowed, false),
        (now + allowed + 1, allowed + 1, true),
    ] {
        let (side, writer) = (gateway(), writer());
        let clock = clock(highest, &seen(&side, Link::None, (&writer, &[]), Time::certain(NOW_MS)));
        assert_eq!((clock.ahead_ms, clock.is_ahead), (ahead_ms, is_ahead), "{highest}");
        assert_eq!(clock.highest_ms.is_none(), highest == 0);
    }
}

#[test]
fn comparisons_and_retired_peers_are_told_from_the_notes() {
    let noted = |what: &str| Noted { what: what.to_owned(), count: 2, at_ms: 9 };
    let facts = Facts {
        notes: vec![noted("audited"), noted("mended")],
        retired: vec![noted("retired/till-1")],
        ..Facts::default()
    };
    let found = standing(&gateway(), Link::None, facts);
    assert_eq!(found.compared, Compared { at_ms: Some(9), mended: 2, mended_ms: Some(9) });
    assert_eq!(found.retired, [Retired { peer: "till-1".to_owned(), at_ms: 9 }]);
}

#[test]
fn a_gateway_keeps_its_edge_and_nobody_unknown_is_given_up() {
    for (side, peer, is_noted, expected) in [
        (Side::Edge, "gateway", true, Ok(())),
        (Side::Edge, EDGE, true, Ok(())),
        (Side::Edge, "gateway", false, Err("unknown_peer")),
        (gateway(), EDGE, true, Err("edge_stays")),
        (gateway(), EDGE, false, Err("edge_stays")),
        (gateway(), "standby", true, Ok(())),
    ] {
        let found = may_retire(&side, peer, is_noted).map_err(|problem| problem.code);
        assert_eq!(found, expected, "{side:?} {peer}");
    }
}

#[test]
fn leases_wait_for_whoever_was_not_heard_and_that_peer_is_shown() {
    let witness = |name: &str, is_heard| Witness { name: name.to_owned(), is_heard };
    for (witnesses, confirmed, awaited) in [
        (vec![], true, vec![]),
        (vec![witness("edge", true)], true, vec![]),
        (vec![witness("standby", false), witness("edge", true)], false, vec!["standby"]),
        (vec![witness("edge", false)], false, vec!["edge"]),
    ] {
        let facts = Facts { witnesses, ..Facts::default() };
        let found = standing(&Side::Edge, Link::None, facts);
        assert_eq!(found.leases.confirmed, confirmed);
        assert_eq!(found.leases.awaited, awaited);
        let shown =
            |name: &&str| found.peers.iter().any(|peer| peer.name == *name && peer.may_retire);
        assert!(awaited.iter().all(shown), "{:?}", found.peers);
    }
}

#[test]
fn a_clock_that_nobody_believes_is_told_with_its_floor() {
    let (side, writer) = (gateway(), writer());
    let certainty = Certainty::Uncertain { floor_ms: 7 };
    let time = Time { now_ms: NOW_MS, certainty };
    let seen = seen(&side, Link::None, (&writer, &[]), time);
    let found = decide(&seen, Facts::default()).clock;
    assert_eq!((found.uncertain_floor_ms, found.highest_ms), (Some(7), None));
    let found = standing(&side, Link::None, Facts::default()).clock;
    assert_eq!(found.uncertain_floor_ms, None);
}

#[test]
fn a_new_life_is_told_with_its_time() {
    let noted = Noted { what: RESTORED.to_owned(), count: 2, at_ms: 9 };
    let facts = Facts { notes: vec![noted], ..Facts::default() };
    let found = standing(&gateway(), Link::None, facts);
    assert_eq!((found.restored, found.restored_ms), (2, Some(9)));
}
