//! What is written to people: the kinds of mail, and how one is put into the outbox.
//!
//! A handler gets a statement for the batch that also holds what the mail is about, commits both
//! and rings `app.outbox`; nothing that was acknowledged waits for a mail server. It must not know
//! how a mail leaves, nor what an account is.

mod http_api;
mod render;

use domain::{
    people::{address::Address, person::PersonId},
    sealed::{self, NONCE_BYTES},
};
use serde::{Deserialize, Serialize};
use sync_engine::{
    id::VenueId,
    seal::{derive, hex, mac},
    statement::Statement,
};

pub use http_api::MailApi;
pub(crate) use render::{Sender, render};

use crate::{App, host::Host, limits, locale::Locale, problem::Problem, rows};

/// What a mail says; each leads to a page of the venue by its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// Asks whether the address is the receiver's.
    Confirm {
        /// Where that is said.
        path: String,
    },
    /// Somebody registered with an address that has an account.
    AlreadyKnown {
        /// Where one signs in.
        path: String,
    },
    /// Leads to a new password.
    Reset {
        /// Where it is chosen.
        path: String,
    },
    /// Tells the former address that another one took its place.
    AddressChanged {
        /// Where that is objected to.
        path: String,
    },
    /// Asks somebody to work with the venue's staff pages.
    Invitation {
        /// Where it is accepted.
        path: String,
    },
    /// Nobody has signed in for long, and the account will go.
    Inactive {
        /// Where one signs in.
        path: String,
        /// Whose account it is: where the mail does not arrive, they were not warned.
        person: String,
    },
    /// Somebody signed in from a device that was not seen before.
    NewSignIn {
        /// Where one's sessions are listed.
        path: String,
        /// The device, in words; whatever a browser says of itself is trimmed to plain words.
        device: String,
        /// When.
        at_ms: u64,
    },
}

impl Letter {
    /// Returns the kind's name, which begins the keys of its texts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Confirm { .. } => "confirm",
            Self::AlreadyKnown { .. } => "already_known",
            Self::Reset { .. } => "reset",
            Self::AddressChanged { .. } => "address_changed",
            Self::Invitation { .. } => "invitation",
            Self::Inactive { .. } => "inactive",
            Self::NewSignIn { .. } => "new_sign_in",
        }
    }

    /// Returns where it leads.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Confirm { path }
            | Self::AlreadyKnown { path }
            | Self::Reset { path }
            | Self::AddressChanged { path }
            | Self::Invitation { path }
            | Self::Inactive { path, .. }
            | Self::NewSignIn { path, .. } => path,
        }
    }
}

/// What is kept, sealed, until the mail was sent.
#[derive(Serialize, Deserialize)]
pub(crate) struct Content {
    to: String,
    language: String,
    letter: Letter,
}

impl Content {
    /// Returns the receiver as staff see it.
    pub(crate) fn masked(&self) -> String {
        Address::parse(&self.to).map(|to| to.masked()).unwrap_or_default()
    }

    /// Returns who was to be warned by it that their account goes.
    pub(crate) fn warned(&self) -> Option<PersonId> {
        match &self.letter {
            Letter::Inactive { person, .. } => PersonId::parse(person),
            _ => None,
        }
    }

    /// Returns where the mail leads.
    pub(crate) fn path(&self) -> &str {
        self.letter.path()
    }

    /// Returns what its link says.
    pub(crate) fn button(&self) -> String {
        let locale = Locale::from_tag(&self.language).unwrap_or_default();
        locale.t(&format!("mail.{}_button", self.letter.kind())).to_owned()
    }
}

/// Returns the statement that leaves a mail; it goes into the batch that the mail is about, and
/// `app.outbox.ring()` follows the commit.
///
/// # Errors
/// Fails when the path is none of ours, or the host has no randomness.
pub fn queue(
    app: &App,
    venue: &VenueId,
    (to, locale): (&Address, Locale),
    letter: Letter,
) -> Result<Statement, Problem> {
    if !is_path(letter.path()) {
        return Err(Problem::internal("a mail would lead to what is no path"));
    }
    let kind = letter.kind();
    let content = Content { to: to.to_string(), language: locale.code().to_owned(), letter };
    let mut id = [0; 16];
    app.entropy.fill(&mut id)?;
    let id = hex(&id);
    let text = serde_json::to_string(&content).map_err(|e| Problem::internal(e.to_string()))?;
    let mut nonce = [0; NONCE_BYTES];
    app.entropy.fill(&mut nonce)?;
    let sealed = sealed::seal(&content_key(&app.host), &nonce, &id, &text);
    let row = rows::outbox::New { id: &id, venue, kind, recipient: &key(&app.host, to), sealed };
    Ok(rows::outbox::add(row, app.clock.now_ms()))
}

/// Returns the statement that forgets every mail to an address: its owner is erased.
#[must_use]
pub fn forget(host: &Host, to: &Address) -> Statement {
    rows::outbox::forget(&key(host, to))
}

/// Opens what a row seals; nothing where it is not readable any more.
pub(crate) fn open(host: &Host, id: &str, sealed: &str) -> Option<Content> {
    serde_json::from_str(&sealed::open(&content_key(host), id, sealed)?).ok()
}

fn content_key(host: &Host) -> [u8; 32] {
    derive(host.secret.expose(), "outbox/content")
}

fn key(host: &Host, to: &Address) -> String {
    let key = derive(host.secret.expose(), "outbox/recipient");
    hex(&mac(&key, to.as_str().as_bytes()))
}

/// A path of this site, and nothing that a reader could take for another site.
fn is_path(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/?&=.-_~%+".contains(&b);
    let is_own = path.starts_with('/') && !path.starts_with("//");
    is_own && path.len() <= limits::MAIL_PATH_BYTES && path.bytes().all(plain)
}

#[cfg(test)]
mod tests;
