//! One line of an order: what is wanted, found on the menu and priced.
//!
//! It must not know what an order is, nor who pays.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Rejection,
    catalogue::{Catalogue, Product, Texts},
    limits,
    pricing::total::Share,
};

/// One product with its choices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasketLine {
    /// The product's id.
    pub product: String,
    /// How many.
    pub quantity: i64,
    /// What was chosen.
    #[serde(default)]
    pub choices: Vec<BasketChoice>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasketChoice {
    /// The option group's id.
    pub group: String,
    /// The choice's id.
    pub choice: String,
}

/// One line of an order, with names and prices as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The product's id.
    pub product: String,
    /// Its name at the time.
    pub name: Texts,
    /// How many.
    pub quantity: i64,
    /// What was chosen.
    pub choices: Vec<LineChoice>,
    /// The price of one, options included.
    pub unit_cents: i64,
    /// What each class of VAT has of that price.
    #[serde(default)]
    pub shares: Vec<Share>,
}

/// One choice of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChoice {
    /// The option group's id.
    pub group: String,
    /// The choice's id.
    pub choice: String,
    /// Its name at the time.
    pub name: Texts,
    /// What it added to the price.
    pub price_cents: i64,
}

/// Finds what is wanted on the menu, and what it costs.
///
/// # Errors
/// Refuses whatever the menu does not offer.
pub(super) fn price(catalogue: &Catalogue, wanted: &BasketLine) -> Result<Line, Rejection> {
    let unknown = || Rejection::UnknownProduct(wanted.product.clone());
    let product = catalogue.product(&wanted.product).ok_or_else(unknown)?;
    if !product.available {
        return Err(Rejection::SoldOut(product.id.clone()));
    }
    if !(1..=i64::from(limits::QUANTITY_MAX)).contains(&wanted.quantity) {
        return Err(Rejection::InvalidQuantity);
    }
    if wanted.choices.len() > limits::CHOICES_MAX {
        return Err(Rejection::TooManyChoices(product.id.clone()));
    }
    let choices = choose(product, &wanted.choices)?;
    let options_cents: i64 = choices.iter().map(|choice| choice.price_cents).sum();
    let unit_cents = product.price_cents + options_cents;
    Ok(Line {
        product: product.id.clone(),
        name: product.name.clone(),
        quantity: wanted.quantity,
        choices,
        unit_cents,
        shares: vec![Share { class: product.vat_class, cents: unit_cents }],
    })
}

fn choose(product: &Product, wanted: &[BasketChoice]) -> Result<Vec<LineChoice>, Rejection> {
    let distinct: BTreeSet<&BasketChoice> = wanted.iter().collect();
    if let Some(twice) = wanted.iter().find(|w| wanted.iter().filter(|o| o == w).count() > 1) {
        return Err(Rejection::TooManyChoices(twice.group.clone()));
    }
    let mut chosen = Vec::new();
    for group in &product.option_groups {
        let mut count = 0;
        for choice in &group.choices {
            if distinct.iter().any(|w| w.group == group.id && w.choice == choice.id) {
                count += 1;
                chosen.push(LineChoice {
                    group: group.id.clone(),
                    choice: choice.id.clone(),
                    name: choice.name.clone(),
                    price_cents: choice.price_cents,
                });
            }
        }
        if count < group.min {
            return Err(Rejection::OptionRequired(group.id.clone()));
        }
        if count > group.max {
            return Err(Rejection::TooManyChoices(group.id.clone()));
        }
    }
    let is_chosen =
        |w: &BasketChoice| chosen.iter().any(|c| c.group == w.group && c.choice == w.choice);
    match wanted.iter().find(|w| !is_chosen(w)) {
        Some(stranger) => Err(Rejection::UnknownOption(stranger.choice.clone())),
        None => Ok(chosen),
    }
}
