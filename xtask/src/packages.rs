//! npm packages of a folder, installed as its lock file says. It must not know what they do.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{process, workspace};

const LOCK: &str = "package-lock.json";
/// Where the lock file of the last installation is kept.
const NOTE: &str = "node_modules/.relais-lock.json";

/// Installs the packages when the lock file has changed since the last time.
///
/// # Errors
/// Fails when npm does.
pub fn ensure(folder: &Path) -> Result<()> {
    let _one_at_a_time = hold("packages")?;
    let lock = fs::read_to_string(folder.join(LOCK))
        .with_context(|| format!("cannot read {}", folder.join(LOCK).display()))?;
    if fs::read_to_string(folder.join(NOTE)).is_ok_and(|noted| noted == lock) {
        return Ok(());
    }
    eprintln!("installing npm packages in {}", folder.display());
    process::step("npm ci", npm(folder).args(["ci", "--no-audit", "--no-fund"]))?;
    fs::create_dir_all(folder.join("node_modules"))
        .and_then(|()| fs::write(folder.join(NOTE), lock))
        .context("cannot note what npm installed")
}

/// Returns npm, in a folder.
#[must_use]
pub fn npm(folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder);
    npm
}

/// Waits until no other xtask does the same; as long as the file lives, nobody else does.
///
/// # Errors
/// Fails when the target folder cannot be written.
pub fn hold(what: &str) -> Result<File> {
    fs::create_dir_all(workspace::scratch()).context("cannot make the target folder")?;
    let path = workspace::scratch().join(format!("{what}.lock"));
    let file = File::create(&path).with_context(|| format!("cannot open {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}
