//! House rules that other programs check: formatting, clippy, documentation, dependencies.
//!
//! Each check counts as one test. It must not know the rules themselves.

use std::{process::Command, time::Instant};

use super::tally::Tally;
use crate::{
    process::{self, Running, Show},
    workspace,
};

struct Check {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: Option<(&'static str, &'static str)>,
}

const CHECKS: [Check; 5] = [
    check("formatting", &["fmt", "--all", "--check"]),
    check("clippy", &["clippy", "--all-targets", "--", "-D", "warnings"]),
    check(
        "clippy for Workers",
        &[
            "clippy",
            "--package",
            "edge-cloudflare",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ],
    ),
    check(
        "clippy for Spin",
        &["clippy", "--package", "edge-spin", "--target", "wasm32-wasip2", "--", "-D", "warnings"],
    ),
    Check {
        environment: Some(("RUSTDOCFLAGS", "-D warnings")),
        ..check("documentation", &["doc", "--no-deps"])
    },
];

const DENY: Check = check("cargo deny", &["deny", "check"]);

const fn check(name: &'static str, arguments: &'static [&'static str]) -> Check {
    Check { name, arguments, environment: None }
}

/// Runs every check.
pub(super) fn run(until: Instant) -> Tally {
    let mut tally = Tally::default();
    for check in &CHECKS {
        run_one(check, until, &mut tally);
    }
    if process::answers("cargo", &["deny", "--version"]) {
        run_one(&DENY, until, &mut tally);
    } else {
        eprintln!("    SKIP {} (not installed)", DENY.name);
        tally.skip(DENY.name.to_owned());
    }
    tally
}

fn run_one(check: &Check, until: Instant, tally: &mut Tally) {
    let started = Instant::now();
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root()).args(check.arguments).envs(check.environment);
    let ended = Running::start(check.name, &mut cargo, Show::Through)
        .and_then(|running| running.finish(until, |_| ()));
    let took = started.elapsed().as_secs_f64();
    match ended {
        Ok(status) if status.success() => {
            eprintln!("    PASS [{took:>8.3}s] {}", check.name);
            tally.passed += 1;
        }
        Ok(status) => tally.fail(format!("{} ({status})", check.name)),
        Err(error) => tally.fail(format!("{error:#}")),
    }
}
