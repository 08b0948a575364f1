//! Installs what the tests need and the machine lacks. It must not know how the suites run.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use super::Suite;
use crate::{build, build_spin, packages, process, program, vendor, workspace};

const TARGETS: [&str; 2] = ["wasm32-unknown-unknown", "wasm32-wasip2"];
const COMPONENTS: [&str; 2] = ["clippy", "rustfmt"];
/// Debian's browser, and letters for it: without fonts the pictures show boxes.
const BROWSER: &str = "/usr/bin/chromium";
const BROWSER_PACKAGES: [&str; 3] = ["chromium", "fonts-liberation", "fonts-noto-color-emoji"];

/// Installs what these suites need.
pub(super) fn ensure(suites: &[Suite]) -> Result<()> {
    let wants = |name: &str| suites.iter().any(|suite| suite.name == name);
    ensure_rust()?;
    ensure_nextest()?;
    vendor::ensure()?;
    if wants("browser") || wants("contract") {
        packages::ensure(&workspace::root())?;
    }
    if wants("browser") {
        ensure_browser()?;
    }
    if wants("hardware") && !process::answers("python3", &["--version"]) {
        install("the hardware suite needs python3", &["python3"])?;
    }
    build_hosts(wants)
}

/// Builds the hosts that the suites start, so that no suite's time is spent on a compiler.
fn build_hosts(wants: impl Fn(&str) -> bool) -> Result<()> {
    let root = workspace::root();
    if wants("contract") || wants("browser") || wants("torture") {
        program::build("device-gateway", "relais")?;
    }
    if wants("contract") || wants("browser") {
        build::build_edge(&root)?;
    }
    if wants("contract") {
        build_spin::build_spin(&root)?;
        program::build("spin-host", "spin-host")?;
    }
    Ok(())
}

fn ensure_rust() -> Result<()> {
    add("target", &TARGETS)?;
    add("component", &COMPONENTS)
}

/// Adds targets or components: automatic installation may be switched off.
fn add(kind: &str, wanted: &[&str]) -> Result<()> {
    let mut rustup = Command::new("rustup");
    rustup.current_dir(workspace::root()).args([kind, "list", "--installed"]);
    let installed = process::lines(&format!("rustup {kind} list"), &mut rustup)?;
    let has = |name: &str| installed.iter().any(|line| line.starts_with(name));
    let missing: Vec<&&str> = wanted.iter().filter(|name| !has(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.current_dir(workspace::root()).args([kind, "add"]).args(missing);
    process::step(&format!("rustup {kind} add"), &mut rustup)
}

fn ensure_nextest() -> Result<()> {
    if process::answers("cargo", &["nextest", "--version"]) {
        return Ok(());
    }
    eprintln!("building cargo-nextest, once; this takes some minutes");
    let mut cargo = Command::new("cargo");
    process::step("cargo install", cargo.args(["install", "cargo-nextest", "--locked"]))
}

fn ensure_browser() -> Result<()> {
    if Path::new(BROWSER).exists() {
        return Ok(());
    }
    install(&format!("the browser suite needs {BROWSER}"), &BROWSER_PACKAGES)
}

/// Installs Debian's packages.
fn install(why: &str, wanted: &[&str]) -> Result<()> {
    let root = rustix::process::geteuid().is_root();
    if !root || !process::answers("apt-get", &["--version"]) {
        bail!("{why}: as root, apt-get install {}", wanted.join(" "));
    }
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        process::step("apt-get", &mut apt)
    };
    apt(&["update", "-q"]).context("cannot read Debian's list of packages")?;
    let install = ["install", "-q", "-y", "--no-install-recommends"];
    apt(&[&install, wanted].concat())
}
