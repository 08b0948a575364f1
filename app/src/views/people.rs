//! Owns the pages about who works at the venue, and the first start.
//! It must not know rights or how anything is kept.

use askama::Template;

use super::Shell;

/// Somebody in a list.
#[derive(Clone, Debug)]
pub struct PersonLine {
    /// The id, for addresses.
    pub id: String,
    /// The name.
    pub name: String,
    /// As what, in the reader's language.
    pub roles: String,
    /// They are not barred.
    pub active: bool,
    /// They can sign in by PIN.
    pub has_pin: bool,
    /// They have a photo here.
    pub has_photo: bool,
}

/// A role that can be ticked.
#[derive(Clone, Debug)]
pub struct RoleChoice {
    /// The field's name.
    pub name: &'static str,
    /// Its label in the reader's language.
    pub label: String,
    /// It is ticked.
    pub chosen: bool,
}

/// The page at `/people`.
#[derive(Template)]
#[template(path = "people.html")]
pub struct PeopleView {
    /// The frame.
    pub shell: Shell,
    /// Everybody.
    pub people: Vec<PersonLine>,
    /// What somebody new can be.
    pub roles: Vec<RoleChoice>,
    /// People can be changed here.
    pub is_home: bool,
    /// What was typed before.
    pub name: String,
    /// What was typed before.
    pub email: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The page at `/people/{id}`.
#[derive(Template)]
#[template(path = "person.html")]
pub struct PersonView {
    /// The frame.
    pub shell: Shell,
    /// Who.
    pub person: PersonLine,
    /// What they can be.
    pub roles: Vec<RoleChoice>,
    /// People can be changed here.
    pub is_home: bool,
    /// It is whoever looks.
    pub is_self: bool,
    /// The link to hand over, once.
    pub invitation: Option<String>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// The page at `/setup`.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct SetupView {
    /// The frame.
    pub shell: Shell,
    /// This address belongs to a venue already.
    pub has_venue: bool,
    /// What was typed before.
    pub venue: String,
    /// What was typed before.
    pub name: String,
    /// What was typed before.
    pub email: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}
