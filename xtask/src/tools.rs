//! The tools that builds call: Rust targets, the Worker's glue program, what npm brought.
//!
//! It must not know what is done with them.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{process, program, workspace};

/// Installs a Rust target when it is missing.
///
/// # Errors
/// Fails when rustup does.
pub fn rust_target(root: &Path, name: &str) -> Result<()> {
    let mut list = Command::new("rustup");
    list.current_dir(root).args(["target", "list", "--installed"]);
    let installed = process::lines("rustup target list", &mut list)?;
    if installed.iter().any(|line| line.trim() == name) {
        return Ok(());
    }
    let mut add = Command::new("rustup");
    add.current_dir(root).args(["target", "add", name]);
    process::step("rustup target add", &mut add)
}

/// Returns the program that makes the Worker's JavaScript side, built for the lock file's version.
///
/// # Errors
/// Fails when cargo does.
pub fn glue() -> Result<PathBuf> {
    program::build("edge-glue", "edge-glue")
}

/// Returns wrangler out of the tool packages, quiet and alone: it asks nobody, reports to nobody
/// and keeps its own files in the target folder.
#[must_use]
pub fn wrangler(root: &Path) -> Command {
    let mut command = Command::new("node");
    command.current_dir(root).arg(root.join("node_modules/wrangler/bin/wrangler.js"));
    let own = workspace::scratch().join("wrangler");
    command
        .env("CI", "1")
        .env("NO_COLOR", "1")
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        .env("WRANGLER_LOG_PATH", own.join("logs"));
    command
}
