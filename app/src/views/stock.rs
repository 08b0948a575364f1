//! What the page of stock shows. It must not know how a count is kept.

use askama::Template;

use super::{mark::marked, shell::Shell};

/// One product.
pub struct StockLine {
    /// Its id.
    pub id: String,
    /// Its name, in the reader's language.
    pub name: String,
    /// What may be sold on site; none where nobody counts.
    pub left: Option<i64>,
    /// What the web may sell.
    pub web: i64,
    /// Which part of what is left the web gets.
    pub web_percent: i64,
    /// The field of its forms that is wrong; empty where none is.
    pub wrong: String,
}

impl StockLine {
    /// Marks the field that is wrong, and has the browser go there.
    fn mark(&self, field: &str) -> &'static str {
        marked(self.wrong == field, true)
    }

    /// What is seldom needed stands open where something of it is wrong.
    fn is_open(&self) -> bool {
        matches!(self.wrong.as_str(), "web_percent" | "pieces")
    }
}

/// The products of one category.
pub struct StockShelf {
    /// Its id.
    pub id: String,
    /// Its name, in the reader's language.
    pub name: String,
    /// Its products.
    pub lines: Vec<StockLine>,
}

/// The page at `/stock`.
#[derive(Template)]
#[template(path = "stock.html")]
pub struct StockView {
    /// The frame.
    pub shell: Shell,
    /// What was wrong with what was sent.
    pub error: Option<String>,
    /// What was sent is kept.
    pub saved: bool,
    /// The shelves are here: only there they are counted.
    pub on_site: bool,
    /// The page's key.
    pub act: String,
    /// Every product, by category.
    pub shelves: Vec<StockShelf>,
}
