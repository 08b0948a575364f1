//! The marker: a small file beside the database that moves on with it, so that a database which
//! was put back without the file, or both on another machine, is recognised at the next start.
//!
//! The file moves on first, then the store. A power cut between the two looks like a restore, which
//! costs a new life and nothing else. It must not know what a new life is.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use app::{App, metered::Metered, replication::life, rows::text};
use serde::{Deserialize, Serialize};
use sync_engine::{
    seal::{derive, hex},
    statement::Statement,
};

const NAME: &str = "relais.marker";
const NAME_NEXT: &str = "relais.marker.next";
/// A file that is longer is none of ours.
const BYTES_MAX: u64 = 4_096;
/// What tells one machine from another: a Pi's serial number is burnt in, a system's id is copied
/// with its disk. Containers and other systems may have neither, and that is no fault.
const IDENTITIES: [&str; 2] = ["/sys/firmware/devicetree/base/serial-number", "/etc/machine-id"];

const LOAD_SQL: &str = "SELECT nonce FROM store_marker WHERE id = 1";
const SAVE_SQL: &str = "INSERT INTO store_marker (id, nonce) VALUES (1, ?1) \
     ON CONFLICT (id) DO UPDATE SET nonce = excluded.nonce";

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marker {
    /// Drawn anew whenever the pair moves on.
    nonce: String,
    /// Where it was written.
    #[serde(flatten)]
    home: Home,
}

/// Where a store lives, without saying it: a marker may lie in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Home {
    /// The machine, where it can be told from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    /// The folder: two copies on one machine lie in two.
    folder: String,
}

/// How a store is found at a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// It has never been opened before.
    First,
    /// It is as it was left.
    Same,
    /// It is, or may be, a copy of an older state.
    Copied(&'static str),
}

/// Decides how a store is found, by the file, the store's own nonce, and where it lives.
pub(crate) fn decide(marker: Option<&Marker>, nonce: Option<&str>, home: &Home) -> Start {
    let (marker, nonce) = match (marker, nonce) {
        (None, None) => return Start::First,
        (None, Some(_)) => return Start::Copied("its marker file is missing"),
        (Some(_), None) => return Start::Copied("its marker file belongs to another store"),
        (Some(marker), Some(nonce)) => (marker, nonce),
    };
    if marker.nonce != nonce {
        return Start::Copied("its marker file is of another time");
    }
    if let (Some(then), Some(now)) = (&marker.home.machine, &home.machine)
        && then != now
    {
        return Start::Copied("the machine is another");
    }
    if marker.home.folder != home.folder {
        return Start::Copied("the folder is another");
    }
    Start::Same
}

/// A store's marker file.
pub(crate) struct MarkerFile {
    folder: PathBuf,
    home: Home,
}

impl MarkerFile {
    /// Finds out where a store lives.
    ///
    /// # Errors
    /// Fails when the folder cannot be reached.
    pub(crate) fn of(folder: &Path) -> Result<Self, String> {
        let whole = fs::canonicalize(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let home = Home {
            machine: IDENTITIES.iter().find_map(|file| identity(Path::new(file))),
            folder: digest("folder", whole.as_os_str().as_encoded_bytes()),
        };
        Ok(Self { folder: folder.to_owned(), home })
    }

    /// Finds the store as it is, begins a new life where that is a copy, and moves the pair on.
    ///
    /// # Errors
    /// Fails when the disk does, or the store; then nobody may be served.
    pub(crate) async fn wake(&self, app: &App) -> Result<Start, String> {
        let db = Metered::new(app.database.clone(), u32::MAX);
        let start = self.find(&db).await?;
        // A folder that takes no file must not cost a life at each try.
        let next = self.prepare(app)?;
        if let Start::Copied(why) = start {
            let begun = life::begin_anew(&db, app).await;
            let venues =
                begun.map_err(|problem| format!("{}: {}", problem.code, problem.detail))?;
            tracing::error!(why, ?venues, "this store is a copy: it begins a new life");
        }
        self.complete(app, next).await?;
        Ok(start)
    }

    /// Compares the file with its counterpart in the store.
    ///
    /// # Errors
    /// Fails when either cannot be read; a file that says nothing sensible is as good as none.
    async fn find(&self, db: &Metered) -> Result<Start, String> {
        let marker = self.read()?;
        let rows = db.rows(Statement::new(LOAD_SQL, Vec::new())).await;
        let rows = rows.map_err(|fault| fault.to_string())?;
        let nonce = rows.first().map(|row| text(row, "nonce")).transpose();
        let nonce = nonce.map_err(|fault| fault.to_string())?;
        Ok(decide(marker.as_ref(), nonce.as_deref(), &self.home))
    }

    /// Moves the pair on.
    ///
    /// # Errors
    /// Fails when the disk takes no writes.
    pub(crate) async fn move_on(&self, app: &App) -> Result<(), String> {
        let next = self.prepare(app)?;
        self.complete(app, next).await
    }

    fn prepare(&self, app: &App) -> Result<Marker, String> {
        let mut bytes = [0; 16];
        app.entropy.fill(&mut bytes).map_err(|fault| fault.to_string())?;
        let next = Marker { nonce: hex(&bytes), home: self.home.clone() };
        self.stage(&next).map_err(|error| self.refused(&error))?;
        Ok(next)
    }

    async fn complete(&self, app: &App, next: Marker) -> Result<(), String> {
        self.replace().map_err(|error| self.refused(&error))?;
        let saved = [Statement::new(SAVE_SQL, vec![next.nonce.into()])];
        let saved = app.database.commit(&saved).await;
        saved.map_err(|fault| format!("the store does not take its marker: {fault:?}"))
    }

    fn refused(&self, error: &io::Error) -> String {
        format!("{}: {error}; the folder must take writes", self.folder.join(NAME).display())
    }

    fn read(&self) -> Result<Option<Marker>, String> {
        let file = self.folder.join(NAME);
        let text = match bounded(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{}: {error}", file.display())),
            Ok(text) => text,
        };
        let marker = serde_json::from_slice(&text);
        if let Err(error) = &marker {
            tracing::error!(%error, file = %file.display(), "the marker file cannot be understood");
        }
        Ok(marker.ok())
    }

    /// Writes the next marker beside the present one, and waits for the disk.
    fn stage(&self, marker: &Marker) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(self.folder.join(NAME_NEXT))?;
        file.write_all(&serde_json::to_vec(marker)?)?;
        file.sync_all()
    }

    /// Puts the next marker in the place of the present one, and waits for the disk.
    fn replace(&self) -> io::Result<()> {
        fs::rename(self.folder.join(NAME_NEXT), self.folder.join(NAME))?;
        File::open(&self.folder)?.sync_all()
    }
}

fn bounded(file: &Path) -> io::Result<Vec<u8>> {
    use io::Read as _;
    let mut text = Vec::new();
    File::open(file)?.take(BYTES_MAX).read_to_end(&mut text)?;
    Ok(text)
}

fn identity(file: &Path) -> Option<String> {
    let text = bounded(file).ok()?;
    // A device tree ends its texts with a zero, a file with a line's end.
    let text = text.trim_ascii_end().strip_suffix(b"\0").unwrap_or(text.trim_ascii_end());
    // systemd writes this before it has drawn an id.
    (!text.is_empty() && text != b"uninitialized").then(|| digest("machine", text))
}

fn digest(what: &str, text: &[u8]) -> String {
    hex(&derive(text, &format!("marker/{what}"))).chars().take(32).collect()
}

#[cfg(test)]
mod tests;
