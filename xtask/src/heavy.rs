//! Benchmarks and fuzzing that bring their own workspace: heavy dependencies, another compiler.
//!
//! It must not know what they measure or try.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{process, workspace};

/// The fuzz targets, one file each in `fuzz/fuzz_targets/`.
const TARGETS: [&str; 4] = ["request", "answer", "json", "document"];
/// How long each target is fuzzed when nobody says.
const FUZZ_SECONDS: u64 = 60;

/// Runs `cargo xtask bench sync [--repetitions N]` and returns its figures.
///
/// # Errors
/// Fails when it cannot be built or run.
pub fn sync(arguments: &[&str]) -> Result<Value> {
    let repetitions = match arguments {
        [] => 5,
        ["--repetitions", count] => count.parse().context("how many repetitions?")?,
        other => bail!("bench sync takes --repetitions N, not {other:?}"),
    };
    let folder = workspace::root().join("tests/bench-sync");
    let mut build = cargo(&folder, "bench-sync");
    build.args(["build", "--release", "--locked"]);
    process::step("the benchmark of replication", &mut build)?;
    let program = workspace::target().join("bench-sync/release/bench-sync");
    let output = Command::new(&program)
        .arg(u32::to_string(&repetitions))
        .output()
        .with_context(|| format!("cannot run {}", program.display()))?;
    if !output.status.success() {
        bail!("the benchmark failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    serde_json::from_slice(&output.stdout).context("the benchmark printed no figures")
}

/// Runs `cargo xtask bench fuzz [--seconds N]`: each target for so long, with what it found before.
///
/// # Errors
/// Fails when a target crashes, or there is no nightly compiler.
pub fn fuzz(arguments: &[&str]) -> Result<Value> {
    let seconds = match arguments {
        [] => FUZZ_SECONDS,
        ["--seconds", count] => count.parse().context("how many seconds?")?,
        other => bail!("bench fuzz takes --seconds N, not {other:?}"),
    };
    let folder = workspace::root().join("fuzz");
    let mut tool = Command::new("cargo");
    tool.args(["install", "cargo-fuzz", "--locked", "--quiet", "--root"]);
    tool.arg(workspace::target().join("cargo-fuzz"));
    process::step("cargo-fuzz", &mut tool)?;
    let tool = workspace::target().join("cargo-fuzz/bin/cargo-fuzz");
    for target in TARGETS {
        let mut run = Command::new(&tool);
        run.current_dir(&folder)
            .env("RUSTUP_TOOLCHAIN", "nightly")
            .env("CARGO_TARGET_DIR", workspace::target().join("fuzz"))
            .args(["fuzz", "run", target, "--", &format!("-max_total_time={seconds}")]);
        process::step(target, &mut run)?;
    }
    Ok(json!({"fuzz_targets": TARGETS.len(), "fuzz_seconds_each": seconds}))
}

fn cargo(folder: &Path, target: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", workspace::target().join(target));
    cargo
}
