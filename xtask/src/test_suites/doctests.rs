//! The examples in the documentation of every library. It must not know what they show.

use std::{process::Command, time::Instant};

use super::tally::{Tally, number_before, without_colours};
use crate::{
    process::{Running, Show},
    workspace,
};

/// Libraries that are built natively.
const LIBRARIES: [&str; 3] = ["sync-engine", "domain", "app"];

/// Runs every example.
pub(super) fn run(until: Instant) -> Tally {
    let mut tally = Tally::default();
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root()).args(["test", "--doc", "--no-fail-fast"]);
    for library in LIBRARIES {
        cargo.args(["--package", library]);
    }
    let ended = Running::start("cargo test --doc", &mut cargo, Show::Plain)
        .and_then(|running| running.finish(until, |line| read(line, &mut tally)));
    match ended {
        Ok(status) if status.success() || tally.failed > 0 => {}
        Ok(status) => tally.fail(format!("cargo test --doc failed ({status})")),
        Err(error) => tally.fail(format!("{error:#}")),
    }
    tally
}

fn read(line: &str, tally: &mut Tally) {
    let plain = without_colours(line);
    if let Some(name) = plain.strip_prefix("test ").and_then(|l| l.strip_suffix(" ... ignored")) {
        tally.skip(format!("example {name}"));
    } else if plain.starts_with("test result: ") {
        tally.passed += number_before(&plain, "passed").unwrap_or(0);
        tally.failed += number_before(&plain, "failed").unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up_and_skips_are_named() {
        let mut tally = Tally::default();
        for line in [
            "test a.rs - a (line 1) ... ok",
            "test a.rs - b (line 2) ... ignored",
            "test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
        ] {
            read(line, &mut tally);
        }
        assert_eq!(tally.summary(), "4 passed, 2 failed, 1 skipped");
        assert_eq!(tally.skips, ["example a.rs - b (line 2)"]);
    }
}
