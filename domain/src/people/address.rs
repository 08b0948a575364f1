//! An e-mail address: what is accepted as one, and by which text it is found again.
//!
//! Names before the `@` are ASCII: letters that look like others, or like nothing, are no part of
//! an address that anybody types. Domains may be written in any script and are kept, compared and
//! shown in their ASCII form, so a look-alike never looks alike. It must not know who receives.

use std::fmt;

use crate::{Rejection, limits::ADDRESS_CHARS};

/// The longest name before the `@` that a mail server must take.
const NAME_CHARS: usize = 64;

/// One e-mail address, in small letters: hardly a server tells `Ann` from `ann`, and two accounts
/// that differ in that alone would be a trap.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Reads one address; spaces around it are forgiven.
    ///
    /// # Errors
    /// Refuses whatever is not exactly one address.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let refused = || Rejection::InvalidField("email");
        let text = text.trim_matches(' ');
        if text.chars().count() > ADDRESS_CHARS || text.chars().any(char::is_control) {
            return Err(refused());
        }
        let (name, domain) = text.split_once('@').ok_or_else(refused)?;
        let domain = ascii(domain).ok_or_else(refused)?;
        if !is_name(name) || name.len() + 1 + domain.len() > ADDRESS_CHARS {
            return Err(refused());
        }
        Ok(Self(format!("{}@{domain}", name.to_ascii_lowercase())))
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what may be shown of it to somebody who need not know it.
    #[must_use]
    pub fn masked(&self) -> String {
        let first: String = self.0.chars().take(1).collect();
        format!("{first}…@{}", self.domain())
    }

    /// Returns the domain, in its ASCII form.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Logs must not hold it by accident.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// Words of plain characters with dots between; quoted names exist on paper only.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_word = |word: &str| !word.is_empty() && word.chars().all(plain);
    name.len() <= NAME_CHARS && name.split('.').all(is_word)
}

/// Returns a domain with two labels or more in its ASCII form.
fn ascii(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    let (_, top) = ascii.rsplit_once('.')?;
    // The last label of an address in numbers is a number, and no name.
    let is_name = top.starts_with(|c: char| c.is_ascii_alphabetic());
    is_name.then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_has_one_address_however_it_is_typed() {
        for (text, address) in [
            ("ann@example.org", "ann@example.org"),
            (" Ann.Lee+x@Example.ORG ", "ann.lee+x@example.org"),
            ("o'hara@sub.example.museum", "o'hara@sub.example.museum"),
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@ＥＸＡＭＰＬＥ．org", "ann@example.org"),
        ] {
            assert_eq!(Address::parse(text).unwrap().as_str(), address);
        }
    }

    #[test]
    fn a_domain_that_only_looks_like_another_is_another() {
        let real = Address::parse("ann@example.org").unwrap();
        let fake = Address::parse("ann@ехample.org").unwrap();
        assert_ne!(real, fake);
        assert!(fake.to_string().contains("xn--"), "{fake}");
    }

    #[test]
    fn what_is_not_exactly_one_address_is_refused() {
        let long_name = format!("{}@example.org", "a".repeat(65));
        let long = format!("a@{}.org", "a.".repeat(200));
        for text in [
            "",
            "ann",
            "@example.org",
            "ann@",
            "ann@localhost",
            "ann@example.org,bob@example.org",
            "ann@example.org;bob@example.org",
            "ann@example.org\r\nbcc: bob@example.org",
            "ann@example.org\n",
            "ann\0@example.org",
            "ann lee@example.org",
            "\"ann lee\"@example.org",
            "Ann <ann@example.org>",
            "ann@bob@example.org",
            "ann@example..org",
            "ann@.example.org",
            "ann@example.org.",
            "ann@-example.org",
            "ann@exa mple.org",
            "ann@[127.0.0.1]",
            "ann@127.0.0.1",
            "ann@example.1",
            ".ann@example.org",
            "ann.@example.org",
            "a..b@example.org",
            "аnn@example.org",
            "ann\u{200b}@example.org",
            "ann\u{202e}@example.org",
            "ａnn@example.org",
            "ann＠example.org",
            long_name.as_str(),
            long.as_str(),
        ] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn logs_and_lists_do_not_tell_it() {
        let address = Address::parse("ann.lee@example.org").unwrap();
        assert_eq!(format!("{address:?}"), "Address(…)");
        assert_eq!(address.masked(), "a…@example.org");
    }
}
