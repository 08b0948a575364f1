//! Owns the languages that people read: texts by key, money, days, and which language a request
//! gets. It must not know HTTP types, routes, or what the texts are about.

use std::collections::BTreeMap;
use std::sync::OnceLock;

mod day;

const NBSP: char = '\u{a0}';

/// A language that every page can be read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Locale {
    /// French, the default.
    #[default]
    Fr,
    /// Dutch.
    Nl,
    /// English.
    En,
}

type Texts = BTreeMap<String, String>;

struct Catalogue {
    fr: Texts,
    nl: Texts,
    en: Texts,
}

impl Locale {
    /// Every language, in the order in which the switch shows them.
    pub const ALL: [Self; 3] = [Self::Fr, Self::Nl, Self::En];

    /// Returns the two-letter code, as in `<html lang>` and `?lang=`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::Nl => "nl",
            Self::En => "en",
        }
    }

    /// Returns the language's own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::Nl => "Nederlands",
            Self::En => "English",
        }
    }

    /// Reads a language tag such as `nl`, `nl-BE` or `FR_be`; anything else is `None`.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|locale| primary.eq_ignore_ascii_case(locale.code()))
    }

    /// Chooses a language: `?lang=` first, then the `lang` cookie, then `Accept-Language`.
    ///
    /// All three come from outside and may hold anything; what is not understood is passed over.
    pub fn choose(
        query_lang: Option<&str>,
        cookie_lang: Option<&str>,
        accept_language: Option<&str>,
    ) -> Self {
        query_lang
            .and_then(Self::from_tag)
            .or_else(|| cookie_lang.and_then(Self::from_tag))
            .or_else(|| accept_language.and_then(Self::from_accept_language))
            .unwrap_or_default()
    }

    /// Returns the text of a key; a key that does not exist is returned itself.
    pub fn t(self, key: &str) -> &str {
        self.texts().get(key).map_or(key, String::as_str)
    }

    /// Returns the text of a key, or `None` where there is no such key.
    pub fn find(self, key: &str) -> Option<&'static str> {
        self.texts().get(key).map(String::as_str)
    }

    /// Returns the text of a key with each `{name}` replaced by its value.
    pub fn t_with(self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.t(key).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// Writes an amount of euro cents the way this language writes money.
    pub fn money(self, cents: i64) -> String {
        let digits = cents.unsigned_abs();
        let sign = if cents < 0 { "-" } else { "" };
        let decimal = if self == Self::En { '.' } else { ',' };
        let amount = format!("{}{decimal}{:02}", self.number(digits / 100), digits % 100);
        match self {
            Self::Fr => format!("{sign}{amount}{NBSP}€"),
            Self::Nl => format!("€{NBSP}{sign}{amount}"),
            Self::En => format!("{sign}€{amount}"),
        }
    }

    /// Writes a count the way this language groups its digits.
    pub fn number(self, count: u64) -> String {
        grouped(count, self.thousands())
    }

    fn thousands(self) -> char {
        match self {
            Self::Fr => NBSP,
            Self::Nl => '.',
            Self::En => ',',
        }
    }

    /// Returns the texts of the named sections, for the page's scripts.
    pub(crate) fn sections(self, sections: &str) -> BTreeMap<&'static str, &'static str> {
        // A section's keys stand together: behind its dot, and before whatever follows a dot.
        let of_section = |section: &str| {
            let (from, until) = (format!("{section}."), format!("{section}/"));
            self.texts().range(from..until)
        };
        let texts = sections.split_whitespace().flat_map(of_section);
        texts.map(|(key, text)| (key.as_str(), text.as_str())).collect()
    }

    fn from_accept_language(header: &str) -> Option<Self> {
        // The header's length is the sender's choice; nobody reads more than a few languages.
        let mut best: Option<(Self, u32)> = None;
        for part in header.split(',').take(16) {
            let mut fields = part.split(';');
            let Some(locale) = fields.next().and_then(Self::from_tag) else {
                continue;
            };
            let weight = fields
                .find_map(|field| field.trim().strip_prefix("q="))
                .map_or(Some(1000), thousandths)
                .unwrap_or(0);
            if weight > 0 && best.is_none_or(|(_, highest)| weight > highest) {
                best = Some((locale, weight));
            }
        }
        best.map(|(locale, _)| locale)
    }

    fn texts(self) -> &'static Texts {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        let all = CATALOGUE.get_or_init(|| Catalogue {
            fr: flatten(include_str!("../../static/locales/fr.json")),
            nl: flatten(include_str!("../../static/locales/nl.json")),
            en: flatten(include_str!("../../static/locales/en.json")),
        });
        match self {
            Self::Fr => &all.fr,
            Self::Nl => &all.nl,
            Self::En => &all.en,
        }
    }
}

/// Reads a quality such as `1`, `0.8` or `0.125` without floating point.
fn thousandths(quality: &str) -> Option<u32> {
    let (whole, fraction) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let value = whole.parse::<u32>().ok()?.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    (value <= 1000).then_some(value)
}

fn grouped(value: u64, separator: char) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// Turns `{"section": {"key": "text"}}` into `section.key`.
fn flatten(json: &str) -> Texts {
    // The files are part of the program and a test reads them: an error cannot reach a person.
    let sections: BTreeMap<String, Texts> = serde_json::from_str(json).unwrap_or_default();
    sections
        .into_iter()
        .flat_map(|(section, texts)| {
            texts.into_iter().map(move |(key, text)| (format!("{section}.{key}"), text))
        })
        .collect()
}

#[cfg(test)]
mod tests;
