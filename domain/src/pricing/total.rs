//! The engine: what an order costs in all, and how much of that is VAT at which rate.
//!
//! The gross price of a line never depends on how it is sold; only its split does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    split::{spread, vat_within},
    vat::{Class, InForce},
};

/// What one class of VAT has of the price of one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The class.
    pub class: Class,
    /// Its part of the gross price.
    pub cents: i64,
}

/// So many pieces of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// How many.
    pub quantity: i64,
    /// What one costs.
    pub shares: Vec<Share>,
}

/// What an order owes at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatPart {
    /// The rate in hundredths of a per cent.
    pub bp: i64,
    /// What is paid at this rate, VAT included.
    pub gross_cents: i64,
    /// The VAT in it.
    pub vat_cents: i64,
}

/// What of an order's sums belongs to one line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinePart {
    /// Before discounts.
    pub gross_cents: i64,
    /// What discounts take off it.
    pub discount_cents: i64,
    /// The VAT in what is left.
    pub vat_cents: i64,
}

/// What an order costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The lines before discounts.
    pub goods_cents: i64,
    /// What comes off.
    pub discount_cents: i64,
    /// What bringing it costs.
    pub fee_cents: i64,
    /// What is paid.
    pub total_cents: i64,
    /// By rate, the lowest first.
    pub vat: Vec<VatPart>,
    /// By line.
    pub lines: Vec<LinePart>,
}

/// A part of the price that is taxed as one.
struct Piece {
    /// Which line it is of; none for the fee.
    line: Option<usize>,
    bp: i64,
    gross_cents: i64,
    discount_cents: i64,
}

/// Adds everything up. What comes off is shared out over the lines, and never over the fee.
#[must_use]
pub fn total(items: &[Item], (discount_cents, fee_cents): (i64, i64), rates: &InForce) -> Total {
    let mut pieces = pieces(items, rates);
    let goods_cents: i64 = pieces.iter().map(|piece| piece.gross_cents).sum();
    let discount_cents = discount_cents.clamp(0, goods_cents.max(0));
    let weights: Vec<i64> = pieces.iter().map(|piece| piece.gross_cents).collect();
    for (piece, part) in pieces.iter_mut().zip(spread(discount_cents, &weights)) {
        piece.discount_cents = part;
    }
    if fee_cents > 0 {
        let bp = rates.of(Class::Other);
        pieces.push(Piece { line: None, bp, gross_cents: fee_cents, discount_cents: 0 });
    }
    let mut lines = vec![LinePart::default(); items.len()];
    let vat = by_rate(&pieces, &mut lines);
    for piece in &pieces {
        if let Some(line) = piece.line.and_then(|line| lines.get_mut(line)) {
            line.gross_cents += piece.gross_cents;
            line.discount_cents += piece.discount_cents;
        }
    }
    let total_cents = goods_cents - discount_cents + fee_cents.max(0);
    Total { goods_cents, discount_cents, fee_cents: fee_cents.max(0), total_cents, vat, lines }
}

/// The order of the pieces decides who gets the odd cent, so it must not be the customer's: the
/// same lines in another order are taxed alike.
fn pieces(items: &[Item], rates: &InForce) -> Vec<Piece> {
    let mut pieces: Vec<(Class, Piece)> = Vec::new();
    for (line, item) in items.iter().enumerate() {
        for share in &item.shares {
            let gross_cents = share.cents.saturating_mul(item.quantity);
            let bp = rates.of(share.class);
            let piece = Piece { line: Some(line), bp, gross_cents, discount_cents: 0 };
            pieces.push((share.class, piece));
        }
    }
    pieces.sort_by(|(a_class, a), (b_class, b)| {
        (a_class, b.gross_cents, a.line).cmp(&(b_class, a.gross_cents, b.line))
    });
    pieces.into_iter().map(|(_, piece)| piece).collect()
}

/// Rounds once per rate, and shares what comes out over the lines.
fn by_rate(pieces: &[Piece], lines: &mut [LinePart]) -> Vec<VatPart> {
    let mut rates: BTreeMap<i64, Vec<&Piece>> = BTreeMap::new();
    for piece in pieces {
        rates.entry(piece.bp).or_default().push(piece);
    }
    let mut parts = Vec::new();
    for (bp, pieces) in rates {
        let paid: Vec<i64> = pieces.iter().map(|p| p.gross_cents - p.discount_cents).collect();
        let gross_cents: i64 = paid.iter().sum();
        let vat_cents = vat_within(gross_cents, bp);
        for (piece, part) in pieces.iter().zip(spread(vat_cents, &paid)) {
            if let Some(line) = piece.line.and_then(|line| lines.get_mut(line)) {
                line.vat_cents += part;
            }
        }
        parts.push(VatPart { bp, gross_cents, vat_cents });
    }
    parts
}
