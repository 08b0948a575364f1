//! Tests of bringing an order: by one courier, once, and never back.

use super::{
    super::{
        delivering::{Handed, deliver, leave},
        *,
    },
    BY, order,
};

fn brought(paid: i64, events: &[Event]) -> Order {
    Order { mode: Some(Mode::Delivery), ..order(paid, events) }
}

#[test]
fn a_courier_leaves_with_what_is_ready_and_hands_over_what_is_on_its_way() {
    let left = &[Event::Ready, Event::Left][..];
    let done = &[Event::Ready, Event::Left, Event::Delivered][..];
    let fetched = &[Event::Ready, Event::Collected][..];
    let off = &[Event::Ready, Event::Left, Event::Cancelled][..];
    for (paid, events, leaves, delivers) in [
        (0, &[][..], Err("not_paid"), Err("not_on_its_way")),
        (1_150, &[], Err("not_ready"), Err("not_on_its_way")),
        (1_150, &[Event::Preparing], Err("not_ready"), Err("not_on_its_way")),
        (1_150, &[Event::Ready], Ok(2), Err("not_on_its_way")),
        (1_150, left, Err("with_courier"), Ok(2)),
        (1_150, done, Ok(0), Ok(0)),
        (1_150, fetched, Err("no_delivery"), Ok(0)),
        // Called off where nobody knew yet that a courier has it.
        (1_150, off, Err("order_cancelled"), Err("order_cancelled")),
    ] {
        let order = brought(paid, events);
        let told = |result: Result<Vec<sync_engine::change::Draft>, Rejection>| {
            result.map(|drafts| drafts.len()).map_err(|refused| refused.code())
        };
        assert_eq!(told(leave(&order, ("ann", "bob"), 1)), leaves, "{events:?}");
        let handed = Handed::default();
        assert_eq!(told(deliver(&order, ("ann", &handed), 1)), delivers, "{events:?}");
    }
    // The same courier again, and an order that nobody brings.
    assert_eq!(leave(&brought(1_150, left), ("ann", "ann"), 1), Ok(Vec::new()));
    let here = order(1_150, &[Event::Ready]);
    assert_eq!(leave(&here, ("ann", ""), 1), Err(Rejection::NoDelivery));
    assert_eq!(collect(&brought(1_150, left), &BY), Err(Rejection::WithCourier));
    assert_eq!(recall(&brought(1_150, left), 1), Err(Rejection::NotRecallable));
}

#[test]
fn who_brought_it_stands_under_the_id_of_the_fact() {
    let handed = Handed { receiver: "1sealed".to_owned(), photo: "ab".to_owned() };
    let order = brought(1_150, &[Event::Ready, Event::Left]);
    let drafts = deliver(&order, ("ann", &handed), 7).unwrap();
    let [fact, who] = &drafts[..] else { panic!("two drafts") };
    assert_eq!((fact.table, who.table), ("order_event", delivering::TABLE));
    assert_eq!((&fact.entity, &who.entity), (&format!("{}/delivered", order.id), &fact.entity));
    assert_eq!(
        (&who.payload["courier"], &who.payload["receiver"]),
        (&json!("ann"), &json!("1sealed"))
    );
}
