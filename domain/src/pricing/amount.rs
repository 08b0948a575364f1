//! Amounts as people type them: `12`, `12,5` or `12.50`. There is no float on the way.

use crate::limits;

/// Writes cents so that a form shows them, and [`parse`] reads them again.
#[must_use]
pub fn write(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// Reads an amount of euros with at most two decimals, as cents; none where it is no price.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (whole, part) = text.split_once([',', '.']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let cents: i64 = format!("{part:0<2}").parse().ok()?;
    let amount = whole.parse::<i64>().ok()? * 100 + cents;
    (amount <= limits::CENTS_MAX).then_some(amount)
}
