//! What a customer decides about a dish: choices of groups, ingredients left out, parts of a combo.
//!
//! It must not know the dish's own price, nor what somebody has chosen.

use serde::{Deserialize, Serialize};

use super::{Texts, texts_fit};
use crate::limits;

/// Choices of one kind, such as sauces; a builder's steps are its groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionGroup {
    /// Its id, unique in the product.
    pub id: String,
    /// Its name.
    pub name: Texts,
    /// How many must be chosen.
    #[serde(default)]
    pub min: usize,
    /// How many may be chosen.
    pub max: usize,
    /// What there is to choose.
    pub choices: Vec<Choice>,
}

/// One thing to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Its id, unique in the group.
    pub id: String,
    /// Its name.
    pub name: Texts,
    /// What it adds to the price.
    #[serde(default)]
    pub price_cents: i64,
    /// Whether it is chosen until the customer says otherwise.
    #[serde(default, skip_serializing_if = "is_no")]
    pub preset: bool,
}

/// Something that a dish is made of and that may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingredient {
    /// Its id, unique in the product.
    pub id: String,
    /// Its name.
    pub name: Texts,
}

/// A place of a combo that one product fills, such as the drink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its id, unique in the combo.
    pub id: String,
    /// Its name.
    pub name: Texts,
    /// What may fill it.
    pub choices: Vec<SlotChoice>,
}

/// A product that may fill a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotChoice {
    /// The product's id.
    pub product: String,
    /// What it adds to the price of the combo.
    #[serde(default)]
    pub surcharge_cents: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_no(value: &bool) -> bool {
    !*value
}

impl OptionGroup {
    /// Lists what is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<&'static str> {
        let count = self.choices.len();
        let presets = self.choices.iter().filter(|choice| choice.preset).count();
        let mut found = Vec::new();
        let mut check = |ok: bool, problem| {
            if !ok {
                found.push(problem);
            }
        };
        check(texts_fit(&self.name, limits::NAME_CHARS, true), "a group has no name");
        check(
            self.min <= self.max && self.min <= count && self.max > 0,
            "a group's minimum and maximum do not fit",
        );
        check((1..=limits::GROUP_CHOICES_MAX).contains(&count), "a group's choices do not fit");
        check(presets <= self.max, "more of a group is chosen beforehand than may be");
        for choice in &self.choices {
            check(texts_fit(&choice.name, limits::NAME_CHARS, true), "a choice has no name");
            let price = choice.price_cents;
            check(is_price(price), "a choice's price is out of range");
        }
        found
    }
}

impl Slot {
    /// Lists what is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        let mut check = |ok: bool, problem| {
            if !ok {
                found.push(problem);
            }
        };
        let count = self.choices.len();
        check(texts_fit(&self.name, limits::NAME_CHARS, true), "a slot has no name");
        check((1..=limits::GROUP_CHOICES_MAX).contains(&count), "a slot's products do not fit");
        for choice in &self.choices {
            check(is_price(choice.surcharge_cents), "a slot's surcharge is out of range");
        }
        found
    }
}

/// Tells whether an amount can be a price.
#[must_use]
pub fn is_price(cents: i64) -> bool {
    (0..=limits::CENTS_MAX).contains(&cents)
}
