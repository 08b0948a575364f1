//! What a venue tells its people about what is kept of them, and since when it says so.
//!
//! The application says by itself what it keeps; a venue adds who answers for it, and words of its
//! own. It must not know who agreed.

use std::collections::BTreeMap;

use serde_json::json;
use sync_engine::{change::Draft, id::VenueId};

use super::LANGUAGES;
use crate::{Rejection, catalogue::register, limits};

/// A venue's notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// Who answers for what is kept, and how they are reached.
    pub contact: String,
    /// The venue's own words, by language.
    pub words: BTreeMap<String, String>,
    /// Since when it says so: its version. 0 while the venue has said nothing.
    pub since_ms: i64,
}

impl Notice {
    /// Decides what a venue says from now on; nothing to write where it says that already.
    ///
    /// # Errors
    /// Refuses what is too long.
    pub fn change(
        &self,
        venue: &VenueId,
        (contact, words): (&str, &BTreeMap<String, String>),
        now_ms: u64,
    ) -> Result<Option<Draft>, Rejection> {
        let contact = contact.trim();
        let said = words.iter().map(|(tag, text)| (tag.clone(), text.trim().to_owned()));
        let words: BTreeMap<String, String> = said.filter(|(_, text)| !text.is_empty()).collect();
        if contact.chars().count() > limits::CONTACT_CHARS {
            return Err(Rejection::InvalidField("contact"));
        }
        let fits = |(tag, text): (&String, &String)| {
            LANGUAGES.contains(&tag.as_str()) && text.chars().count() <= limits::NOTICE_CHARS
        };
        if !words.iter().all(fits) {
            return Err(Rejection::InvalidField("notice"));
        }
        if contact == self.contact && words == self.words {
            return Ok(None);
        }
        // A clock that went back must not make it an older version.
        let since_ms = i64::try_from(now_ms).unwrap_or(i64::MAX).max(self.since_ms + 1);
        let fields = json!({"contact": contact, "notice": words, "privacy_ms": since_ms});
        Ok(Some(register("venue", venue.as_str(), "privacy", fields)))
    }

    /// Returns the venue's own words for a reader of this language, or in whatever it has.
    #[must_use]
    pub fn words_for(&self, language: &str) -> &str {
        let found = self.words.get(language).or_else(|| self.words.values().next());
        found.map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("fr".to_owned(), text.to_owned()), ("nl".to_owned(), " ".to_owned())])
    }

    fn said(before: &Notice, contact: &str, text: &str) -> Result<Option<i64>, Rejection> {
        let venue = VenueId::parse("chakri").unwrap();
        let draft = before.change(&venue, (contact, &words(text)), 7)?;
        Ok(draft.map(|draft| draft.payload["privacy_ms"].as_i64().unwrap()))
    }

    #[test]
    fn each_change_is_a_later_version_and_none_is_none() {
        let before = Notice { contact: "us".to_owned(), words: words("a"), since_ms: 7 };
        let before = Notice { words: before.words.into_iter().take(1).collect(), ..before };
        assert_eq!(said(&before, " us ", "a"), Ok(None));
        assert_eq!(said(&before, "us", "b"), Ok(Some(8)));
        assert_eq!(said(&Notice::default(), "us", "b"), Ok(Some(7)));
        assert_eq!(before.words_for("en"), "a");
    }

    #[test]
    fn what_is_too_long_or_in_an_unknown_language_is_refused() {
        let nothing = Notice::default();
        let long = "a".repeat(limits::NOTICE_CHARS + 1);
        assert_eq!(said(&nothing, "", &long), Err(Rejection::InvalidField("notice")));
        let long = "a".repeat(limits::CONTACT_CHARS + 1);
        assert_eq!(said(&nothing, &long, ""), Err(Rejection::InvalidField("contact")));
        let venue = VenueId::parse("chakri").unwrap();
        let odd = BTreeMap::from([("xx".to_owned(), "a".to_owned())]);
        assert!(nothing.change(&venue, ("", &odd), 7).is_err());
    }
}
