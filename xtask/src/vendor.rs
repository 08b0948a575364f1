//! Third-party browser files: `static/vendor/`, made by npm, rebuilt when its recipe changed.
//!
//! It must not know which packages they are.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{process, workspace};

/// What decides about the outcome; changed, it is built again.
const RECIPE: [&str; 3] = ["package.json", "package-lock.json", "build.mjs"];
/// Where the recipe of the last outcome is noted.
const NOTE: &str = "node_modules/.relais-recipe";

/// Builds the vendor files when they are missing or older than their recipe.
///
/// # Errors
/// Fails when npm does.
pub fn ensure() -> Result<()> {
    let folder = workspace::root().join("static");
    fs::create_dir_all(workspace::scratch()).context("cannot make the target folder")?;
    let lock = File::create(workspace::scratch().join("vendor.lock"))
        .context("cannot open the lock of the vendor files")?;
    // Two suites may start at once: the second waits and then finds everything done.
    lock.lock().context("cannot lock the vendor files")?;
    let recipe = recipe(&folder)?;
    if is_current(&folder, &recipe) {
        return Ok(());
    }
    eprintln!("building the browser's third-party files (static/vendor)");
    process::step(
        "npm ci in static",
        npm(&folder).args(["ci", "--no-audit", "--no-fund"]),
    )?;
    process::step(
        "npm run build in static",
        npm(&folder).args(["run", "build"]),
    )?;
    fs::write(folder.join(NOTE), recipe).context("cannot note the recipe of the vendor files")
}

/// Returns npm, in a folder.
#[must_use]
pub fn npm(folder: &Path) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder);
    npm
}

fn recipe(folder: &Path) -> Result<String> {
    let read = |name: &&str| {
        let path = folder.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    RECIPE.iter().map(read).collect()
}

fn is_current(folder: &Path, recipe: &str) -> bool {
    let has_files =
        fs::read_dir(folder.join("vendor")).is_ok_and(|mut files| files.next().is_some());
    has_files && fs::read_to_string(folder.join(NOTE)).is_ok_and(|noted| noted == recipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_is_current_until_its_recipe_changes() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path();
        for name in RECIPE {
            fs::write(folder.join(name), name).unwrap();
        }
        let before = recipe(folder).unwrap();
        assert!(!is_current(folder, &before));
        fs::create_dir_all(folder.join("vendor")).unwrap();
        fs::create_dir_all(folder.join("node_modules")).unwrap();
        fs::write(folder.join("vendor/font.woff2"), "font").unwrap();
        fs::write(folder.join(NOTE), &before).unwrap();
        assert!(is_current(folder, &before));
        fs::write(folder.join("build.mjs"), "changed").unwrap();
        assert!(!is_current(folder, &recipe(folder).unwrap()));
    }
}
