//! The component's files, copied where it will read them; Spin copies them at start as well.
//!
//! The copy keeps the component away from everything else, and from the sources themselves.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::limits::{FILES_DEPTH_MAX, FILES_MAX};

/// One entry of `files`.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum Entry {
    /// A file or a directory, put somewhere else.
    Placed { source: PathBuf, destination: PathBuf },
    /// A file, or all of a directory as `dir/**/*`, kept at its own path.
    Kept(String),
}

/// Lays out `entries`, whose sources are relative to `base`, in a fresh directory `target`.
pub(crate) fn lay_out(base: &Path, entries: &[Entry], target: &Path) -> Result<(), String> {
    let emptied = if target.exists() { fs::remove_dir_all(target) } else { Ok(()) };
    emptied
        .and_then(|()| fs::create_dir_all(target))
        .map_err(|error| format!("{}: {error}", target.display()))?;
    let mut left = FILES_MAX;
    for entry in entries {
        let (source, destination) = match entry {
            Entry::Placed { source, destination } => (source.clone(), destination.clone()),
            Entry::Kept(pattern) => {
                let path = pattern.strip_suffix("/**/*").unwrap_or(pattern);
                if path.contains(['*', '?', '[', '{']) {
                    return Err(format!(
                        "files `{pattern}`: of patterns only `dir/**/*` is supported"
                    ));
                }
                (PathBuf::from(path), PathBuf::from(path))
            }
        };
        let place = inside(&destination)
            .ok_or_else(|| format!("files: `{}` leads outside", destination.display()))?;
        copy(&base.join(&source), &target.join(place), FILES_DEPTH_MAX, &mut left)?;
    }
    Ok(())
}

/// The path without its root; nothing when it climbs.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut place = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => place.push(name),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(place)
}

fn copy(source: &Path, target: &Path, depth: usize, left: &mut usize) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("files: {}: {error}", source.display());
    if depth == 0 {
        return Err(format!("files: {} is nested too deeply", source.display()));
    }
    if source.is_dir() {
        fs::create_dir_all(target).map_err(failed)?;
        for entry in fs::read_dir(source).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            copy(&entry.path(), &target.join(entry.file_name()), depth - 1, left)?;
        }
        return Ok(());
    }
    *left = left.checked_sub(1).ok_or_else(|| format!("files: more than {FILES_MAX}"))?;
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::copy(source, target).map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::inside;

    #[test]
    fn a_destination_never_climbs_out() {
        assert_eq!(inside(Path::new("/static/./css")), Some(PathBuf::from("static/css")));
        assert_eq!(inside(Path::new("/static/../..")), None);
    }
}
