//! Builds the workspace's own programs and says where they are. It must not know how they run.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{process, workspace};

/// Builds one program in the development profile and returns its path.
///
/// # Errors
/// Fails when cargo does, or does not say where the program is.
pub fn build(package: &str, binary: &str) -> Result<PathBuf> {
    build_in("dev", package, binary)
}

/// Builds one program as it is given to venues and returns its path.
///
/// # Errors
/// Fails as [`build`] does.
pub fn build_optimised(package: &str, binary: &str) -> Result<PathBuf> {
    build_in("release", package, binary)
}

fn build_in(profile: &str, package: &str, binary: &str) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(workspace::root())
        .args(["build", "--profile", profile, "--package", package, "--bin", binary])
        .arg("--message-format=json-render-diagnostics");
    let lines = process::lines(&format!("cargo build of {binary}"), &mut cargo)?;
    lines
        .iter()
        .rev()
        .find_map(|line| executable(line, binary))
        .with_context(|| format!("cargo does not say where {binary} is"))
}

fn executable(line: &str, binary: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_it = message.pointer("/target/name")?.as_str()? == binary;
    let path = message.get("executable")?.as_str()?;
    is_it.then(|| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_read_from_the_message_about_this_program() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"relais"},"executable":"/x"}"#;
        assert_eq!(executable(line, "relais"), Some(PathBuf::from("/x")));
        assert_eq!(executable(line, "other"), None);
        assert_eq!(executable("not json", "relais"), None);
        let library = r#"{"target":{"name":"relais"},"executable":null}"#;
        assert_eq!(executable(library, "relais"), None);
    }
}
