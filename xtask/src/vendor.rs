//! Third-party browser files: `static/vendor/`, made by npm, rebuilt when its recipe changed.
//!
//! It must not know which packages they are.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{packages, process, workspace};

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
    // Two suites may start at once: the second waits and then finds everything done.
    let _one_at_a_time = packages::hold("vendor")?;
    let recipe = recipe(&folder)?;
    if is_current(&folder, &recipe) {
        return Ok(());
    }
    packages::ensure(&folder)?;
    eprintln!("building the browser's third-party files (static/vendor)");
    process::step("npm run build", packages::npm(&folder).args(["run", "build"]))?;
    fs::write(folder.join(NOTE), recipe).context("cannot note the recipe of the vendor files")
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
