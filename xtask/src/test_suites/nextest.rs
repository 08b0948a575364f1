//! Rust tests through cargo-nextest: what exists, and the run of one suite.
//!
//! It must not know which suites there are.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{IsTerminal as _, stderr},
    path::Path,
    process::Command,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::tally::{Tally, number_before, without_colours};
use crate::{
    process::{self, Running, Show},
    workspace,
};

/// Says to which suite a test of a binary belongs.
type SuiteOf = fn(&str, &str) -> Option<&'static str>;

/// Every Rust test of some packages.
pub(super) struct Listing {
    packages: Vec<String>,
    tests: Vec<Test>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Test {
    binary_id: String,
    name: String,
    ignored: bool,
}

/// Tells whether a suite that spans crates has its binary.
pub(super) fn has_binary(suite: &str) -> bool {
    let tests = workspace::root().join("tests/tests");
    tests.join(format!("{suite}.rs")).is_file() || tests.join(suite).join("main.rs").is_file()
}

impl Listing {
    /// Builds the packages' tests and lists them.
    pub(super) fn read(packages: &BTreeSet<&str>) -> Result<Self> {
        let packages: Vec<String> =
            packages.iter().flat_map(|name| ["--package".to_owned(), (*name).to_owned()]).collect();
        let mut cargo = cargo(&packages, "list");
        cargo.args(["--message-format", "json"]);
        let lines = process::lines("cargo nextest list", &mut cargo)?;
        let tests = parse(&lines.join("\n")).context("the list of tests is unreadable")?;
        Ok(Self { packages, tests })
    }

    /// Fails when a test belongs to no suite: nobody would ever run it.
    pub(super) fn check_complete(&self, suite_of: SuiteOf) -> Result<()> {
        let homeless = |test: &&Test| suite_of(&test.binary_id, &test.name).is_none();
        let binaries: BTreeSet<&str> =
            self.tests.iter().filter(homeless).map(|test| test.binary_id.as_str()).collect();
        if !binaries.is_empty() {
            let names: Vec<&str> = binaries.into_iter().collect();
            bail!("the tests of {} belong to no suite", names.join(", "));
        }
        Ok(())
    }

    /// Runs the tests of one suite.
    pub(super) fn run(&self, suite: &str, suite_of: SuiteOf, until: Instant) -> Tally {
        let mut tally = Tally::default();
        let is_of_suite = |test: &&Test| suite_of(&test.binary_id, &test.name) == Some(suite);
        let (ignored, wanted): (Vec<&Test>, Vec<&Test>) =
            self.tests.iter().filter(is_of_suite).partition(|test| test.ignored);
        for test in ignored {
            tally.skip(format!("{} {}", test.binary_id, test.name));
        }
        if wanted.is_empty() {
            return tally;
        }
        let mut cargo = cargo(&self.packages, "run");
        cargo.args(["--no-fail-fast", "--no-tests", "fail", "--status-level", "pass"]);
        cargo.args(["--color", if stderr().is_terminal() { "always" } else { "never" }]);
        cargo.args(["--filterset", &self.filter(&wanted)]);
        let mut count = Count::default();
        let ended = Running::start("cargo nextest", &mut cargo, Show::Plain)
            .and_then(|running| running.finish(until, |line| count.read(line)));
        count.judge(suite, wanted.len(), ended.map(|status| status.success()), &mut tally);
        tally
    }

    /// Names the wanted tests; a binary whose tests are all wanted is named as a whole.
    fn filter(&self, wanted: &[&Test]) -> String {
        let mut by_binary: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for test in wanted {
            by_binary.entry(&test.binary_id).or_default().push(&test.name);
        }
        let part = |(binary_id, names): (&str, Vec<&str>)| {
            let is_other =
                |test: &&Test| test.binary_id == binary_id && !names.contains(&test.name.as_str());
            let others: Vec<&str> =
                self.tests.iter().filter(is_other).map(|test| test.name.as_str()).collect();
            let exact = |names: &[&str]| -> String {
                let parts: Vec<String> =
                    names.iter().map(|name| format!("test(={name})")).collect();
                parts.join(" | ")
            };
            match (others.len(), names.len()) {
                (0, _) => format!("binary_id(={binary_id})"),
                (fewer, more) if fewer < more => {
                    format!("(binary_id(={binary_id}) - ({}))", exact(&others))
                }
                _ => format!("(binary_id(={binary_id}) & ({}))", exact(&names)),
            }
        };
        let parts: Vec<String> = by_binary.into_iter().map(part).collect();
        parts.join(" | ")
    }
}

/// What the lines of a run say.
#[derive(Default)]
struct Count {
    /// Counted line by line, for the run that breaks off.
    passed: usize,
    /// Said at the end.
    summary: Option<usize>,
}

impl Count {
    fn read(&mut self, line: &str) {
        let plain = without_colours(line);
        let words = plain.trim_start();
        if words.starts_with("PASS [") {
            self.passed += 1;
        } else if words.starts_with("Summary [") {
            self.summary = Some(number_before(words, "passed").unwrap_or(0));
        }
    }

    /// Whatever was wanted and did not pass has failed.
    fn judge(&self, suite: &str, wanted: usize, ended: Result<bool>, tally: &mut Tally) {
        let passed = self.summary.unwrap_or(self.passed).min(wanted);
        tally.passed += passed;
        tally.failed += wanted - passed;
        match ended {
            Ok(true) => {}
            // The names of the failed tests stand above, in nextest's own words.
            Ok(false) if passed < wanted => {}
            Ok(false) => tally.fail(format!("nextest failed on suite {suite}")),
            Err(error) => tally.failures.push(format!("suite {suite}: {error:#}")),
        }
    }
}

fn cargo(packages: &[String], action: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root()).args(["nextest", action]).args(packages);
    let config = Path::new(".config/nextest.toml");
    cargo.arg("--config-file").arg(config).arg("--no-pager");
    cargo
}

fn parse(text: &str) -> Option<Vec<Test>> {
    let document: Value = serde_json::from_str(text).ok()?;
    let mut tests = Vec::new();
    for (binary_id, suite) in document.get("rust-suites")?.as_object()? {
        for (name, test) in suite.get("testcases")?.as_object()? {
            let ignored = test.get("ignored")?.as_bool()?;
            tests.push(Test { binary_id: binary_id.clone(), name: name.clone(), ignored });
        }
    }
    Some(tests)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn test(binary_id: &str, name: &str) -> Test {
        Test { binary_id: binary_id.to_owned(), name: name.to_owned(), ignored: false }
    }

    fn judged(lines: &[&str], wanted: usize, ended: Result<bool>) -> Tally {
        let (mut count, mut tally) = (Count::default(), Tally::default());
        lines.iter().for_each(|line| count.read(line));
        count.judge("unit", wanted, ended, &mut tally);
        tally
    }

    #[test]
    fn the_list_says_what_is_ignored() {
        let text = r#"{"rust-suites":{"domain":{"testcases":{
            "a":{"ignored":false},"b":{"ignored":true}}}}}"#;
        let expected = vec![test("domain", "a"), Test { ignored: true, ..test("domain", "b") }];
        assert_eq!(parse(text).unwrap(), expected);
        assert_eq!(parse("{}"), None);
    }

    #[test]
    fn a_binary_is_named_as_a_whole_or_by_the_shorter_list() {
        let tests: Vec<Test> = [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("b", "3")]
            .into_iter()
            .map(|(binary_id, name)| test(binary_id, name))
            .collect();
        let listing = Listing { packages: Vec::new(), tests: tests.clone() };
        let wanted: Vec<&Test> = tests.iter().take(4).collect();
        let filter = listing.filter(&wanted);
        assert_eq!(filter, "binary_id(=a) | (binary_id(=b) - (test(=3)))");
        let filter = listing.filter(&wanted[..1]);
        assert_eq!(filter, "(binary_id(=a) & (test(=1)))");
    }

    #[test]
    fn a_test_without_a_suite_is_an_error() {
        let listing = Listing { packages: Vec::new(), tests: vec![test("lost", "x")] };
        let error = listing.check_complete(|_, _| None).unwrap_err().to_string();
        assert_eq!(error, "the tests of lost belong to no suite");
    }

    #[test]
    fn the_summary_counts() {
        let lines =
            ["  PASS [ 0.1s] a", " Summary [ 1s] 3 tests run: 2 passed, 1 failed, 9 skipped"];
        let tally = judged(&lines, 3, Ok(false));
        assert_eq!((tally.passed, tally.failed, tally.skipped), (2, 1, 0));
        assert!(tally.failures.is_empty());
    }

    #[test]
    fn a_run_that_breaks_off_fails_what_did_not_pass() {
        let tally = judged(&["\u{1b}[32mPASS [ 0.1s]\u{1b}[0m a"], 3, Err(anyhow!("too late")));
        assert_eq!((tally.passed, tally.failed), (1, 2));
        assert_eq!(tally.failures, ["suite unit: too late"]);
    }

    #[test]
    fn a_run_that_fails_without_a_failed_test_has_failed() {
        let tally = judged(&[" Summary [ 1s] 1 test run: 1 passed, 0 skipped"], 1, Ok(false));
        assert_eq!((tally.passed, tally.failed), (1, 1));
    }
}
