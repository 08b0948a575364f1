//! Tests of the check: each way in which an audit can be falsified, and what is no falsification.

use serde_json::json;

use super::*;

fn life() -> Life {
    Life { replica: "gateway".to_owned(), generation: "g1".to_owned() }
}

fn entry(number: i64) -> Record {
    Record {
        id: format!("e{number}"),
        number,
        act: "paid".to_owned(),
        actor: "p1".to_owned(),
        subject: format!("order-{number}"),
        detail: json!({"total_cents": 100 * number}),
        source: "10.0.0.0/24".to_owned(),
        at_ms: 1_000 + number,
        certain: 1,
        life: life(),
    }
}

/// So many entries, sealed so many at a time, and what no seal covers yet.
fn audit(count: i64, at_a_time: usize, unsealed: i64) -> (Vec<Record>, Vec<Seal>) {
    let entries: Vec<Record> = (1..=count).map(entry).collect();
    let mut seals: Vec<Seal> = Vec::new();
    let sealed = usize::try_from(count - unsealed).expect("a count");
    for chunk in entries[..sealed].chunks(at_a_time) {
        let seal = Seal::after(seals.last(), &life(), chunk, 5_000).expect("there is something");
        seals.push(seal);
    }
    (entries, seals)
}

fn checked(entries: &[Record], seals: &[Seal], given: Option<i64>) -> Check {
    let mut check = Check::of(life(), None);
    let until = seals.iter().map(|seal| seal.last).max().unwrap_or(0);
    let (sealed, tail): (Vec<Record>, Vec<Record>) =
        entries.iter().cloned().partition(|entry| entry.number <= until);
    check.seals(seals, &sealed);
    check.tail(&tail);
    check.end(given);
    check
}

fn found(check: &Check) -> Vec<(i64, Fault)> {
    check.findings.iter().map(|finding| (finding.number, finding.fault)).collect()
}

#[test]
fn what_nobody_touched_is_sound_and_says_what_is_not_sealed_yet() {
    let (entries, seals) = audit(25, 10, 5);
    let check = checked(&entries, &seals, Some(25));
    assert_eq!(found(&check), []);
    assert_eq!((check.entries, check.sealed, check.last, check.unsealed()), (25, 20, 25, 5));
}

type Falsify = fn(&mut Vec<Record>, &mut Vec<Seal>);

#[test]
fn every_falsification_is_found_where_it_was_made() {
    let cases: &[(Falsify, &[(i64, Fault)])] = &[
        (|e, _| e[6].detail = json!({"total_cents": 1}), &[(7, Fault::Altered)]),
        (|e, _| e[6].actor = "p2".to_owned(), &[(7, Fault::Altered)]),
        (|e, _| e[6].at_ms += 1, &[(7, Fault::Altered)]),
        (|e, _| drop(e.remove(6)), &[(7, Fault::Removed)]),
        (|e, _| drop(e.remove(22)), &[(23, Fault::Removed)]),
        (|e, _| drop(e.pop()), &[(25, Fault::Removed)]),
        (|_, s| drop(s.remove(0)), &[(1, Fault::SealRemoved)]),
        (|_, s| s[1].at_ms += 1, &[(2, Fault::SealAltered)]),
        (
            |e, s| {
                // Whoever rewrites an entry and its seal is betrayed by the next seal.
                e[6].actor = "p2".to_owned();
                s[0] = Seal::after(None, &life(), &e[..10], 5_000).expect("there is something");
            },
            &[(2, Fault::ChainBroken)],
        ),
        (
            |e, _| e.insert(24, Record { id: "other".to_owned(), ..entry(24) }),
            &[(24, Fault::Forked)],
        ),
        (
            |e, s| {
                let mut other = e[10..20].to_vec();
                other[3].id = "other".to_owned();
                s.insert(2, Seal::after(Some(&s[0]), &life(), &other, 6_000).expect("a seal"));
                e.insert(14, other[3].clone());
            },
            &[(2, Fault::SealForked), (14, Fault::Forked)],
        ),
    ];
    for (number, (falsify, expect)) in cases.iter().enumerate() {
        let (mut entries, mut seals) = audit(25, 10, 5);
        falsify(&mut entries, &mut seals);
        let check = checked(&entries, &seals, Some(25));
        assert_eq!(found(&check), *expect, "case {number}");
        assert!(!check.is_sound());
    }
}

#[test]
fn a_life_that_ended_need_not_have_all_that_it_gave_out() {
    let (mut entries, seals) = audit(25, 10, 5);
    entries.truncate(22);
    assert!(checked(&entries, &seals, None).is_sound());
}

#[test]
fn a_check_may_begin_behind_a_seal() {
    let (entries, seals) = audit(25, 10, 5);
    let mut check = Check::of(life(), Some(&seals[0]));
    check.seals(&seals[1..], &entries[10..20]);
    check.tail(&entries[20..]);
    check.end(Some(25));
    assert_eq!(found(&check), []);
    assert_eq!(check.entries, 15);
}

#[test]
fn a_seal_waits_at_a_gap_and_takes_no_more_than_fits() {
    let mut entries: Vec<Record> = (1..=250).map(entry).collect();
    let first = Seal::after(None, &life(), &entries, 1).expect("there is something");
    assert_eq!((first.first, first.last), (1, 100));
    entries.remove(2);
    let first = Seal::after(None, &life(), &entries, 1).expect("there is something");
    assert_eq!((first.first, first.last), (1, 2));
    assert_eq!(Seal::after(Some(&first), &life(), &entries[2..], 1), None);
    let altered = Seal { last: 1, ..first.clone() };
    assert_eq!(Seal::after(Some(&altered), &life(), &entries[1..], 1), None);
    let text = serde_json::to_string(&first.draft().payload).expect("it can be written");
    assert!(text.len() < 64 * 1024);
}

#[test]
fn nonsense_in_a_seal_is_an_altered_seal_and_nothing_worse() {
    let (entries, mut seals) = audit(10, 10, 0);
    seals[0].first = i64::MIN;
    seals[0].last = i64::MAX;
    seals[0].entries = "é".repeat(40);
    let mut check = Check::of(life(), None);
    check.seals(&[], &entries);
    check.link(&seals[0]);
    assert!(found(&check).contains(&(1, Fault::SealAltered)));
}

#[test]
fn every_fault_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = Fault::ALL.into_iter().map(Fault::name).collect();
    assert_eq!(names.len(), Fault::ALL.len());
}
