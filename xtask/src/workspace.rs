//! Where things are in this checkout. It must not know what is in the files.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Returns the folder that holds the workspace's `Cargo.toml`.
#[must_use]
pub fn root() -> PathBuf {
    // The built program may be shared by several checkouts: cargo says at run time which one it is.
    let here = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let found = here.as_deref().and_then(|folder| {
        folder.ancestors().find(|above| above.join("xtask/Cargo.toml").is_file())
    });
    let built_in = || Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    found.or_else(built_in).map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Returns the folder into which cargo builds.
#[must_use]
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Returns the folder for what xtask itself remembers; deleting it is always safe.
#[must_use]
pub fn scratch() -> PathBuf {
    target().join("xtask")
}
