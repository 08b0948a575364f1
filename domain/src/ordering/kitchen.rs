//! What the kitchen ticks off: lines, and of a combo its parts, each at its own station.
//!
//! Ticks are registers of their own. An order is ready when all of its items are done: whoever
//! ticks the last one looks again after writing, so two stations that end at once cannot both
//! miss it. It must not know stations.

use serde_json::json;
use sync_engine::change::Draft;

use super::{Line, LinePart, Order, State, prepare, ready, recall};
use crate::{Rejection, catalogue::register};

/// Something to be made: a line, or one part of a combo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// The line's place in the order.
    pub line: usize,
    /// The part's place in the line; nothing for a line that has no parts.
    pub part: Option<usize>,
}

impl Item {
    /// Returns its name within the order: `0`, or `0/1` for a part.
    #[must_use]
    pub fn name(&self) -> String {
        match self.part {
            Some(part) => format!("{}/{part}", self.line),
            None => self.line.to_string(),
        }
    }

    /// Reads its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (line, part) = match name.split_once('/') {
            Some((line, part)) => (line, Some(part.parse().ok()?)),
            None => (name, None),
        };
        Some(Self { line: line.parse().ok()?, part })
    }
}

impl Order {
    /// Lists what is to be made, in the order's own order.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        let of_line = |(line, found): (usize, &Line)| -> Vec<Item> {
            match found.parts.len() {
                0 => vec![Item { line, part: None }],
                count => (0..count).map(|part| Item { line, part: Some(part) }).collect(),
            }
        };
        self.lines.iter().enumerate().flat_map(of_line).collect()
    }

    /// Finds a line, and the part that is meant.
    #[must_use]
    pub fn item(&self, item: Item) -> Option<(&Line, Option<&LinePart>)> {
        let line = self.lines.get(item.line)?;
        match item.part {
            Some(part) => Some((line, Some(line.parts.get(part)?))),
            None => Some((line, None)),
        }
    }

    /// Returns the id of the product that an item is; empty where there is none such.
    #[must_use]
    pub fn product_of(&self, item: Item) -> &str {
        match self.item(item) {
            Some((_, Some(part))) => &part.product,
            Some((line, None)) => &line.product,
            None => "",
        }
    }
}

/// Says that one item is done, or not after all; a combo as a whole is all of its parts.
///
/// # Errors
/// Refuses an item that the order does not have, and an order that the kitchen does not have.
pub fn tick(
    order: &Order,
    (item, done): (Item, bool),
    now_ms: u64,
) -> Result<Vec<Draft>, Rejection> {
    if order.item(item).is_none() {
        return Err(Rejection::InvalidField(if item.part.is_some() { "part" } else { "line" }));
    }
    let begun = match order.state() {
        State::Placed => return Err(Rejection::NotPaid),
        State::Cancelled => return Err(Rejection::OrderCancelled),
        State::Paid | State::Preparing => prepare(order, now_ms)?,
        _ => return Err(Rejection::NotInKitchen),
    };
    let meant = |one: &Item| *one == item || (item.part.is_none() && one.line == item.line);
    let items = order.items().into_iter().filter(meant);
    Ok(items.map(|one| ticked(order, one, done)).chain(begun).collect())
}

/// Says that a station has done its part of an order, or not after all, which calls it back.
///
/// # Errors
/// Refuses an order that the kitchen does not have.
pub fn bump(
    order: &Order,
    (mine, done): (&[Item], bool),
    before: &[Item],
    now_ms: u64,
) -> Result<Vec<Draft>, Rejection> {
    let moved = match order.state() {
        State::Placed => return Err(Rejection::NotPaid),
        State::Cancelled => return Err(Rejection::OrderCancelled),
        State::Paid | State::Preparing => prepare(order, now_ms)?,
        State::Ready if done => return Ok(Vec::new()),
        State::Ready => recall(order, now_ms)?,
        State::OnItsWay | State::Collected | State::Delivered => {
            return Err(Rejection::NotInKitchen);
        }
    };
    let differs = |item: &&Item| before.contains(item) != done;
    let ticks = mine.iter().filter(differs).map(|item| ticked(order, *item, done));
    Ok(ticks.chain(moved).collect())
}

/// Calls an order out of which nothing is left to be made.
///
/// # Errors
/// Refuses an order that is not paid.
pub fn finish(order: &Order, done: &[Item], now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    let is_done = order.items().iter().all(|item| done.contains(item));
    if is_done && order.state() == State::Preparing { ready(order, now_ms) } else { Ok(Vec::new()) }
}

fn ticked(order: &Order, item: Item, done: bool) -> Draft {
    let fields = json!({"order_id": order.id, "line": item.line, "done": i64::from(done)});
    register("kitchen_line", &format!("{}/{}", order.id, item.name()), "tick", fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ordering::{Event, Happened};

    fn part(product: &str) -> LinePart {
        LinePart {
            slot: product.to_owned(),
            product: product.to_owned(),
            name: [("fr".to_owned(), product.to_owned())].into(),
            choices: Vec::new(),
            left_out: Vec::new(),
            surcharge_cents: 0,
            own_cents: 0,
        }
    }

    /// A burger and a combo of two parts, at this point.
    fn order(happened: &[Event]) -> Order {
        let burger = Line { product: "burger".to_owned(), quantity: 1, ..Line::default() };
        let parts = vec![part("fries"), part("cola")];
        let combo = Line { product: "combo".to_owned(), quantity: 1, parts, ..Line::default() };
        Order {
            id: "o".to_owned(),
            lines: vec![burger, combo],
            happened: happened.iter().copied().collect::<Happened>(),
            ..Order::default()
        }
    }

    fn item(name: &str) -> Item {
        Item::parse(name).unwrap()
    }

    fn written(drafts: Result<Vec<Draft>, Rejection>) -> Vec<String> {
        drafts.unwrap().into_iter().map(|draft| draft.entity).collect()
    }

    #[test]
    fn a_combo_is_ticked_part_by_part_or_as_a_whole() {
        let order = order(&[Event::Preparing]);
        let names: Vec<String> = order.items().iter().map(Item::name).collect();
        assert_eq!(names, ["0", "1/0", "1/1"]);
        assert_eq!(order.product_of(item("1/1")), "cola");
        for (name, expected) in
            [("0", vec!["o/0"]), ("1/1", vec!["o/1/1"]), ("1", vec!["o/1/0", "o/1/1"])]
        {
            assert_eq!(written(tick(&order, (item(name), true), 1)), expected, "{name}");
        }
        for (name, field) in [("2", "line"), ("1/2", "part"), ("0/0", "part")] {
            let refused = tick(&order, (item(name), true), 1).unwrap_err();
            assert_eq!(refused.subject(), [field], "{name}");
        }
    }

    #[test]
    fn a_station_does_its_part_and_takes_it_back() {
        let mine = [item("0"), item("1/0")];
        let paid = order(&[]);
        assert_eq!(written(bump(&paid, (&mine, true), &[], 1)), ["o/0", "o/1/0", "o/preparing"]);
        let begun = order(&[Event::Preparing]);
        assert_eq!(written(bump(&begun, (&mine, true), &mine[..1], 1)), ["o/1/0"]);
        assert!(written(bump(&begun, (&mine, true), &mine, 1)).is_empty());
        let called = order(&[Event::Preparing, Event::Ready]);
        let back = written(bump(&called, (&mine[..1], false), &mine, 1));
        assert_eq!(back, ["o/0", "o/recalled"]);
        let gone = order(&[Event::Ready, Event::Collected]);
        assert_eq!(bump(&gone, (&mine, false), &mine, 1), Err(Rejection::NotInKitchen));
    }

    #[test]
    fn an_order_is_called_when_nothing_of_it_is_left() {
        let all = [item("0"), item("1/0"), item("1/1")];
        let begun = order(&[Event::Preparing]);
        assert!(written(finish(&begun, &all[..2], 1)).is_empty());
        assert_eq!(written(finish(&begun, &all, 1)), ["o/ready"]);
        let called = order(&[Event::Preparing, Event::Ready]);
        assert!(written(finish(&called, &all, 1)).is_empty());
    }
}
