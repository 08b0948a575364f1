//! The tests of the browser modules that need no browser: `node --test`.
//!
//! It must not know what they test.

use std::{fs, path::PathBuf, process::Command, time::Instant};

use anyhow::{Context as _, Result, bail};

use super::tally::{Tally, without_colours};
use crate::{
    process::{Running, Show},
    workspace,
};

/// Where they are.
pub(super) const FOLDER: &str = "static/js/tests";

/// Runs every test file.
pub(super) fn run(until: Instant) -> Tally {
    let mut tally = Tally::default();
    let ended = files().and_then(|files| {
        let mut node = Command::new("node");
        node.current_dir(workspace::root()).args(["--test", "--test-reporter=spec"]).args(files);
        Running::start("node --test", &mut node, Show::Plain)?
            .finish(until, |line| read(line, &mut tally))
    });
    match ended {
        Ok(status) if status.success() || tally.failed > 0 => {}
        Ok(status) => tally.fail(format!("node --test failed ({status})")),
        Err(error) => tally.fail(format!("{error:#}")),
    }
    if tally.passed + tally.failed == 0 {
        tally.fail("node --test ran no test".to_owned());
    }
    tally
}

fn files() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(workspace::root().join(FOLDER)).context(FOLDER)?;
    let is_test = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.ends_with(".test.js") || name.ends_with(".test.mjs"))
    };
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(is_test).collect();
    files.sort();
    if files.is_empty() {
        bail!("{FOLDER} holds no *.test.js");
    }
    Ok(files)
}

fn read(line: &str, tally: &mut Tally) {
    let plain = without_colours(line);
    if let Some(name) = plain.trim_start().strip_prefix("﹣ ") {
        tally.skip(format!("node {name}"));
        return;
    }
    let Some((key, value)) = plain.strip_prefix("ℹ ").and_then(|line| line.split_once(' '))
    else {
        return;
    };
    let Ok(count) = value.trim().parse::<usize>() else {
        return;
    };
    match key {
        "pass" => tally.passed += count,
        // What is left to do has not been shown to work.
        "fail" | "cancelled" | "todo" => tally.failed += count,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_the_spec_reporter_counts() {
        let mut tally = Tally::default();
        for line in [
            "✔ a basket adds up (0.5ms)",
            "﹣ a later thing (0.1ms) # SKIP",
            "ℹ tests 8",
            "ℹ pass 3",
            "ℹ fail 1",
            "ℹ cancelled 1",
            "ℹ skipped 1",
            "ℹ todo 2",
            "ℹ duration_ms 8.5",
        ] {
            read(line, &mut tally);
        }
        assert_eq!(tally.summary(), "3 passed, 4 failed, 1 skipped");
    }
}
