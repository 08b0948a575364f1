//! Owns the page on which the counter finds an order by its code or its number.
//! It must not know what makes a code good.

use askama::Template;

use super::{Shell, State};

/// An order that was found.
#[derive(Clone, Debug)]
pub struct ScanLine {
    /// Its id.
    pub id: String,
    /// Its number.
    pub ticket: String,
    /// How far it is.
    pub state: State,
    /// It is paid.
    pub is_paid: bool,
    /// What was ordered.
    pub what: String,
    /// What it costs.
    pub total: String,
}

/// The page at `/counter/scan`.
#[derive(Template)]
#[template(path = "scan.html")]
pub struct ScanView {
    /// The frame.
    pub shell: Shell,
    /// What was found.
    pub found: Vec<ScanLine>,
    /// Somebody searched, and nothing was found.
    pub nothing: bool,
    /// The number that was searched for.
    pub ticket: String,
    /// `yes`, `no`, or empty for both.
    pub paid: String,
    /// What was refused.
    pub error: Option<String>,
}
