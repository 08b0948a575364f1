//! A disk whose power can be cut: what nobody synced is in memory only, and may be gone.
//!
//! Synced bytes are in real files, so that what a power cut leaves can be opened by anybody. A
//! cut keeps any part of what was not synced, sector by sector. It must not know SQLite.
//!
//! What it leaves out: a name that was deleted stays deleted, and sectors that were being written
//! never turn into something that nobody wrote.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::simulation::chance::Chance;

/// Bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;
/// How much of what was not synced a cut lets through, per mille; one is drawn for each file.
const SURVIVES: [usize; 5] = [0, 100, 500, 900, 1_000];

/// How the disk behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It does what it is told.
    Sound,
    /// No file can grow.
    Full,
    /// No file can change.
    ReadOnly,
    /// A sync fails, and what it was to write is forgotten although it can still be read.
    SyncFails,
    /// There is no power, and there will be none.
    Off,
}

/// What has happened to a disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Writes, truncations, syncs and deletions.
    pub operations: u64,
    /// Syncs that succeeded.
    pub syncs: u64,
    /// Sectors that were lost in the cut.
    pub dropped: u64,
    /// Sectors that survived it although nobody had synced them.
    pub survived: u64,
    /// Operations that the mood refused.
    pub refused: u64,
    /// Cuts of its power.
    pub cuts: u64,
}

impl Counts {
    /// Adds what has happened to another disk.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            operations: self.operations + other.operations,
            syncs: self.syncs + other.syncs,
            dropped: self.dropped + other.dropped,
            survived: self.survived + other.survived,
            refused: self.refused + other.refused,
            cuts: self.cuts + other.cuts,
        }
    }
}

/// A simulated disk.
pub struct Disk(Mutex<Inner>);

struct Inner {
    files: BTreeMap<PathBuf, Content>,
    chance: Chance,
    mood: Mood,
    /// The operation during which the power fails.
    cut_at: u64,
    counts: Counts,
}

/// One file: what is read, and what of it the real file does not hold yet.
struct Content {
    now: Vec<u8>,
    unsynced: Vec<Change>,
    real: fs::File,
    /// The folder may forget a new name until the file was synced once.
    named: bool,
}

enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
}

impl Disk {
    /// Makes a disk whose power fails during an operation, or never.
    #[must_use]
    pub fn new(chance: Chance, cut_at: Option<u64>) -> Self {
        let cut_at = cut_at.unwrap_or(u64::MAX);
        let (files, mood, counts) = (BTreeMap::new(), Mood::Sound, Counts::default());
        Self(Mutex::new(Inner { files, chance, mood, cut_at, counts }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what has happened so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.inner().counts
    }

    /// Returns how the disk behaves now.
    #[must_use]
    pub fn mood(&self) -> Mood {
        self.inner().mood
    }

    /// Makes the disk behave in another way; a disk without power stays so.
    pub fn set(&self, mood: Mood) {
        let mut inner = self.inner();
        if inner.mood != Mood::Off {
            inner.mood = mood;
        }
    }

    /// Cuts the power, unless it is off already.
    ///
    /// # Errors
    /// Fails when the real files cannot be written.
    pub fn cut(&self) -> io::Result<()> {
        self.inner().cut()
    }

    /// Notes that a file was opened; its real content is what it holds.
    pub(super) fn opened(&self, path: &Path) -> io::Result<()> {
        let mut inner = self.inner();
        if !inner.files.contains_key(path) {
            let named = fs::metadata(path)?.len() > 0;
            let writable = inner.mood != Mood::ReadOnly;
            let real = OpenOptions::new().read(true).write(writable).open(path)?;
            let content = Content { now: fs::read(path)?, unsynced: Vec::new(), real, named };
            inner.files.insert(path.to_owned(), content);
        }
        Ok(())
    }

    /// Returns the length of a file that was opened.
    pub(super) fn len(&self, path: &Path) -> Option<usize> {
        self.inner().files.get(path).map(|file| file.now.len())
    }

    /// Reads into the buffer and returns how much of it the file could fill.
    pub(super) fn read(&self, path: &Path, at: usize, into: &mut [u8]) -> Option<usize> {
        let inner = self.inner();
        if inner.mood == Mood::Off {
            return None;
        }
        let found = inner.files.get(path)?.now.get(at..).unwrap_or_default();
        let filled = found.len().min(into.len());
        into[..filled].copy_from_slice(&found[..filled]);
        into[filled..].fill(0);
        Some(filled)
    }

    /// Writes; fails with the mood that does not let it.
    pub(super) fn write(&self, path: &Path, at: usize, bytes: &[u8]) -> Result<(), Mood> {
        let mut inner = self.inner();
        let grows = |file: &Content| at + bytes.len() > file.now.len();
        let grows = inner.files.get(path).is_some_and(grows);
        inner.admit(|mood| mood == Mood::ReadOnly || (mood == Mood::Full && grows))?;
        let change = Change::Write { at, bytes: bytes.to_vec() };
        inner.change(path, change);
        inner.tick()
    }

    /// Shortens a file; fails with the mood that does not let it.
    pub(super) fn truncate(&self, path: &Path, len: usize) -> Result<(), Mood> {
        let mut inner = self.inner();
        inner.admit(|mood| mood == Mood::ReadOnly)?;
        inner.change(path, Change::Truncate(len));
        inner.tick()
    }

    /// Brings what was written to the real file; fails with the mood that does not let it.
    pub(super) fn sync(&self, path: &Path) -> Result<(), Mood> {
        let mut inner = self.inner();
        inner.admit(|_| false)?;
        // What is being synced when the power fails is not synced.
        inner.tick()?;
        let fails = inner.mood == Mood::SyncFails;
        let inner = &mut *inner;
        let Some(file) = inner.files.get_mut(path) else { return Err(Mood::Off) };
        if fails {
            inner.counts.refused += 1;
            settle(file, &inner.chance, &mut inner.counts).map_err(|_| Mood::Off)?;
            return Err(Mood::SyncFails);
        }
        inner.counts.syncs += 1;
        file.named = true;
        let changes = std::mem::take(&mut file.unsynced);
        changes.iter().try_for_each(|change| apply(file, change)).map_err(|_| Mood::Off)
    }

    /// Notes that a file is deleted; fails with the mood that does not let it.
    pub(super) fn deleted(&self, path: &Path) -> Result<(), Mood> {
        let mut inner = self.inner();
        inner.admit(|mood| mood == Mood::ReadOnly)?;
        inner.tick()?;
        inner.files.remove(path);
        Ok(())
    }
}

impl Inner {
    fn admit(&mut self, refuses: impl Fn(Mood) -> bool) -> Result<(), Mood> {
        if self.mood == Mood::Off {
            return Err(Mood::Off);
        }
        if refuses(self.mood) {
            self.counts.refused += 1;
            return Err(self.mood);
        }
        Ok(())
    }

    /// Counts an operation; the power may fail during it.
    fn tick(&mut self) -> Result<(), Mood> {
        self.counts.operations += 1;
        if self.counts.operations < self.cut_at {
            return Ok(());
        }
        // Whether or not the real files could be written, the power is off.
        let _cut = self.cut();
        Err(Mood::Off)
    }

    fn change(&mut self, path: &Path, change: Change) {
        let Some(file) = self.files.get_mut(path) else { return };
        match &change {
            Change::Write { at, bytes } => {
                let end = at + bytes.len();
                if file.now.len() < end {
                    file.now.resize(end, 0);
                }
                file.now[*at..end].copy_from_slice(bytes);
            }
            Change::Truncate(len) => file.now.resize(*len, 0),
        }
        file.unsynced.push(change);
    }

    fn cut(&mut self) -> io::Result<()> {
        if self.mood == Mood::Off {
            return Ok(());
        }
        self.mood = Mood::Off;
        self.counts.cuts += 1;
        for (path, mut file) in std::mem::take(&mut self.files) {
            if !file.named && self.chance.happens(500) {
                fs::remove_file(&path)?;
                continue;
            }
            settle(&mut file, &self.chance, &mut self.counts)?;
        }
        Ok(())
    }
}

/// Lets any part of what was not synced reach the real file; the rest is gone for good.
fn settle(file: &mut Content, chance: &Chance, counts: &mut Counts) -> io::Result<()> {
    let survives = *chance.pick(&SURVIVES);
    for change in std::mem::take(&mut file.unsynced) {
        for part in sectors(change) {
            if chance.happens(survives) {
                counts.survived += 1;
                apply(file, &part)?;
            } else {
                counts.dropped += 1;
            }
        }
    }
    Ok(())
}

/// Cuts a write at the borders of sectors.
fn sectors(change: Change) -> Vec<Change> {
    let Change::Write { mut at, bytes } = change else { return vec![change] };
    let mut parts = Vec::new();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
        parts.push(Change::Write { at, bytes: part.to_vec() });
        at += part.len();
        rest = behind;
    }
    parts
}

fn apply(file: &Content, change: &Change) -> io::Result<()> {
    match change {
        Change::Write { at, bytes } => file.real.write_all_at(bytes, *at as u64),
        Change::Truncate(len) => file.real.set_len(*len as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes three pages, syncs the first one, cuts, and returns what is left.
    fn left(seed: u64) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, []).unwrap();
        let disk = Disk::new(Chance::new(seed), None);
        disk.opened(&path).unwrap();
        disk.write(&path, 0, &[1; 4_096]).unwrap();
        disk.sync(&path).unwrap();
        disk.write(&path, 4_096, &[2; 8_192]).unwrap();
        let mut all = [0; 12_288];
        assert_eq!(disk.read(&path, 0, &mut all), Some(12_288), "everybody reads what was written");
        assert_eq!(fs::read(&path).unwrap(), [1; 4_096], "only what was synced is on the disk");
        disk.cut().unwrap();
        assert_eq!(disk.write(&path, 0, &[3]), Err(Mood::Off));
        assert_eq!(disk.counts().dropped + disk.counts().survived, 16);
        fs::read(&path).ok()
    }

    #[test]
    fn a_cut_keeps_what_was_synced_and_any_part_of_the_rest() {
        let (mut none, mut torn, mut all) = (0, 0, 0);
        for seed in 0..100 {
            let found = left(seed).unwrap();
            assert_eq!(found[..4_096], [1; 4_096]);
            let rest = &found[4_096..];
            assert!(rest.chunks(SECTOR).all(|sector| sector.iter().all(|b| *b == sector[0])));
            match rest.iter().filter(|byte| **byte == 2).count() {
                0 => none += 1,
                8_192 => all += 1,
                _ => torn += 1,
            }
        }
        assert!(none > 0 && torn > 0 && all > 0, "{none} {torn} {all}");
    }

    #[test]
    fn a_file_that_was_never_synced_may_lose_its_name() {
        let mut gone = 0;
        for seed in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            fs::write(&path, []).unwrap();
            let disk = Disk::new(Chance::new(seed), Some(1));
            disk.opened(&path).unwrap();
            assert_eq!(disk.write(&path, 0, &[1; 10]), Err(Mood::Off), "the power fails here");
            gone += u32::from(!path.exists());
        }
        assert!((1..20).contains(&gone), "{gone}");
    }

    #[test]
    fn a_full_disk_takes_what_needs_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, [1; 10]).unwrap();
        let disk = Disk::new(Chance::new(1), None);
        disk.opened(&path).unwrap();
        disk.set(Mood::Full);
        assert_eq!(disk.write(&path, 0, &[2; 10]), Ok(()));
        assert_eq!(disk.write(&path, 1, &[2; 10]), Err(Mood::Full));
        disk.set(Mood::ReadOnly);
        assert_eq!(disk.write(&path, 0, &[3]), Err(Mood::ReadOnly));
        assert_eq!(disk.len(&path), Some(10));
    }
}
