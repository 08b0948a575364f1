//! `cargo xtask bench sabotage [simulation|contract]`: breaks one thing after the other in a copy
//! of the committed tree and shows that the suite which guards it turns red.
//!
//! It must not know what a patch breaks; the patch's name says it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{
    process::{self, Running, Show},
    workspace,
};

/// Seeds that a patch of the simulation may survive.
const SEEDS: u64 = 50;
/// The hosts of the contract, by the words of their tests.
const HOSTS: [(&str, &str); 3] = [("native", "native"), ("workerd", "workerd"), ("spin", "spin")];

/// Applies every patch, or those of one suite, by itself and returns, per patch, what caught it.
///
/// # Errors
/// Fails when a patch does not apply, or is not caught.
pub fn run(only: Option<&str>) -> Result<Value> {
    let wanted = |suite: &str| only.is_none_or(|only| only == suite);
    if !wanted("simulation") && !wanted("contract") {
        bail!("there is sabotage of the simulation and of the contract");
    }
    let root = workspace::root();
    let place = workspace::target().join("sabotage");
    let tree = copy(&root, &place)?;
    let mut caught = BTreeMap::new();
    let mut survived = Vec::new();
    let of = |suite: &str| match wanted(suite) {
        true => patches(&root.join("fixtures/sabotage").join(suite)),
        false => Ok(Vec::new()),
    };
    let broken = of("simulation")?;
    let excused = if broken.is_empty() { String::new() } else { unbroken(&tree, &place)? };
    for patch in broken {
        match with_patch(&tree, &patch, || simulation(&tree, &place, &excused))? {
            Some(seed) => {
                eprintln!("{}: caught by seed {seed}", name(&patch));
                caught.insert(name(&patch), json!(seed));
            }
            None => survived.push(name(&patch)),
        }
    }
    for patch in of("contract")? {
        with_patch(&tree, &patch, || contract(&tree, &place, &name(&patch)))?;
        eprintln!("{}: fails the contract, and only this host does", name(&patch));
        caught.insert(format!("contract {}", name(&patch)), json!("this host alone"));
    }
    if !survived.is_empty() {
        bail!("not caught within {SEEDS} seeds: {}", survived.join(", "));
    }
    Ok(json!({"sabotage_caught": caught.len(), "sabotage": caught}))
}

/// Copies what is committed, so that nothing here is touched.
fn copy(root: &Path, place: &Path) -> Result<PathBuf> {
    let tree = place.join("tree");
    if tree.exists() {
        fs::remove_dir_all(&tree).context("cannot clear the last copy")?;
    }
    let mut git = Command::new("git");
    git.args(["clone", "--quiet"]).arg(root).arg(&tree);
    process::step("git clone of the committed tree", &mut git)?;
    Ok(tree)
}

fn patches(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "patch"));
    paths.sort();
    Ok(paths)
}

fn name(patch: &Path) -> String {
    patch.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn with_patch<T>(tree: &Path, patch: &Path, check: impl FnOnce() -> Result<T>) -> Result<T> {
    let apply = |options: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(tree).arg("apply").args(options).arg(patch);
        process::step(&format!("git apply of {}", name(patch)), &mut git)
    };
    apply(&[])?;
    let outcome = check().with_context(|| name(patch));
    apply(&["--reverse"])?;
    outcome
}

/// Runs the seeds with nothing broken; returns those in which an audit had to mend something.
fn unbroken(tree: &Path, place: &Path) -> Result<String> {
    let mut cargo = seeds(tree, place);
    let (passed, lines) = outcome("the simulation", &mut cargo)?;
    if !passed {
        bail!("the simulation fails with nothing broken:\n{}", lines.join("\n"));
    }
    let mended: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("MENDED=")).collect();
    Ok(mended.join(","))
}

fn seeds(tree: &Path, place: &Path) -> Command {
    let mut cargo = tests(tree, place, "simulation", "fresh_seeds_keep_every_promise");
    cargo.env("SEED", "1").env("SEEDS", SEEDS.to_string());
    cargo
}

fn simulation(tree: &Path, place: &Path, excused: &str) -> Result<Option<u64>> {
    let mut cargo = seeds(tree, place);
    cargo.env("EXCUSED", excused);
    let (passed, lines) = outcome("the simulation", &mut cargo)?;
    let seed = lines.iter().find_map(|line| line.strip_prefix("SEED=")?.split(':').next());
    match seed.and_then(|text| text.parse().ok()) {
        Some(seed) if !passed => Ok(Some(seed)),
        _ if passed => Ok(None),
        _ => bail!("the simulation failed without a seed:\n{}", lines.join("\n")),
    }
}

fn contract(tree: &Path, place: &Path, broken: &str) -> Result<()> {
    for (host, word) in HOSTS {
        let mut cargo = tests(tree, place, "contract", word);
        let (passed, lines) = outcome(host, &mut cargo)?;
        if passed == (host == broken) {
            let verb = if passed { "keeps" } else { "fails" };
            bail!("{host} {verb} the contract:\n{}", lines.join("\n"));
        }
    }
    Ok(())
}

fn tests(tree: &Path, place: &Path, suite: &str, filter: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(tree)
        .args(["test", "--quiet", "--package", "venue-tests", "--test", suite, "--"])
        .args([filter, "--nocapture"])
        .env("CARGO_TARGET_DIR", place.join("target"))
        .env("RUST_BACKTRACE", "0");
    cargo
}

fn outcome(title: &str, command: &mut Command) -> Result<(bool, Vec<String>)> {
    let mut lines = Vec::new();
    let running = Running::start(title, command, Show::Nothing)?;
    let status = running.finish(process::never(), |line| lines.push(line.to_owned()))?;
    Ok((status.success(), lines))
}
