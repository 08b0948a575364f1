//! For how much a product can be had at the least: what has to be decided about it has its price
//! too. It must not know what somebody has chosen.

use super::{Catalogue, OptionGroup, Product};

/// The lowest price of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Least {
    /// The price, VAT included.
    pub cents: i64,
    /// What has to be decided may also cost more.
    pub rises: bool,
}

impl Catalogue {
    /// Says for how much a product can be had: with the cheapest of all that has to be decided.
    ///
    /// A part that is not to be had now counts only where no other fills its place.
    #[must_use]
    pub fn least(&self, product: &Product) -> Least {
        let mut least = composed(product);
        for slot in &product.slots {
            let filled = |available: bool| {
                let offered = slot.choices.iter().filter_map(move |choice| {
                    let part = self.product(&choice.product)?;
                    let is_had = part.available && self.serves(part);
                    let inner = composed(part);
                    let options = inner.cents.saturating_sub(part.price_cents);
                    let cents = choice.surcharge_cents.saturating_add(options);
                    (is_had || !available).then_some(Least { cents, ..inner })
                });
                offered.collect::<Vec<Least>>()
            };
            let had = filled(true);
            least = least.with(&if had.is_empty() { filled(false) } else { had });
        }
        least
    }
}

impl Least {
    /// Adds a place that one of these fills.
    fn with(self, offered: &[Self]) -> Self {
        let Some(cheapest) = offered.iter().map(|one| one.cents).min() else { return self };
        let rises = offered.iter().any(|one| one.rises || one.cents > cheapest);
        Self { cents: self.cents.saturating_add(cheapest), rises: self.rises || rises }
    }
}

/// Adds the cheapest choices that a product's own groups want.
fn composed(product: &Product) -> Least {
    let start = Least { cents: product.price_cents, rises: false };
    product.option_groups.iter().filter(|group| group.min > 0).fold(start, |sum, group| {
        let (cents, rises) = wanted(group);
        Least { cents: sum.cents.saturating_add(cents), rises: sum.rises || rises }
    })
}

/// Says what a group costs at the least, and whether it may cost more.
fn wanted(group: &OptionGroup) -> (i64, bool) {
    let mut prices: Vec<i64> = group.choices.iter().map(|choice| choice.price_cents).collect();
    prices.sort_unstable();
    let sum = |prices: &[i64]| prices.iter().fold(0_i64, |sum, cents| sum.saturating_add(*cents));
    let least = sum(prices.get(..group.min).unwrap_or(&prices));
    prices.reverse();
    let most = sum(prices.get(..group.max).unwrap_or(&prices));
    (least, most > least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Choice, Slot, SlotChoice, Texts};

    fn group((min, max): (usize, usize), prices: &[i64]) -> OptionGroup {
        let choice = |(index, cents): (usize, &i64)| Choice {
            id: format!("c{index}"),
            name: Texts::new(),
            price_cents: *cents,
            preset: false,
        };
        let choices = prices.iter().enumerate().map(choice).collect();
        OptionGroup { id: "g".to_owned(), name: Texts::new(), min, max, choices }
    }

    fn product(id: &str, price_cents: i64, groups: Vec<OptionGroup>) -> Product {
        Product { price_cents, option_groups: groups, ..Product::new(id) }
    }

    #[test]
    fn the_least_price_counts_what_has_to_be_chosen() {
        for (groups, cents, rises) in [
            (vec![], 900, false),
            // What may be left away says nothing of the lowest price.
            (vec![group((0, 3), &[100, 200])], 900, false),
            (vec![group((1, 1), &[0, 0])], 900, false),
            (vec![group((1, 1), &[150, 150])], 1_050, false),
            (vec![group((1, 1), &[0, 150])], 900, true),
            (vec![group((2, 3), &[300, 100, 200])], 1_200, true),
            (vec![group((1, 1), &[150, 200]), group((1, 1), &[50])], 1_100, true),
        ] {
            let bowl = product("bowl", 900, groups);
            let menu = Catalogue { products: vec![bowl.clone()], ..Catalogue::default() };
            assert_eq!(menu.least(&bowl), Least { cents, rises }, "{:?}", bowl.option_groups);
        }
    }

    #[test]
    fn a_combo_counts_the_cheapest_part_that_is_to_be_had() {
        let offered = [("cola", 0), ("beer", 150)];
        let choice = |(id, surcharge_cents): (&str, i64)| SlotChoice {
            product: id.to_owned(),
            surcharge_cents,
        };
        let slot = Slot {
            id: "drink".to_owned(),
            name: Texts::new(),
            choices: offered.map(choice).to_vec(),
        };
        let combo = Product { slots: vec![slot], ..product("combo", 1_000, vec![]) };
        let beer = product("beer", 400, vec![group((1, 1), &[50, 50])]);
        let products = vec![combo.clone(), product("cola", 250, vec![]), beer];
        let mut menu = Catalogue { products, ..Catalogue::default() };
        assert_eq!(menu.least(&combo), Least { cents: 1_000, rises: true });
        menu.products[1].available = false;
        assert_eq!(menu.least(&combo), Least { cents: 1_200, rises: false });
        menu.products[2].available = false;
        assert_eq!(menu.least(&combo), Least { cents: 1_000, rises: true });
    }
}
