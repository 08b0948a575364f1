//! Owns the page that a customer keeps open after ordering.
//! It must not know payments or the kitchen: it shows the state that it is given.

use std::collections::BTreeMap;

use askama::Template;

use crate::qr;

use super::shell::script_json;
use super::{LineView, Mode, PointsNote, Shell, State, Sums, TableNote};

/// How far the order has travelled from the machine that took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safe {
    /// Durable in the venue.
    Here,
    /// Durable in the venue and at the edge.
    Cloud,
}

impl Safe {
    /// Returns the code used by the API and as a CSS hook.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Cloud => "cloud",
        }
    }

    /// Returns the badge's text.
    pub fn label(&self, shell: &Shell) -> &'static str {
        match self {
            Self::Here => shell.t("order.safe_here"),
            Self::Cloud => shell.t("order.safe_cloud"),
        }
    }
}

/// What draws the way of a delivery.
#[derive(Clone, Debug, Default)]
pub struct WayView {
    /// Where pictures of the ground come from; empty for a grid.
    pub tiles: String,
    /// Whose they are.
    pub attribution: String,
    /// Who knows the way; empty for a curved line.
    pub router: String,
    /// There is a picture of where it stands.
    pub has_photo: bool,
}

/// What is said of a receipt on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptNote {
    /// It is not to be had here.
    Nothing,
    /// It can be printed.
    Offered,
    /// It was asked for.
    Printing,
}

/// The page at `/orders/{id}`.
#[derive(Template)]
#[template(path = "order.html")]
pub struct OrderView {
    /// The frame; on the kiosk the page returns to the start by itself.
    pub shell: Shell,
    /// The order's id.
    pub id: String,
    /// Whether it is promised.
    pub acceptance: &'static str,
    /// Its customer may call it off here.
    pub withdraws: bool,
    /// They were too late to.
    pub late: bool,
    /// The number that is called: `K1-017`.
    pub ticket: String,
    /// How far it is.
    pub state: State,
    /// Where it is safe.
    pub safe: Safe,
    /// Where it is eaten.
    pub mode: Mode,
    /// What the customer is told of their table.
    pub table: TableNote,
    /// Its lines.
    pub lines: Vec<LineView>,
    /// Its total, written for the reader.
    pub total: String,
    /// What the total is made of beside the lines.
    pub sums: Sums,
    /// What the kitchen was told; may be empty.
    pub note: String,
    /// When it is wanted; nothing for as soon as possible.
    pub wanted: Option<String>,
    /// By when it is promised; nothing where nobody says.
    pub ready_at: Option<String>,
    /// The code that its customer shows at the counter; none where there is none any more.
    pub code: Option<String>,
    /// What is said of its receipt.
    pub receipt: ReceiptNote,
    /// What is said of points.
    pub points: PointsNote,
    /// Where this page is found from anywhere, and the code that says so; both may be empty.
    pub link: (String, String),
    /// Its way to the customer, for whoever may see that.
    pub way: Option<WayView>,
}

impl OrderView {
    /// Draws the code.
    pub fn picture(&self) -> String {
        self.code.as_deref().and_then(qr::svg).unwrap_or_default()
    }

    /// Tells whether it waits to be promised.
    pub fn waits(&self) -> bool {
        self.acceptance == "waiting"
    }

    /// Returns what each state means for this customer, for the page's script: by code, a headline
    /// and what to do next.
    pub fn sentences(&self) -> String {
        let locale = &self.shell.locale;
        let told = |state: State| {
            let words = [state.headline(&self.mode, locale), state.advice(&self.mode, locale)];
            (state.code(), words)
        };
        script_json(&State::ALL.map(told).into_iter().collect::<BTreeMap<_, _>>())
    }

    /// Returns every step of an order.
    pub fn steps(&self) -> &'static [State] {
        if self.mode == Mode::Delivery { &State::BROUGHT } else { &State::FETCHED }
    }
}
