//! Owns the page on which managers say where printers are.
//! It must not know what is printed.

use askama::Template;

use super::{Shell, Tick};

/// A printer in its form.
#[derive(Clone, Debug)]
pub struct PrinterForm {
    /// Its id; empty for one that is to come.
    pub id: String,
    /// What staff call it.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// It prints receipts.
    pub receipts: bool,
    /// It prints for the kitchen.
    pub kitchen: bool,
    /// It says when it has printed.
    pub answers: bool,
    /// For which stations.
    pub stations: Vec<Tick>,
    /// The widths to choose from.
    pub widths: Vec<Tick>,
    /// The letters to choose from.
    pub code_pages: Vec<Tick>,
    /// How much waits for it.
    pub waiting: u32,
    /// It was not reached.
    pub is_lost: bool,
}

impl PrinterForm {
    /// Says how it stands.
    #[must_use]
    pub fn told(self, waiting: u32, is_lost: bool) -> Self {
        Self { waiting, is_lost, ..self }
    }

    /// Returns what ids of its elements begin with.
    pub fn key(&self) -> &str {
        if self.id.is_empty() { "new" } else { &self.id }
    }
}

/// The page at `/printers`.
#[derive(Template)]
#[template(path = "printers.html")]
pub struct PrintersView {
    /// The frame.
    pub shell: Shell,
    /// The printers, and room for one more.
    pub printers: Vec<PrinterForm>,
    /// What the kitchen's cannot print comes out at the one for receipts.
    pub fall_back: bool,
    /// This host prints.
    pub is_here: bool,
    /// What was done.
    pub done: Option<String>,
    /// What went wrong, in the reader's language.
    pub error: Option<String>,
}
