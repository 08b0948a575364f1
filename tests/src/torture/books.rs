//! What a store's file says after its process is gone, and whether it agrees with itself.
//!
//! All that the torture suite knows of the schema stands here. It must not know who wrote.

use std::path::Path;

use anyhow::{Result, bail};
use rusqlite::{Connection, OpenFlags};

/// Checks the file as SQLite does.
///
/// # Errors
/// Fails with what SQLite finds.
pub(super) fn check_file(file: &Path) -> Result<()> {
    let store = open(file)?;
    let found: String = store.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if found != "ok" {
        bail!("the file is damaged: {found}");
    }
    Ok(())
}

fn open(file: &Path) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
}
