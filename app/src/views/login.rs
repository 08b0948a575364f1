//! Owns the pages on which people sign in.
//! It must not know secrets, except those that demo mode shows on purpose.

use askama::Template;

use super::Shell;

/// A one-click sign-in, shown in demo mode only.
#[derive(Clone, Debug)]
pub struct DemoKey {
    /// The person's name.
    pub label: String,
    /// As what they are here, in the reader's language.
    pub roles: String,
    /// The address.
    pub email: String,
    /// The demo's password.
    pub password: String,
    /// The demo's PIN; empty for none.
    pub pin: String,
}

/// The way to a sign-in provider.
#[derive(Clone, Debug)]
pub struct ProviderLink {
    /// What people call it.
    pub label: String,
    /// Where the way begins.
    pub href: String,
}

/// The page at `/login`; its forms post to `/login` and `/login/pin`.
#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginView {
    /// The frame.
    pub shell: Shell,
    /// Where to go afterwards; empty for where the person begins.
    pub next: String,
    /// Accounts live here.
    pub by_password: bool,
    /// Staff sign in by PIN here.
    pub by_pin: bool,
    /// Mails are sent, so people may register and ask for another password.
    pub registers: bool,
    /// Who else vouches for people, where somebody does.
    pub openid: Option<ProviderLink>,
    /// The address that waits to be confirmed, for whoever knows its password.
    pub unconfirmed: Option<String>,
    /// What went wrong, went wrong with a PIN.
    pub pin_refused: bool,
    /// What went wrong the last time, in the reader's language.
    pub error: Option<String>,
    /// Empty outside demo mode.
    pub demo: Vec<DemoKey>,
    /// Where people sign in with an account of the public site; empty where they cannot.
    pub hand_over: String,
    /// Nobody signs in here: the connection is open to everybody on the network.
    pub in_clear: bool,
    /// Where they do instead; empty where that is not known.
    pub https_url: String,
}

/// A page that leads on by itself.
#[derive(Template)]
#[template(path = "lead.html")]
pub struct LeadView {
    /// The frame.
    pub shell: Shell,
    /// Where to.
    pub target: String,
}

/// The page at `/login/code`.
#[derive(Template)]
#[template(path = "login_code.html")]
pub struct CodeView {
    /// The frame.
    pub shell: Shell,
    /// Where to go afterwards; empty for where the person begins.
    pub next: String,
    /// What went wrong the last time, in the reader's language.
    pub error: Option<String>,
    /// What the authenticator would show now; only in demo mode.
    pub demo_code: Option<String>,
}

/// Somebody who may take a station over.
#[derive(Clone, Debug)]
pub struct Colleague {
    /// The id, for the form.
    pub id: String,
    /// The name.
    pub name: String,
    /// They were chosen the last time.
    pub chosen: bool,
}

/// The page at `/switch`.
#[derive(Template)]
#[template(path = "switch.html")]
pub struct SwitchStationView {
    /// The frame.
    pub shell: Shell,
    /// What people call the station.
    pub station: String,
    /// Where to go afterwards; empty for where the person begins.
    pub next: String,
    /// Who may take it over.
    pub colleagues: Vec<Colleague>,
    /// What went wrong the last time, in the reader's language.
    pub error: Option<String>,
}
