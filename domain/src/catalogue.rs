//! What is sold: categories, products, option groups.
//!
//! Owns the shapes as they stand in payloads and rows, and their checks. Prices are gross, in
//! cents. It must not know orders.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sync_engine::change::Draft;

use crate::{limits, pricing::vat::Class};

/// A text in the venue's languages, by language code.
pub type Texts = BTreeMap<String, String>;

/// A group of products on the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its id, unique in the venue.
    pub id: String,
    /// Its name.
    pub name: Texts,
    /// Where it stands on the menu.
    #[serde(default)]
    pub position: i64,
}

/// Something that is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id, unique in the venue.
    pub id: String,
    /// Its category's id.
    pub category: String,
    /// Its name.
    pub name: Texts,
    /// What it is made of, in a sentence.
    #[serde(default)]
    pub description: Texts,
    /// The address of its picture; empty for none.
    #[serde(default)]
    pub picture: String,
    /// Codes of the allergens that it contains.
    #[serde(default)]
    pub allergens: Vec<String>,
    /// Where it stands in its category.
    #[serde(default)]
    pub position: i64,
    /// The price without options.
    pub price_cents: i64,
    /// How it is taxed.
    #[serde(default)]
    pub vat_class: Class,
    /// What can be chosen.
    #[serde(default)]
    pub option_groups: Vec<OptionGroup>,
    /// Whether it is to be had.
    #[serde(default = "yes")]
    pub available: bool,
}

const fn yes() -> bool {
    true
}

/// Choices of one kind, such as sauces.
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
}

/// What a venue sells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// In menu order.
    pub categories: Vec<Category>,
    /// In menu order.
    pub products: Vec<Product>,
}

impl Catalogue {
    /// Finds a product.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }
}

impl Category {
    /// Returns the registers that describe it.
    #[must_use]
    pub fn drafts(&self) -> Vec<Draft> {
        let fields = json!({"name": self.name, "position": self.position});
        vec![register("category", &self.id, "presentation", fields)]
    }
}

impl Product {
    /// Returns the registers that describe it, one per group of fields.
    #[must_use]
    pub fn drafts(&self) -> Vec<Draft> {
        let presentation = json!({
            "category": self.category,
            "name": self.name,
            "description": self.description,
            "picture": self.picture,
            "allergens": self.allergens,
            "position": self.position,
        });
        let offer = json!({
            "price_cents": self.price_cents,
            "vat_class": self.vat_class,
            "option_groups": self.option_groups,
        });
        let mut drafts = vec![
            register("product", &self.id, "presentation", presentation),
            register("product", &self.id, "offer", offer),
        ];
        // What is sold out today is the kitchen's word: a menu that is published anew leaves it.
        if !self.available {
            drafts.push(availability(&self.id, false));
        }
        drafts
    }

    /// Lists what is wrong with it; nothing when it can be sold.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut check = |ok: bool, problem: &str| {
            if !ok {
                problems.push(format!("product {}: {problem}", self.id));
            }
        };
        check(sync_engine::id::is_name(&self.id), "the id is not a plain name");
        check(texts_fit(&self.name, limits::NAME_CHARS, true), "the name is missing or too long");
        check(
            texts_fit(&self.description, limits::DESCRIPTION_CHARS, false),
            "the description is too long",
        );
        check((0..=limits::CENTS_MAX).contains(&self.price_cents), "the price is out of range");
        check(self.option_groups.len() <= limits::GROUPS_MAX, "there are too many option groups");
        for group in &self.option_groups {
            let count = group.choices.len();
            check(texts_fit(&group.name, limits::NAME_CHARS, true), "a group has no name");
            check(
                group.min <= group.max && group.min <= count && group.max > 0,
                "a group's minimum and maximum do not fit",
            );
            check((1..=limits::GROUP_CHOICES_MAX).contains(&count), "a group's choices do not fit");
            for choice in &group.choices {
                check(texts_fit(&choice.name, limits::NAME_CHARS, true), "a choice has no name");
                check(
                    (0..=limits::CENTS_MAX).contains(&choice.price_cents),
                    "a choice's price is out of range",
                );
            }
        }
        problems
    }
}

/// Returns the register that says whether a product is to be had.
#[must_use]
pub fn availability(product: &str, available: bool) -> Draft {
    register("product", product, "availability", json!({"available": i64::from(available)}))
}

/// Checks texts: not empty where one is needed, each within the limit.
#[must_use]
pub fn texts_fit(texts: &Texts, chars_max: usize, needed: bool) -> bool {
    let fit = texts.values().all(|text| text.chars().count() <= chars_max);
    fit && (!needed || texts.values().any(|text| !text.trim().is_empty()))
}

/// Builds a draft of one register from a JSON object.
#[must_use]
pub fn register(table: &'static str, entity: &str, register: &'static str, fields: Json) -> Draft {
    let payload = match fields {
        Json::Object(fields) => fields,
        _ => Map::new(),
    };
    Draft { table, entity: entity.to_owned(), register, payload, number: None }
}
