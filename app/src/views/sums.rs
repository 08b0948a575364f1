//! Owns how the sums of an order look: what came off, what bringing it costs, the VAT by rate.
//! It must not know how any of them is worked out.

use crate::{call::escape, locale::Locale};

/// One rate of VAT of an order.
#[derive(Clone, Debug)]
pub struct VatLine {
    /// The rate, written for the reader: `12 %`.
    pub rate: String,
    /// What is paid at this rate, VAT included.
    pub gross: String,
    /// The VAT in it.
    pub vat: String,
}

/// Something that came off.
#[derive(Clone, Debug)]
pub struct DiscountLine {
    /// By which code.
    pub code: String,
    /// How much, written as what it takes off.
    pub amount: String,
}

/// What an order's total is made of beside its lines.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// What came off.
    pub discounts: Vec<DiscountLine>,
    /// What bringing it costs; nothing where it is not brought.
    pub fee: Option<String>,
    /// By rate; nothing where an older build took the order.
    pub vat: Vec<VatLine>,
}

/// Where an order is brought to; staff alone see it.
#[derive(Clone, Debug)]
pub struct ContactView {
    /// Street, number, postal code.
    pub address: String,
    /// The telephone, as it was typed.
    pub phone: String,
}

impl ContactView {
    /// Returns the address as a phone's own map is asked for it.
    pub fn on_map(&self) -> String {
        format!("geo:0,0?q={}", escape(&self.address))
    }

    /// Returns the telephone as a link dials it.
    pub fn dial(&self) -> String {
        self.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }
}

/// Writes a rate in hundredths of a per cent.
pub fn percent(bp: i64, locale: Locale) -> String {
    let decimal = if locale == Locale::En { '.' } else { ',' };
    let part = format!("{:02}", bp.unsigned_abs() % 100);
    let part = part.trim_end_matches('0');
    let whole = bp / 100;
    if part.is_empty() {
        format!("{whole}\u{a0}%")
    } else {
        format!("{whole}{decimal}{part}\u{a0}%")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_as_people_say_it() {
        for (bp, locale, expected) in [
            (600, Locale::Fr, "6\u{a0}%"),
            (2_100, Locale::En, "21\u{a0}%"),
            (550, Locale::Fr, "5,5\u{a0}%"),
            (1_205, Locale::En, "12.05\u{a0}%"),
            (0, Locale::Nl, "0\u{a0}%"),
        ] {
            assert_eq!(percent(bp, locale), expected);
        }
    }

    #[test]
    fn a_telephone_is_dialled_without_its_signs() {
        let phone = "+32 470 12.34.56".to_owned();
        assert_eq!(ContactView { address: String::new(), phone }.dial(), "+32470123456");
    }
}
