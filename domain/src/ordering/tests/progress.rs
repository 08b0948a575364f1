//! Tests of how an order goes on: in turn, and by facts that arrive in any order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{
    super::{kitchen::tick, *},
    BY, order,
};
use crate::limits;

fn line() -> Line {
    Line {
        product: "cola".to_owned(),
        name: BTreeMap::new(),
        quantity: 1,
        choices: Vec::new(),
        unit_cents: 250,
        ..Line::default()
    }
}

fn item(line: usize) -> Item {
    Item { line, part: None }
}

#[test]
fn a_state_is_the_furthest_that_any_fact_proves() {
    for (paid, events, expected) in [
        (0, &[][..], State::Placed),
        (1_149, &[], State::Placed),
        (1_150, &[], State::Paid),
        (1_150, &[Event::Preparing], State::Preparing),
        (1_150, &[Event::Ready], State::Ready),
        (1_150, &[Event::Ready, Event::Recalled], State::Preparing),
        (1_150, &[Event::Recalled, Event::Ready, Event::Ready], State::Ready),
        // The recall of a call that is still on its way.
        (1_150, &[Event::Recalled], State::Preparing),
        (1_150, &[Event::Collected], State::Collected),
        (1_150, &[Event::Ready, Event::Left], State::OnItsWay),
        // A recall that its kitchen made before it knew of the courier.
        (1_150, &[Event::Ready, Event::Left, Event::Recalled], State::OnItsWay),
        (1_150, &[Event::Delivered, Event::Collected], State::Delivered),
        // A hand-over whose other facts are still on their way.
        (0, &[Event::Collected], State::Collected),
        // Who has it keeps it, whoever calls it off where that was not known.
        (1_150, &[Event::Cancelled, Event::Collected], State::Collected),
        (1_150, &[Event::Left, Event::Delivered, Event::Cancelled], State::Delivered),
        (1_150, &[Event::Ready, Event::Left, Event::Cancelled], State::Cancelled),
        (1_150, &[Event::Ready, Event::Cancelled], State::Cancelled),
        (0, &[Event::Cancelled], State::Cancelled),
        // The counter has seen the customer: the kitchen has not begun for that.
        (1_150, &[Event::Validated], State::Paid),
        (0, &[Event::Validated], State::Placed),
    ] {
        assert_eq!(order(paid, events).state(), expected, "{paid} {events:?}");
    }
}

#[test]
fn steps_are_taken_in_order_and_once() {
    assert_eq!(ready(&order(0, &[]), 1), Err(Rejection::NotPaid));
    assert_eq!(collect(&order(1_150, &[]), &BY), Err(Rejection::NotReady));
    assert_eq!(pay(&order(500, &[]), Means::Cash, 1), Err(Rejection::NotPayable));
    assert_eq!(pay(&order(0, &[]), Means::Cash, 1).unwrap().len(), 1);
    assert_eq!(pay(&order(1_150, &[]), Means::Terminal, 1), Ok(Vec::new()));
    assert_eq!(ready(&order(1_150, &[]), 1).unwrap().len(), 1);
    assert_eq!(ready(&order(1_150, &[Event::Ready]), 1), Ok(Vec::new()));
    assert_eq!(collect(&order(1_150, &[Event::Ready]), &BY).unwrap().len(), 1);
}

#[test]
fn the_kitchen_calls_back_what_it_called_out_until_the_customer_has_it() {
    let called = order(1_150, &[Event::Ready]);
    let [back] = &recall(&called, 1).unwrap()[..] else { panic!("one draft") };
    assert_eq!(back.entity, format!("{}/recalled", called.id));
    let back = order(1_150, &[Event::Ready, Event::Recalled]);
    let [again] = &ready(&back, 1).unwrap()[..] else { panic!("one draft") };
    assert_eq!(again.entity, format!("{}/ready/2", called.id));
    assert_eq!(recall(&back, 1), Ok(Vec::new()), "it is back already");
    assert_eq!(recall(&order(0, &[]), 1), Err(Rejection::NotPaid));
    let handed_over = order(1_150, &[Event::Ready, Event::Collected]);
    assert_eq!(recall(&handed_over, 1), Err(Rejection::NotRecallable));
}

#[test]
fn a_line_is_ticked_in_the_kitchen_and_nowhere_else() {
    let with = |paid, events: &[Event]| Order { lines: vec![line()], ..order(paid, events) };
    let begun = tick(&with(1_150, &[]), (item(0), true), 1).unwrap();
    assert_eq!(begun.len(), 2, "whoever ticks has begun");
    assert_eq!(begun[0].payload["done"], 1);
    assert_eq!(tick(&with(1_150, &[Event::Preparing]), (item(0), false), 1).unwrap().len(), 1);
    for (paid, events, line, expected) in [
        (0, &[][..], 0, Rejection::NotPaid),
        (1_150, &[], 1, Rejection::InvalidField("line")),
        (1_150, &[Event::Ready], 0, Rejection::NotInKitchen),
        (1_150, &[Event::Collected], 0, Rejection::NotInKitchen),
    ] {
        assert_eq!(tick(&with(paid, events), (item(line), true), 1), Err(expected));
    }
}

proptest! {
    #[test]
    fn facts_that_arrive_in_any_order_fold_into_one_state_and_only_a_recall_turns_it_back(
        facts in proptest::collection::vec(0..8_u8, 0..9),
    ) {
        let mut current = order(0, &[]);
        let mut before = (current.state(), current.revision());
        let mut taken = Vec::new();
        for fact in facts {
            let event = match fact {
                0 => None,
                1 => Some(Event::Preparing),
                2 => Some(Event::Ready),
                3 => Some(Event::Recalled),
                4 => Some(Event::Left),
                5 => Some(Event::Cancelled),
                6 => Some(Event::Delivered),
                _ => Some(Event::Collected),
            };
            match event {
                None => current.paid_cents = current.total_cents,
                Some(event) => {
                    current.happened.add(event);
                    taken.push(event);
                }
            }
            let now = (current.state(), current.revision());
            let is_back = now.0 < before.0;
            prop_assert!(!is_back || event == Some(Event::Recalled) && now.0 == State::Preparing);
            prop_assert!(now.1 >= before.1, "what is known only grows");
            before = now;
        }
        taken.reverse();
        let other = Order { happened: taken.into_iter().collect(), ..current.clone() };
        prop_assert_eq!(other.state(), current.state());
    }

    #[test]
    fn whatever_is_taken_in_turn_is_taken_once_and_under_a_name_of_its_own(
        steps in proptest::collection::vec(0..4_u8, 0..60),
    ) {
        let mut current = order(1_150, &[]);
        let mut names = BTreeSet::new();
        for step in steps {
            let taken = match step {
                0 => prepare(&current, 1),
                1 => ready(&current, 1),
                2 => recall(&current, 1),
                _ => tick(&Order { lines: vec![line()], ..current.clone() }, (item(0), true), 1),
            };
            for draft in taken.unwrap_or_default() {
                if draft.table == "order_event" {
                    let kind = draft.payload["kind"].as_str().unwrap();
                    current.happened.add(Event::parse(kind).unwrap());
                    prop_assert!(names.insert(draft.entity.clone()), "{}", draft.entity);
                }
            }
        }
        prop_assert!(current.happened.count(Event::Recalled) <= limits::RECALLS_MAX);
        prop_assert!(current.happened.count(Event::Ready) <= limits::RECALLS_MAX + 1);
    }
}
