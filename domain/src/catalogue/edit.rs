//! What editors do to a menu: change a product, take it away, sort, reprice many at once.
//!
//! Each returns the registers that differ and nothing else, so that two editors of different things
//! never overwrite each other. It must not know who edits, nor what is on sale.

use sync_engine::{change::Draft, id::is_name};

use super::{Catalogue, Category, Product, is_price, register, texts_fit};
use crate::{Rejection, limits, venue::of_products};
use serde_json::json;

/// By how much prices change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// By hundredths of a percent: 250 is 2.5 %.
    BasisPoints(i64),
    /// By an amount.
    Cents(i64),
}

/// A price before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repriced {
    /// The product's id.
    pub product: String,
    /// Before.
    pub before_cents: i64,
    /// After.
    pub after_cents: i64,
}

/// Changes a product, or adds it.
///
/// # Errors
/// Lists what could not be sold; refuses a category that there is not.
pub fn change(menu: &Catalogue, product: &Product) -> Result<Vec<Draft>, Rejection> {
    let alone = Product { slots: Vec::new(), upsell: Vec::new(), ..product.clone() };
    let kind = match product.slots.is_empty() {
        true => alone.kind,
        false => super::Kind::Simple,
    };
    let mut problems = product.problems();
    // What it refers to may be added after it: that is looked at when it is published.
    problems.extend(of_products(&[Product { kind, ..alone }]));
    problems.sort();
    problems.dedup();
    if !menu.categories.iter().any(|category| category.id == product.category) {
        problems.push(format!("product {}: its category is missing", product.id));
    }
    let before = menu.product(&product.id);
    if before.is_none() && menu.products.len() >= limits::PRODUCTS_MAX {
        problems.push("there are too many products".to_owned());
    }
    if !problems.is_empty() {
        return Err(Rejection::InvalidMenu(problems));
    }
    let held: Vec<Draft> = before.map(Product::drafts).unwrap_or_default();
    let same = |draft: &Draft| {
        held.iter().any(|old| old.register == draft.register && old.payload == draft.payload)
    };
    let mut drafts: Vec<Draft> = product.drafts();
    drafts.retain(|draft| draft.register != "availability" && !same(draft));
    Ok(drafts)
}

/// Takes a product from the menu, or brings it back; its rows stay.
#[must_use]
pub fn remove(table: &'static str, id: &str, removed: bool) -> Draft {
    register(table, id, "existence", json!({"removed": i64::from(removed)}))
}

/// Changes a category, or adds it.
///
/// # Errors
/// Refuses an id that is no plain name, and a name that does not fit.
pub fn change_category(menu: &Catalogue, category: &Category) -> Result<Vec<Draft>, Rejection> {
    if !is_name(&category.id) {
        return Err(Rejection::InvalidField("id"));
    }
    if !texts_fit(&category.name, limits::NAME_CHARS, true) {
        return Err(Rejection::InvalidField("name"));
    }
    let before = menu.categories.iter().find(|other| other.id == category.id);
    if before.is_none() && menu.categories.len() >= limits::CATEGORIES_MAX {
        return Err(Rejection::InvalidField("categories"));
    }
    Ok(if before == Some(category) { Vec::new() } else { category.drafts() })
}

/// Puts products of one category into this order; those that are not named come after.
///
/// # Errors
/// Refuses a product that is not of the category, or named twice.
pub fn sort(menu: &Catalogue, category: &str, order: &[String]) -> Result<Vec<Draft>, Rejection> {
    let of_category: Vec<&Product> =
        menu.products.iter().filter(|product| product.category == category).collect();
    for (index, id) in order.iter().enumerate() {
        let twice = order.iter().take(index).any(|other| other == id);
        if twice || !of_category.iter().any(|product| product.id == *id) {
            return Err(Rejection::UnknownProduct(id.clone()));
        }
    }
    let named = |product: &&&Product| order.contains(&product.id);
    let mut sorted: Vec<&Product> = order
        .iter()
        .filter_map(|id| of_category.iter().copied().find(|product| product.id == *id))
        .collect();
    sorted.extend(of_category.iter().filter(|p| !named(p)).copied());
    let mut drafts = Vec::new();
    for (product, position) in sorted.into_iter().zip(1_i64..) {
        if product.position != position {
            let moved = Product { position, ..product.clone() };
            drafts.extend(moved.drafts().into_iter().filter(|d| d.register == "presentation"));
        }
    }
    Ok(drafts)
}

/// Computes new prices of products, each a whole multiple of `to_cents`, halves up.
///
/// # Errors
/// Refuses a step or a multiple out of range, and a price that would be.
pub fn reprice<'a>(
    products: impl Iterator<Item = &'a Product>,
    step: Step,
    to_cents: i64,
) -> Result<Vec<Repriced>, Rejection> {
    if ![1, 5, 10].contains(&to_cents) {
        return Err(Rejection::InvalidField("round"));
    }
    let mut repriced = Vec::new();
    for product in products {
        let before_cents = product.price_cents;
        let exact = match step {
            // Above and below zero alike: half a cent counts as a whole one.
            Step::BasisPoints(bp) if (-10_000..=100_000).contains(&bp) => {
                (i128::from(before_cents) * i128::from(10_000 + bp) + 5_000).div_euclid(10_000)
            }
            Step::Cents(cents) if cents.abs() <= limits::CENTS_MAX => {
                i128::from(before_cents) + i128::from(cents)
            }
            _ => return Err(Rejection::InvalidField("by")),
        };
        let to = i128::from(to_cents);
        let rounded = (exact * 2 + to).div_euclid(2 * to) * to;
        let after_cents = i64::try_from(rounded).ok().filter(|cents| is_price(*cents));
        let after_cents = after_cents.ok_or(Rejection::InvalidField("by"))?;
        if after_cents != before_cents {
            let product = product.id.clone();
            repriced.push(Repriced { product, before_cents, after_cents });
        }
    }
    Ok(repriced)
}

/// Names the products that would cost nothing, and cost something before: nobody takes such prices
/// who has not said that they are meant.
#[must_use]
pub fn would_be_free(prices: &[Repriced]) -> Vec<String> {
    let gone = |price: &&Repriced| price.after_cents <= 0 && price.before_cents > 0;
    prices.iter().filter(gone).map(|price| price.product.clone()).collect()
}

/// Writes prices that were computed, where each is still the one that it was computed from.
///
/// # Errors
/// Refuses what is no price, and a product that is gone, or costs something else by now.
pub fn take_prices(menu: &Catalogue, prices: &[Repriced]) -> Result<Vec<Draft>, Rejection> {
    if !prices.iter().all(|price| is_price(price.after_cents)) {
        return Err(Rejection::InvalidField("prices"));
    }
    let mut drafts = Vec::new();
    for price in prices {
        let unknown = || Rejection::UnknownProduct(price.product.clone());
        let product = menu.product(&price.product).ok_or_else(unknown)?;
        if product.price_cents != price.before_cents {
            return Err(Rejection::PriceChanged { total_cents: product.price_cents });
        }
        let dearer = Product { price_cents: price.after_cents, ..product.clone() };
        drafts.extend(dearer.drafts().into_iter().filter(|d| d.register == "offer"));
    }
    Ok(drafts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::Document;

    fn menu() -> Catalogue {
        let text = include_str!("../../../fixtures/venues/chakri.json");
        let document: Document = serde_json::from_str(text).unwrap();
        let (categories, products) = (document.categories, document.products);
        Catalogue { categories, products, ..Catalogue::default() }
    }

    fn registers(drafts: &[Draft]) -> Vec<&str> {
        drafts.iter().map(|draft| draft.register).collect()
    }

    #[test]
    fn an_edit_writes_the_registers_that_differ_and_nothing_else() {
        let menu = menu();
        let king = menu.product("le-cheese-king").unwrap();
        let check = |change_it: &dyn Fn(&mut Product), expected: &[&str]| {
            let mut product = king.clone();
            change_it(&mut product);
            assert_eq!(registers(&change(&menu, &product).unwrap()), expected);
        };
        check(&|_| {}, &[]);
        check(&|p| p.available = false, &[]);
        check(&|p| p.price_cents = 1_200, &["offer"]);
        check(&|p| p.diets.push("spicy".to_owned()), &["presentation"]);
        check(&|p| p.station = "wok".to_owned(), &["service"]);
        let new = ["presentation", "offer", "service"];
        check(&|p| p.id = "le-nouveau".to_owned(), &new);
        let combo = menu.product("menu-maison").unwrap();
        let cheaper = Product { price_cents: 1_300, ..combo.clone() };
        assert_eq!(registers(&change(&menu, &cheaper).unwrap()), ["offer"]);
    }

    #[test]
    fn an_edit_that_could_not_be_sold_is_refused() {
        let menu = menu();
        let king = menu.product("le-cheese-king").unwrap();
        let check = |change_it: &dyn Fn(&mut Product)| {
            let mut product = king.clone();
            change_it(&mut product);
            assert!(change(&menu, &product).is_err(), "{product:?}");
        };
        check(&|p| p.id = "Le King !".to_owned());
        check(&|p| p.price_cents = -1);
        check(&|p| p.price_cents = i64::MAX);
        check(&|p| p.category = "nulle-part".to_owned());
        check(&|p| p.allergens.push("sel".to_owned()));
        check(&|p| p.picture = "https://elsewhere.example/x.png".to_owned());
        check(&|p| p.name.clear());
        check(&|p| p.option_groups[1].id = p.option_groups[0].id.clone());
    }

    #[test]
    fn sorting_moves_what_is_named_to_the_front_once() {
        let menu = menu();
        let wanted = ["cola-zero".to_owned(), "limonade".to_owned()];
        let drafts = sort(&menu, "boissons", &wanted).unwrap();
        let place = |id: &str| {
            let draft = drafts.iter().find(|draft| draft.entity == id).unwrap();
            draft.payload["position"].as_i64().unwrap()
        };
        assert_eq!((place("cola-zero"), place("limonade"), place("cola")), (1, 2, 3));
        for odd in [vec!["frites".to_owned()], vec!["cola".to_owned(); 2]] {
            assert!(sort(&menu, "boissons", &odd).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn prices_are_rounded_halves_up_to_whole_multiples() {
        let menu = menu();
        let of = |cents: i64, step, to| {
            let product = Product { price_cents: cents, ..menu.products[0].clone() };
            reprice([product].iter(), step, to).map(|all| all.first().map(|one| one.after_cents))
        };
        for (cents, step, to, expected) in [
            (1_000, Step::BasisPoints(250), 1, Some(1_025)),
            (1_010, Step::BasisPoints(250), 1, Some(1_035)),
            (1_010, Step::BasisPoints(250), 5, Some(1_035)),
            (1_010, Step::BasisPoints(250), 10, Some(1_040)),
            (1_150, Step::BasisPoints(-10_000), 10, Some(0)),
            (1_150, Step::Cents(-25), 10, Some(1_130)),
            (1_150, Step::Cents(3), 5, Some(1_155)),
            (1_150, Step::Cents(2), 5, None),
        ] {
            assert_eq!(of(cents, step, to), Ok(expected), "{cents} {step:?} {to}");
        }
        for (step, to) in [
            (Step::Cents(-1_001), 1),
            (Step::BasisPoints(-10_001), 1),
            (Step::Cents(i64::MIN + 1), 1),
            (Step::Cents(1), 7),
        ] {
            assert!(of(1_000, step, to).is_err(), "{step:?} {to}");
        }
    }

    #[test]
    fn a_price_that_changed_meanwhile_is_not_overwritten() {
        let mut menu = menu();
        let all = reprice(menu.products.iter(), Step::Cents(10), 10).unwrap();
        assert_eq!(all.len(), menu.products.len());
        assert_eq!(take_prices(&menu, &all).unwrap().len(), all.len());
        menu.products[3].price_cents += 1;
        assert!(matches!(take_prices(&menu, &all), Err(Rejection::PriceChanged { .. })));
    }

    #[test]
    fn what_would_be_free_is_named_and_nothing_costs_less_than_nothing() {
        let menu = menu();
        let all = reprice(menu.products.iter(), Step::BasisPoints(-10_000), 1).unwrap();
        let ids: Vec<String> = all.iter().map(|price| price.product.clone()).collect();
        assert_eq!(would_be_free(&all), ids);
        let half = reprice(menu.products.iter(), Step::BasisPoints(-5_000), 1).unwrap();
        assert!(would_be_free(&half).is_empty());
        let was_free = Repriced { before_cents: 0, after_cents: 0, ..all[0].clone() };
        assert!(would_be_free(&[was_free]).is_empty());
        let below = [Repriced { after_cents: -1, ..all[0].clone() }];
        let refused = take_prices(&menu, &below);
        assert_eq!(refused.unwrap_err(), Rejection::InvalidField("prices"));
    }
}
