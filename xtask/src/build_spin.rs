//! `cargo xtask build spin`: the component that `spin.toml` names.
//!
//! It must not know which host will run it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{process, tools, vendor, workspace};

const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "edge";

/// Builds the component and the files that it serves; returns the component.
///
/// # Errors
/// Fails when a step does.
pub fn build_spin(root: &Path) -> Result<PathBuf> {
    vendor::ensure()?;
    tools::rust_target(root, TARGET)?;
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["build", "--package", "edge-spin", "--lib"]);
    cargo.args(["--target", TARGET, "--profile", PROFILE]);
    process::step("cargo build of the Spin component", &mut cargo)?;
    Ok(workspace::target().join(TARGET).join(PROFILE).join("edge_spin.wasm"))
}
