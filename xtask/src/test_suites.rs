//! `cargo xtask test`: the suites, what belongs to each, their time budgets, and the last line.
//!
//! Nothing is skipped silently: a test that belongs to no suite, a suite without a test and a skip
//! that is not listed all fail. This file must not know how a test is run.

use std::{
    collections::BTreeSet,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use lexopt::{Arg, Parser, ValueExt as _};

use crate::process;

mod checks;
mod doctests;
mod nextest;
mod node;
mod setup;
mod skips;
mod tally;

use nextest::Listing;
use tally::Tally;

/// A suite; the order is the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suite {
    /// The name on the command line.
    pub name: &'static str,
    /// How long it may take once everything is built.
    budget: Duration,
    /// Whether it must be there; a later issue delivers the others.
    delivered: bool,
    /// The packages that hold its Rust tests.
    packages: &'static [&'static str],
}

const LAWFUL: &[&str] = &["sync-engine", "domain", "app", "venue-tests"];
const LIGHT: &[&str] = &["sync-engine", "domain", "app", "device-gateway", "xtask", "venue-tests"];
const SPANNING: &[&str] = &["venue-tests"];
const HOSTS: &[&str] = &["venue-tests", "spin-host", "edge-cloudflare", "edge-spin", "xtask"];

/// Every suite.
pub const SUITES: [Suite; 8] = [
    // Formatting, clippy for three targets and rustdoc compile everything once more.
    suite("tidy", 900, true, SPANNING),
    suite("unit", 240, true, LIGHT),
    suite("laws", 120, true, LAWFUL),
    suite("simulation", 600, true, SPANNING),
    suite("contract", 1500, true, HOSTS),
    suite("hardware", 180, true, SPANNING),
    suite("browser", 1200, true, SPANNING),
    suite("torture", 240, true, SPANNING),
];

const fn suite(
    name: &'static str,
    budget_s: u64,
    delivered: bool,
    packages: &'static [&'static str],
) -> Suite {
    Suite { name, budget: Duration::from_secs(budget_s), delivered, packages }
}

/// Says to which suite a Rust test belongs; none means that nobody would ever run it.
fn suite_of(binary_id: &str, test: &str) -> Option<&'static str> {
    let named = |name: &str| SUITES.iter().map(|suite| suite.name).find(|known| *known == name);
    let is_law = binary_id.ends_with("::laws") || test.split("::").any(|part| part == "laws");
    match binary_id.split_once("::") {
        Some(("venue-tests", binary)) => named(binary),
        // The machinery of a suite is tested with the suite.
        None if binary_id == "venue-tests" => {
            named(test.split("::").next().unwrap_or_default()).or(Some("unit"))
        }
        // What needs every host built stands beside the contract.
        _ if is_of_a_host(binary_id) || binary_id == "xtask::up" => Some("contract"),
        _ if is_law => Some("laws"),
        _ => Some("unit"),
    }
}

fn is_of_a_host(binary_id: &str) -> bool {
    ["spin-host", "edge-cloudflare", "edge-spin"].iter().any(|name| binary_id.starts_with(name))
}

/// Tells whether some suite runs the Rust tests of a package.
#[must_use]
pub fn runs_package(package: &str) -> bool {
    SUITES.iter().any(|suite| suite.packages.contains(&package))
}

/// Tells whether some suite runs the script tests of a folder.
#[must_use]
pub fn runs_scripts_in(folder: &str) -> bool {
    folder == node::FOLDER
}

/// Runs `cargo xtask test`; the last line of stdout is `N passed, N failed, N skipped`.
#[must_use]
pub fn run(arguments: &[String]) -> ExitCode {
    let mut total = Tally::default();
    if let Err(error) = run_suites(arguments, &mut total) {
        total.fail(format!("{error:#}"));
    }
    for failure in &total.failures {
        eprintln!("FAILED: {failure}");
    }
    println!("{}", total.summary());
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_suites(arguments: &[String], total: &mut Tally) -> Result<()> {
    let only = parse(arguments)?;
    process::catch_signals()?;
    let suites = choose(only.as_deref())?;
    let started = Instant::now();
    setup::ensure(&suites)?;
    let listing = Listing::read(&packages(&suites))?;
    listing.check_complete(suite_of)?;
    let mut rows = vec![format!("{:<12}{:>33}", "preparation", seconds(started.elapsed()))];
    for suite in suites {
        eprintln!("\n=== {} (up to {} s)", suite.name, suite.budget.as_secs());
        let started = Instant::now();
        let mut tally = run_suite(suite, &listing, started);
        judge(suite, &mut tally, started.elapsed());
        rows.push(tally.row(suite.name, started.elapsed(), suite.budget));
        total.add(tally);
        if process::asked_to_end() {
            bail!("interrupted");
        }
    }
    println!("\n{:<12}{:>8}{:>8}{:>8}{:>9}", "suite", "passed", "failed", "skipped", "time");
    println!("{}", rows.join("\n"));
    Ok(())
}

fn run_suite(suite: Suite, listing: &Listing, started: Instant) -> Tally {
    let until = started + suite.budget;
    let mut tally = Tally::default();
    if suite.name == "tidy" {
        tally.add(checks::run(until));
    }
    tally.add(listing.run(suite.name, suite_of, until));
    if suite.name == "unit" {
        tally.add(doctests::run(until));
        tally.add(node::run(until));
    }
    tally
}

/// A suite that runs nothing, overruns its budget or skips without saying so has failed.
fn judge(suite: Suite, tally: &mut Tally, took: Duration) {
    if tally.passed + tally.failed == 0 {
        tally.fail(format!("suite {} ran no test", suite.name));
    }
    if took > suite.budget {
        let (took, budget) = (took.as_secs(), suite.budget.as_secs());
        tally.fail(format!("suite {} took {took} s of its {budget} s", suite.name));
    }
    match skips::listed() {
        Ok(listed) => {
            for skip in tally.skips.clone().iter().filter(|skip| !listed.contains(*skip)) {
                tally.fail(format!("`{skip}` was skipped and is not listed in {}", skips::FILE));
            }
        }
        Err(error) => tally.fail(format!("{error:#}")),
    }
}

fn parse(arguments: &[String]) -> Result<Option<String>> {
    let mut only = None;
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("only") => only = Some(parser.value()?.string()?),
            other => bail!(other.unexpected()),
        }
    }
    Ok(only)
}

fn choose(only: Option<&str>) -> Result<Vec<Suite>> {
    let exists = |suite: &Suite| suite.delivered || nextest::has_binary(suite.name);
    let Some(name) = only else {
        return Ok(SUITES.into_iter().filter(exists).collect());
    };
    let names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
    let chosen = SUITES.into_iter().find(|suite| suite.name == name);
    let suite = chosen.with_context(|| format!("--only is one of {}", names.join(", ")))?;
    if !exists(&suite) {
        bail!("the suite {name} is delivered by a later issue");
    }
    Ok(vec![suite])
}

fn packages(suites: &[Suite]) -> BTreeSet<&'static str> {
    suites.iter().flat_map(|suite| suite.packages).copied().collect()
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_belongs_to_the_suite_that_its_place_says() {
        let cases = [
            ("domain", "ordering::tests::an_order_adds_up", Some("unit")),
            ("device-gateway", "config::tests::x", Some("unit")),
            ("sync-engine", "fold::laws::merges_commute", Some("laws")),
            ("domain::laws", "pricing_adds_up", Some("laws")),
            ("venue-tests", "tidy::sizes::tests::x", Some("tidy")),
            ("venue-tests", "torture::disk::tests::x", Some("torture")),
            ("venue-tests", "host::tests::x", Some("unit")),
            ("venue-tests::contract", "native", Some("contract")),
            ("xtask::up", "a_venue_sells", Some("contract")),
            ("edge-cloudflare", "cast::tests::x", Some("contract")),
            ("spin-host::hosting", "undrained_rows_hang", Some("contract")),
            ("venue-tests::browser", "a_kiosk_order", Some("browser")),
            ("venue-tests::forgotten", "x", None),
        ];
        for (binary_id, test, expected) in cases {
            assert_eq!(suite_of(binary_id, test), expected, "{binary_id} {test}");
        }
    }

    #[test]
    fn a_suite_that_runs_nothing_has_failed() {
        let mut tally = Tally::default();
        judge(SUITES[1], &mut tally, Duration::ZERO);
        assert_eq!(tally.failures, ["suite unit ran no test"]);
    }

    #[test]
    fn a_suite_that_overruns_its_budget_has_failed() {
        let mut tally = Tally { passed: 1, ..Tally::default() };
        judge(SUITES[1], &mut tally, Duration::from_secs(241));
        assert_eq!(tally.failures, ["suite unit took 241 s of its 240 s"]);
    }

    #[test]
    fn a_skip_that_is_not_listed_has_failed() {
        let mut tally = Tally { passed: 1, ..Tally::default() };
        tally.skip("some::forgotten_test".to_owned());
        judge(SUITES[1], &mut tally, Duration::ZERO);
        assert_eq!((tally.failed, tally.skipped), (1, 1));
    }

    #[test]
    fn an_unknown_suite_is_refused() {
        assert!(choose(Some("everything")).is_err());
        assert_eq!(choose(Some("unit")).unwrap(), [SUITES[1]]);
        let suites = choose(None).unwrap();
        assert!(SUITES.iter().filter(|suite| suite.delivered).all(|s| suites.contains(s)));
    }
}
