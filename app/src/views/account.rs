//! Owns the pages on which people look after their own account.
//! It must not know how anything is kept.

use askama::Template;

use super::Shell;

/// A session in a list.
#[derive(Clone, Debug)]
pub struct SessionLine {
    /// By what it is ended.
    pub handle: String,
    /// Browser and system.
    pub label: String,
    /// It was opened by a PIN.
    pub by_pin: bool,
    /// When it was used last, on the venue's clocks.
    pub used: String,
    /// It is the one that looks.
    pub is_this: bool,
}

/// The page at `/account`.
#[derive(Template)]
#[template(path = "account.html")]
pub struct AccountView {
    /// The frame.
    pub shell: Shell,
    /// The account is kept here.
    pub has_account: bool,
    /// When they agreed to what the venue says of their data, where they did.
    pub agreed: Option<String>,
    /// The version of what it says.
    pub notice_since: String,
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// A provider vouches for the address: it is changed there.
    pub is_locked: bool,
    /// They can prove themselves by a password.
    pub has_password: bool,
    /// A second factor is set up.
    pub has_factor: bool,
    /// Photos are kept here.
    pub takes_photo: bool,
    /// They have a photo.
    pub has_photo: bool,
    /// They may have a PIN.
    pub takes_pin: bool,
    /// They work here.
    pub in_team: bool,
    /// They have a card, or may.
    pub is_member: bool,
    /// Where they are signed in.
    pub sessions: Vec<SessionLine>,
    /// A mail is on its way to another address.
    pub sent: bool,
    /// Something was changed just now.
    pub done: bool,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
    /// Which form it went wrong in.
    pub failed: String,
    /// Where they begin.
    pub home: String,
}

/// The page at `/account/second-factor`.
#[derive(Template)]
#[template(path = "second_factor.html")]
pub struct FactorView {
    /// The frame.
    pub shell: Shell,
    /// The QR code as SVG.
    pub picture: String,
    /// The secret as text.
    pub secret: String,
    /// The secret as only the host reads it.
    pub sealed: String,
    /// The recovery codes, once it is set up.
    pub codes: Vec<String>,
    /// Nobody gets on without it.
    pub must: bool,
    /// Where to go on.
    pub next: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The page at `/password`.
#[derive(Template)]
#[template(path = "password.html")]
pub struct PasswordView {
    /// The frame.
    pub shell: Shell,
    /// The code that allows it.
    pub code: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}
