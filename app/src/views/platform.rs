//! Owns the pages of whoever administers the host: its venues, and being let in again.
//! It must not know how anything is kept.

use askama::Template;

use super::Shell;

/// A venue in the list.
#[derive(Clone, Debug)]
pub struct VenueLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its public names.
    pub domains: String,
    /// What it is used for.
    pub modules: Vec<ModuleChoice>,
}

/// A module to tick.
#[derive(Clone, Debug)]
pub struct ModuleChoice {
    /// Its stable name.
    pub name: &'static str,
    /// Its name in the reader's language.
    pub label: &'static str,
    /// It is on.
    pub on: bool,
}

/// The page at `/platform`.
#[derive(Template)]
#[template(path = "platform.html")]
pub struct PlatformView {
    /// The frame.
    pub shell: Shell,
    /// Every venue.
    pub venues: Vec<VenueLine>,
    /// What a new venue may be used for.
    pub modules: Vec<ModuleChoice>,
    /// Months after which unused accounts go.
    pub account_months: String,
    /// What was typed before.
    pub id: String,
    /// What was typed before.
    pub name: String,
    /// What was typed before.
    pub domains: String,
    /// What was typed before.
    pub owner_name: String,
    /// What was typed before.
    pub owner_email: String,
    /// The link for the new owner, once.
    pub link: Option<String>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The page at `/recover`.
#[derive(Template)]
#[template(path = "recover.html")]
pub struct RecoverView {
    /// The frame.
    pub shell: Shell,
    /// What was typed before.
    pub email: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}
