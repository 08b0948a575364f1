//! Owns a member's ledger of points, and what is said of points on the page of an order.
//! It must not know how points are counted.

use askama::Template;

use super::Shell;

/// One entry.
#[derive(Clone, Debug)]
pub struct PointsLine {
    /// When, on the venue's clocks.
    pub at: String,
    /// What happened.
    pub what: String,
    /// About which order, or why.
    pub about: String,
    /// The order's id; empty where it is about none.
    pub order: String,
    /// The points with their sign; empty where the entry names none.
    pub points: String,
    /// It counts no more.
    pub gone: bool,
}

/// The page at `/account/points`.
#[derive(Template)]
#[template(path = "points.html")]
pub struct PointsView {
    /// The frame.
    pub shell: Shell,
    /// The venue has points.
    pub on: bool,
    /// What they have.
    pub balance: String,
    /// What future earning pays first.
    pub debt: Option<String>,
    /// What can be spent here, where that is another number.
    pub usable: Option<String>,
    /// Their card's level; empty where the venue has none.
    pub level: String,
    /// What is missing for the next one.
    pub next: Option<String>,
    /// The entries, the newest first.
    pub lines: Vec<PointsLine>,
}

/// What is said of points on the page of an order.
#[derive(Clone, Debug, Default)]
pub struct PointsNote {
    /// So many it earns.
    pub earns: Option<String>,
    /// It can be paid with so many, here and now.
    pub price: Option<String>,
    /// So many can be spent here.
    pub usable: String,
    /// Why it cannot.
    pub why: Option<&'static str>,
    /// Why the last try was refused.
    pub refused: Option<&'static str>,
}
