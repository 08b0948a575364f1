//! Owns the sign-in page of a staff station.
//! It must not know keys, except those that demo mode shows on purpose.

use askama::Template;

use super::Shell;

/// A one-click sign-in, shown in demo mode only.
#[derive(Clone, Debug)]
pub struct DemoKey {
    /// The role's name in the reader's language.
    pub label: String,
    /// The role that the form sends.
    pub role: String,
    /// The demo's key.
    pub key: String,
}

/// The page at `/login`; its form posts `role`, `key` and `next` to `/login`.
#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginView {
    /// The frame.
    pub shell: Shell,
    /// The role that this station signs in as.
    pub role: String,
    /// Where to go afterwards; the handler accepts only paths of this site.
    pub next: String,
    /// What went wrong the last time, in the reader's language.
    pub error: Option<String>,
    /// Empty outside demo mode.
    pub demo_keys: Vec<DemoKey>,
}
