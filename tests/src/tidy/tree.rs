//! The files of this checkout that belong to the project. It must not know any rule.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A file of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The path from the root, with `/`.
    pub path: String,
    /// The text.
    pub text: String,
}

impl Document {
    /// Makes a file by hand, for tests of rules.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Tells whether the name ends with one of these.
    #[must_use]
    pub fn is(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| self.path.ends_with(ending))
    }
}

/// Returns the folder that holds everything.
#[must_use]
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// Reads every text file that is tracked, or would be if it were added.
///
/// # Errors
/// Fails when git does.
pub fn read() -> Result<Vec<Document>, String> {
    let listing = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .map_err(|error| format!("git cannot be started: {error}"))?;
    if !listing.status.success() {
        return Err(format!("git fails: {}", String::from_utf8_lossy(&listing.stderr)));
    }
    let names = String::from_utf8_lossy(&listing.stdout).into_owned();
    let mut documents: Vec<Document> = names
        .split('\0')
        .filter(|path| !path.is_empty())
        // Pictures and fonts are no text; a file that was just removed is none any more.
        .filter_map(|path| Some(Document::new(path, &fs::read_to_string(root().join(path)).ok()?)))
        .collect();
    documents.sort_by(|a, b| a.path.cmp(&b.path));
    documents.dedup();
    Ok(documents)
}
