//! How many points a venue gives for a price, how many it takes, and what its levels are called.
//!
//! One rounding each, both in the venue's favour by less than a point: what is earned is rounded
//! down once per order, what an order costs in points is rounded up once. It must not know members.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{change::Draft, id::VenueId};

use crate::{
    Rejection,
    catalogue::{Texts, register, texts_fit},
    limits,
};

/// The register of a venue that holds these settings.
pub const REGISTER: &str = "loyalty";
/// Levels of one venue.
pub const LEVELS_MAX: usize = 10;
/// The most points for a euro, either way.
pub const RATE_MAX: i64 = 10_000;
/// The most points that a level asks for, and that the gateway may hold of a member.
pub const POINTS_MAX: i64 = 1_000_000_000;

const CENTS_PER_EURO: i64 = 100;

/// A venue's settings for points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Loyalty {
    /// Points are earned and taken.
    pub on: bool,
    /// Points for each euro that a member pays.
    pub earned_per_euro: i64,
    /// Points that buy a euro.
    pub spent_per_euro: i64,
    /// So many points of a member the gateway holds at most, to take them with the line cut.
    pub allowance: i64,
    /// The levels, the lowest first.
    pub levels: Vec<Level>,
}

/// A card's level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Level {
    /// From so many points on that were ever earned.
    pub from: i64,
    /// What it is called, by language.
    pub name: Texts,
}

impl Default for Loyalty {
    fn default() -> Self {
        let level = |from, [fr, nl, en]: [&str; 3]| {
            let name = [("fr", fr), ("nl", nl), ("en", en)];
            let name = name.map(|(language, name)| (language.to_owned(), name.to_owned()));
            Level { from, name: Texts::from(name) }
        };
        Self {
            on: true,
            earned_per_euro: 10,
            spent_per_euro: 100,
            allowance: 3_000,
            levels: vec![
                level(0, ["Bronze", "Brons", "Bronze"]),
                level(2_000, ["Argent", "Zilver", "Silver"]),
                level(10_000, ["Or", "Goud", "Gold"]),
            ],
        }
    }
}

impl Loyalty {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn checked(self) -> Result<Self, Rejection> {
        for (field, rate, least) in [
            ("earned_per_euro", self.earned_per_euro, 0),
            ("spent_per_euro", self.spent_per_euro, 1),
        ] {
            if !(least..=RATE_MAX).contains(&rate) {
                return Err(Rejection::InvalidField(field));
            }
        }
        if !(0..=POINTS_MAX).contains(&self.allowance) {
            return Err(Rejection::InvalidField("allowance"));
        }
        let fits = |level: &Level| {
            let named = texts_fit(&level.name, limits::NAME_CHARS, true);
            (0..=POINTS_MAX).contains(&level.from) && named
        };
        let rise = self.levels.is_sorted_by(|low, high| low.from < high.from);
        if self.levels.len() > LEVELS_MAX || !rise || !self.levels.iter().all(fits) {
            return Err(Rejection::InvalidField("levels"));
        }
        Ok(self)
    }

    /// Returns what a price earns, rounded down once per order.
    #[must_use]
    pub const fn earned(&self, total_cents: i64) -> i64 {
        if !self.on || total_cents <= 0 {
            return 0;
        }
        total_cents.saturating_mul(self.earned_per_euro) / CENTS_PER_EURO
    }

    /// Returns what a price costs in points, rounded up once per order.
    #[must_use]
    pub const fn price(&self, total_cents: i64) -> i64 {
        let all = total_cents.saturating_mul(self.spent_per_euro);
        all.saturating_add(CENTS_PER_EURO - 1) / CENTS_PER_EURO
    }

    /// Returns the level of somebody who has ever earned so many points.
    #[must_use]
    pub fn level(&self, earned: i64) -> Option<&Level> {
        self.levels.iter().rev().find(|level| level.from <= earned)
    }

    /// Returns the next level of somebody who has ever earned so many points.
    #[must_use]
    pub fn next(&self, earned: i64) -> Option<&Level> {
        self.levels.iter().find(|level| level.from > earned)
    }

    /// Writes the settings.
    #[must_use]
    pub fn draft(&self, venue: &VenueId) -> Draft {
        register("venue", venue.as_str(), REGISTER, json!({"loyalty": self}))
    }
}
