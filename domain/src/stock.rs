//! Stock: how many of a product there are, and who may sell them.
//!
//! Who counts opens a new epoch; what leaves the shelf or comes back to it are facts of that epoch,
//! and the gateway alone writes both. What the web may sell it gets as leases of one right per
//! product, and spends of nothing else: so no last piece is sold twice. A product that was never
//! counted has no limit. It must not know how a lease is spent, nor who orders.

use std::collections::BTreeMap;

use serde_json::json;
use sync_engine::change::Draft;

use crate::{Rejection, catalogue::register, limits, ordering::BasketLine};

/// The replicated table of counts; the id is the product's and the epoch's.
pub const COUNTED: &str = "stock_count";
/// The replicated table of what moved; the id says what moved it.
pub const MOVED: &str = "stock_move";
/// Leaves the columns of an epoch's number open to grow: nobody counts so often.
const EPOCH_MAX: u64 = 999_999;

/// What a side has of a product that is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The product.
    pub product: String,
    /// It is counted at present: without that it has no limit.
    pub tracked: bool,
    /// Which count is the last.
    pub epoch: u64,
    /// What was counted then, less what was leased out and not sold.
    pub base: i64,
    /// How much of the right had been leased out by then.
    pub leased_before: i64,
    /// How much of it is leased out now, sold or not.
    pub leased: i64,
    /// What has left the shelf on site since.
    pub moved: i64,
    /// What of all leases is neither sold nor given back: the web's.
    pub web: i64,
    /// What of that this very store holds.
    pub held: i64,
    /// Which part of what is left the web may have.
    pub web_percent: i64,
}

/// What an order took of a product that is counted now, on site or from leases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Whose it is.
    pub order: String,
    /// The product.
    pub product: String,
    /// Its last count.
    pub epoch: u64,
    /// How many.
    pub pieces: i64,
}

/// Why something left the shelf, or came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It spoilt or broke.
    Waste,
    /// More came in.
    Delivered,
}

impl Why {
    /// Reads the stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "waste" => Some(Self::Waste),
            "delivered" => Some(Self::Delivered),
            _ => None,
        }
    }

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waste => "waste",
            Self::Delivered => "delivered",
        }
    }
}

impl Shelf {
    /// Returns what the gateway may sell, or lease to the web.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.base - self.moved - (self.leased - self.leased_before)
    }

    /// Refuses more pieces than there are.
    ///
    /// # Errors
    /// Says whether there is none, or not so many.
    pub fn has(&self, wanted: i64, left: i64) -> Result<(), Rejection> {
        match left {
            left if wanted <= left => Ok(()),
            left if left > 0 => Err(Rejection::OnlyLeft(self.product.clone())),
            _ => Err(Rejection::SoldOut(self.product.clone())),
        }
    }

    /// Returns how much of the right there is in all, as leases count it.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.base - self.moved + self.leased_before
    }

    /// Returns how much the web gets now; none while it has its part.
    ///
    /// The part is of what nobody has sold yet, so that both sides run out together.
    #[must_use]
    pub fn for_the_web(&self) -> Option<i64> {
        let unsold = self.left().max(0) + self.web.max(0);
        let part = unsold * self.web_percent / 100;
        let more = (part - self.web).min(self.left()).min(limits::STOCK_LEASE_MAX);
        // The last few of a part are not leased one by one.
        let worth_it = more > 0 && (self.web == 0 || more >= (part / 4).max(1));
        worth_it.then_some(more)
    }
}

/// Returns the right that a product's leases are parts of.
#[must_use]
pub fn right(product: &str) -> String {
    format!("stock/{product}")
}

/// Counts the pieces of each product that a basket would take.
#[must_use]
pub fn wanted(lines: &[BasketLine]) -> BTreeMap<String, i64> {
    let mut pieces = BTreeMap::new();
    for line in lines {
        let parts = line.parts.iter().map(|part| &part.product);
        for product in parts.chain([&line.product]) {
            let count: &mut i64 = pieces.entry(product.clone()).or_default();
            *count = count.saturating_add(line.quantity);
        }
    }
    pieces
}

/// Keeps what staff counted: from then on this many are there; none ends the counting.
///
/// # Errors
/// Refuses numbers that no shelf holds.
pub fn count(
    product: &str,
    (counted, web_percent): (Option<i64>, i64),
    before: Option<&Shelf>,
    (by, at_ms): (&str, u64),
) -> Result<Draft, Rejection> {
    let known = before.cloned().unwrap_or_default();
    if counted.is_some_and(|counted| !(0..=limits::STOCK_MAX).contains(&counted)) {
        return Err(Rejection::InvalidField("counted"));
    }
    if !(0..=100).contains(&web_percent) {
        return Err(Rejection::InvalidField("web_percent"));
    }
    let epoch = known.epoch + 1;
    if epoch > EPOCH_MAX {
        return Err(Rejection::InvalidField("epoch"));
    }
    let fields = json!({
        "product": product,
        "epoch": epoch,
        "tracked": i64::from(counted.is_some()),
        "base": counted.unwrap_or_default() - known.web,
        "leased": known.leased,
        "web_percent": if counted.is_some() { web_percent } else { 0 },
        "counted_by": by,
        "at_ms": at_ms,
    });
    Ok(register(COUNTED, &format!("{product}/{epoch}"), "", fields))
}

/// Writes off or adds pieces, under a key of its own so that it counts once.
///
/// # Errors
/// Refuses nothing, more than fits, and to write off more than there is.
pub fn adjust(
    shelf: &Shelf,
    (why, pieces): (Why, i64),
    (key, at_ms): (&str, u64),
) -> Result<Draft, Rejection> {
    if !(1..=limits::STOCK_MAX).contains(&pieces) {
        return Err(Rejection::InvalidField("pieces"));
    }
    let gone = match why {
        Why::Waste if pieces > shelf.left() => return Err(Rejection::InvalidField("pieces")),
        Why::Waste => pieces,
        Why::Delivered => -pieces,
    };
    let id = format!("{}/{key}", why.name());
    Ok(moved(&id, (&shelf.product, shelf.epoch), gone, (why.name(), at_ms)))
}

/// Takes what an order holds from the shelves on site.
///
/// # Errors
/// Refuses more than is left.
pub fn sell(
    order: &str,
    pieces: &BTreeMap<String, i64>,
    shelves: &[Shelf],
    at_ms: u64,
) -> Result<Vec<Draft>, Rejection> {
    let mut drafts = Vec::new();
    for shelf in shelves {
        let Some(count) = pieces.get(&shelf.product) else { continue };
        shelf.has(*count, shelf.left())?;
        let id = format!("{order}/{}", shelf.product);
        drafts.push(moved(&id, (&shelf.product, shelf.epoch), *count, ("sold", at_ms)));
    }
    Ok(drafts)
}

/// Puts back what a cancelled order had taken, wherever it was sold; the gateway alone does.
#[must_use]
pub fn put_back(taken: &[Taken], at_ms: u64) -> Vec<Draft> {
    let back = |taken: &Taken| {
        let Taken { order, product, epoch, pieces } = taken;
        moved(&format!("{order}/{product}/back"), (product, *epoch), -pieces, ("back", at_ms))
    };
    taken.iter().map(back).collect()
}

fn moved(id: &str, (product, epoch): (&str, u64), pieces: i64, (why, at_ms): (&str, u64)) -> Draft {
    let fields = json!({
        "product": product,
        "epoch": epoch,
        "pieces": pieces,
        "why": why,
        "at_ms": at_ms,
    });
    register(MOVED, id, "", fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(base: i64, moved: i64, (leased, web): (i64, i64)) -> Shelf {
        let product = "frites".to_owned();
        Shelf {
            product,
            tracked: true,
            epoch: 1,
            base,
            moved,
            leased,
            web,
            web_percent: 30,
            ..Shelf::default()
        }
    }

    #[test]
    fn what_is_leased_or_sold_is_not_left() {
        for (shelf, left, web) in [
            (shelf(10, 0, (0, 0)), 10, Some(3)),
            (shelf(10, 0, (3, 3)), 7, None),
            (shelf(10, 4, (3, 1)), 3, None),
            (shelf(100, 0, (30, 2)), 70, Some(19)),
            (shelf(2, 0, (0, 0)), 2, None),
            (shelf(-1, 0, (0, 0)), -1, None),
        ] {
            assert_eq!((shelf.left(), shelf.for_the_web()), (left, web), "{shelf:?}");
            let leased = shelf.leased + shelf.for_the_web().unwrap_or(0);
            assert!(leased <= shelf.total().max(shelf.leased), "{shelf:?}");
        }
    }

    #[test]
    fn a_count_takes_what_the_web_may_still_sell_from_what_was_counted() {
        let before = shelf(10, 4, (3, 2));
        let draft = count("frites", (Some(20), 50), Some(&before), ("x", 5)).expect("it is good");
        assert_eq!(draft.entity, "frites/2");
        assert_eq!((&draft.payload["base"], &draft.payload["leased"]), (&json!(18), &json!(3)));
        let after = Shelf { base: 18, leased_before: 3, epoch: 2, moved: 0, ..before };
        assert_eq!(after.left(), 18);
        let end = count("frites", (None, 50), Some(&after), ("x", 6)).expect("it ends");
        assert_eq!((&end.payload["tracked"], &end.payload["web_percent"]), (&json!(0), &json!(0)));
        for (counted, percent) in [(-1, 0), (limits::STOCK_MAX + 1, 0), (1, -1), (1, 101)] {
            assert!(count("frites", (Some(counted), percent), None, ("x", 5)).is_err());
        }
    }

    #[test]
    fn nobody_takes_more_than_is_left() {
        let shelves = [shelf(3, 1, (0, 0))];
        let pieces = |count| BTreeMap::from([("frites".to_owned(), count), ("cola".to_owned(), 9)]);
        let sold = sell("W/1", &pieces(2), &shelves, 5).expect("two are left");
        assert_eq!((sold.len(), sold[0].entity.as_str()), (1, "W/1/frites"));
        let refused = sell("W/1", &pieces(3), &shelves, 5).expect_err("two are left");
        assert_eq!(refused, Rejection::OnlyLeft("frites".to_owned()));
        let none = sell("W/1", &pieces(1), &[shelf(3, 3, (0, 0))], 5).expect_err("none is left");
        assert_eq!(none, Rejection::SoldOut("frites".to_owned()));
        let (order, product) = ("W/1".to_owned(), "frites".to_owned());
        let back = put_back(&[Taken { order, product, epoch: 1, pieces: 2 }], 6);
        assert_eq!((back.len(), &back[0].payload["pieces"]), (1, &json!(-2)));
        assert_eq!(back[0].entity, "W/1/frites/back");
        assert!(adjust(&shelves[0], (Why::Waste, 3), ("a", 5)).is_err());
        let more = adjust(&shelves[0], (Why::Delivered, 3), ("a", 5)).expect("more may come");
        assert_eq!(more.payload["pieces"], json!(-3));
    }
}
