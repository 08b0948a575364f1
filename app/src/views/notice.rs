//! Owns the pages that say what is kept of people.
//! It must not know how anything is kept.

use askama::Template;

use super::Shell;

/// The page at `/privacy`.
#[derive(Template)]
#[template(path = "notice.html")]
pub struct NoticeView {
    /// The frame.
    pub shell: Shell,
    /// The venue's own words, by paragraph.
    pub words: Vec<String>,
    /// Who answers for it, by line.
    pub contact: Vec<String>,
    /// Since when the venue says so.
    pub since: Option<String>,
    /// Accounts are kept as long as nobody erases them.
    pub forever: bool,
    /// Months without a login after which an account goes.
    pub months: Option<String>,
    /// The reader may change the venue's words.
    pub may_edit: bool,
}

/// A text in one language.
#[derive(Clone, Debug)]
pub struct NoticeWords {
    /// The form's field.
    pub field: String,
    /// The language, in itself.
    pub language: &'static str,
    /// What it says.
    pub text: String,
}

/// The page at `/privacy/edit`.
#[derive(Template)]
#[template(path = "notice_edit.html")]
pub struct NoticeEditView {
    /// The frame.
    pub shell: Shell,
    /// Who answers for it.
    pub contact: String,
    /// The venue's own words.
    pub words: Vec<NoticeWords>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}
