//! The data folder of `up`: its lock, its secrets and the configuration files it writes.
//!
//! Secrets are made once, at random, and never leave the folder but in files of mode 0600.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

const SECRET_BYTES: usize = 32;

/// The data folder, held by this process as long as this value lives.
pub(super) struct Data {
    folder: PathBuf,
    _lock: File,
}

/// What is secret about a venue on this machine.
pub(super) struct Secrets {
    /// The edge's own secret.
    pub(super) edge: String,
    /// The gateway's own secret.
    pub(super) gateway: String,
    /// Opens the edge's setup routes.
    pub(super) setup_code: String,
}

impl Data {
    /// Makes the folder when it is missing, and holds it against another `up`.
    ///
    /// # Errors
    /// Fails when the folder cannot be made, or another `up` holds it.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder).context("the data folder has no path")?;
        private_folder(&folder)?;
        let lock = private(&folder.join("lock"), OpenOptions::new().create(true))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another `up` runs on {}; end it or give --data", folder.display())
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", folder.display()))
            }
        }
    }

    /// Returns the folder's path.
    #[must_use]
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns a folder inside, made when it is missing.
    ///
    /// # Errors
    /// Fails when it cannot be made.
    pub(super) fn inside(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        private_folder(&folder)?;
        Ok(folder)
    }

    /// Returns the secrets; at the first start they are made.
    ///
    /// # Errors
    /// Fails when they cannot be read or written.
    pub(super) fn secrets(&self) -> Result<Secrets> {
        Ok(Secrets {
            edge: self.secret("edge-secret")?,
            gateway: self.secret("gateway-secret")?,
            setup_code: self.secret("setup-code")?,
        })
    }

    fn secret(&self, name: &str) -> Result<String> {
        let path = self.folder.join(name);
        match fs::read_to_string(&path) {
            Ok(text) if text.len() == 2 * SECRET_BYTES => return Ok(text),
            Ok(_) => bail!("{} is damaged; remove the data folder", path.display()),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("{}", path.display())),
        }
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).context("the system has no randomness")?;
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.write(name, &text)?;
        Ok(text)
    }

    /// Writes a file that only its owner may read, all of it or nothing.
    ///
    /// # Errors
    /// Fails when it cannot be written.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        let part = self.folder.join(format!("{name}.part"));
        let mut file = private(&part, OpenOptions::new().create(true).truncate(true))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&part, &path))
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

fn private_folder(folder: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
}

fn private(path: &Path, options: &mut OpenOptions) -> Result<File> {
    let file = options
        .read(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    // A file that was there already keeps its mode when it is opened.
    file.set_permissions(fs::Permissions::from_mode(0o600))
        .with_context(|| format!("cannot protect {}", path.display()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_made_once_and_only_their_owner_reads_them() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("data");
        let first = Data::open(&folder).unwrap().secrets().unwrap();
        let again = Data::open(&folder).unwrap().secrets().unwrap();
        assert_eq!(first.edge, again.edge);
        assert_ne!(first.edge, first.gateway);
        assert_ne!(first.edge, first.setup_code);
        for name in ["edge-secret", "gateway-secret", "setup-code"] {
            let mode = fs::metadata(folder.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_data_folder_has_one_up_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let held = Data::open(place.path()).unwrap();
        let error = Data::open(place.path()).err().unwrap().to_string();
        assert!(error.starts_with("another `up` runs on "), "{error}");
        drop(held);
        Data::open(place.path()).unwrap();
    }

    #[test]
    fn a_damaged_secret_is_reported_and_not_replaced() {
        let place = tempfile::tempdir().unwrap();
        let data = Data::open(place.path()).unwrap();
        fs::write(place.path().join("edge-secret"), "short").unwrap();
        assert!(data.secrets().is_err());
        assert_eq!(fs::read_to_string(place.path().join("edge-secret")).unwrap(), "short");
    }
}
