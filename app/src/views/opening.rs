//! Owns when a venue is open, as pages tell it, and the page on which that is changed.
//! It must not know clocks or how hours are kept.

use askama::Template;

use super::{Shell, TextField};

/// One day of the week.
#[derive(Clone, Debug)]
pub struct DayLine {
    /// Its name.
    pub name: &'static str,
    /// From when until when, in windows; empty where the venue stays closed.
    pub spans: Vec<String>,
    /// It is today.
    pub today: bool,
}

/// What a page says about the hours.
#[derive(Clone, Debug, Default)]
pub struct OpeningView {
    /// No orders are taken now.
    pub closed: bool,
    /// When that changes, in a sentence; empty where it does not.
    pub turns: String,
    /// The week, from Monday on; empty where the venue is always open.
    pub week: Vec<DayLine>,
    /// In how many seconds that changes; 0 where it does not.
    pub turns_s: u32,
}

/// A product that the first page shows.
#[derive(Clone, Debug)]
pub struct SlideView {
    /// Its picture's address.
    pub picture: String,
    /// Its name.
    pub name: String,
    /// Its price.
    pub price: String,
}

/// A kiosk's page while the venue is closed: dark, with the hours; a touch wakes it.
#[derive(Template)]
#[template(path = "kiosk_asleep.html")]
pub struct AsleepView {
    /// The frame.
    pub shell: Shell,
    /// The hours.
    pub opening: OpeningView,
    /// In how many seconds the page asks again whether it is time.
    pub again_s: u32,
}

/// The page that stands in for any other while no server answers.
#[derive(Template)]
#[template(path = "offline.html")]
pub struct OfflineView {
    /// The frame.
    pub shell: Shell,
}

/// A day that a window may begin on.
#[derive(Clone, Debug)]
pub struct DayTick {
    /// What is sent.
    pub field: String,
    /// Its short name.
    pub short: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The window begins on it.
    pub ticked: bool,
}

/// A window, to be changed.
#[derive(Clone, Debug)]
pub struct WindowForm {
    /// Its place in the form.
    pub index: usize,
    /// The days.
    pub days: Vec<DayTick>,
    /// From when; empty for a window that is not yet one.
    pub from: String,
    /// Until when.
    pub until: String,
}

/// A part of the day, to be changed.
#[derive(Clone, Debug)]
pub struct PartForm {
    /// Its id; empty for a part that is not yet one.
    pub id: String,
    /// What it is called, in the reader's language.
    pub title: String,
    /// Its names.
    pub names: Vec<TextField>,
    /// When it is.
    pub windows: Vec<WindowForm>,
}

/// The page at `/hours`.
#[derive(Template)]
#[template(path = "hours.html")]
pub struct HoursView {
    /// The frame.
    pub shell: Shell,
    /// What was wrong with what was sent.
    pub error: Option<String>,
    /// What was sent is kept.
    pub saved: bool,
    /// What customers read.
    pub opening: OpeningView,
    /// When orders are taken.
    pub windows: Vec<WindowForm>,
    /// The parts of the day.
    pub parts: Vec<PartForm>,
    /// Another part.
    pub new_part: PartForm,
}
