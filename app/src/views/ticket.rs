//! Owns how an order looks on a screen: its lines, its mode and its state.
//! It must not know the rules by which an order changes.

use super::{ContactView, Sums};
use crate::locale::Locale;

/// Where the order is eaten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On the premises.
    EatIn,
    /// Taken away.
    TakeAway,
    /// Brought to the customer.
    Delivery,
    /// In a way that only a newer build knows: whoever sees the order has to ask.
    Unknown,
}

impl Mode {
    /// Returns the code used by the API and as a CSS hook.
    pub fn code(&self) -> &'static str {
        match self {
            Self::EatIn => "eat_in",
            Self::TakeAway => "take_away",
            Self::Delivery => "delivery",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the mode's name in a language.
    pub fn label(&self, locale: &Locale) -> &'static str {
        match self {
            Self::EatIn => locale.t("mode.eat_in"),
            Self::TakeAway => locale.t("mode.take_away"),
            Self::Delivery => locale.t("mode.delivery"),
            Self::Unknown => "?",
        }
    }
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Ordered, not paid yet.
    Placed,
    /// Paid; the kitchen has it.
    Paid,
    /// The kitchen has begun.
    Preparing,
    /// Ready to be handed over.
    Ready,
    /// A courier has it.
    OnItsWay,
    /// Called off.
    Cancelled,
    /// Handed over.
    Collected,
    /// Handed over where it was brought to.
    Delivered,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Placed,
        Self::Paid,
        Self::Preparing,
        Self::Ready,
        Self::OnItsWay,
        Self::Cancelled,
        Self::Collected,
        Self::Delivered,
    ];
    /// The steps of an order that its customer fetches.
    pub const FETCHED: [Self; 5] =
        [Self::Placed, Self::Paid, Self::Preparing, Self::Ready, Self::Collected];
    /// The steps of one that is brought.
    pub const BROUGHT: [Self; 6] =
        [Self::Placed, Self::Paid, Self::Preparing, Self::Ready, Self::OnItsWay, Self::Delivered];

    /// Returns the code used by the API and as a CSS hook.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Paid => "paid",
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::OnItsWay => "on_its_way",
            Self::Collected => "collected",
            Self::Cancelled => "cancelled",
            Self::Delivered => "delivered",
        }
    }

    /// Returns the name of this step in a language.
    pub fn label(&self, locale: &Locale) -> &'static str {
        match self {
            Self::Placed => locale.t("order.step_placed"),
            Self::Paid => locale.t("order.step_paid"),
            Self::Preparing => locale.t("order.step_preparing"),
            Self::Ready => locale.t("order.step_ready"),
            Self::OnItsWay => locale.t("order.step_on_its_way"),
            Self::Collected => locale.t("order.step_collected"),
            Self::Cancelled => locale.t("order.step_cancelled"),
            Self::Delivered => locale.t("order.step_delivered"),
        }
    }

    /// Returns what this state means for the customer, as a headline.
    pub fn headline(&self, mode: &Mode, locale: &Locale) -> &'static str {
        match self {
            Self::Placed if *mode == Mode::Delivery => locale.t("order.headline_placed_delivery"),
            Self::Placed => locale.t("order.headline_placed"),
            Self::Paid => locale.t("order.headline_paid"),
            Self::Preparing => locale.t("order.headline_preparing"),
            Self::Ready => locale.t("order.headline_ready"),
            Self::OnItsWay => locale.t("order.headline_on_its_way"),
            Self::Collected => locale.t("order.headline_collected"),
            Self::Cancelled => locale.t("order.headline_cancelled"),
            Self::Delivered => locale.t("order.headline_delivered"),
        }
    }

    /// Returns what the customer does next.
    pub fn advice(&self, mode: &Mode, locale: &Locale) -> &'static str {
        match self {
            Self::Placed if *mode == Mode::Delivery => locale.t("order.advice_placed_delivery"),
            Self::Paid if *mode == Mode::Delivery => locale.t("order.advice_paid_delivery"),
            Self::Preparing if *mode == Mode::Delivery => {
                locale.t("order.advice_preparing_delivery")
            }
            Self::Ready if *mode == Mode::Delivery => locale.t("order.advice_ready_delivery"),
            Self::Cancelled if *mode == Mode::Delivery => {
                locale.t("order.advice_cancelled_delivery")
            }
            Self::Placed => locale.t("order.advice_placed"),
            Self::Paid => locale.t("order.advice_paid"),
            Self::Preparing => locale.t("order.advice_preparing"),
            Self::Ready => locale.t("order.advice_ready"),
            Self::OnItsWay => locale.t("order.advice_on_its_way"),
            Self::Collected => locale.t("order.advice_collected"),
            Self::Cancelled => locale.t("order.advice_cancelled"),
            Self::Delivered => locale.t("order.advice_delivered"),
        }
    }
}

/// A line of an order.
#[derive(Clone, Debug)]
pub struct LineView {
    /// How many.
    pub quantity: u32,
    /// The product's name in the reader's language.
    pub name: String,
    /// The names of the choices, one entry each.
    pub options: Vec<String>,
    /// Price of the whole line, written for the reader.
    pub price: String,
}

impl LineView {
    /// Returns the choices in one line, each apart from the next; empty where there are none.
    pub fn said(&self) -> String {
        self.options.join(" · ")
    }
}

/// An order on a staff board.
#[derive(Clone, Debug)]
pub struct TicketView {
    /// The order's id.
    pub id: String,
    /// The number that is called: `K1-017`.
    pub ticket: String,
    /// Where it is eaten.
    pub mode: Mode,
    /// At which table; 0 where it has none.
    pub table: u32,
    /// Since when it waits in this column, ms since 1970; the page counts from there.
    pub since_ms: i64,
    /// Its lines.
    pub lines: Vec<LineView>,
    /// Its total, written for the reader.
    pub total: String,
    /// What the total is made of beside the lines.
    pub sums: Sums,
    /// What the kitchen should know; may be empty.
    pub note: String,
    /// When it is wanted; nothing for as soon as possible.
    pub wanted: Option<String>,
    /// Where it is brought to, for whoever may see that.
    pub contact: Option<ContactView>,
}

impl TicketView {
    /// Returns how many items the order has.
    pub fn items(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }
}
