//! The one rounding rule, and how an amount is shared out without losing a cent.

/// A whole, in hundredths of a per cent.
const WHOLE: i128 = 10_000;

/// Returns the VAT within a gross amount: gross × rate / (100 % + rate), half a cent upwards.
///
/// It is rounded once per rate of an order, never per line: otherwise the sum of an order and the
/// sum of its lines would differ.
#[must_use]
pub fn vat_within(gross_cents: i64, rate_bp: i64) -> i64 {
    let parts = WHOLE + i128::from(rate_bp.max(0));
    let vat =
        (2 * i128::from(gross_cents.max(0)) * i128::from(rate_bp.max(0)) + parts) / (2 * parts);
    i64::try_from(vat).unwrap_or(i64::MAX)
}

/// Returns so many per cent of an amount, half a cent upwards.
#[must_use]
pub fn percent_of(cents: i64, percent: i64) -> i64 {
    (cents.max(0).saturating_mul(percent.max(0)) + 50) / 100
}

/// Shares an amount out by weight, to the cent: the parts add up to it.
///
/// What is left after rounding down goes cent by cent to the largest remainders; of equal ones to
/// the larger weight, so that only weights that are equal depend on where they stand.
#[must_use]
pub fn spread(amount_cents: i64, weights: &[i64]) -> Vec<i64> {
    let all: i128 = weights.iter().map(|weight| i128::from((*weight).max(0))).sum();
    if all == 0 {
        return vec![0; weights.len()];
    }
    let amount = i128::from(amount_cents.max(0));
    let share = |weight: &i64| amount * i128::from((*weight).max(0));
    let whole = |weight: &i64| i64::try_from(share(weight) / all).unwrap_or(i64::MAX);
    let mut parts: Vec<i64> = weights.iter().map(whole).collect();
    let mut order: Vec<(i128, i64, usize)> = weights
        .iter()
        .enumerate()
        .map(|(place, weight)| (share(weight) % all, *weight, place))
        .collect();
    order.sort_by(|a, b| (b.0, b.1, a.2).cmp(&(a.0, a.1, b.2)));
    let given: i64 = parts.iter().sum();
    let left = usize::try_from(amount_cents.max(0) - given).unwrap_or_default();
    for (_, _, place) in order.into_iter().take(left) {
        if let Some(part) = parts.get_mut(place) {
            *part += 1;
        }
    }
    parts
}
