//! Files in a folder beside the store, each under the hash of its content.
//!
//! A file appears under its name when all of it is on the disk, and never before: written under
//! another name, synced, renamed, and the folder synced. It must not know whose files they are.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use app::{
    blobs::BlobId,
    ports::{Blobs, Fault, Pending},
};

/// What is not whole yet has this at its end.
const UNFINISHED: &str = "new";

/// A folder of files.
#[derive(Debug, Clone)]
pub struct Disk {
    folder: PathBuf,
    /// Two that put the same at once write two files, and rename both.
    number: Arc<AtomicU64>,
}

impl Disk {
    /// Opens the folder, and clears away what a process that died there left unfinished.
    ///
    /// # Errors
    /// Fails when the folder cannot be made or read.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let wrong = |error: io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(wrong)?;
        for file in fs::read_dir(folder).map_err(wrong)? {
            let path = file.map_err(wrong)?.path();
            if path.extension().is_some_and(|end| end == UNFINISHED) {
                fs::remove_file(&path).map_err(wrong)?;
            }
        }
        Ok(Self { folder: folder.to_owned(), number: Arc::default() })
    }

    fn read(&self, id: &BlobId) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.folder.join(id.as_str())) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write(&self, id: &BlobId, bytes: &[u8]) -> io::Result<()> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let unfinished = self.folder.join(format!("{}.{number}.{UNFINISHED}", id.as_str()));
        let written = self.write_at(&unfinished, bytes).and_then(|()| {
            fs::rename(&unfinished, self.folder.join(id.as_str()))?;
            self.sync()
        });
        if written.is_err() {
            // On a full disk its bytes are wanted back; if that fails too, the next start does it.
            let _ = fs::remove_file(&unfinished);
        }
        written
    }

    fn write_at(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn remove(&self, id: &BlobId) -> io::Result<()> {
        match fs::remove_file(self.folder.join(id.as_str())) {
            Ok(()) => self.sync(),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A name is as durable as its folder.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Fault> {
        let disk = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&disk)).await;
        let done = done.map_err(|error| Fault::lasting(error.to_string()))?;
        done.map_err(|error| Fault::passing(format!("the folder of files: {error}")))
    }
}

impl Blobs for Disk {
    fn get<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<Option<Vec<u8>>, Fault>> {
        let id = id.clone();
        Box::pin(self.run(move |disk| disk.read(&id)))
    }

    fn put<'a>(&'a self, id: &'a BlobId, bytes: Vec<u8>) -> Pending<'a, Result<(), Fault>> {
        let id = id.clone();
        Box::pin(self.run(move |disk| disk.write(&id, &bytes)))
    }

    fn delete<'a>(&'a self, id: &'a BlobId) -> Pending<'a, Result<(), Fault>> {
        let id = id.clone();
        Box::pin(self.run(move |disk| disk.remove(&id)))
    }
}
