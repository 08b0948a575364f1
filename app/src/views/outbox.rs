//! Owns the page that says which mails wait, and a demo's mailbox.
//! It must not know how mails leave.

use askama::Template;

use super::{Notice, Shell};

/// A mail in one of the lists.
#[derive(Clone, Debug)]
pub struct MailView {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub kind: String,
    /// Who gets it, as far as staff need to know; empty once it was sent.
    pub to: String,
    /// When it was made.
    pub made: String,
    /// How often it was tried.
    pub tries: String,
    /// When it is tried next, or ended.
    pub when: String,
    /// Why it did not leave the last time; empty when nothing went wrong.
    pub error: String,
}

/// The page at `/outbox`.
#[derive(Template)]
#[template(path = "outbox.html")]
pub struct OutboxView {
    /// The frame.
    pub shell: Shell,
    /// What a button led to.
    pub notice: Option<Notice>,
    /// Somebody carries mails.
    pub has_post: bool,
    /// How many wait.
    pub waiting_count: String,
    /// How many left in the last days.
    pub sent_count: String,
    /// How many were given up.
    pub given_up_count: String,
    /// Those that were given up.
    pub given_up: Vec<MailView>,
    /// Those that wait.
    pub waiting: Vec<MailView>,
    /// Those that left last.
    pub sent: Vec<MailView>,
}

/// A mail that nobody carries.
#[derive(Clone, Debug)]
pub struct DemoMailView {
    /// Who would get it.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text, in paragraphs.
    pub text: Vec<String>,
    /// Where its link leads on this site; empty where it cannot be read any more.
    pub path: String,
    /// What the link says.
    pub button: String,
}

/// The page at `/demo/mails`.
#[derive(Template)]
#[template(path = "demo_mails.html")]
pub struct DemoMailsView {
    /// The frame.
    pub shell: Shell,
    /// The mails, the newest first.
    pub mails: Vec<DemoMailView>,
}
