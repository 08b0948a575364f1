//! What somebody thinks of an order that they have had, and what the venue answers.
//!
//! One opinion per order, by who ordered it; they may change it. Words are their own and stand
//! sealed with their key. It must not know how anything is sealed.

use serde_json::json;
use sync_engine::{
    change::Draft,
    shape::{Group, Shape, Table, integer, text},
};

use super::{Order, State};
use crate::{Rejection, catalogue::register, limits, schema::ORDERS};

/// The table of opinions, by order.
pub const TABLE: &str = "rating";
/// How they replicate.
pub const RATINGS: Table = Table {
    name: TABLE,
    purpose: ORDERS,
    shape: Shape::Register(&[
        Group {
            name: OPINION,
            columns: &[integer("stars"), text("comment"), text("person"), integer("rated_ms")],
        },
        Group {
            name: ANSWER,
            columns: &[text("answer"), text("answer_by"), integer("answered_ms")],
        },
    ]),
};
/// The register of who ordered.
pub const OPINION: &str = "opinion";
/// The register of the venue.
pub const ANSWER: &str = "answer";

/// Says what somebody thinks of their order; the comment comes sealed.
///
/// # Errors
/// Refuses an order that nobody has had yet, and other stars than one to five.
pub fn rate(
    order: &Order,
    (stars, comment): (i64, &str),
    now_ms: u64,
) -> Result<Vec<Draft>, Rejection> {
    if !matches!(order.state(), State::Collected | State::Delivered) {
        return Err(Rejection::NotHadYet);
    }
    if !(1..=5).contains(&stars) {
        return Err(Rejection::InvalidField("stars"));
    }
    let fields =
        json!({"stars": stars, "comment": comment, "person": order.person, "rated_ms": now_ms});
    Ok(vec![register(TABLE, &order.id, OPINION, fields)])
}

/// Answers an opinion, in the venue's name.
///
/// # Errors
/// Refuses words that are too long.
pub fn answer(
    order: &str,
    (words, by): (&str, &str),
    now_ms: u64,
) -> Result<Vec<Draft>, Rejection> {
    let words = self::words(words, "answer")?;
    let fields = json!({"answer": words, "answer_by": by, "answered_ms": now_ms});
    Ok(vec![register(TABLE, order, ANSWER, fields)])
}

/// Reads a comment or an answer as somebody types it.
///
/// # Errors
/// Refuses what is too long or holds what nobody sees.
pub fn words(text: &str, field: &'static str) -> Result<String, Rejection> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = text.chars().count() <= limits::RATING_CHARS && !text.chars().any(char::is_control);
    if fits { Ok(text) } else { Err(Rejection::InvalidField(field)) }
}

/// Says what a sealed comment is about, so that it opens nowhere else.
#[must_use]
pub fn comment_place(order: &str) -> String {
    format!("order/{order}/rating")
}
