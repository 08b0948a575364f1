//! Owns the first page: the invitation to order, on the web and as the kiosk's attract screen.
//! It must not know the menu.

use askama::Template;

use super::{OpeningView, Shell, SlideView};

/// The page on which a kiosk reads a member's card.
#[derive(Template)]
#[template(path = "kiosk_card.html")]
pub struct KioskCardView {
    /// The frame.
    pub shell: Shell,
}

/// The page at `/` and `/kiosk`.
#[derive(Template)]
#[template(path = "welcome.html")]
pub struct WelcomeView {
    /// The frame; its surface decides between web page and attract screen.
    pub shell: Shell,
    /// The venue takes orders.
    pub orders: bool,
    /// When the venue is open.
    pub opening: OpeningView,
    /// What is on sale, a few of it.
    pub slides: Vec<SlideView>,
    /// Members show their card here: points are given.
    pub takes_cards: bool,
    /// A code that leads a phone to the public site; empty where there is none.
    pub code: String,
    /// In how many seconds the page asks again what it shows; 0 for never.
    pub again_s: u32,
}
