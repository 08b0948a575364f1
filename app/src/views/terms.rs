//! Owns the page on which somebody says on which terms a venue sells.
//! It must not know how a price is worked out.

use askama::Template;

use super::Shell;

/// Something to choose from a list.
#[derive(Clone, Debug)]
pub struct ValueChoice {
    /// What is sent.
    pub name: &'static str,
    /// What is read.
    pub label: &'static str,
}

/// The form about deliveries.
#[derive(Clone, Debug, Default)]
pub struct DeliveryForm {
    /// The venue delivers.
    pub on: bool,
    /// The fee, in euros.
    pub fee: String,
    /// From which amount on it is free; empty for never.
    pub free_from: String,
    /// The least amount; empty for any.
    pub minimum: String,
    /// A line per zone.
    pub zones: String,
}

/// The form about points.
#[derive(Clone, Debug, Default)]
pub struct PointsForm {
    /// Points are earned and taken.
    pub on: bool,
    /// Points for each euro that is paid.
    pub earned: String,
    /// Points that buy a euro.
    pub spent: String,
    /// What the gateway may hold of a member.
    pub allowance: String,
    /// A line per level.
    pub levels: String,
}

/// The form about maps.
#[derive(Clone, Debug, Default)]
pub struct MapForm {
    /// How far north the venue stands, in degrees.
    pub latitude: String,
    /// How far east.
    pub longitude: String,
    /// Where pictures of the ground come from.
    pub tiles: String,
    /// Whose they are.
    pub attribution: String,
    /// Who knows the way.
    pub router: String,
    /// A line per postal code.
    pub places: String,
}

/// One rate of VAT.
#[derive(Clone, Debug)]
pub struct RateLine {
    /// Its id.
    pub id: String,
    /// What is taxed.
    pub class: &'static str,
    /// How it is sold.
    pub mode: &'static str,
    /// Its first day.
    pub from: String,
    /// The rate, written for the reader.
    pub rate: String,
    /// Somebody has looked at it.
    pub confirmed: bool,
    /// It counts no more.
    pub removed: bool,
    /// Orders of today are taxed by it.
    pub counts: bool,
}

/// One promotion.
#[derive(Clone, Debug)]
pub struct PromotionLine {
    /// Its code.
    pub code: String,
    /// What it takes off, written for the reader.
    pub off: String,
    /// Its first day; empty for none.
    pub from: String,
    /// Its last day; empty for none.
    pub until: String,
    /// From which amount on it counts.
    pub minimum: Option<String>,
    /// It counts.
    pub active: bool,
}

/// The page at `/settings/ordering`.
#[derive(Template)]
#[template(path = "terms.html")]
pub struct TermsView {
    /// The frame.
    pub shell: Shell,
    /// What was wrong with what was sent.
    pub error: Option<String>,
    /// What was sent is kept.
    pub saved: bool,
    /// The form about deliveries.
    pub delivery: DeliveryForm,
    /// Every rate.
    pub rates: Vec<RateLine>,
    /// There are rates that nobody has looked at.
    pub unconfirmed: bool,
    /// What is taxed alike.
    pub classes: Vec<ValueChoice>,
    /// How something is sold.
    pub modes: Vec<ValueChoice>,
    /// Every promotion.
    pub promotions: Vec<PromotionLine>,
    /// The code that was typed and refused.
    pub code: String,
    /// The business day.
    pub today: String,
    /// The form about points.
    pub points: PointsForm,
    /// The form about maps.
    pub map: MapForm,
    /// The venue's languages, in the order in which a level is called.
    pub languages: String,
}
