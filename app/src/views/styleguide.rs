//! Owns the page that shows every component in every finished skin; demo mode only.
//! It must not be linked from anything that a customer sees.

use askama::Template;

use super::Shell;

/// The page at `/styleguide`.
#[derive(Template)]
#[template(path = "styleguide.html")]
pub struct StyleguideView {
    /// The frame.
    pub shell: Shell,
}

impl StyleguideView {
    /// Returns the skins that are finished.
    pub fn skins(&self) -> [&'static str; 2] {
        ["ordering", "admin"]
    }
}
