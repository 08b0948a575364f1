//! VAT as data: what a class of product costs in tax, by the way in which it is sold and the day.
//!
//! The rates that are compiled in are a default which an operator has to confirm; a venue's own
//! rows beat them by id. It must not know orders.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sync_engine::{change::Draft, seal::hex};

use crate::{Rejection, catalogue::register, ordering::Mode};

/// The table of a venue's own rates.
pub const TABLE: &str = "vat_rate";
/// The highest rate that can be told: 100 %.
pub const RATE_MAX_BP: i64 = 10_000;
/// Rates of one venue.
pub const RATES_MAX: usize = 200;

/// Where no row says anything: nobody pays too little tax by a gap in a table.
const UNTOLD_BP: i64 = 2_100;
const BELGIUM: &str = include_str!("../../../fixtures/vat/be.json");

/// What is taxed alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Meals and what is eaten.
    #[default]
    Food,
    /// Drinks without alcohol.
    Drink,
    /// Drinks with alcohol.
    Alcohol,
    /// Everything else; the fee of a delivery too.
    Other,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Food, Self::Drink, Self::Alcohol, Self::Other];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Food => "food",
            Self::Drink => "drink",
            Self::Alcohol => "alcohol",
            Self::Other => "other",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

/// For which ways of selling a rate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sold {
    /// For all of them.
    Any,
    /// At a table.
    EatIn,
    /// To go.
    TakeAway,
    /// Brought to the customer.
    Delivery,
}

impl Sold {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Any, Self::EatIn, Self::TakeAway, Self::Delivery];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::EatIn => Mode::EatIn.name(),
            Self::TakeAway => Mode::TakeAway.name(),
            Self::Delivery => Mode::Delivery.name(),
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sold| sold.name() == name)
    }

    fn holds_for(self, mode: Mode) -> bool {
        self == Self::Any || self.name() == mode.name()
    }
}

/// One rate from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// What is taxed.
    pub class: Class,
    /// How it is sold.
    pub mode: Sold,
    /// The first business day of the rate, such as `2026-03-01`.
    pub from: String,
    /// The rate in hundredths of a per cent.
    pub bp: i64,
    /// Whoever answers for the venue has looked at it.
    #[serde(default)]
    pub confirmed: bool,
    /// The row counts no more.
    #[serde(default)]
    pub removed: bool,
}

impl Rate {
    /// Returns what it is known by: a row of the same id takes its place.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.class.name(), self.mode.name(), self.from)
    }

    /// Checks it.
    ///
    /// # Errors
    /// Refuses what is no day, and a rate above the limit.
    pub fn check(&self) -> Result<(), Rejection> {
        let day: Option<Date> = self.from.parse().ok();
        if day.is_none_or(|day| day.to_string() != self.from) {
            return Err(Rejection::InvalidField("from"));
        }
        if !(0..=RATE_MAX_BP).contains(&self.bp) {
            return Err(Rejection::InvalidField("bp"));
        }
        Ok(())
    }

    /// Writes it.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let fields = json!({
            "class": self.class,
            "mode": self.mode,
            "from_day": self.from,
            "bp": self.bp,
            "confirmed": i64::from(self.confirmed),
            "removed": i64::from(self.removed),
        });
        register(TABLE, &self.id(), "rate", fields)
    }
}

/// Every rate that a venue knows, by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates(BTreeMap<String, Rate>);

impl Default for Rates {
    fn default() -> Self {
        Self::with(Vec::new())
    }
}

impl Rates {
    /// Puts a venue's own rows over those that are compiled in.
    #[must_use]
    pub fn with(own: Vec<Rate>) -> Self {
        let all = compiled_in().into_iter().chain(own);
        Self(all.map(|rate| (rate.id(), rate)).collect())
    }

    /// Lists them, those that count no more as well.
    pub fn rows(&self) -> impl Iterator<Item = &Rate> {
        self.0.values()
    }

    /// Finds a row.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Rate> {
        self.0.get(id)
    }

    /// Returns what holds on a business day for what is sold in this way.
    #[must_use]
    pub fn on(&self, day: &str, mode: Mode) -> InForce {
        let mut told = String::new();
        for class in Class::ALL {
            for mode in Mode::ALL {
                let bp = self.bp(day, class, mode);
                told.push_str(&format!("{}/{}={bp}\n", class.name(), mode.name()));
            }
        }
        let rules = hex(&Sha256::digest(told.as_bytes())).chars().take(16).collect();
        let bp = Class::ALL.into_iter().map(|class| (class, self.bp(day, class, mode))).collect();
        InForce { bp, rules }
    }

    /// The latest row that has begun; of two that began together the one for this way alone.
    fn bp(&self, day: &str, class: Class, mode: Mode) -> i64 {
        let counts = |rate: &&Rate| {
            !rate.removed
                && rate.class == class
                && rate.mode.holds_for(mode)
                && rate.from.as_str() <= day
        };
        let latest = self.0.values().filter(counts).max_by_key(|rate| (&rate.from, rate.mode));
        latest.map_or(UNTOLD_BP, |rate| rate.bp)
    }
}

/// The rates that hold for one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    bp: BTreeMap<Class, i64>,
    /// Which rules these are: orders of one day that carry the same were taxed alike.
    pub rules: String,
}

impl InForce {
    /// Returns the rate of a class.
    #[must_use]
    pub fn of(&self, class: Class) -> i64 {
        self.bp.get(&class).copied().unwrap_or(UNTOLD_BP)
    }
}

/// The file is part of the program and a test reads it: an error cannot reach a person.
fn compiled_in() -> Vec<Rate> {
    serde_json::from_str(BELGIUM).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_in_is_sound_covers_everything_and_waits_to_be_confirmed() {
        let rows: Vec<Rate> = serde_json::from_str(BELGIUM).unwrap();
        assert!(rows.iter().all(|rate| rate.check().is_ok() && !rate.confirmed && !rate.removed));
        assert_eq!(Rates::default().rows().count(), rows.len(), "each id stands there once");
        for class in Class::ALL {
            for mode in Mode::ALL {
                let covers = |r: &Rate| {
                    r.class == class && r.mode.holds_for(mode) && *r.from <= *"2000-01-01"
                };
                assert!(rows.iter().any(covers), "{class:?} {mode:?}");
            }
        }
    }

    #[test]
    fn a_rate_holds_from_its_day_on() {
        let rates = Rates::default();
        for (day, class, mode, bp) in [
            ("2026-02-28", Class::Food, Mode::EatIn, 1_200),
            ("2026-02-28", Class::Food, Mode::TakeAway, 600),
            ("2026-02-28", Class::Drink, Mode::EatIn, 2_100),
            ("2026-03-01", Class::Food, Mode::EatIn, 1_200),
            ("2026-03-01", Class::Food, Mode::TakeAway, 1_200),
            ("2026-03-01", Class::Food, Mode::Delivery, 1_200),
            ("2026-03-01", Class::Drink, Mode::EatIn, 1_200),
            ("2026-03-01", Class::Alcohol, Mode::EatIn, 2_100),
            ("2026-03-01", Class::Other, Mode::Delivery, 2_100),
            // A clock that knows no day taxes nobody too little.
            ("", Class::Food, Mode::EatIn, UNTOLD_BP),
        ] {
            assert_eq!(rates.on(day, mode).of(class), bp, "{day} {class:?} {mode:?}");
        }
        let rules = |day| rates.on(day, Mode::EatIn).rules;
        assert_ne!(rules("2026-02-28"), rules("2026-03-01"));
        assert_eq!(rules("2026-03-01"), rates.on("2026-11-22", Mode::Delivery).rules);
        assert_eq!(rules("2026-03-01").len(), 16);
        // A rate of another mode is another rule, also for orders that it does not tax.
        let other = Rate {
            class: Class::Food,
            mode: Sold::Delivery,
            from: "2026-03-01".to_owned(),
            bp: 1_100,
            confirmed: true,
            removed: false,
        };
        let with = Rates::with(vec![other]).on("2026-03-01", Mode::EatIn);
        assert_ne!(with.rules, rules("2026-03-01"));
    }

    #[test]
    fn a_venue_s_row_takes_the_place_of_one_that_is_compiled_in() {
        let row = |mode, from: &str, bp, removed| Rate {
            class: Class::Food,
            mode,
            from: from.to_owned(),
            bp,
            confirmed: true,
            removed,
        };
        let bp = |rows| Rates::with(rows).on("2026-11-22", Mode::TakeAway).of(Class::Food);
        assert_eq!(bp(vec![row(Sold::TakeAway, "2026-03-01", 600, false)]), 600);
        assert_eq!(bp(vec![row(Sold::TakeAway, "2026-03-01", 0, true)]), 600, "the one before");
        assert_eq!(bp(vec![row(Sold::Any, "2026-03-01", 900, false)]), 1_200, "its own way first");
        assert_eq!(bp(vec![row(Sold::Any, "2026-10-01", 900, false)]), 900, "the latest first");
        assert_eq!(bp(vec![row(Sold::Any, "2027-01-01", 900, false)]), 1_200, "not begun");
    }

    #[test]
    fn what_is_no_day_or_no_rate_is_refused() {
        for (from, bp, is_good) in [
            ("2026-03-01", 0, true),
            ("2026-03-01", 10_000, true),
            ("2026-03-01", 10_001, false),
            ("2026-03-01", -1, false),
            ("2026-02-30", 600, false),
            ("20260301", 600, false),
            ("2026-03-01T00:00", 600, false),
            ("", 600, false),
        ] {
            let rate = Rate {
                class: Class::Food,
                mode: Sold::Any,
                from: from.to_owned(),
                bp,
                confirmed: false,
                removed: false,
            };
            assert_eq!(rate.check().is_ok(), is_good, "{from} {bp}");
        }
    }
}
