//! What a member shows at a counter, as text: a card, and behind a dot what their phone signed.
//!
//! It is scanned, or typed where there is no camera, so blanks and small letters are forgiven. It
//! must not believe anything.

use super::{Rejection, text};

/// Letters of such a text that are read at all.
const CHARS_MAX: usize = 2_048;
/// Between a card and what the phone signed.
const DOT: char = '.';

/// What was shown; nobody has verified it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The card.
    pub card: Vec<u8>,
    /// What the phone signed just now; none from paper.
    pub proof: Option<Vec<u8>>,
}

impl Shown {
    /// Reads what was scanned or typed.
    ///
    /// # Errors
    /// Refuses what is too long, and anything but one or two documents.
    pub fn read(shown: &str) -> Result<Self, Rejection> {
        if shown.len() > CHARS_MAX {
            return Err(Rejection::Malformed);
        }
        let kept: String =
            shown.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let (card, proof) = match kept.split_once(DOT) {
            Some((card, proof)) => (card, Some(text::from_qr(proof)?)),
            None => (kept.as_str(), None),
        };
        if card.is_empty() || proof.as_ref().is_some_and(Vec::is_empty) {
            return Err(Rejection::Malformed);
        }
        Ok(Self { card: text::from_qr(card)?, proof })
    }

    /// Writes it as a phone shows it.
    #[must_use]
    pub fn write(&self) -> String {
        let card = text::to_qr(&self.card);
        match &self.proof {
            Some(proof) => format!("{card}{DOT}{}", text::to_qr(proof)),
            None => card,
        }
    }
}
