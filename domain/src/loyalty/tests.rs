//! Tests of points: the rounding rule, what entries add up to, and what may be spent.

use sync_engine::{id::Writer, lease::ledger::Lease};

use super::*;
use crate::loyalty::spending::{Source, pay};

fn order(total_cents: i64) -> Order {
    Order {
        id: "o1".to_owned(),
        ticket_origin: "W".to_owned(),
        ticket_number: 1,
        mode: None,
        lines: Vec::new(),
        total_cents,
        placed_ms: 1,
        happened: std::iter::empty().collect(),
        paid_cents: 0,
        vat: Vec::new(),
        discounts: Vec::new(),
        fee_cents: 0,
        note: String::new(),
        wanted_ms: 0,
        person: "p1".to_owned(),
        contact: String::new(),
        ..Order::default()
    }
}

fn lease(id: &str, amount: i64, spent: i64) -> Lease {
    Lease {
        id: id.to_owned(),
        right: right("p1"),
        issuer: "edge".to_owned(),
        fence: 1,
        amount,
        holder: Writer::parse("gateway", "g").unwrap(),
        spent,
        is_returned: false,
        is_lost: false,
    }
}

fn part(kind: Kind, points: i64) -> Part {
    Part { kind, points, leased: false, taken_back: false }
}

#[test]
fn points_are_rounded_once_per_order_down_when_earned_and_up_when_spent() {
    let usual = Loyalty::default();
    for (cents, earned, price) in
        [(2_700, 270, 2_700), (0, 0, 0), (1, 0, 1), (9, 0, 9), (10, 1, 10), (1_999, 199, 1_999)]
    {
        assert_eq!((usual.earned(cents), usual.price(cents)), (earned, price), "{cents}");
    }
    let odd = Loyalty { earned_per_euro: 3, spent_per_euro: 30, ..usual };
    for (cents, earned, price) in [(33, 0, 10), (34, 1, 11), (1_001, 30, 301)] {
        assert_eq!((odd.earned(cents), odd.price(cents)), (earned, price), "{cents}");
    }
    assert_eq!(Loyalty { on: false, ..odd }.earned(10_000), 0);
}

#[test]
fn entries_add_up_and_what_is_taken_back_leaves_a_debt_that_earning_pays() {
    let back = |part: Part| Part { taken_back: true, ..part };
    let leased = |part: Part| Part { leased: true, ..part };
    let earned = part(Kind::Earn, 270);
    let spent = part(Kind::Spend, -200);
    for (parts, balance, owned, level_by) in [
        (vec![earned], 270, 270, 270),
        (vec![earned, spent], 70, 70, 270),
        // The lease counts whole, elsewhere.
        (vec![earned, leased(spent)], 70, 270, 270),
        (vec![back(earned), spent], -200, -200, 0),
        (vec![back(earned), spent, part(Kind::Earn, 250)], 50, 50, 250),
        (vec![earned, back(spent)], 270, 270, 270),
        (vec![earned, back(leased(spent))], 270, 470, 270),
        (vec![part(Kind::Correction, -30), part(Kind::Back, 0)], -30, -30, 0),
    ] {
        let purse = Purse::of(parts.clone());
        assert_eq!((purse.balance, purse.owned, purse.earned), (balance, owned, level_by));
        assert_eq!(purse.debt(), (-balance).max(0));
        assert_eq!(Purse::of(parts.into_iter().rev()), purse, "in whatever order");
    }
    let lent = Purse::of([earned, leased(spent)]);
    assert_eq!((lent.free(200), lent.free(270), lent.free(300)), (70, 0, 0));
}

#[test]
fn a_level_is_of_what_was_ever_earned() {
    let usual = Loyalty::default();
    let name = |level: Option<&Level>| level.map(|level| level.name["en"].clone());
    assert_eq!(name(usual.level(1_999)).as_deref(), Some("Bronze"));
    assert_eq!(name(usual.level(2_000)).as_deref(), Some("Silver"));
    assert_eq!(name(usual.next(2_000)).as_deref(), Some("Gold"));
    assert_eq!(name(usual.next(10_000)), None);
}

#[test]
fn an_order_is_paid_whole_by_the_side_that_took_it_and_by_whoever_ordered_it() {
    let settings = Loyalty::default();
    let owner = |free, balance| Source::Owner { free, balance };
    let check = |order: &Order, who, source: &Source| {
        let paid = pay(order, who, (&settings, source), 5);
        paid.map(|paid| paid.map(|paid| (paid.points, paid.takes))).map_err(|e| e.code())
    };
    let (open, here) = (order(1_000), ("p1", "W"));
    assert_eq!(check(&open, here, &owner(1_000, 1_000)), Ok(Some((1_000, vec![]))));
    assert_eq!(check(&open, here, &owner(999, 999)), Err("points_missing"));
    assert_eq!(check(&open, here, &owner(999, 1_000)), Err("points_lent"));
    assert_eq!(check(&open, ("p2", "W"), &owner(9_000, 9_000)), Err("not_payable"));
    assert_eq!(check(&open, ("p1", "K1"), &owner(9_000, 9_000)), Err("points_elsewhere"));
    let paid = Order { paid_cents: 1_000, ..open.clone() };
    assert_eq!(check(&paid, here, &owner(0, 0)), Ok(None));
    let partly = Order { paid_cents: 1, ..open.clone() };
    assert_eq!(check(&partly, here, &owner(9_000, 9_000)), Err("not_payable"));
    let held = Source::Holder(vec![lease("a", 700, 100), lease("b", 500, 0)]);
    let takes = vec![("a".to_owned(), 600), ("b".to_owned(), 400)];
    assert_eq!(check(&open, here, &held), Ok(Some((1_000, takes))));
    assert_eq!(check(&order(1_101), here, &held), Err("points_missing"));
    let off = Loyalty { on: false, ..settings.clone() };
    assert_eq!(pay(&open, here, (&off, &held), 5).unwrap_err().code(), "points_off");
}

#[test]
fn only_a_known_customer_earns_and_nobody_is_corrected_by_nothing() {
    let settings = Loyalty::default();
    let earned = earn(&order(2_700), &settings, 9).unwrap();
    assert_eq!((earned.entity.as_str(), &earned.payload["points"]), ("earn/o1", &270.into()));
    assert_eq!(earn(&Order { person: String::new(), ..order(2_700) }, &settings, 9), None);
    assert_eq!(earn(&order(9), &settings, 9), None);
    for points in [0, 1_000_001, -1_000_001, i64::MAX, i64::MIN] {
        assert!(correct("x", ("p1", "s1"), (points, Reason::Goodwill), 1).is_err());
    }
    assert!(correct("x", ("p1", "s1"), (-1_000_000, Reason::Mistake), 1).is_ok());
}

#[test]
fn settings_that_contradict_themselves_are_refused() {
    let usual = Loyalty::default();
    assert_eq!(usual.clone().checked(), Ok(usual.clone()));
    let level = |from| Level { from, ..usual.levels[0].clone() };
    let unnamed = Level { from: 1, name: crate::catalogue::Texts::new() };
    for (settings, field) in [
        (Loyalty { earned_per_euro: -1, ..usual.clone() }, "earned_per_euro"),
        (Loyalty { spent_per_euro: 0, ..usual.clone() }, "spent_per_euro"),
        (Loyalty { allowance: -1, ..usual.clone() }, "allowance"),
        (Loyalty { levels: vec![level(5), level(5)], ..usual.clone() }, "levels"),
        (Loyalty { levels: vec![level(9), level(5)], ..usual.clone() }, "levels"),
        (Loyalty { levels: vec![unnamed], ..usual }, "levels"),
    ] {
        assert_eq!(settings.checked().unwrap_err().subject(), [field]);
    }
}
