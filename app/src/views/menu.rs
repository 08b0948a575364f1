//! Owns the menu page and the menu's JSON, which `/api/menu` answers too.
//! It must not know rows or prices rules: it shows the prices that it is given.

use std::sync::Arc;

use askama::Template;
use serde::Serialize;

use super::shell::script_json;
use super::{OpeningView, Shell};
use crate::locale::Locale;

/// The menu as the scripts read it, in the reader's language.
#[derive(Clone, Debug, Serialize)]
pub struct MenuData {
    /// The id of the version that is on sale; empty for a draft.
    pub version: String,
    /// Categories in the order in which they are shown.
    pub categories: Vec<CategoryData>,
    /// Products in the order in which they are shown inside their category.
    pub products: Vec<ProductData>,
}

/// A category.
#[derive(Clone, Debug, Serialize)]
pub struct CategoryData {
    /// Its id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
}

/// A product.
#[derive(Clone, Debug, Serialize)]
pub struct ProductData {
    /// Its id.
    pub id: String,
    /// The id of its category.
    pub category: String,
    /// Its name in the reader's language.
    pub name: String,
    /// What is in it, in one or two sentences; may be empty.
    pub description: String,
    /// The address of its picture, such as `/static/pictures/le-classique.svg`; may be empty.
    pub picture: String,
    /// Price of one, VAT included, without what is chosen.
    pub price_cents: i64,
    /// The lowest price at which it can be had.
    pub least_cents: i64,
    /// True where what has to be chosen may also cost more.
    pub rises: bool,
    /// False while it is sold out.
    pub available: bool,
    /// False outside the part of the day in which it is served.
    pub served: bool,
    /// Its allergens.
    pub allergens: Vec<MarkData>,
    /// The diets that it suits.
    pub diets: Vec<MarkData>,
    /// How it is put together: `simple`, `combo` or `builder`.
    pub kind: &'static str,
    /// What the customer composes.
    pub groups: Vec<GroupData>,
    /// What a combo consists of.
    pub slots: Vec<SlotData>,
    /// What may be left out.
    pub ingredients: Vec<IngredientData>,
    /// True where the customer may write a word to the kitchen.
    pub free_text: bool,
    /// Ids of products that go well with it.
    pub upsell: Vec<String>,
}

/// An allergen or a diet.
#[derive(Clone, Debug, Serialize)]
pub struct MarkData {
    /// Its code.
    pub code: String,
    /// Its name in the reader's language.
    pub name: String,
}

/// An ingredient that may be left out.
#[derive(Clone, Debug, Serialize)]
pub struct IngredientData {
    /// Its id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
}

/// A place of a combo that one product fills.
#[derive(Clone, Debug, Serialize)]
pub struct SlotData {
    /// Its id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
    /// What may fill it.
    pub choices: Vec<PartData>,
}

/// A product that may fill a slot.
#[derive(Clone, Debug, Serialize)]
pub struct PartData {
    /// The product's id.
    pub product: String,
    /// What it adds to the price of the combo.
    pub surcharge_cents: i64,
}

/// A group of options: between `min` and `max` choices are taken.
#[derive(Clone, Debug, Serialize)]
pub struct GroupData {
    /// Its id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
    /// How many choices must be taken.
    pub min: u32,
    /// How many choices may be taken.
    pub max: u32,
    /// The choices.
    pub choices: Vec<ChoiceData>,
}

/// A choice inside a group.
#[derive(Clone, Debug, Serialize)]
pub struct ChoiceData {
    /// Its id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
    /// What it adds to the price; 0 for nothing.
    pub price_cents: i64,
    /// True where it is chosen until the customer says otherwise.
    pub preset: bool,
}

/// A category with its cards.
pub struct CategoryView {
    /// The category's id, also the page's anchor.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its cards.
    pub products: Vec<ProductView>,
}

/// A product card.
pub struct ProductView {
    /// The product's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description; may be empty.
    pub description: String,
    /// The address of its picture.
    pub picture: String,
    /// Its price, written for the reader.
    pub price: String,
    /// Its allergens in one line; may be empty.
    pub allergens: String,
    /// Codes of its allergens, for the filter.
    pub allergen_codes: String,
    /// The diets that it suits.
    pub diets: Vec<MarkData>,
    /// Codes of its diets, for the filter.
    pub diet_codes: String,
    /// False while it is sold out.
    pub available: bool,
    /// False outside the part of the day in which it is served.
    pub served: bool,
}

impl ProductView {
    /// Tells whether it can be ordered now.
    pub fn orderable(&self) -> bool {
        self.available && self.served
    }
}

/// A menu as it is drawn in one language: the same for everybody who sees it.
pub struct MenuShown {
    /// Categories that have products, with their cards.
    pub categories: Vec<CategoryView>,
    /// The diets that dishes of it suit, for the filter.
    pub diets: Vec<MarkData>,
    /// The allergens that dishes of it hold, for the filter.
    pub allergens: Vec<MarkData>,
    /// The cards, as HTML.
    pub cards: String,
    /// The menu for the scripts.
    pub menu_json: String,
}

#[derive(Template)]
#[template(path = "menu_cards.html")]
struct CardsView<'a> {
    locale: Locale,
    categories: &'a [CategoryView],
}

/// The page at `/menu` and `/kiosk/menu`.
#[derive(Template)]
#[template(path = "menu.html")]
pub struct MenuView {
    /// The frame.
    pub shell: Shell,
    /// The menu.
    pub shown: Arc<MenuShown>,
    /// Why nobody can order now, in the reader's language; `None` while ordering is open.
    pub closed: Option<String>,
    /// Why no orders are taken from the web now; `None` while they are.
    pub paused: Option<String>,
    /// Orders are brought to customers who are reached here.
    pub delivers: bool,
    /// When the venue is open.
    pub opening: OpeningView,
    /// Whoever showed their card at this kiosk.
    pub member: Option<AtKiosk>,
    /// Points that whoever is signed in gets for each euro; 0 where nobody gets any.
    pub points_per_euro: i64,
}

/// Somebody whom a kiosk knows by their card.
#[derive(Debug, Clone)]
pub struct AtKiosk {
    /// How they are greeted.
    pub greeting: String,
    /// What they have, in words.
    pub points: String,
}

const NO_PICTURE: &str = "/static/pictures/plate.svg";

impl MenuShown {
    /// Draws a menu.
    pub fn new(locale: Locale, menu: &MenuData) -> Self {
        let of_category = |id: &str| {
            let products = menu.products.iter().filter(|product| product.category == id);
            products.map(|product| card(locale, product)).collect()
        };
        let category = |category: &CategoryData| CategoryView {
            id: category.id.clone(),
            name: category.name.clone(),
            products: of_category(&category.id),
        };
        let categories: Vec<CategoryView> =
            menu.categories.iter().map(category).filter(|c| !c.products.is_empty()).collect();
        // A template over texts cannot fail to be written; a page without cards says so itself.
        let cards = CardsView { locale, categories: &categories }.render().unwrap_or_default();
        let diets = distinct(menu.products.iter().flat_map(|product| &product.diets));
        let allergens = distinct(menu.products.iter().flat_map(|product| &product.allergens));
        Self { diets, allergens, cards, menu_json: script_json(menu), categories }
    }
}

impl MenuView {
    /// Makes the page of a menu.
    pub fn new(shell: Shell, shown: Arc<MenuShown>, closed: Option<String>) -> Self {
        let opening = OpeningView::default();
        let (paused, member) = (None, None);
        Self { shell, shown, closed, paused, delivers: false, opening, member, points_per_euro: 0 }
    }
}

fn card(locale: Locale, product: &ProductData) -> ProductView {
    let picture = if product.picture.is_empty() { NO_PICTURE } else { &product.picture };
    ProductView {
        id: product.id.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
        picture: picture.to_owned(),
        price: card_price(locale, product.least_cents, product.rises),
        allergens: names(&product.allergens),
        allergen_codes: codes(&product.allergens),
        diets: product.diets.clone(),
        diet_codes: codes(&product.diets),
        available: product.available,
        served: product.served,
    }
}

/// Writes the lowest price of a product, and says where it may also be more.
pub fn card_price(locale: Locale, least_cents: i64, rises: bool) -> String {
    let price = locale.money(least_cents);
    if rises { locale.t_with("menu.from", &[("price", &price)]) } else { price }
}

/// Collects marks, each once, by their names.
fn distinct<'a>(marks: impl Iterator<Item = &'a MarkData>) -> Vec<MarkData> {
    let mut all: Vec<MarkData> = marks.cloned().collect();
    all.sort_by(|a, b| (&a.name, &a.code).cmp(&(&b.name, &b.code)));
    all.dedup_by(|a, b| a.code == b.code);
    all
}

fn names(marks: &[MarkData]) -> String {
    marks.iter().map(|mark| mark.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn codes(marks: &[MarkData]) -> String {
    marks.iter().map(|mark| mark.code.as_str()).collect::<Vec<_>>().join(" ")
}
