//! What is sold: categories, products, what may be decided about them.
//!
//! Owns the shapes as they stand in payloads and rows, and their checks. Prices are gross, in
//! cents. It must not know orders.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sync_engine::change::Draft;

use crate::{Rejection, limits, pricing::vat::Class};

pub mod edit;
mod least;
pub mod lines;
pub mod marks;
mod options;
pub mod picture;
pub mod table;

pub use least::Least;
pub use options::{Choice, Ingredient, OptionGroup, Slot, SlotChoice, is_price};

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

/// How a product is put together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A dish with options.
    #[default]
    Simple,
    /// Several products at one price, each in a slot of its own.
    Combo,
    /// A dish that the customer puts together step by step: a group is a step.
    Builder,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Simple, Self::Combo, Self::Builder];

    /// Returns the name under which it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Combo => "combo",
            Self::Builder => "builder",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
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
    /// Codes of the diets that it suits.
    #[serde(default)]
    pub diets: Vec<String>,
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
    /// How it is put together.
    #[serde(default)]
    pub kind: Kind,
    /// What a combo consists of.
    #[serde(default)]
    pub slots: Vec<Slot>,
    /// What may be left out.
    #[serde(default)]
    pub ingredients: Vec<Ingredient>,
    /// Whether the customer may write a word to the kitchen.
    #[serde(default)]
    pub free_text: bool,
    /// Where in the kitchen it is made; empty for anywhere.
    #[serde(default)]
    pub station: String,
    /// The part of the day in which it is served; empty for always.
    #[serde(default)]
    pub day_part: String,
    /// Ids of products that go well with it.
    #[serde(default)]
    pub upsell: Vec<String>,
    /// Whether it is to be had.
    #[serde(default = "yes")]
    pub available: bool,
}

const fn yes() -> bool {
    true
}

/// What a venue sells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// In menu order.
    pub categories: Vec<Category>,
    /// In menu order.
    pub products: Vec<Product>,
    /// The id of the published version that this is; empty for what editors have.
    pub version: String,
    /// Ids of the parts of the day that it is not now.
    pub off: BTreeSet<String>,
    /// Whether the venue takes no orders now.
    pub closed: bool,
}

impl Catalogue {
    /// Finds a product.
    #[must_use]
    pub fn product(&self, id: &str) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    /// Tells whether it is the time of day at which a product is served.
    #[must_use]
    pub fn serves(&self, product: &Product) -> bool {
        product.day_part.is_empty() || !self.off.contains(&product.day_part)
    }

    /// Finds a product that can be had now.
    ///
    /// # Errors
    /// Refuses what is unknown, sold out, or served at another time.
    pub fn to_be_had(&self, id: &str) -> Result<&Product, Rejection> {
        let product = self.product(id).ok_or_else(|| Rejection::UnknownProduct(id.to_owned()))?;
        if !product.available {
            return Err(Rejection::SoldOut(product.id.clone()));
        }
        if !self.serves(product) {
            return Err(Rejection::NotServedNow(product.id.clone()));
        }
        Ok(product)
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
    /// Returns a product of which nothing but the id is known yet.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            category: String::new(),
            name: Texts::new(),
            description: Texts::new(),
            picture: String::new(),
            allergens: Vec::new(),
            diets: Vec::new(),
            position: 0,
            price_cents: 0,
            vat_class: Class::default(),
            option_groups: Vec::new(),
            kind: Kind::Simple,
            slots: Vec::new(),
            ingredients: Vec::new(),
            free_text: false,
            station: String::new(),
            day_part: String::new(),
            upsell: Vec::new(),
            available: true,
        }
    }

    /// Returns the registers that describe it, one per group of fields.
    #[must_use]
    pub fn drafts(&self) -> Vec<Draft> {
        let presentation = json!({
            "category": self.category,
            "name": self.name,
            "description": self.description,
            "picture": self.picture,
            "allergens": self.allergens,
            "diets": self.diets,
            "position": self.position,
        });
        let offer = json!({
            "price_cents": self.price_cents,
            "vat_class": self.vat_class,
            "option_groups": self.option_groups,
            "kind": self.kind,
            "slots": self.slots,
            "ingredients": self.ingredients,
            "free_text": i64::from(self.free_text),
        });
        let service = json!({
            "station": self.station,
            "day_part": self.day_part,
            "upsell": self.upsell,
        });
        let mut drafts = vec![
            register("product", &self.id, "presentation", presentation),
            register("product", &self.id, "offer", offer),
            register("product", &self.id, "service", service),
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
        check(is_price(self.price_cents), "the price is out of range");
        check(marks::are_known(&self.allergens, &marks::ALLERGENS), "an allergen is not known");
        check(marks::are_known(&self.diets, &marks::DIETS), "a diet is not known");
        check(self.option_groups.len() <= limits::GROUPS_MAX, "there are too many option groups");
        check(self.slots.len() <= limits::SLOTS_MAX, "there are too many slots");
        check(
            (self.kind == Kind::Combo) != self.slots.is_empty(),
            "a combo has slots, and nothing else has",
        );
        check(self.ingredients.len() <= limits::INGREDIENTS_MAX, "there are too many ingredients");
        check(self.upsell.len() <= limits::UPSELL_MAX, "too many products are offered with it");
        let named = |name: &String| name.is_empty() || sync_engine::id::is_name(name);
        check(named(&self.station), "the station is not a plain name");
        check(named(&self.day_part), "the part of the day is not a plain name");
        check(
            self.upsell.iter().all(|id| sync_engine::id::is_name(id)),
            "an id is not a plain name",
        );
        for ingredient in &self.ingredients {
            let fits = texts_fit(&ingredient.name, limits::NAME_CHARS, true);
            check(fits, "an ingredient has no name");
        }
        let groups = self.option_groups.iter().flat_map(OptionGroup::problems);
        for problem in groups.chain(self.slots.iter().flat_map(Slot::problems)) {
            check(false, problem);
        }
        problems
    }
}

/// Returns the register that says whether a product is to be had.
#[must_use]
pub fn availability(product: &str, available: bool) -> Draft {
    register("product", product, "availability", json!({"available": i64::from(available)}))
}

/// Checks texts: not empty where one is needed, each within the limit and of plain characters.
#[must_use]
pub fn texts_fit(texts: &Texts, chars_max: usize, needed: bool) -> bool {
    let fit = texts.values().all(|text| text.chars().count() <= chars_max && is_plain(text));
    fit && (!needed || texts.values().any(|text| !text.trim().is_empty()))
}

/// Tells whether a text holds nothing that would make what stands around it read otherwise:
/// control characters, and those that turn the direction of what follows.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.chars().any(|c| c.is_control() || turns(c))
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
