//! Owns the pages on which editors change the menu.
//! It must not know rights, rows or what an edit may say.

use askama::Template;

use super::{Shell, mark::marked};

/// A product in the list.
#[derive(Clone, Debug)]
pub struct ArticleLine {
    /// Its id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
    /// Its price, written for the reader.
    pub price: String,
    /// The address of its picture.
    pub picture: String,
    /// False while it is sold out.
    pub available: bool,
    /// Several people changed it at once.
    pub torn: bool,
    /// What stands beside its name: kind, part of the day.
    pub hint: String,
}

/// A category in the list.
#[derive(Clone, Debug)]
pub struct ShelfView {
    /// Its id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
    /// Its names, for the form.
    pub names: Vec<TextField>,
    /// Where it stands.
    pub position: i64,
    /// Its products.
    pub products: Vec<ArticleLine>,
}

/// A version in the list.
#[derive(Clone, Debug)]
pub struct VersionLine {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: i64,
    /// When it was published.
    pub at: String,
    /// It is on sale.
    pub on_sale: bool,
}

/// A price that would change.
#[derive(Clone, Debug)]
pub struct PriceLine {
    /// The product's name.
    pub name: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
    /// What the form sends back.
    pub value: String,
}

/// A product whose values wait to be chosen.
#[derive(Clone, Debug)]
pub struct TornLine {
    /// Its id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
}

/// A text in one language.
#[derive(Clone, Debug)]
pub struct TextField {
    /// The form's field.
    pub field: String,
    /// The language's code.
    pub code: &'static str,
    /// What it says.
    pub text: String,
}

/// Something that can be ticked or picked.
#[derive(Clone, Debug)]
pub struct Tick {
    /// What is sent.
    pub value: String,
    /// Its label in the reader's language.
    pub label: String,
    /// It is ticked.
    pub chosen: bool,
}

/// A station in its form.
#[derive(Clone, Debug)]
pub struct StationForm {
    /// Where it stands in the list.
    pub place: usize,
    /// Its id; empty for one that is to come.
    pub id: String,
    /// Its name in the reader's language.
    pub label: String,
    /// Its names.
    pub names: Vec<TextField>,
}

/// A category and where it is made.
#[derive(Clone, Debug)]
pub struct StationOf {
    /// The category's id.
    pub id: String,
    /// Its name in the reader's language.
    pub name: String,
    /// The stations to choose from.
    pub stations: Vec<Tick>,
}

/// What the form of the kitchen holds.
#[derive(Clone, Debug)]
pub struct KitchenForm {
    /// The stations, and room for one more.
    pub stations: Vec<StationForm>,
    /// The categories, in menu order.
    pub categories: Vec<StationOf>,
    /// After so many minutes an order should be looked at.
    pub soon_minutes: u32,
    /// After so many minutes an order is late.
    pub late_minutes: u32,
}

/// The page at `/catalogue`.
#[derive(Template)]
#[template(path = "catalogue.html")]
pub struct CatalogueView {
    /// The frame.
    pub shell: Shell,
    /// The categories, in menu order.
    pub shelves: Vec<ShelfView>,
    /// The stations of the kitchen.
    pub kitchen: KitchenForm,
    /// The last versions.
    pub versions: Vec<VersionLine>,
    /// The draft differs from what is on sale.
    pub differs: bool,
    /// Products whose values wait to be chosen.
    pub torn: Vec<TornLine>,
    /// What prices would be; empty where nobody asked.
    pub prices: Vec<PriceLine>,
    /// How many prices change, and from which to which.
    pub sum: String,
    /// Names of what would be free.
    pub free: Vec<String>,
    /// What was done.
    pub done: Option<String>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
    /// What it is about, in detail.
    pub problems: Vec<String>,
    /// The field that is wrong.
    pub wrong: Option<String>,
}

impl CatalogueView {
    /// Marks the field that is wrong, and has the browser go there.
    fn mark(&self, field: &str) -> &'static str {
        marked(self.wrong.as_deref() == Some(field), true)
    }
}

/// One of several values that stand side by side.
#[derive(Clone, Debug)]
pub struct SideView {
    /// Its id.
    pub id: String,
    /// It is the one that counts now.
    pub counts: bool,
    /// What it says, field by field.
    pub lines: Vec<(String, String)>,
}

/// What a form of a product holds.
#[derive(Clone, Debug, Default)]
pub struct ArticleForm {
    /// The id; empty for a new one.
    pub id: String,
    /// The price, as it is typed.
    pub price: String,
    /// The picture's address.
    pub picture: String,
    /// The stations to choose from.
    pub stations: Vec<Tick>,
    /// Ids of what goes well with it.
    pub upsell: String,
    /// Option groups, as lines.
    pub groups: String,
    /// Slots, as lines.
    pub slots: String,
    /// Ingredients, as lines.
    pub ingredients: String,
    /// A word to the kitchen is taken.
    pub free_text: bool,
    /// The siblings that the author is shown.
    pub seen: String,
}

/// The page at `/catalogue/products/{id}`.
#[derive(Template)]
#[template(path = "catalogue_product.html")]
pub struct ArticleView {
    /// The frame.
    pub shell: Shell,
    /// Where the form goes: `new`, or the id.
    pub address: String,
    /// The name, for the title.
    pub name: String,
    /// Its fields.
    pub form: ArticleForm,
    /// Names by language.
    pub names: Vec<TextField>,
    /// Descriptions by language.
    pub descriptions: Vec<TextField>,
    /// Categories to pick.
    pub categories: Vec<Tick>,
    /// What a combo may offer.
    pub products: Vec<Tick>,
    /// Kinds to pick.
    pub kinds: Vec<Tick>,
    /// Parts of the day to pick.
    pub parts: Vec<Tick>,
    /// Allergens to tick.
    pub allergens: Vec<Tick>,
    /// Diets to tick.
    pub diets: Vec<Tick>,
    /// Values that stand side by side.
    pub sides: Vec<SideView>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
    /// What it is about, in detail.
    pub problems: Vec<String>,
    /// The fields that are wrong, as the form calls them; the first one first.
    pub wrong: Vec<String>,
    /// It was saved, and stands beside what others saved meanwhile.
    pub beside: bool,
}

impl ArticleView {
    /// Marks a field that is wrong, and has the browser go to the first of them.
    fn mark(&self, field: &str) -> &'static str {
        let at = self.wrong.iter().position(|wrong| wrong == field);
        marked(at.is_some(), at == Some(0))
    }
}
