//! Owns the pages on which people register, confirm an address and ask for another password.
//! It must not know whether anybody has an account.

use askama::Template;

use super::Shell;

/// The page at `/register`.
#[derive(Template)]
#[template(path = "register.html")]
pub struct RegisterView {
    /// The frame.
    pub shell: Shell,
    /// A mail is on its way.
    pub sent: bool,
    /// Nobody carries mails: the demo shows them.
    pub demo_mails: bool,
    /// The name that was typed.
    pub name: String,
    /// The address that was typed.
    pub email: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The page at `/forgot`.
#[derive(Template)]
#[template(path = "forgot.html")]
pub struct ForgotView {
    /// The frame.
    pub shell: Shell,
    /// A mail is on its way, where there is an account.
    pub sent: bool,
    /// Nobody carries mails: the demo shows them.
    pub demo_mails: bool,
    /// The address that was typed.
    pub email: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The page at `/confirm`.
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct ConfirmView {
    /// The frame.
    pub shell: Shell,
    /// The code that allows it.
    pub code: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The pages at `/account/email` and `/account/undo`.
#[derive(Template)]
#[template(path = "email.html")]
pub struct EmailView {
    /// The frame.
    pub shell: Shell,
    /// The code that allows it.
    pub code: String,
    /// The former address is taken back.
    pub is_undo: bool,
}
