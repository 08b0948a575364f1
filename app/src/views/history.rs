//! Owns the pages of what was ordered and what was sold.
//! It must not know how sums are made: a bar says how long it is.

use askama::Template;

use super::{Mode, Shell, State};

/// Something to choose in a filter.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its stable name.
    pub name: &'static str,
    /// What it is called.
    pub label: String,
    /// It is chosen.
    pub chosen: bool,
}

/// One order of the history.
#[derive(Clone, Debug)]
pub struct HistoryLine {
    /// Its id.
    pub id: String,
    /// Its number.
    pub ticket: String,
    /// When it was placed, on the venue's clocks.
    pub placed: String,
    /// Where it is eaten.
    pub mode: Mode,
    /// How far it is.
    pub state: State,
    /// What was ordered, in a line.
    pub what: String,
    /// Its total, written for the reader.
    pub total: String,
}

/// The page at `/history`.
#[derive(Template)]
#[template(path = "history.html")]
pub struct HistoryView {
    /// The frame.
    pub shell: Shell,
    /// The orders, the newest first.
    pub lines: Vec<HistoryLine>,
    /// How orders are taken.
    pub modes: Vec<Choice>,
    /// Where orders stand.
    pub states: Vec<Choice>,
    /// The first day.
    pub from: String,
    /// The last day.
    pub until: String,
    /// A number that is sought.
    pub ticket: String,
    /// Where older ones are.
    pub next: Option<String>,
    /// Where the newest ones are, if these are others.
    pub newest: Option<String>,
    /// Where the table for spreadsheets is, for whoever may take it.
    pub csv: Option<String>,
    /// What is wrong with the filter.
    pub error: Option<String>,
}

/// One bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// How long it is, in thousandths of the longest.
    pub size: i64,
    /// How much it stands for, written for the reader.
    pub shown: String,
}

/// Bars beside each other.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// In their order.
    pub bars: Vec<Bar>,
}

impl Chart {
    /// Returns where the bar begins from above, in a picture of 1,000.
    pub fn top(&self, bar: &Bar) -> i64 {
        1_000 - bar.size
    }

    /// Returns the width of the picture of upright bars.
    pub fn width(&self) -> usize {
        self.bars.len().max(1) * 100
    }
}

/// The page at `/sales`.
#[derive(Template)]
#[template(path = "sales.html")]
pub struct SalesView {
    /// The frame.
    pub shell: Shell,
    /// How many days it is about.
    pub days: i64,
    /// How many orders were paid.
    pub orders: String,
    /// What they cost.
    pub total: String,
    /// What one cost in the mean.
    pub basket: String,
    /// From payment to the call, in the mean.
    pub mean: Option<String>,
    /// By hours, or by days.
    pub times: Chart,
    /// What sold best.
    pub products: Chart,
    /// How orders were taken.
    pub modes: Chart,
}
