//! Counts of a suite and of the whole run. It must not know what was counted.

use std::time::Duration;

/// What happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Tests that passed.
    pub(super) passed: usize,
    /// Tests and conditions that failed.
    pub(super) failed: usize,
    /// Tests that did not run.
    pub(super) skipped: usize,
    /// A sentence for each failure that nobody else printed.
    pub(super) failures: Vec<String>,
    /// The names of the tests that did not run.
    pub(super) skips: Vec<String>,
}

impl Tally {
    /// Counts a failure and keeps what to say about it.
    pub(super) fn fail(&mut self, sentence: String) {
        self.failed += 1;
        self.failures.push(sentence);
    }

    /// Counts a test that did not run.
    pub(super) fn skip(&mut self, name: String) {
        self.skipped += 1;
        self.skips.push(name);
    }

    /// Adds what another part counted.
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
        self.skips.extend(other.skips);
    }

    /// Returns the last line of a run.
    pub(super) fn summary(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }

    /// Returns the suite's line in the table.
    pub(super) fn row(&self, name: &str, took: Duration, budget: Duration) -> String {
        let (passed, failed, skipped) = (self.passed, self.failed, self.skipped);
        let (took, budget) = (took.as_secs_f64(), budget.as_secs());
        format!("{name:<12}{passed:>8}{failed:>8}{skipped:>8}{took:>7.1} s of {budget} s")
    }
}

/// Returns the number that stands directly before a word, as in `3 passed`.
pub(super) fn number_before(line: &str, word: &str) -> Option<usize> {
    let is_delimiter = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')');
    let words: Vec<&str> = line.split(is_delimiter).filter(|word| !word.is_empty()).collect();
    let at = words.iter().position(|found| *found == word)?;
    words.get(at.checked_sub(1)?)?.parse().ok()
}

/// Takes colours out of a line.
pub(super) fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once(|c: char| c.is_ascii_alphabetic()).map_or("", |(_, rest)| rest);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_summaries() {
        let line = "Summary [ 1.2s] 12/13 tests run: 10 passed (1 slow), 2 failed, 3 skipped";
        assert_eq!(number_before(line, "passed"), Some(10));
        assert_eq!(number_before(line, "failed"), Some(2));
        assert_eq!(number_before(line, "leaky"), None);
        let line = "test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured";
        assert_eq!(number_before(line, "passed"), Some(4));
        assert_eq!(number_before(line, "ignored"), Some(1));
    }

    #[test]
    fn colours_are_taken_out() {
        assert_eq!(without_colours("\u{1b}[32;1m3 passed\u{1b}[0m, done"), "3 passed, done");
        assert_eq!(without_colours("plain"), "plain");
    }

    #[test]
    fn the_last_line_has_exactly_this_form() {
        let tally = Tally { passed: 12, failed: 3, skipped: 1, ..Tally::default() };
        assert_eq!(tally.summary(), "12 passed, 3 failed, 1 skipped");
    }
}
