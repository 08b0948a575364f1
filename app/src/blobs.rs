//! Files that are kept beside the database: which, whose, and how much room they take.
//!
//! A row says that bytes come before they are put, and that they go before they are deleted. So
//! whatever breaks off in between leaves a row, and the sweep finds it; no store is ever listed. It
//! must not know where bytes lie, nor what they are.

pub mod s3;

use std::sync::Arc;

use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use sync_engine::{
    seal::hex,
    statement::{Statement, Value},
};

use crate::{
    App, limits,
    metered::Metered,
    ports::{Blobs, CommitFault, Fault},
    problem::Problem,
    rows::{integer, text},
};

/// What bytes are found by: the SHA-256 of their content, as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobId(String);

impl BlobId {
    /// Returns what these bytes are found by.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex(&Sha256::digest(bytes)))
    }

    /// Reads an id; whatever is not 64 small digits names no file.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (digits && text.len() == 64).then(|| Self(text.to_owned()))
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where this host keeps files, and how many bytes of them; a host without a place keeps none.
#[derive(Clone, Default)]
pub struct Shelf {
    place: Option<Arc<dyn Blobs>>,
    room_bytes: i64,
}

impl Shelf {
    /// Keeps files at this place, so many bytes of them.
    #[must_use]
    pub fn new(place: Arc<dyn Blobs>, room_bytes: u64) -> Self {
        let room_bytes = i64::try_from(room_bytes).unwrap_or(i64::MAX);
        let room_bytes = room_bytes.min(sync_engine::limits::INTEGER_MAX);
        Self { place: Some(place), room_bytes }
    }

    /// Tells whether this host keeps files.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.place.is_some()
    }

    /// Returns the place.
    ///
    /// # Errors
    /// Fails on a host that keeps no files.
    pub fn place(&self) -> Result<&dyn Blobs, Problem> {
        let closed = || Problem::new(StatusCode::CONFLICT, "no_files_here");
        self.place.as_deref().ok_or_else(closed)
    }

    /// Returns a file, as it was put; none where it is not there.
    ///
    /// # Errors
    /// Fails when the place does, or gives other bytes than were put.
    pub async fn get(&self, id: &BlobId) -> Result<Option<Vec<u8>>, Problem> {
        let Some(bytes) = self.place()?.get(id).await? else { return Ok(None) };
        if BlobId::of(&bytes) == *id {
            return Ok(Some(bytes));
        }
        tracing::error!(blob = id.as_str(), "a file is not what was put");
        Err(Fault::lasting("a file is not what was put").into())
    }
}

/// Whose bytes, and what they are.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// Whose room they take; with a person's erasure they go.
    pub owner: &'a str,
    /// What they are, in a word.
    pub what: &'static str,
}

/// A file that was put and is not kept yet: unless [`Coming::stays`] is committed, it is swept.
#[derive(Debug)]
#[must_use]
pub struct Coming {
    /// What it is found by.
    pub id: BlobId,
    sweep_ms: i64,
}

impl Coming {
    /// Returns the statement that keeps the file, for the batch that names it.
    #[must_use]
    pub fn stays(&self) -> Statement {
        let sql = "UPDATE blob SET sweep_ms = 0 WHERE id = ?1 AND sweep_ms = ?2";
        Statement::exactly(1, sql, vec![self.id.as_str().into(), self.sweep_ms.into()])
    }
}

/// Room is taken by whatever has a row: what comes, what is kept, what is not deleted yet.
const TAKE_ROOM_SQL: &str = "INSERT INTO blob (id, owner, what, bytes, made_ms, sweep_ms) \
     SELECT ?1, ?2, ?3, ?4, ?5, ?6 \
     WHERE (SELECT coalesce(sum(bytes), 0) FROM blob WHERE owner = ?2) + ?4 <= ?7 \
     AND (SELECT coalesce(sum(bytes), 0) FROM blob) + ?4 <= ?8 \
     ON CONFLICT (id) DO NOTHING";

/// Puts bytes, once there is room for them.
///
/// # Errors
/// Refuses what passes its owner's room or the host's, and fails when database or place do.
pub async fn put(
    app: &App,
    db: &Metered,
    label: Label<'_>,
    bytes: Vec<u8>,
) -> Result<Coming, Problem> {
    let place = app.blobs.place()?;
    let id = BlobId::of(&bytes);
    let now_ms = app.clock.now_ms();
    let sweep_ms = now_ms.saturating_add(limits::BLOB_COMING_MS) as i64;
    let no_room = || Problem::new(StatusCode::CONFLICT, "no_room");
    if bytes.len() > limits::BLOB_BYTES {
        return Err(no_room());
    }
    let params: Vec<Value> = vec![
        id.as_str().into(),
        label.owner.into(),
        label.what.into(),
        (bytes.len() as i64).into(),
        (now_ms as i64).into(),
        sweep_ms.into(),
        limits::BLOB_OWNER_BYTES.into(),
        app.blobs.room_bytes.into(),
    ];
    if !note(db, Statement::exactly(1, TAKE_ROOM_SQL, params)).await? {
        let sql = "SELECT id FROM blob WHERE id = ?1";
        let known = db.rows(Statement::new(sql, vec![id.as_str().into()])).await?;
        return Err(if known.is_empty() {
            no_room()
        } else {
            // It comes or goes at this moment; each file has one owner.
            Problem::unavailable("this file is known already")
        });
    }
    place.put(&id, bytes).await?;
    Ok(Coming { id, sweep_ms })
}

/// Returns the statement that lets a file go, for the batch that names it no more.
#[must_use]
pub fn let_go(id: &str) -> Statement {
    Statement::new("UPDATE blob SET sweep_ms = 1 WHERE id = ?1", vec![id.into()])
}

/// Returns the statement that lets all files of an owner go.
#[must_use]
pub fn let_all_go(owner: &str) -> Statement {
    Statement::new("UPDATE blob SET sweep_ms = 1 WHERE owner = ?1", vec![owner.into()])
}

/// Takes away what goes and what never came; returns how many files went.
///
/// A sweeper holds a row while it deletes: two of them never meet, and nobody can put the same
/// bytes in between.
///
/// # Errors
/// Fails when the database does; what could not be deleted is tried again later.
pub async fn sweep(app: &App, at_most: i64) -> Result<usize, Fault> {
    let Ok(place) = app.blobs.place() else { return Ok(0) };
    let db = Metered::new(app.database.clone(), u32::MAX);
    let now_ms = app.clock.now_ms() as i64;
    let sql = "SELECT id, sweep_ms FROM blob WHERE sweep_ms > 0 AND sweep_ms <= ?1 \
         ORDER BY sweep_ms, id LIMIT ?2";
    let due = db.rows(Statement::new(sql, vec![now_ms.into(), at_most.into()])).await?;
    let held_ms = now_ms.saturating_add(limits::BLOB_SWEPT_MS as i64);
    let mut gone = 0;
    for row in &due {
        let (id, sweep_ms) = (text(row, "id")?, integer(row, "sweep_ms")?);
        let Some(id) = BlobId::parse(&id) else { continue };
        let take = "UPDATE blob SET sweep_ms = ?3 WHERE id = ?1 AND sweep_ms = ?2";
        let params = vec![id.as_str().into(), sweep_ms.into(), held_ms.into()];
        if !note(&db, Statement::exactly(1, take, params)).await? {
            continue;
        }
        if let Err(fault) = place.delete(&id).await {
            let (blob, detail) = (id.as_str(), fault.detail);
            tracing::warn!(blob, detail, "a file waits to be deleted");
            continue;
        }
        let done = "DELETE FROM blob WHERE id = ?1 AND sweep_ms = ?2";
        let params = vec![id.as_str().into(), held_ms.into()];
        gone += usize::from(note(&db, Statement::exactly(1, done, params)).await?);
    }
    Ok(gone)
}

/// Commits one statement; tells whether nobody else was first.
async fn note(db: &Metered, statement: Statement) -> Result<bool, Fault> {
    match db.commit(&[statement]).await {
        Ok(()) => Ok(true),
        Err(CommitFault::Conflict) => Ok(false),
        Err(CommitFault::Fault(fault)) => Err(fault),
    }
}
