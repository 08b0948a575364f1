//! Addresses for mail: one form per mailbox, so that nobody registers twice by a capital letter.
//!
//! It must not know what is sent there.

use crate::{Rejection, limits};

/// An address that mail can be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// Refuses what is not one mailbox at one domain in plain letters.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let invalid = Rejection::InvalidField("email");
        let text = text.trim().to_ascii_lowercase();
        let Some((local, domain)) = text.rsplit_once('@') else { return Err(invalid) };
        let local_ok = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
        let is_local = (1..=64).contains(&local.len()) && local.bytes().all(local_ok);
        let label = |part: &str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            !part.is_empty() && part.len() <= 63 && part.bytes().all(plain)
        };
        let is_domain = domain.contains('.') && domain.split('.').all(label);
        if is_local && is_domain && text.len() <= limits::ADDRESS_CHARS {
            Ok(Self(text))
        } else {
            Err(invalid)
        }
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
