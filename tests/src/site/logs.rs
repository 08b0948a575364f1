//! What the processes of a journey wrote into their logs, searched for what must never stand there:
//! addresses, names, passwords, PINs, codes, tokens and sessions of whoever was on the journey.
//!
//! A search that finds nothing proves little: each log must first give back a canary that was
//! planted just before. It must not know any one process.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value as Json;

/// Shorter words stand in logs by chance.
const LEAST_CHARS: usize = 6;
/// How much of a line is shown: enough to find it, and it is a test person's.
const SHOWN_CHARS: usize = 200;

/// What was said or typed on a journey, and is nobody's business.
#[derive(Debug, Default)]
pub(super) struct Private(BTreeSet<String>);

impl Private {
    /// Begins with everything that is known of these people.
    ///
    /// # Errors
    /// Fails when they are no list.
    pub(super) fn of(people: &str) -> Result<Self> {
        let people: Vec<Json> = serde_json::from_str(people).context("the people are no list")?;
        let mut private = Self::default();
        for person in &people {
            for field in ["name", "email", "password", "pin", "totp"] {
                private.add(person[field].as_str().unwrap_or_default());
            }
        }
        ensure!(!private.0.is_empty(), "there is nobody to look for");
        Ok(private)
    }

    /// Adds what was typed, sent or given out.
    pub(super) fn add(&mut self, word: &str) {
        let word = word.trim().to_lowercase();
        if word.chars().count() >= LEAST_CHARS {
            self.0.insert(word);
        }
    }

    /// Searches one log.
    ///
    /// # Errors
    /// Fails when the canary is not there, and tells every line that says too much.
    pub(super) fn search(&self, (process, log): (&str, &str), canary: &str) -> Result<()> {
        if !log.contains(canary) {
            bail!("{process}: the canary is not in the log, so nothing that is missing counts");
        }
        let found: Vec<String> = log
            .lines()
            .filter(|line| !line.contains(canary))
            .filter_map(|line| {
                let word = self.betrayed_by(line)?;
                let shown: String = line.chars().take(SHOWN_CHARS).collect();
                Some(format!("`{word}` in: {shown}"))
            })
            .collect();
        if found.is_empty() {
            return Ok(());
        }
        bail!("{process} logs what is private:\n{}", found.join("\n"))
    }

    /// Returns what of somebody a line says.
    fn betrayed_by(&self, line: &str) -> Option<String> {
        let line = without_time(line).to_lowercase();
        let plain = line.replace("%40", "@").replace(['+'], " ").replace("%20", " ");
        let stands = |word: &&String| {
            plain.match_indices(word.as_str()).any(|(at, _)| is_whole(&plain, at, word.len()))
        };
        self.0.iter().find(stands).cloned().or_else(|| address_in(&plain))
    }
}

/// Microseconds look like PINs.
fn without_time(line: &str) -> &str {
    let is_time = |word: &str| word.starts_with("20") && word.contains('T') && word.ends_with('Z');
    line.split_once(' ').filter(|(word, _)| is_time(word)).map_or(line, |(_, rest)| rest)
}

/// Digits and letters beside it make it another word.
fn is_whole(line: &str, at: usize, length: usize) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let before = line.get(..at).unwrap_or_default().chars().next_back();
    let after = line.get(at + length..).unwrap_or_default().chars().next();
    !is_word(before) && !is_word(after)
}

/// Any address counts, whoever's it is.
fn address_in(line: &str) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || "@._%+-".contains(c);
    line.split(|c| !is_part(c)).find_map(|word| {
        let (local, domain) = word.split_once('@')?;
        let is_address = !local.is_empty() && domain.trim_end_matches('.').contains('.');
        // Versions of packages are written alike: `name@1.2.3`.
        let is_version = domain.starts_with(|c: char| c.is_ascii_digit());
        (is_address && !is_version).then(|| word.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "canary-0123";

    fn search(line: &str) -> Result<()> {
        let people = r#"[{"name": "Zoé Test", "email": "zoe@demo.example", "pin": "271828",
            "password": "mot de passe de zoé"}]"#;
        let mut private = Private::of(people).unwrap();
        private.add("0123456789abcdef0123456789abcdef");
        private.search(("a host", &format!("served /canary-0123\n{line}\n")), CANARY)
    }

    #[test]
    fn what_is_of_somebody_is_found_however_it_is_written() {
        for line in [
            "2026-11-21T10:00:00.123456Z INFO login of zoe@demo.example",
            "GET /account?email=Zoe%40Demo.Example",
            "colleague zoé test",
            "pin=271828",
            "form: current=mot+de+passe+de+zoé",
            "token 0123456789abcdef0123456789abcdef",
            "an address of somebody else: who@elsewhere.org.",
        ] {
            assert!(search(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_only_looks_alike_is_not() {
        for line in [
            "2026-11-21T10:00:00.271828Z INFO served",
            "request=1271828a",
            "installed wrangler@4.86.0",
            "somebody@",
        ] {
            assert!(search(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn a_log_without_its_canary_proves_nothing() {
        let private = Private::of("[]");
        assert!(private.is_err(), "nobody to look for");
        let mut private = Private::default();
        private.add("zoe@demo.example");
        assert!(private.search(("a host", "served /"), CANARY).is_err());
    }
}
