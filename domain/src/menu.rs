//! Published versions of the menu: what customers see and orders are priced by.
//!
//! Editors change products; nothing of that is on sale until somebody publishes it. A page is what
//! one category offers, named after its content; a version is a list of pages. Both are facts, so
//! two replicas never show a mixture of two menus. What is sold out, and what time of day it is,
//! is no part of a version. It must not know how rows are read.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sync_engine::{change::Draft, seal::hex};

use crate::{
    Rejection,
    catalogue::{Catalogue, Category, Product, register},
    limits,
    venue::of_products,
};

/// The table of pages.
pub const PAGES: &str = "menu_page";
/// The table of versions.
pub const VERSIONS: &str = "menu_version";

/// What one category offers, or a part of it where it is long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The category.
    pub category: Category,
    /// In menu order.
    pub products: Vec<Product>,
}

/// A page as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The digest of its content.
    pub id: String,
    /// The page as JSON.
    pub content: String,
}

/// A version as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id: a digest of all that follows.
    pub id: String,
    /// Ids of its pages, in menu order.
    pub pages: Vec<String>,
    /// Its number: one more than the highest that its author knew.
    pub number: i64,
    /// When it was published.
    pub at_ms: u64,
    /// Who published it; empty where the venue's document did.
    pub author: String,
}

impl Sheet {
    fn of(page: &Page) -> Self {
        // A page of texts, numbers and lists cannot fail to be written.
        let content = serde_json::to_string(page).unwrap_or_default();
        Self { id: digest(&content), content }
    }

    /// Reads a page; nothing where it is not what its name says.
    #[must_use]
    pub fn read(id: &str, content: &str) -> Option<Page> {
        if digest(content) != id {
            return None;
        }
        serde_json::from_str(content).ok()
    }

    fn draft(&self) -> Draft {
        register(PAGES, &self.id, "", json!({"content": self.content}))
    }
}

impl Version {
    fn new(pages: Vec<String>, number: i64, (author, at_ms): (&str, u64)) -> Self {
        let all = json!([pages, number, author, at_ms]).to_string();
        Self { id: digest(&all), pages, number, at_ms, author: author.to_owned() }
    }

    fn draft(&self) -> Draft {
        let fields = json!({
            "pages": self.pages,
            "number": self.number,
            "at_ms": self.at_ms,
            "author": self.author,
        });
        register(VERSIONS, &self.id, "", fields)
    }
}

/// Puts pages together again, in their order; a category that goes on over a page stays one.
#[must_use]
pub fn bound(pages: Vec<Page>) -> Catalogue {
    let mut menu = Catalogue::default();
    for page in pages {
        if menu.categories.last().is_none_or(|last| last.id != page.category.id) {
            menu.categories.push(page.category);
        }
        menu.products.extend(page.products);
    }
    menu
}

/// Lays out what editors have: a page per category that offers something, or several.
///
/// # Errors
/// Lists all that could not be sold as it stands.
pub fn lay_out(draft: &Catalogue) -> Result<Vec<Sheet>, Rejection> {
    let mut problems = of_products(&draft.products);
    for product in &draft.products {
        if !draft.categories.iter().any(|category| category.id == product.category) {
            problems.push(format!("product {}: its category is missing", product.id));
        }
    }
    let mut sheets = Vec::new();
    for category in &draft.categories {
        let of_category = draft.products.iter().filter(|p| p.category == category.id);
        let mut page = Page { category: category.clone(), products: Vec::new() };
        for product in of_category {
            let product = Product { available: true, ..product.clone() };
            page.products.push(product);
            if weight(&page) <= limits::PAGE_BYTES {
                continue;
            }
            let Some(too_much) = page.products.pop() else { continue };
            if page.products.is_empty() {
                problems.push(format!("product {}: it is too large", too_much.id));
                continue;
            }
            sheets.push(Sheet::of(&page));
            page.products = vec![too_much];
        }
        if !page.products.is_empty() {
            sheets.push(Sheet::of(&page));
        }
    }
    if sheets.len() > limits::PAGES_MAX {
        problems.push("the menu has too many pages".to_owned());
    }
    if problems.is_empty() { Ok(sheets) } else { Err(Rejection::InvalidMenu(problems)) }
}

/// What is known of versions where somebody publishes.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The highest number of any version, whole or not.
    pub number: i64,
    /// The pages of what is on sale.
    pub on_sale: Vec<String>,
    /// Which pages are here already.
    pub pages: Vec<String>,
}

/// Publishes pages as the newest version; nothing to write where they are on sale already.
#[must_use]
pub fn publish(sheets: &[Sheet], known: &Known, by: (&str, u64)) -> Vec<Draft> {
    let pages: Vec<String> = sheets.iter().map(|sheet| sheet.id.clone()).collect();
    if pages == known.on_sale && known.number > 0 {
        return Vec::new();
    }
    let mut drafts: Vec<Draft> = Vec::new();
    for sheet in sheets.iter().filter(|sheet| !known.pages.contains(&sheet.id)) {
        if !drafts.iter().any(|draft| draft.entity == sheet.id) {
            drafts.push(sheet.draft());
        }
    }
    drafts.push(Version::new(pages, known.number + 1, by).draft());
    drafts
}

/// Puts the pages of an earlier version on sale again, as the newest version.
#[must_use]
pub fn go_back(to: &Version, known: &Known, by: (&str, u64)) -> Vec<Draft> {
    if to.pages == known.on_sale {
        return Vec::new();
    }
    vec![Version::new(to.pages.clone(), known.number + 1, by).draft()]
}

/// How long a page is inside a change, where its quotes are escaped once more.
fn weight(page: &Page) -> usize {
    serde_json::to_string(page).map_or(usize::MAX, |text| json!(text).to_string().len())
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::Document;

    fn draft() -> Catalogue {
        let text = include_str!("../../fixtures/venues/chakri.json");
        let document: Document = serde_json::from_str(text).unwrap();
        let (categories, products) = (document.categories, document.products);
        Catalogue { categories, products, ..Catalogue::default() }
    }

    fn read(sheets: &[Sheet]) -> Catalogue {
        bound(sheets.iter().map(|sheet| Sheet::read(&sheet.id, &sheet.content).unwrap()).collect())
    }

    #[test]
    fn what_is_laid_out_is_read_again_whatever_is_sold_out() {
        let mut menu = draft();
        let sheets = lay_out(&menu).unwrap();
        assert_eq!(sheets.len(), menu.categories.len());
        let whole = read(&sheets);
        assert_eq!(whole.categories, menu.categories);
        assert_eq!(whole.products.len(), menu.products.len());
        menu.products[0].available = false;
        assert_eq!(lay_out(&menu).unwrap(), sheets);
    }

    #[test]
    fn a_long_category_goes_on_over_several_pages_that_fit_into_a_change() {
        let mut menu = draft();
        let first = menu.products[0].clone();
        let more = (0..100).map(|n| Product { id: format!("p{n:03}"), ..first.clone() });
        menu.products.extend(more);
        let sheets = lay_out(&menu).unwrap();
        assert!(sheets.len() > menu.categories.len());
        for sheet in &sheets {
            sync_engine::change::check_payload(&sheet.draft().payload).unwrap();
        }
        let whole = read(&sheets);
        assert_eq!(whole.categories, menu.categories);
        assert_eq!(whole.products.len(), menu.products.len());
    }

    #[test]
    fn a_page_that_is_not_what_its_name_says_is_no_page() {
        let sheet = lay_out(&draft()).unwrap().remove(0);
        assert!(Sheet::read(&sheet.id, &sheet.content).is_some());
        assert!(Sheet::read(&sheet.id, &sheet.content.replace("1000", "1")).is_none());
        assert!(Sheet::read(&digest("{}"), "{}").is_none());
    }

    #[test]
    fn publishing_the_same_again_writes_nothing_and_going_back_is_a_new_version() {
        let mut menu = draft();
        let sheets = lay_out(&menu).unwrap();
        let ids = |sheets: &[Sheet]| sheets.iter().map(|s| s.id.clone()).collect::<Vec<_>>();
        let first = publish(&sheets, &Known::default(), ("", 1));
        assert_eq!(first.len(), sheets.len() + 1);
        let known = Known { number: 1, on_sale: ids(&sheets), pages: ids(&sheets) };
        assert!(publish(&sheets, &known, ("ann", 2)).is_empty());
        menu.products[0].price_cents += 10;
        let dearer = lay_out(&menu).unwrap();
        let second = publish(&dearer, &known, ("ann", 2));
        assert_eq!(second.len(), 2, "one page changed");
        assert_eq!(second[1].payload["number"], 2);
        let known = Known { number: 2, on_sale: ids(&dearer), pages: Vec::new() };
        let old = Version::new(ids(&sheets), 1, ("", 1));
        let back = go_back(&old, &known, ("ann", 3));
        assert_eq!((back.len(), &back[0].payload["number"]), (1, &json!(3)));
        assert_ne!(back[0].entity, old.id);
        assert!(go_back(&old, &Known { on_sale: ids(&sheets), ..known }, ("ann", 3)).is_empty());
    }

    #[test]
    fn what_could_not_be_sold_is_not_published() {
        let mut menu = draft();
        menu.products[0].price_cents = -1;
        menu.products[1].category = "nowhere".to_owned();
        let Err(Rejection::InvalidMenu(problems)) = lay_out(&menu) else { panic!("refused") };
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
