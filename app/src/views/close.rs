//! Owns the page of a day's close: sums, the drawer, and reports that print well.
//! It must not know how anything is added up.

use askama::Template;

use super::{Shell, mark::marked};

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
    /// Where it stands on the page.
    pub anchor: String,
    /// When.
    pub at: String,
    /// Who closed.
    pub who: String,
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
    /// The business day, for forms and addresses.
    pub day: String,
    /// The business day, for people.
    pub day_name: String,
    /// All of it at this replica.
    pub sums: SumsView,
    /// There is money that no report has told.
    pub is_open: bool,
    /// What no report has told.
    pub open: String,
    /// It is the day that goes on: what is counted now is of no other.
    pub is_today: bool,
    /// A report would tell something.
    pub is_news: bool,
    /// Somebody asked to close, and is asked whether that is meant.
    pub asks: bool,
    /// Nobody has counted the drawer.
    pub uncounted: bool,
    /// What was closed just now.
    pub done: Option<ReportView>,
    /// The drawer, as lines.
    pub drawer: Vec<SumLine>,
    /// The reports of the day, of every replica.
    pub reports: Vec<ReportView>,
    /// Where the table is; none for whoever may not take it out.
    pub csv: Option<String>,
    /// What was refused.
    pub error: Option<String>,
    /// The field that is wrong.
    pub wrong: Option<String>,
}

impl CloseView {
    /// Marks the field that is wrong, and has the browser go there.
    fn mark(&self, field: &str) -> &'static str {
        marked(self.wrong.as_deref() == Some(field), true)
    }

    /// Says which report was written just now, by whom and when.
    fn told(&self, report: &ReportView) -> String {
        let values = [("report", &*report.name), ("who", &report.who), ("when", &report.at)];
        self.shell.locale.t_with("close.done_by", &values)
    }
}
