//! What comes off a price: promotions of the venue, and what one of them takes off an order.
//!
//! A code may be used by everybody, as often as they like. It must not know who uses it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::change::Draft;

use super::split::percent_of;
use crate::{Rejection, catalogue::register, limits};

/// The table of a venue's promotions.
pub const TABLE: &str = "promotion";
/// Promotions of one venue that count.
pub const PROMOTIONS_MAX: usize = 200;

const CODE_CHARS_MIN: usize = 3;
const CODE_CHARS_MAX: usize = 20;

/// A code that takes something off; either a part of the price or an amount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// What customers type, in its kept form.
    pub code: String,
    /// So many per cent come off; 0 where an amount does.
    #[serde(default)]
    pub percent: i64,
    /// So many cents come off; 0 where a part does.
    #[serde(default)]
    pub cents: i64,
    /// The first business day; empty for none.
    #[serde(default)]
    pub from: String,
    /// The last business day; empty for none.
    #[serde(default)]
    pub until: String,
    /// What must be ordered at least.
    #[serde(default)]
    pub minimum_cents: i64,
    /// It counts.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

/// What was taken off an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// By which code.
    pub code: String,
    /// How much.
    pub cents: i64,
}

/// Reads a code as somebody types it; none where it can be none.
#[must_use]
pub fn code(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    let fits = (CODE_CHARS_MIN..=CODE_CHARS_MAX).contains(&code.len());
    (fits && code.bytes().all(plain)).then_some(code)
}

impl Promotion {
    /// Checks it, and brings its code into the form in which it is kept.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn checked(self) -> Result<Self, Rejection> {
        let refuse = |field| Err(Rejection::InvalidField(field));
        let is_day = |text: &str| {
            let day: Option<Date> = text.parse().ok();
            text.is_empty() || day.is_some_and(|day| day.to_string() == text)
        };
        let Some(code) = code(&self.code) else { return refuse("code") };
        let is_part = (1..=100).contains(&self.percent) && self.cents == 0;
        let is_amount = (1..=limits::CENTS_MAX).contains(&self.cents) && self.percent == 0;
        if !is_part && !is_amount {
            return refuse(if self.cents == 0 { "percent" } else { "cents" });
        }
        if !is_day(&self.from) {
            return refuse("from");
        }
        if !is_day(&self.until) || (!self.until.is_empty() && self.until < self.from) {
            return refuse("until");
        }
        if !(0..=limits::CENTS_MAX).contains(&self.minimum_cents) {
            return refuse("minimum_cents");
        }
        Ok(Self { code, ..self })
    }

    /// Returns what it takes off goods of this price on a business day: never more than they cost.
    ///
    /// # Errors
    /// Refuses a day on which it does not count, and goods below its minimum.
    pub fn taken_off(&self, goods_cents: i64, day: &str) -> Result<Discount, Rejection> {
        let is_over = !self.until.is_empty() && self.until.as_str() < day;
        if !self.active || self.from.as_str() > day || is_over {
            return Err(Rejection::PromotionNotNow(self.code.clone()));
        }
        if goods_cents < self.minimum_cents {
            return Err(Rejection::PromotionMinimum(self.minimum_cents));
        }
        let cents = self.cents + percent_of(goods_cents, self.percent);
        Ok(Discount { code: self.code.clone(), cents: cents.clamp(0, goods_cents.max(0)) })
    }

    /// Writes it: what it promises and whether it counts change apart.
    #[must_use]
    pub fn drafts(&self) -> [Draft; 2] {
        let terms = json!({
            "percent": self.percent,
            "cents": self.cents,
            "from_day": self.from,
            "until_day": self.until,
            "minimum_cents": self.minimum_cents,
        });
        let state = json!({"active": i64::from(self.active)});
        [register(TABLE, &self.code, "terms", terms), register(TABLE, &self.code, "state", state)]
    }
}
