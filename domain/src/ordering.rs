//! An order: placed once, never changed; what happens to it are facts, its state is their fold.
//!
//! Invariants: money is whole cents; the server prices every order itself; paid never turns back
//! to unpaid; a command that has already taken effect succeeds and changes nothing. It must not
//! know who asks, nor how rows are loaded.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sync_engine::{
    change::Draft,
    seal::{hex, mac},
};

use crate::{
    Rejection,
    catalogue::register,
    pricing::{discount::Discount, total::VatPart},
};

pub mod acceptance;
pub mod back;
pub mod contact;
pub mod delivering;
pub mod invoice;
pub mod kitchen;
mod line;
mod offer;
mod placing;
mod progress;
pub mod rating;
pub mod slip;

pub use acceptance::{Acceptance, Court, Verdict};
pub use back::{Back, Exception, Payment, Refund, Told, cancel, refund};
pub use contact::Contact;
pub use kitchen::Item;
pub use line::{BasketChoice, BasketLine, BasketPart, LeftOut, Line, LineChoice, LinePart};
pub use offer::{Offer, Priced, Wanted};
pub use placing::{Customer, Place, place, place_again};
pub use progress::{By, Event, Happened, State, collect, prepare, ready, recall};

/// How the customer takes the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// At a table.
    EatIn,
    /// To go.
    TakeAway,
    /// Brought to the customer.
    Delivery,
}

impl Mode {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::EatIn, Self::TakeAway, Self::Delivery];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EatIn => "eat_in",
            Self::TakeAway => "take_away",
            Self::Delivery => "delivery",
        }
    }
}

/// What a customer asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basket {
    /// Made once by the customer's device: sending the same basket again orders nothing new.
    pub id: String,
    /// How it is taken.
    pub mode: Mode,
    /// What is wanted.
    pub lines: Vec<BasketLine>,
    /// The total that the customer saw.
    pub total_cents: i64,
    /// The code of a promotion; empty for none.
    #[serde(default)]
    pub code: String,
    /// What the kitchen should know.
    #[serde(default)]
    pub note: String,
    /// When it is wanted; as soon as possible where nothing is said.
    #[serde(default)]
    pub wanted_ms: Option<u64>,
    /// Where it is brought to.
    #[serde(default)]
    pub delivery: Option<Contact>,
    /// The table on which the customer found the menu.
    #[serde(default)]
    pub table: Option<u32>,
}

impl Basket {
    /// Returns what its price depends on.
    #[must_use]
    pub fn wanted(&self) -> Wanted<'_> {
        Wanted {
            mode: self.mode,
            lines: &self.lines,
            code: &self.code,
            postal_code: self.delivery.as_ref().map_or("", |contact| &contact.postal_code),
        }
    }
}

/// How an order was paid at the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// With coins and notes.
    Cash,
    /// At the shop's own terminal.
    Terminal,
}

/// What an order takes of the kitchen's time; nothing where there is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slot {
    /// When the slot begins.
    pub slot_ms: u64,
    /// How much of it.
    pub weight: i64,
    /// By when the order is promised.
    pub ready_ms: u64,
}

/// An order with everything that happened to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// Which series its ticket number belongs to.
    pub ticket_origin: String,
    /// Its number in the series.
    pub ticket_number: i64,
    /// How it is taken; nothing where only a newer build knows the way.
    pub mode: Option<Mode>,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// What it costs.
    pub total_cents: i64,
    /// When it was placed.
    pub placed_ms: i64,
    /// What happened to it.
    pub happened: Happened,
    /// What was paid.
    pub paid_cents: i64,
    /// How much of the price is VAT, by rate; nothing where an older build took the order.
    pub vat: Vec<VatPart>,
    /// What came off.
    pub discounts: Vec<Discount>,
    /// What bringing it costs.
    pub fee_cents: i64,
    /// What the kitchen should know.
    pub note: String,
    /// When it is wanted; 0 for as soon as possible.
    pub wanted_ms: i64,
    /// Who ordered it; empty where nobody was signed in.
    pub person: String,
    /// Where it is brought to, sealed with their key; empty where it is not.
    pub contact: String,
    /// Which rules of VAT its split follows; empty where an older build took it.
    pub rules: String,
    /// What it takes of the kitchen's time.
    pub slot: Slot,
    /// It is promised only once somebody accepts it.
    pub to_accept: bool,
    /// What the counter did, by whom and where, the first that came first.
    pub told: Vec<Told>,
    /// The money that came in, the first that came first.
    pub payments: Vec<Payment>,
    /// The money that was given back, the first that came first.
    pub refunds: Vec<Refund>,
}

impl Order {
    /// Returns what stands on the ticket.
    #[must_use]
    pub fn ticket(&self) -> String {
        format!("{}-{:03}", self.ticket_origin, self.ticket_number)
    }

    /// Tells whether its price is paid.
    #[must_use]
    pub const fn is_paid(&self) -> bool {
        self.paid_cents >= self.total_cents
    }
}

/// Takes the whole price at the counter; an order that is paid already stays as it is.
///
/// The payment is keyed by the order, so that two tills that cannot see each other count it once.
///
/// # Errors
/// Refuses an order of which a part was paid otherwise.
pub fn pay(order: &Order, means: Means, now_ms: u64) -> Result<Vec<Draft>, Rejection> {
    if order.state() == State::Cancelled && !order.is_paid() {
        return Err(Rejection::OrderCancelled);
    }
    order.promised()?;
    if order.is_paid() || order.state() != State::Placed {
        return Ok(Vec::new());
    }
    if order.paid_cents != 0 {
        return Err(Rejection::NotPayable);
    }
    let fields = json!({
        "order_id": order.id,
        "means": means,
        "amount_cents": order.total_cents,
        "at_ms": now_ms,
    });
    Ok(vec![register("payment", &format!("counter/{}", order.id), "", fields)])
}

/// Returns the order's id: the basket's, bound to where it was placed.
///
/// Edge and gateway may both be handed one id while they cannot see each other; what was ordered
/// here and what was ordered there must never become one order.
#[must_use]
pub fn order_id(origin: &str, basket: &str) -> String {
    let digits: String = hex(&mac(b"order", format!("{origin}/{basket}").as_bytes()));
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    // Version 8: a UUID whose bits are ours to choose.
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// Tells whether the text is a UUID in its usual lower-case form.
#[must_use]
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        })
}

#[cfg(test)]
mod tests;
