//! Owns the page of a day's close: sums, the drawer, and reports that print well.
//! It must not know how anything is added up.

use askama::Template;

use super::Shell;

/// A sum with its name.
#[derive(Clone, Debug)]
pub struct SumLine {
    /// What it is of.
    pub name: String,
    /// How many.
    pub count: String,
    /// How much.
    pub amount: String,
}

/// What was taken at one rate.
#[derive(Clone, Debug)]
pub struct RateSum {
    /// The rate.
    pub rate: String,
    /// With VAT.
    pub gross: String,
    /// The VAT in it.
    pub vat: String,
}

/// Sums, as they are shown.
#[derive(Clone, Debug, Default)]
pub struct SumsView {
    /// How many orders were paid.
    pub orders: String,
    /// What was paid.
    pub gross: String,
    /// What was given back.
    pub refunded: String,
    /// How many orders were called off.
    pub cancelled: String,
    /// What was paid, by means.
    pub paid: Vec<SumLine>,
    /// What was given back, by means.
    pub back: Vec<SumLine>,
    /// By rate.
    pub vat: Vec<RateSum>,
    /// What was given back, by rate.
    pub back_vat: Vec<RateSum>,
    /// First and last ticket; empty where there is none.
    pub tickets: String,
}

/// A report, as it is shown.
#[derive(Clone, Debug)]
pub struct ReportView {
    /// Its name: replica and number.
    pub name: String,
    /// When.
    pub at: String,
    /// What is in it.
    pub sums: SumsView,
    /// The drawer, as lines.
    pub drawer: Vec<SumLine>,
    /// Its seal.
    pub digest: String,
    /// It says what was sealed.
    pub is_sound: bool,
}

/// The page at `/close`.
#[derive(Template)]
#[template(path = "close.html")]
pub struct CloseView {
    /// The frame.
    pub shell: Shell,
    /// The business day.
    pub day: String,
    /// All of it at this replica.
    pub sums: SumsView,
    /// There is something that no report has told.
    pub is_open: bool,
    /// What no report has told.
    pub open: String,
    /// The drawer, as lines.
    pub drawer: Vec<SumLine>,
    /// The reports of the day, of every replica.
    pub reports: Vec<ReportView>,
    /// Where the table is; none for whoever may not take it out.
    pub csv: Option<String>,
    /// What was refused.
    pub error: Option<String>,
}
