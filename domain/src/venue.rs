//! A venue and the document that sets one up.
//!
//! A document is a published log: it becomes changes of a writer that is named after the document
//! itself, so loading it twice, or on both sides, changes nothing and any later edit beats it.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{
    change::{Change, Draft},
    id::{Purpose, VenueId, Writer},
    shape::Schema,
    stamp::Hlc,
};

use crate::{
    Rejection,
    catalogue::{Catalogue, Category, Product, register},
    limits, menu,
    pricing::discount::Promotion,
    tables::Table,
};

pub mod capacity;
pub mod day;
pub mod delivery;
pub mod hours;
pub mod kitchen;
pub mod map;
mod mistakes;
pub mod module;
pub mod opening;
pub mod privacy;
pub mod web;

use delivery::Delivery;
use hours::Hours;
use kitchen::Kitchen;
use map::Map;
pub use mistakes::{LANGUAGES, of_products};
use module::Modules;

/// The replica name under which documents write.
pub const DOCUMENT_REPLICA: &str = "document";

/// What a venue is called and how it counts time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    /// Its id.
    pub id: VenueId,
    /// Its name.
    pub name: String,
    /// Its IANA time zone.
    pub time_zone: String,
    /// Its languages, the first one is the default.
    pub languages: Vec<String>,
    /// What it is used for.
    #[serde(default)]
    pub modules: Modules,
}

/// Everything that is needed to open a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The venue.
    pub venue: Venue,
    /// Its public names.
    #[serde(default)]
    pub domains: Vec<String>,
    /// When the document was published, in milliseconds since 1970; edits after it win.
    #[serde(default)]
    pub published_ms: u64,
    /// Its categories.
    #[serde(default)]
    pub categories: Vec<Category>,
    /// Its products.
    #[serde(default)]
    pub products: Vec<Product>,
    /// Where it delivers to; nothing leaves what it has.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// Where it stands, and from where its maps come; nothing leaves what it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<Map>,
    /// The stations of its kitchen; nothing leaves what it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kitchen: Option<Kitchen>,
    /// Its codes that take something off.
    #[serde(default)]
    pub promotions: Vec<Promotion>,
    /// Its tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// When it is open, and the parts of its day.
    #[serde(default)]
    pub hours: Hours,
}

impl Document {
    /// Checks the whole document.
    ///
    /// # Errors
    /// Lists every problem, not only the first.
    pub fn check(&self) -> Result<(), Rejection> {
        let problems = mistakes::of(self);
        if problems.is_empty() { Ok(()) } else { Err(Rejection::InvalidVenueDocument(problems)) }
    }

    fn drafts(&self) -> Vec<Draft> {
        let profile = json!({
            "name": self.venue.name,
            "time_zone": self.venue.time_zone,
            "languages": self.venue.languages,
        });
        let mut drafts = vec![register("venue", self.venue.id.as_str(), "profile", profile)];
        if self.venue.modules != Modules::default() {
            drafts.push(self.venue.modules.draft(&self.venue.id));
        }
        if self.hours != Hours::default() {
            drafts.push(self.hours.draft(&self.venue.id));
        }
        drafts.extend(self.categories.iter().flat_map(Category::drafts));
        drafts.extend(self.products.iter().flat_map(Product::drafts));
        drafts.extend(self.delivery.iter().map(|delivery| delivery.draft(&self.venue.id)));
        drafts.extend(self.map.iter().map(|map| map.draft(&self.venue.id)));
        drafts.extend(self.kitchen.iter().map(|kitchen| kitchen.draft(&self.venue.id)));
        drafts.extend(self.promotions.iter().flat_map(Promotion::drafts));
        drafts.extend(self.tables.iter().map(Table::identity));
        drafts.extend(self.first_version());
        drafts
    }

    /// What a document brings goes on sale with it; mistakes are told elsewhere.
    fn first_version(&self) -> Vec<Draft> {
        let mut menu = Catalogue { categories: self.categories.clone(), ..Catalogue::default() };
        menu.products = self.products.clone();
        menu.categories.sort_by(|a, b| (a.position, &a.id).cmp(&(b.position, &b.id)));
        menu.products.sort_by(|a, b| (a.position, &a.id).cmp(&(b.position, &b.id)));
        match menu::lay_out(&menu) {
            Ok(sheets) if !sheets.is_empty() => {
                menu::publish(&sheets, &menu::Known::default(), ("", self.published_ms))
            }
            _ => Vec::new(),
        }
    }

    /// Returns the document as changes of the writer, which must be named after its content.
    #[must_use]
    pub fn changes(&self, schema: &Schema, writer: &Writer) -> Vec<(Purpose, Vec<Change>)> {
        let stamp = Hlc { ms: self.published_ms, counter: 0 };
        let drafts = self.drafts();
        let mut streams = Vec::new();
        for purpose in schema.purposes() {
            let Ok(purpose_id) = Purpose::parse(purpose) else {
                continue;
            };
            let in_stream = drafts
                .iter()
                .filter(|d| schema.table(d.table).is_some_and(|t| t.purpose == purpose));
            let changes: Vec<Change> = in_stream
                .zip(1..)
                .map(|(draft, seq)| draft.published(writer, (seq, stamp)))
                .collect();
            streams.push((purpose_id, changes));
        }
        streams
    }
}

/// Returns the venue's business day, as `2026-11-21`; it starts at 05:00 on the venue's clocks.
///
/// Ticket numbers start anew with it, and at midnight yesterday's customers are still waiting. An
/// unknown time zone counts as UTC: a day's name must never stop an order.
#[must_use]
pub fn business_day(time_zone: &str, now_ms: u64) -> String {
    let now = i64::try_from(now_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let start = SignedDuration::from_hours(limits::DAY_START_HOUR);
    let day = now.and_then(|now| now.to_zoned(zone).datetime().checked_sub(start).ok());
    day.map_or_else(String::new, |day| day.date().to_string())
}

/// Returns a moment on the venue's clocks, as `2026-11-21 14:32`; an unknown zone counts as UTC.
#[must_use]
pub fn local_time(time_zone: &str, at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let text = at.map(|at| at.to_zoned(zone).datetime().to_string().replace('T', " "));
    text.unwrap_or_default().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_on_the_venue_s_own_clocks() {
        for (zone, at_ms, expected) in [
            ("Europe/Brussels", 1_795_215_600_000, "2026-11-21 00:00"),
            ("UTC", 1_795_215_600_000, "2026-11-20 23:00"),
            ("Nowhere/At_All", 1_795_215_599_999, "2026-11-20 22:59"),
            ("UTC", u64::MAX, ""),
        ] {
            assert_eq!(local_time(zone, at_ms), expected, "{zone} {at_ms}");
        }
    }

    #[test]
    fn a_day_begins_at_five_on_the_venue_s_own_clocks() {
        // 2026-11-20 22:59:59 and 23:00:00 UTC: Brussels is one hour ahead in winter.
        let midnight_ms = 1_795_215_600_000;
        let five_ms = midnight_ms + 5 * 3_600_000;
        for (zone, now_ms, expected) in [
            ("Europe/Brussels", midnight_ms - 1_000, "2026-11-20"),
            ("Europe/Brussels", midnight_ms, "2026-11-20"),
            ("Europe/Brussels", five_ms - 1_000, "2026-11-20"),
            ("Europe/Brussels", five_ms, "2026-11-21"),
            ("UTC", five_ms, "2026-11-20"),
            ("UTC", five_ms + 3_600_000, "2026-11-21"),
            ("Nowhere/At_All", five_ms, "2026-11-20"),
            // 04:59:59 and 05:00 on the summer morning on which the clocks have skipped an hour.
            ("Europe/Brussels", 1_774_753_199_000, "2026-03-28"),
            ("Europe/Brussels", 1_774_753_200_000, "2026-03-29"),
        ] {
            assert_eq!(business_day(zone, now_ms), expected, "{zone} {now_ms}");
        }
    }

    #[test]
    fn loading_a_document_twice_makes_the_same_changes() {
        let text = include_str!("../../fixtures/venues/chakri.json");
        let document: Document = serde_json::from_str(text).unwrap();
        let writer = Writer::parse(DOCUMENT_REPLICA, "0").unwrap();
        let schema = &crate::schema::SCHEMA;
        let changes = document.changes(schema, &writer);
        assert_eq!(changes, document.changes(schema, &writer));
        let all: Vec<&Change> = changes.iter().flat_map(|(_, changes)| changes).collect();
        assert!(all.iter().all(|change| change.check().is_ok()));
        assert!(all.len() > 40, "{}", all.len());
    }
}
