//! What the page of stock shows. It must not know how a count is kept.

use askama::Template;

use super::shell::Shell;

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
    /// Every product.
    pub lines: Vec<StockLine>,
}
