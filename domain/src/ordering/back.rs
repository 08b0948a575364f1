//! What is taken back at the counter: an order is called off, money is given back.
//!
//! Invariants: paid stays paid; of each payment the amount that is back only grows and is never
//! more than was paid, whoever gives back what without seeing the other; what is collected stays
//! collected. It must not know who may do it, nor what follows from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::change::Draft;

use super::{By, Event, Line, Means, Order, State};
use crate::{
    Rejection,
    catalogue::{is_plain, register},
    limits,
    pricing::{
        split::{spread, vat_within},
        total::VatPart,
        vat::InForce,
    },
};

/// The replicated table of what was given back.
pub const TABLE: &str = "refund";
/// By which means an order is paid with points.
pub const POINTS: &str = "points";

/// What the counter did with an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub event: Event,
    /// Who.
    pub person: String,
    /// At which replica.
    pub place: String,
    /// Why; empty where nobody asks.
    pub reason: String,
    /// When.
    pub at_ms: i64,
}

/// Money that came in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Payment {
    /// Its id.
    pub id: String,
    /// By which means.
    pub means: String,
    /// How much.
    pub amount_cents: i64,
    /// When.
    pub at_ms: i64,
}

/// Pieces of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pieces {
    /// Which line, from 0 on.
    pub line: usize,
    /// How many of it.
    pub quantity: i64,
}

/// Money that was given back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refund {
    /// Of which payment.
    pub payment: String,
    /// By which means.
    pub means: String,
    /// How much, this time.
    pub amount_cents: i64,
    /// How much of the payment is back by then.
    pub so_far_cents: i64,
    /// For which lines; none where it is an amount.
    pub lines: Vec<Pieces>,
    /// How much of it is VAT.
    pub vat: Vec<VatPart>,
    /// Why.
    pub reason: String,
    /// Who gave it back.
    pub person: String,
    /// At which replica.
    pub place: String,
    /// When.
    pub at_ms: i64,
}

/// What staff want to give back.
#[derive(Debug, Clone)]
pub struct Back {
    /// So much; nothing for all that is left, or what the lines come to.
    pub cents: Option<i64>,
    /// For these lines; empty for an amount.
    pub lines: Vec<Pieces>,
    /// What they saw to be back already: a second tap gives nothing twice.
    pub seen_cents: i64,
    /// By which means.
    pub means: Means,
    /// Why.
    pub reason: String,
}

/// What staff should hear of an order: no rule can put it right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// It was called off, and so much of what was paid is not back.
    Owed(i64),
    /// It was handed over in one place and called off in another.
    CollectedAndCancelled,
    /// It was handed over in two places that could not see each other.
    CollectedTwice,
    /// So much more was given back than counts: two places gave it without seeing each other.
    RefundedTwice(i64),
}

impl Exception {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owed(_) => "owed",
            Self::CollectedAndCancelled => "collected_and_cancelled",
            Self::CollectedTwice => "collected_twice",
            Self::RefundedTwice(_) => "refunded_twice",
        }
    }

    /// Returns the sum that it is about; 0 where it is about none.
    #[must_use]
    pub const fn cents(self) -> i64 {
        match self {
            Self::Owed(cents) | Self::RefundedTwice(cents) => cents,
            Self::CollectedAndCancelled | Self::CollectedTwice => 0,
        }
    }
}

impl Order {
    /// Returns how much of a payment is back: the highest sum that anybody told.
    #[must_use]
    pub fn refunded_of(&self, payment: &str) -> i64 {
        let of = self.refunds.iter().filter(|refund| refund.payment == payment);
        of.map(|refund| refund.so_far_cents).max().unwrap_or(0)
    }

    /// Returns how much money came in for it: points are no money, and go back as points.
    #[must_use]
    pub fn money_cents(&self) -> i64 {
        let points = self.payments.iter().filter(|payment| payment.means == POINTS);
        self.paid_cents - points.map(|payment| payment.amount_cents).sum::<i64>()
    }

    fn money(&self) -> impl Iterator<Item = &Payment> {
        self.payments.iter().filter(|payment| payment.means != POINTS)
    }

    /// Returns how much of all that was paid is back.
    #[must_use]
    pub fn refunded_cents(&self) -> i64 {
        self.payments.iter().map(|payment| self.refunded_of(&payment.id)).sum()
    }

    /// Returns what staff should hear of.
    #[must_use]
    pub fn exceptions(&self) -> Vec<Exception> {
        let mut found = Vec::new();
        let back = self.refunded_cents();
        let delivered = self.happened.count(Event::Delivered);
        let collected = self.happened.count(Event::Collected) + delivered;
        if self.state() == State::Cancelled && self.money_cents() > back {
            found.push(Exception::Owed(self.money_cents() - back));
        }
        if collected > 0 && self.happened.has(Event::Cancelled) {
            found.push(Exception::CollectedAndCancelled);
        }
        if collected > 1 {
            found.push(Exception::CollectedTwice);
        }
        let given: i64 = self.refunds.iter().map(|refund| refund.amount_cents).sum();
        if given > back {
            found.push(Exception::RefundedTwice(given - back));
        }
        found
    }

    /// Returns how many pieces of a line are not back.
    #[must_use]
    pub fn pieces_left(&self, line: usize) -> i64 {
        let ordered = self.lines.get(line).map_or(0, |line| line.quantity);
        (ordered - self.pieces_back(line)).max(0)
    }

    fn pieces_back(&self, line: usize) -> i64 {
        let all = self.refunds.iter().flat_map(|refund| &refund.lines);
        all.filter(|pieces| pieces.line == line).map(|pieces| pieces.quantity).sum()
    }

    /// Returns what each line costs after discounts; together with the fee that is the total.
    fn net_lines(&self) -> Vec<i64> {
        let gross = |line: &Line| line.unit_cents.saturating_mul(line.quantity);
        let gross: Vec<i64> = self.lines.iter().map(gross).collect();
        let off: i64 = self.discounts.iter().map(|discount| discount.cents).sum();
        gross.iter().zip(spread(off, &gross)).map(|(gross, off)| gross - off).collect()
    }
}

/// Calls an order off; one that was called off stays so.
///
/// # Errors
/// Refuses an order that was handed over, and a reason that says nothing.
pub fn cancel(order: &Order, reason: &str, by: &By<'_>) -> Result<Vec<Draft>, Rejection> {
    let reason = said(reason)?;
    match order.state() {
        State::Collected | State::Delivered => Err(Rejection::NotCancellable),
        State::Cancelled => Ok(Vec::new()),
        _ => Ok(vec![by.saw(order, Event::Cancelled, reason)]),
    }
}

/// Gives money back; what is back already, by the same person, is not given again.
///
/// # Errors
/// Refuses more than is left, pieces that are back, a reason that says nothing, and whoever has not
/// seen what somebody else gave back meanwhile.
pub fn refund(
    order: &Order,
    wish: &Back,
    (by, rates): (&By<'_>, &InForce),
) -> Result<Vec<Draft>, Rejection> {
    let reason = said(&wish.reason)?;
    if order.paid_cents <= 0 {
        return Err(Rejection::NotPaid);
    }
    let back = order.refunded_cents();
    if back != wish.seen_cents {
        let is_done = is_done(order, wish, by);
        return if is_done { Ok(Vec::new()) } else { Err(Rejection::RefundChanged(back)) };
    }
    let left = order.money_cents() - back;
    let (cents, wanted) = match (wish.cents, wish.lines.as_slice()) {
        (None, []) => (left, BTreeMap::new()),
        (Some(cents), []) => (cents, BTreeMap::new()),
        (None, lines) => for_lines(order, lines, rates)?,
        (Some(_), _) => return Err(Rejection::InvalidField("cents")),
    };
    if cents <= 0 || order.refunds.len() >= limits::REFUNDS_MAX {
        return Err(if left == 0 {
            Rejection::RefundTooMuch(0)
        } else {
            Rejection::InvalidField("cents")
        });
    }
    if cents > left {
        return Err(Rejection::RefundTooMuch(left));
    }
    let mut vat = split(order, cents, &wanted);
    let mut lines = wish.lines.clone();
    let mut open = cents;
    let mut drafts = Vec::new();
    for payment in order.money() {
        let so_far = order.refunded_of(&payment.id);
        let amount_cents = open.min(payment.amount_cents - so_far);
        if amount_cents <= 0 {
            continue;
        }
        open -= amount_cents;
        let so_far_cents = so_far + amount_cents;
        // What it is for, and its VAT, stand with the first part; nearly always there is only one.
        let fields = json!({
            "order_id": order.id,
            "payment": payment.id,
            "means": wish.means,
            "amount_cents": amount_cents,
            "so_far_cents": so_far_cents,
            "lines": std::mem::take(&mut lines),
            "vat": std::mem::take(&mut vat),
            "reason": reason,
            "person": by.person,
            "place": by.place,
            "at_ms": by.at_ms,
        });
        let id = format!("{}/{so_far_cents}/{}", payment.id, by.place);
        drafts.push(register(TABLE, &id, "", fields));
    }
    Ok(drafts)
}

/// Tells whether what was given back last is just this: an answer was lost, or it was tapped twice.
fn is_done(order: &Order, wish: &Back, by: &By<'_>) -> bool {
    let Some(last) = order.refunds.last() else { return false };
    let is_so_much = match (wish.cents, wish.lines.as_slice()) {
        (Some(cents), _) => cents == last.amount_cents,
        (None, []) => wish.seen_cents + last.amount_cents == order.money_cents(),
        (None, lines) => lines == last.lines,
    };
    let is_next = wish.seen_cents + last.amount_cents == order.refunded_cents();
    is_so_much && is_next && last.person == by.person
}

pub(super) fn said(reason: &str) -> Result<&str, Rejection> {
    let reason = reason.trim();
    let is_fine = (1..=limits::REASON_CHARS).contains(&reason.chars().count()) && is_plain(reason);
    if is_fine { Ok(reason) } else { Err(Rejection::InvalidField("reason")) }
}

/// Returns what pieces of lines come to, and at which rates.
fn for_lines(
    order: &Order,
    lines: &[Pieces],
    rates: &InForce,
) -> Result<(i64, BTreeMap<i64, i64>), Rejection> {
    let net = order.net_lines();
    let (mut all, mut by_rate) = (0_i64, BTreeMap::new());
    for (place, pieces) in lines.iter().enumerate() {
        let is_twice = lines.iter().take(place).any(|other| other.line == pieces.line);
        let fits = (1..=order.pieces_left(pieces.line)).contains(&pieces.quantity);
        let (Some(line), Some(net)) = (order.lines.get(pieces.line), net.get(pieces.line)) else {
            return Err(Rejection::InvalidField("lines"));
        };
        if is_twice || !fits {
            return Err(Rejection::InvalidField("lines"));
        }
        // So much of the line is back after so many pieces: the last one takes the odd cents.
        let back = order.pieces_back(pieces.line);
        let after = |pieces: i64| net.saturating_mul(pieces) / line.quantity.max(1);
        let cents = after(back + pieces.quantity) - after(back);
        all += cents;
        if rates.rules == order.rules {
            let weights: Vec<i64> = line.shares.iter().map(|share| share.cents).collect();
            for (share, part) in line.shares.iter().zip(spread(cents, &weights)) {
                *by_rate.entry(rates.of(share.class)).or_default() += part;
            }
        }
    }
    Ok((all, by_rate))
}

/// Says how much of what is given back is VAT: at the rates of its lines where they are known, else
/// at each rate its part. All of it together is exactly the order's VAT.
fn split(order: &Order, cents: i64, wanted: &BTreeMap<i64, i64>) -> Vec<VatPart> {
    let back = |bp: i64, of: fn(&VatPart) -> i64| -> i64 {
        let parts = order.refunds.iter().flat_map(|refund| &refund.vat);
        parts.filter(|part| part.bp == bp).map(of).sum()
    };
    let left = |part: &VatPart| (part.gross_cents - back(part.bp, |part| part.gross_cents)).max(0);
    let room: Vec<i64> = order.vat.iter().map(left).collect();
    let first = order.vat.iter().zip(&room);
    let mut taken: Vec<i64> = first
        .map(|(part, room)| wanted.get(&part.bp).copied().unwrap_or_default().min(*room))
        .collect();
    let rest = (cents - taken.iter().sum::<i64>()).max(0);
    let free: Vec<i64> = room.iter().zip(&taken).map(|(room, taken)| room - taken).collect();
    // Two places may have given back the same money: what one of them gives beyond all is taxed as
    // the whole was.
    let is_all_back = free.iter().all(|free| *free == 0);
    let shares = if is_all_back { order.vat.iter().map(|p| p.gross_cents).collect() } else { free };
    for (taken, more) in taken.iter_mut().zip(spread(rest, &shares)) {
        *taken += more;
    }
    let parts = order.vat.iter().zip(room).zip(taken).filter(|(_, gross_cents)| *gross_cents > 0);
    parts
        .map(|((part, room), gross_cents)| {
            let within = gross_cents.min(room);
            let gross = back(part.bp, |part| part.gross_cents) + within;
            let all = if gross >= part.gross_cents {
                part.vat_cents
            } else {
                vat_within(gross, part.bp).min(part.vat_cents)
            };
            let vat_cents = (all - back(part.bp, |part| part.vat_cents)).clamp(0, within);
            let vat_cents = vat_cents + vat_within(gross_cents - within, part.bp);
            VatPart { bp: part.bp, gross_cents, vat_cents }
        })
        .collect()
}
