//! Prices and VAT: one engine for every screen, every host and every way of selling.
//!
//! Prices are gross and whole cents; nothing here makes a price, it only says how one is made up.
//! It must not know products, people or rows.

pub mod amount;
pub mod discount;
pub mod split;
pub mod total;
pub mod vat;

#[cfg(test)]
mod tests;
