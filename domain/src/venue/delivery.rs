//! Where a venue brings its orders to, for how much, and from which amount on.
//!
//! It must not know who orders.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{change::Draft, id::VenueId};

use crate::{Rejection, catalogue::register, limits};

/// The register of a venue that holds these settings.
pub const REGISTER: &str = "delivery";
/// Zones of one venue.
pub const ZONES_MAX: usize = 50;
/// Postal codes of one zone.
pub const CODES_MAX: usize = 100;

const CODE_CHARS: std::ops::RangeInclusive<usize> = 3..=10;
const USUAL_FEE_CENTS: i64 = 500;

/// A venue's settings for deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// The venue delivers.
    pub on: bool,
    /// What it costs where a zone says nothing else.
    pub fee_cents: i64,
    /// From this price of goods on it costs nothing; 0 where it always costs something.
    pub free_from_cents: i64,
    /// The goods must cost so much where a zone says nothing else.
    pub minimum_cents: i64,
    /// Where it is delivered to; everywhere where there is none.
    pub zones: Vec<Zone>,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            on: false,
            fee_cents: USUAL_FEE_CENTS,
            free_from_cents: 0,
            minimum_cents: 0,
            zones: Vec::new(),
        }
    }
}

/// Places that are delivered to on the same terms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Zone {
    /// The postal codes.
    pub postal_codes: Vec<String>,
    /// What it costs here.
    pub fee_cents: Option<i64>,
    /// The goods must cost so much here.
    pub minimum_cents: Option<i64>,
}

/// Reads a postal code as somebody types it; none where it can be none.
#[must_use]
pub fn postal_code(text: &str) -> Option<String> {
    let code: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let code = code.to_ascii_uppercase();
    let plain = code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    (CODE_CHARS.contains(&code.len()) && plain).then_some(code)
}

impl Delivery {
    /// Checks the settings, and brings postal codes into the form in which they are compared.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn checked(self) -> Result<Self, Rejection> {
        let is_price = |cents: i64| (0..=limits::CENTS_MAX).contains(&cents);
        for (field, cents) in [
            ("fee_cents", self.fee_cents),
            ("free_from_cents", self.free_from_cents),
            ("minimum_cents", self.minimum_cents),
        ] {
            if !is_price(cents) {
                return Err(Rejection::InvalidField(field));
            }
        }
        if self.zones.len() > ZONES_MAX {
            return Err(Rejection::InvalidField("zones"));
        }
        let zones = self.zones.into_iter().map(Zone::checked).collect::<Result<Vec<_>, _>>()?;
        let mut seen = BTreeSet::new();
        if !zones.iter().flat_map(|zone| &zone.postal_codes).all(|code| seen.insert(code.clone())) {
            return Err(Rejection::InvalidField("postal_codes"));
        }
        Ok(Self { zones, ..self })
    }

    /// Returns what it costs to bring goods of this price to a place.
    ///
    /// What counts is the price before discounts: a code never takes a customer below the minimum.
    ///
    /// # Errors
    /// Refuses where the venue does not deliver, to that place, or for so little.
    pub fn fee(&self, code: &str, goods_cents: i64) -> Result<i64, Rejection> {
        if !self.on {
            return Err(Rejection::DeliveryOff);
        }
        let code = postal_code(code).ok_or(Rejection::InvalidField("postal_code"))?;
        let zone = self.zones.iter().find(|zone| zone.postal_codes.contains(&code));
        if zone.is_none() && !self.zones.is_empty() {
            return Err(Rejection::DeliveryOutside(code));
        }
        let minimum = zone.and_then(|zone| zone.minimum_cents).unwrap_or(self.minimum_cents);
        if goods_cents < minimum {
            return Err(Rejection::DeliveryMinimum(minimum));
        }
        let is_free = self.free_from_cents > 0 && goods_cents >= self.free_from_cents;
        let fee = zone.and_then(|zone| zone.fee_cents).unwrap_or(self.fee_cents);
        Ok(if is_free { 0 } else { fee })
    }

    /// Writes the settings.
    #[must_use]
    pub fn draft(&self, venue: &VenueId) -> Draft {
        register("venue", venue.as_str(), REGISTER, json!({"delivery": self}))
    }
}

impl Zone {
    fn checked(self) -> Result<Self, Rejection> {
        let refuse = Rejection::InvalidField("zones");
        let is_price =
            |cents: Option<i64>| cents.is_none_or(|c| (0..=limits::CENTS_MAX).contains(&c));
        if !is_price(self.fee_cents) || !is_price(self.minimum_cents) {
            return Err(refuse);
        }
        if !(1..=CODES_MAX).contains(&self.postal_codes.len()) {
            return Err(Rejection::InvalidField("postal_codes"));
        }
        let codes: Option<Vec<String>> =
            self.postal_codes.iter().map(|code| postal_code(code)).collect();
        let postal_codes = codes.ok_or(Rejection::InvalidField("postal_codes"))?;
        Ok(Self { postal_codes, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn venue() -> Delivery {
        let zone = |codes: &[&str], fee, minimum| Zone {
            postal_codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            fee_cents: fee,
            minimum_cents: minimum,
        };
        let zones =
            vec![zone(&["1000", "1050"], None, None), zone(&["1180"], Some(700), Some(3_000))];
        let settings = Delivery {
            on: true,
            free_from_cents: 5_000,
            minimum_cents: 1_500,
            zones,
            ..Delivery::default()
        };
        settings.checked().unwrap()
    }

    #[test]
    fn a_place_has_its_fee_its_minimum_or_a_refusal() {
        for (code, goods, expected) in [
            ("1000", 1_500, Ok(500)),
            (" 10 50 ", 4_999, Ok(500)),
            ("1050", 5_000, Ok(0)),
            ("1180", 3_000, Ok(700)),
            ("1000", 1_499, Err("delivery_minimum")),
            ("1180", 2_999, Err("delivery_minimum")),
            ("4000", 9_000, Err("delivery_outside")),
            ("", 9_000, Err("invalid_field")),
            ("mille", 9_000, Err("delivery_outside")),
            ("1000; DROP", 9_000, Err("invalid_field")),
        ] {
            let fee = venue().fee(code, goods).map_err(|refused| refused.code());
            assert_eq!(fee, expected, "{code} {goods}");
        }
        let off = Delivery { on: false, ..venue() };
        assert_eq!(off.fee("1000", 9_000).unwrap_err().code(), "delivery_off");
        let everywhere = Delivery { zones: Vec::new(), ..venue() };
        assert_eq!(everywhere.fee("4000", 2_000), Ok(500));
    }

    #[test]
    fn settings_that_contradict_themselves_are_refused() {
        let zone = |code: &str| Zone { postal_codes: vec![code.to_owned()], ..Zone::default() };
        for (settings, field) in [
            (Delivery { fee_cents: -1, ..venue() }, "fee_cents"),
            (Delivery { minimum_cents: limits::CENTS_MAX + 1, ..venue() }, "minimum_cents"),
            (Delivery { zones: vec![zone("1000"), zone("10 00")], ..venue() }, "postal_codes"),
            (Delivery { zones: vec![zone("!!!!")], ..venue() }, "postal_codes"),
            (Delivery { zones: vec![Zone::default()], ..venue() }, "postal_codes"),
            (
                Delivery { zones: vec![Zone { fee_cents: Some(-1), ..zone("1000") }], ..venue() },
                "zones",
            ),
            (Delivery { zones: vec![zone("1000"); ZONES_MAX + 1], ..venue() }, "zones"),
        ] {
            assert_eq!(settings.checked().unwrap_err().subject(), [field]);
        }
    }

    #[test]
    fn settings_of_another_build_are_read_as_far_as_they_are_known() {
        let read: Delivery = serde_json::from_str(r#"{"on": true, "of_the_future": 1}"#).unwrap();
        assert_eq!(read, Delivery { on: true, ..Delivery::default() });
    }
}
