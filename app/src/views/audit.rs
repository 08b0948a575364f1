//! Owns the pages of the audit: what was done, and whether it is still what was written.
//! It must not know rows, seals or who people are.

use askama::Template;

use super::Shell;

/// One act.
#[derive(Clone, Debug)]
pub struct AuditLine {
    /// When, on the venue's clocks.
    pub when: String,
    /// The clock was certain.
    pub certain: bool,
    /// What, in the reader's language.
    pub act: String,
    /// Who.
    pub actor: String,
    /// To whom or what; empty where it is the same.
    pub subject: String,
    /// The page of the order that it was done to; none where it is no order, or not for the reader.
    pub order: Option<String>,
    /// What else is known.
    pub detail: String,
    /// From which network.
    pub source: String,
    /// On which replica, under which number.
    pub place: String,
}

/// An act to choose.
#[derive(Clone, Debug)]
pub struct ActChoice {
    /// Its stable name.
    pub name: &'static str,
    /// Its name in the reader's language.
    pub label: String,
    /// It is chosen.
    pub chosen: bool,
}

/// The page at `/audit`.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct AuditView {
    /// The frame.
    pub shell: Shell,
    /// The newest first.
    pub lines: Vec<AuditLine>,
    /// What can be chosen.
    pub acts: Vec<ActChoice>,
    /// What was typed.
    pub who: String,
    /// What was typed.
    pub from: String,
    /// What was typed.
    pub until: String,
    /// The page behind.
    pub next: Option<String>,
    /// This is not the first page.
    pub is_later: bool,
    /// The first page.
    pub newest: String,
    /// The export for spreadsheets.
    pub csv: String,
    /// The export for programs.
    pub json: String,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}

/// A life of a store, checked.
#[derive(Clone, Debug)]
pub struct LifeView {
    /// The store.
    pub replica: String,
    /// Its generation.
    pub generation: String,
    /// How many entries were looked at.
    pub entries: String,
    /// Up to which number it is sealed.
    pub sealed: String,
    /// How many entries wait for a seal.
    pub unsealed: String,
    /// Nothing is wrong.
    pub is_sound: bool,
    /// Two stores wrote under one name.
    pub is_forked: bool,
    /// What is wrong, in sentences.
    pub findings: Vec<String>,
    /// How much is wrong, where that is more than is listed.
    pub more: Option<String>,
}

/// The page at `/audit/check`.
#[derive(Template)]
#[template(path = "audit_check.html")]
pub struct AuditCheckView {
    /// The frame.
    pub shell: Shell,
    /// Nothing is wrong anywhere.
    pub is_sound: bool,
    /// Every life.
    pub lives: Vec<LifeView>,
}
