//! What a basket costs at a venue: its lines, what comes off, what bringing it costs, and the VAT.
//!
//! The browser's numbers count for nothing here. It must not know who orders.

use std::sync::Arc;

use super::{
    Mode,
    line::{self, BasketLine, Line},
};
use crate::{
    Rejection,
    catalogue::Catalogue,
    limits,
    pricing::{
        discount::{self, Discount, Promotion},
        total::{Item, Total, total},
        vat::Rates,
    },
    venue::delivery::Delivery,
};

/// What a venue offers, and on which terms.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// What is sold.
    pub catalogue: Arc<Catalogue>,
    /// What is owed in VAT.
    pub rates: Rates,
    /// Where it is brought to.
    pub delivery: Delivery,
    /// The promotion of the code that was typed, where there is one.
    pub promotion: Option<Promotion>,
}

/// What a price depends on.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// How it is taken.
    pub mode: Mode,
    /// What is wanted.
    pub lines: &'a [BasketLine],
    /// The code that was typed; empty for none.
    pub code: &'a str,
    /// Where it is brought to; empty where it is not.
    pub postal_code: &'a str,
}

/// A basket with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// What is ordered.
    pub lines: Vec<Line>,
    /// What comes off.
    pub discounts: Vec<Discount>,
    /// What it comes to.
    pub total: Total,
    /// By which rules it is taxed.
    pub rules: String,
}

impl Offer {
    /// Prices what is wanted on a business day.
    ///
    /// # Errors
    /// Refuses what the venue does not offer.
    pub fn price(&self, wanted: &Wanted<'_>, day: &str) -> Result<Priced, Rejection> {
        if wanted.lines.is_empty() {
            return Err(Rejection::EmptyBasket);
        }
        if wanted.lines.len() > limits::LINES_MAX {
            return Err(Rejection::TooManyLines);
        }
        if self.catalogue.closed {
            return Err(Rejection::VenueClosed);
        }
        let lines = wanted.lines.iter().map(|line| line::price(&self.catalogue, line));
        let lines: Vec<Line> = lines.collect::<Result<_, _>>()?;
        let goods_cents: i64 = lines.iter().map(|line| line.unit_cents * line.quantity).sum();
        let fee_cents = match wanted.mode {
            Mode::Delivery => self.delivery.fee(wanted.postal_code, goods_cents)?,
            Mode::EatIn | Mode::TakeAway => 0,
        };
        let discounts = self.discounts(wanted.code, goods_cents, day)?;
        let off_cents = discounts.iter().map(|discount| discount.cents).sum();
        let items: Vec<Item> = lines
            .iter()
            .map(|line| Item { quantity: line.quantity, shares: line.shares.clone() })
            .collect();
        let rates = self.rates.on(day, wanted.mode);
        let total = total(&items, (off_cents, fee_cents), &rates);
        if total.total_cents > limits::CENTS_MAX {
            return Err(Rejection::InvalidQuantity);
        }
        Ok(Priced { lines, discounts, total, rules: rates.rules })
    }

    fn discounts(&self, typed: &str, goods: i64, day: &str) -> Result<Vec<Discount>, Rejection> {
        if typed.trim().is_empty() {
            return Ok(Vec::new());
        }
        let unknown = || Rejection::UnknownPromotion(typed.chars().take(20).collect());
        let code = discount::code(typed).ok_or_else(unknown)?;
        let found = self.promotion.as_ref().filter(|promotion| promotion.code == code);
        Ok(vec![found.ok_or_else(unknown)?.taken_off(goods, day)?])
    }
}
