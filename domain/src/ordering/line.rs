//! One line of an order: what is wanted, found on the menu and priced.
//!
//! It must not know what an order is, nor who pays.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Rejection,
    catalogue::{Catalogue, Kind, Product, Texts, is_plain},
    limits,
    pricing::{split::spread, total::Share},
};

/// One product with what was decided about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasketLine {
    /// The product's id.
    pub product: String,
    /// How many.
    pub quantity: i64,
    /// What was chosen.
    #[serde(default)]
    pub choices: Vec<BasketChoice>,
    /// Ids of the ingredients that are left out.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// What fills a combo's slots.
    #[serde(default)]
    pub parts: Vec<BasketPart>,
    /// A word to the kitchen.
    #[serde(default)]
    pub word: String,
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

/// One part of a combo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasketPart {
    /// The slot that it fills.
    pub slot: String,
    /// The product's id.
    pub product: String,
    /// What was chosen.
    #[serde(default)]
    pub choices: Vec<BasketChoice>,
    /// Ids of the ingredients that are left out.
    #[serde(default)]
    pub left_out: Vec<String>,
}

/// One line of an order, with names and prices as they were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The product's id.
    pub product: String,
    /// Its name at the time.
    pub name: Texts,
    /// How many.
    pub quantity: i64,
    /// What was chosen.
    pub choices: Vec<LineChoice>,
    /// What is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What a combo consists of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<LinePart>,
    /// A word to the kitchen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub word: String,
    /// The price of one, options and surcharges included.
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

/// An ingredient that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The ingredient's id.
    pub ingredient: String,
    /// Its name at the time.
    pub name: Texts,
}

/// One part of a combo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePart {
    /// The slot that it fills.
    pub slot: String,
    /// The product's id.
    pub product: String,
    /// Its name at the time.
    pub name: Texts,
    /// What was chosen.
    pub choices: Vec<LineChoice>,
    /// What is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What it added to the price beside its choices.
    pub surcharge_cents: i64,
    /// What it costs by itself, its choices included.
    pub own_cents: i64,
}

impl Line {
    /// Tells whether it is what a basket asks for.
    #[must_use]
    pub fn is_of(&self, wanted: &BasketLine) -> bool {
        let parts: BTreeSet<_> = self.parts.iter().map(|part| part.decisions()).collect();
        let wants: BTreeSet<_> = wanted.parts.iter().map(|part| part.decisions()).collect();
        self.product == wanted.product
            && self.quantity == wanted.quantity
            && self.word == wanted.word.trim()
            && chosen(&self.choices) == asked(&wanted.choices)
            && omitted(&self.left_out) == wanted.left_out.iter().map(String::as_str).collect()
            && parts == wants
    }
}

type Decisions<'a> = (&'a str, &'a str, BTreeSet<(&'a str, &'a str)>, BTreeSet<&'a str>);

impl LinePart {
    fn decisions(&self) -> Decisions<'_> {
        (&self.slot, &self.product, chosen(&self.choices), omitted(&self.left_out))
    }
}

impl BasketPart {
    fn decisions(&self) -> Decisions<'_> {
        let left_out = self.left_out.iter().map(String::as_str).collect();
        (&self.slot, &self.product, asked(&self.choices), left_out)
    }
}

fn chosen(choices: &[LineChoice]) -> BTreeSet<(&str, &str)> {
    choices.iter().map(|c| (c.group.as_str(), c.choice.as_str())).collect()
}

fn asked(choices: &[BasketChoice]) -> BTreeSet<(&str, &str)> {
    choices.iter().map(|c| (c.group.as_str(), c.choice.as_str())).collect()
}

fn omitted(left_out: &[LeftOut]) -> BTreeSet<&str> {
    left_out.iter().map(|one| one.ingredient.as_str()).collect()
}

/// Finds what is wanted on the menu, and what it costs.
///
/// # Errors
/// Refuses whatever the menu does not offer.
pub(super) fn price(catalogue: &Catalogue, wanted: &BasketLine) -> Result<Line, Rejection> {
    let product = catalogue.to_be_had(&wanted.product)?;
    if !(1..=i64::from(limits::QUANTITY_MAX)).contains(&wanted.quantity) {
        return Err(Rejection::InvalidQuantity);
    }
    let choices = choose(product, &wanted.choices)?;
    let left_out = leave_out(product, &wanted.left_out)?;
    let parts = fill(catalogue, product, &wanted.parts)?;
    let unit_cents = product.price_cents
        + cents(&choices)
        + parts.iter().map(|part| part.surcharge_cents + cents(&part.choices)).sum::<i64>();
    let shares = shares(catalogue, product, (unit_cents, &parts));
    Ok(Line {
        product: product.id.clone(),
        name: product.name.clone(),
        quantity: wanted.quantity,
        choices,
        left_out,
        parts,
        word: word(product, &wanted.word)?,
        unit_cents,
        shares,
    })
}

/// Says what each VAT class has of the price of one: that of a combo is spread over its parts by
/// what they cost by themselves, to the cent.
fn shares(
    catalogue: &Catalogue,
    product: &Product,
    (unit_cents, parts): (i64, &[LinePart]),
) -> Vec<Share> {
    let weights: Vec<i64> = parts.iter().map(|part| part.own_cents).collect();
    if weights.iter().sum::<i64>() == 0 {
        return vec![Share { class: product.vat_class, cents: unit_cents }];
    }
    let mut shares: Vec<Share> = Vec::new();
    for (part, cents) in parts.iter().zip(spread(unit_cents, &weights)) {
        let found = catalogue.product(&part.product).unwrap_or(product);
        match shares.iter_mut().find(|share| share.class == found.vat_class) {
            Some(share) => share.cents += cents,
            None => shares.push(Share { class: found.vat_class, cents }),
        }
    }
    shares
}

fn cents(choices: &[LineChoice]) -> i64 {
    choices.iter().map(|choice| choice.price_cents).sum()
}

fn word(product: &Product, wanted: &str) -> Result<String, Rejection> {
    let word = wanted.trim();
    let fits = word.chars().count() <= limits::WORD_CHARS && is_plain(word);
    if word.is_empty() || (product.free_text && fits) {
        Ok(word.to_owned())
    } else {
        Err(Rejection::InvalidWord)
    }
}

fn leave_out(product: &Product, wanted: &[String]) -> Result<Vec<LeftOut>, Rejection> {
    let has = |id: &String| product.ingredients.iter().any(|ingredient| ingredient.id == *id);
    let twice = |id: &String| wanted.iter().filter(|other| *other == id).count() > 1;
    // Refused before it is compared: there are never more than the product has.
    let stranger = match wanted.len() > product.ingredients.len() {
        true => wanted.first(),
        false => wanted.iter().find(|id| !has(id) || twice(id)),
    };
    if let Some(stranger) = stranger {
        return Err(Rejection::UnknownIngredient(stranger.clone()));
    }
    let out = product.ingredients.iter().filter(|ingredient| wanted.contains(&ingredient.id));
    Ok(out.map(|i| LeftOut { ingredient: i.id.clone(), name: i.name.clone() }).collect())
}

/// Fills every slot of a combo, in the combo's own order.
fn fill(
    catalogue: &Catalogue,
    combo: &Product,
    wanted: &[BasketPart],
) -> Result<Vec<LinePart>, Rejection> {
    let mut filled = Vec::new();
    for slot in &combo.slots {
        let mut of_slot = wanted.iter().filter(|part| part.slot == slot.id);
        let required = || Rejection::PartRequired(slot.id.clone());
        let part = of_slot.next().ok_or_else(required)?;
        if let Some(another) = of_slot.next() {
            return Err(Rejection::UnknownPart(another.product.clone()));
        }
        let offered = slot.choices.iter().find(|choice| choice.product == part.product);
        let offered = offered.ok_or_else(|| Rejection::UnknownPart(part.product.clone()))?;
        let product = catalogue.to_be_had(&part.product)?;
        if product.kind == Kind::Combo {
            return Err(Rejection::UnknownPart(part.product.clone()));
        }
        let choices = choose(product, &part.choices)?;
        filled.push(LinePart {
            slot: slot.id.clone(),
            product: product.id.clone(),
            name: product.name.clone(),
            own_cents: product.price_cents + cents(&choices),
            choices,
            left_out: leave_out(product, &part.left_out)?,
            surcharge_cents: offered.surcharge_cents,
        });
    }
    let fits = |part: &&BasketPart| combo.slots.iter().any(|slot| slot.id == part.slot);
    match wanted.iter().find(|part| !fits(part)) {
        Some(stranger) => Err(Rejection::UnknownPart(stranger.product.clone())),
        None => Ok(filled),
    }
}

fn choose(product: &Product, wanted: &[BasketChoice]) -> Result<Vec<LineChoice>, Rejection> {
    if wanted.len() > limits::CHOICES_MAX {
        return Err(Rejection::TooManyChoices(product.id.clone()));
    }
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
