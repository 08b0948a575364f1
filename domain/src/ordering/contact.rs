//! Where an order is brought to, and how whoever ordered it is reached.
//!
//! It is somebody's own: in an order it stands sealed with their key, never in clear.

use serde::{Deserialize, Serialize};

use crate::{
    Rejection, limits,
    venue::{delivery::postal_code, map::Point},
};

/// An address and a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Street, number, box, floor.
    pub address: String,
    /// The postal code.
    pub postal_code: String,
    /// The telephone.
    pub phone: String,
    /// Where that is, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
}

impl Contact {
    /// Checks it and brings it into the form in which it is kept.
    ///
    /// # Errors
    /// Names the first field that does not fit.
    pub fn checked(&self) -> Result<Self, Rejection> {
        let refuse = |field| Err(Rejection::InvalidField(field));
        let address = self.address.trim();
        let plain = |c: char| !c.is_control();
        if !(5..=limits::STREET_CHARS).contains(&address.chars().count())
            || !address.chars().all(plain)
        {
            return refuse("address");
        }
        let Some(code) = postal_code(&self.postal_code) else { return refuse("postal_code") };
        let phone = self.phone.trim();
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        let known = |c: char| c.is_ascii_digit() || " +-./()".contains(c);
        if !(8..=15).contains(&digits) || phone.len() > 30 || !phone.chars().all(known) {
            return refuse("phone");
        }
        if self.point.is_some_and(|point| !point.is_on_earth()) {
            return refuse("point");
        }
        Ok(Self {
            address: address.to_owned(),
            postal_code: code,
            phone: phone.to_owned(),
            point: self.point,
        })
    }
}

/// Says what a sealed contact is about, so that it opens nowhere else.
#[must_use]
pub fn place(order: &str) -> String {
    format!("order/{order}/contact")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_telephone_are_taken_as_people_write_them() {
        let contact = |address: &str, postal_code: &str, phone: &str| Contact {
            address: address.to_owned(),
            postal_code: postal_code.to_owned(),
            phone: phone.to_owned(),
            point: None,
        };
        let good = contact(" Rue Haute 12, bte 3 ", "10 00", " +32 470 12.34.56 ");
        let kept = contact("Rue Haute 12, bte 3", "1000", "+32 470 12.34.56");
        assert_eq!(good.checked(), Ok(kept.clone()));
        let long = "é".repeat(limits::STREET_CHARS + 1);
        for (wrong, field) in [
            (contact("", "1000", "0470123456"), "address"),
            (contact(&long, "1000", "0470123456"), "address"),
            (contact("Rue Haute\n12", "1000", "0470123456"), "address"),
            (contact("Rue Haute 12", "", "0470123456"), "postal_code"),
            (contact("Rue Haute 12", "1000", "12"), "phone"),
            (contact("Rue Haute 12", "1000", "0470 123 456 ext. 7"), "phone"),
            (contact("Rue Haute 12", "1000", "٠٤٧٠١٢٣٤٥٦"), "phone"),
        ] {
            assert_eq!(wrong.checked().unwrap_err().subject(), [field]);
        }
    }
}
