//! Owns the menu page and the menu's JSON, which `/api/menu` answers too.
//! It must not know rows or prices rules: it shows the prices that it is given.

use askama::Template;
use serde::Serialize;

use super::Shell;
use super::shell::script_json;

/// The menu as the scripts read it, in the reader's language.
#[derive(Clone, Debug, Serialize)]
pub struct MenuData {
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
    /// Price of one, VAT included.
    pub price_cents: i64,
    /// False while it is sold out.
    pub available: bool,
    /// Names of its allergens in the reader's language.
    pub allergens: Vec<String>,
    /// What the customer composes.
    pub groups: Vec<GroupData>,
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
    /// False while it is sold out.
    pub available: bool,
}

/// The page at `/menu` and `/kiosk/menu`.
#[derive(Template)]
#[template(path = "menu.html")]
pub struct MenuView {
    /// The frame.
    pub shell: Shell,
    /// Categories that have products, with their cards.
    pub categories: Vec<CategoryView>,
    /// The menu for the scripts.
    pub menu_json: String,
    /// Why nobody can order now, in the reader's language; `None` while ordering is open.
    pub closed: Option<String>,
    /// Orders are brought to customers who are reached here.
    pub delivers: bool,
}

const NO_PICTURE: &str = "/static/pictures/plate.svg";

impl MenuView {
    /// Makes the page of a menu.
    pub fn new(shell: Shell, menu: &MenuData, closed: Option<String>) -> Self {
        let categories = menu
            .categories
            .iter()
            .map(|category| CategoryView {
                id: category.id.clone(),
                name: category.name.clone(),
                products: menu
                    .products
                    .iter()
                    .filter(|product| product.category == category.id)
                    .map(|product| card(&shell, product))
                    .collect(),
            })
            .filter(|category| !category.products.is_empty())
            .collect();
        Self { menu_json: script_json(menu), categories, closed, delivers: false, shell }
    }
}

fn card(shell: &Shell, product: &ProductData) -> ProductView {
    let picture = if product.picture.is_empty() { NO_PICTURE } else { &product.picture };
    ProductView {
        id: product.id.clone(),
        name: product.name.clone(),
        description: product.description.clone(),
        picture: picture.to_owned(),
        price: shell.locale.money(product.price_cents),
        allergens: product.allergens.join(", "),
        available: product.available,
    }
}
