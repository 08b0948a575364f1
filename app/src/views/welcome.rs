//! Owns the first page: the invitation to order, on the web and as the kiosk's attract screen.
//! It must not know the menu.

use askama::Template;

use super::Shell;

/// The page at `/` and `/kiosk`.
#[derive(Template)]
#[template(path = "welcome.html")]
pub struct WelcomeView {
    /// The frame; its surface decides between web page and attract screen.
    pub shell: Shell,
    /// The venue takes orders.
    pub orders: bool,
    /// Opening text in the reader's language, empty where there is nothing to say.
    pub opening: String,
}
