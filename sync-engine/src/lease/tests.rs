//! What is refused, and by which code; that guards hold on real SQL is for `tests/laws/leases.rs`.

use super::*;
use crate::id::VenueId;

fn pen() -> Pen {
    let writer = Writer::parse("till", "g2").unwrap();
    Pen { venue: VenueId::parse("v").unwrap(), writer, now_ms: 1 }
}

fn lease() -> Lease {
    Lease {
        id: "hub/g1/7".to_owned(),
        right: "points/42".to_owned(),
        issuer: "hub".to_owned(),
        fence: 7,
        amount: 5,
        holder: pen().writer,
        spent: 2,
        is_returned: false,
        is_lost: false,
    }
}

fn asked(amount: i64) -> Spend {
    Spend { lease: "hub/g1/7".to_owned(), key: "order-1".to_owned(), amount }
}

#[test]
fn a_spend_is_decided_by_what_the_lease_is() {
    use Standing::{Confirmed, Unconfirmed};
    let old = Writer::parse("till", "g1").unwrap();
    let none = Err("leases_wait");
    let cases = [
        (Confirmed, Some(lease()), asked(3), Ok(true)),
        (Confirmed, Some(lease()), asked(4), Err("lease_exhausted")),
        (Confirmed, Some(lease()), asked(0), Err("invalid_field")),
        (Confirmed, Some(lease()), asked(limits::LEASE_AMOUNT_MAX + 1), Err("invalid_field")),
        (Unconfirmed, Some(lease()), asked(1), none),
        (Confirmed, None, asked(1), Err("unknown_lease")),
        (Confirmed, Some(Lease { holder: old, ..lease() }), asked(1), Err("lease_not_held")),
        (Confirmed, Some(Lease { is_returned: true, ..lease() }), asked(1), Err("lease_over")),
        (Confirmed, Some(Lease { is_lost: true, ..lease() }), asked(1), Err("lease_over")),
    ];
    for (standing, lease, ask, expect) in cases {
        let decided = spend(&pen(), standing, &ask, (lease.as_ref(), &[]));
        let told = decided.map(|plan| plan.is_some()).map_err(|refused| refused.code());
        assert_eq!(told, expect, "{standing:?} {lease:?} {ask:?}");
    }
}

#[test]
fn the_same_spend_is_done_and_another_under_its_key_is_refused() {
    let of = |lease: &str, amount| Spent { lease: lease.to_owned(), amount };
    let cases = [
        (vec![of("hub/g1/7", 1)], Ok(None)),
        (vec![of("hub/g1/6", 1), of("hub/g1/7", 1)], Ok(None)),
        (vec![of("hub/g1/7", 2)], Err(Rejection::SpendConflict)),
        (vec![of("hub/g1/6", 1)], Err(Rejection::SpendConflict)),
    ];
    for (before, expect) in cases {
        // What is done is done, also where nothing new may be spent.
        let decided = spend(&pen(), Standing::Unconfirmed, &asked(1), (None, &before));
        assert_eq!(decided, expect, "{before:?}");
    }
}

#[test]
fn a_lease_ends_once_and_by_whom_it_concerns() {
    let decide = |change: fn(&mut Lease)| {
        let mut lease = lease();
        change(&mut lease);
        let told = |decided: Result<Option<Plan>, Rejection>| {
            decided.map(|plan| plan.is_some()).map_err(|refused| refused.code())
        };
        let by = |ends: fn(&Pen, Standing, &str, Option<&Lease>) -> _| {
            told(ends(&pen(), Standing::Confirmed, "hub/g1/7", Some(&lease)))
        };
        [by(give_back), by(declare_lost)]
    };
    assert_eq!(decide(|_| {}), [Ok(true), Err("lease_not_held")]);
    assert_eq!(decide(|l| l.issuer = "till".to_owned()), [Ok(true), Ok(true)]);
    assert_eq!(
        decide(|l| (l.issuer, l.is_returned) = ("till".to_owned(), true)),
        [Ok(false), Err("lease_over")],
    );
    assert_eq!(
        decide(|l| (l.issuer, l.is_lost) = ("till".to_owned(), true)),
        [Err("lease_over"), Ok(false)],
    );
    for ends in [give_back, declare_lost] {
        let waits = ends(&pen(), Standing::Unconfirmed, "hub/g1/7", Some(&lease()));
        assert_eq!(waits, Err(Rejection::LeasesWait));
    }
}

#[test]
fn an_owner_hands_out_what_it_has_under_a_fence_that_grows() {
    let holder = Writer::parse("kiosk", "g9").unwrap();
    let ask =
        |amount| Issue { right: "door/A3".to_owned(), amount, total: 5, holder: holder.clone() };
    let now = Granted { granted: 3, fence: 41 };
    let plan = issue(&pen(), Standing::Confirmed, &ask(2), &now).unwrap();
    assert_eq!(plan.lease, "till/g2/42");
    assert!(plan.batch(&Schema { tables: &[ISSUED] }, &pen()).is_ok());
    let refused = |standing, amount| issue(&pen(), standing, &ask(amount), &now).unwrap_err();
    assert_eq!(refused(Standing::Confirmed, 3), Rejection::RightExhausted);
    assert_eq!(refused(Standing::Unconfirmed, 1), Rejection::LeasesWait);
    assert_eq!(refused(Standing::Confirmed, -1), Rejection::InvalidField("amount"));
}
