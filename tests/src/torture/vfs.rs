//! The simulated disk as a file system of SQLite: it speaks C, so that the store's own code runs.
//!
//! Reads and writes go to the disk; locks and shared memory go to the system's file system, on the
//! same real files: what is in shared memory is rebuilt by whoever opens a store after a cut. It
//! must not know what a disk forgets.

#![expect(unsafe_code, reason = "SQLite takes a file system as C functions only")]

use std::{
    ffi::{CStr, CString, OsStr, c_char, c_int, c_void},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    ptr, slice,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Result, bail};
use rusqlite::ffi::{
    self, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find,
    sqlite3_vfs_register, sqlite3_vfs_unregister,
};

use super::disk::{Disk, Mood};

/// A file system that SQLite knows by name, until this is dropped.
///
/// What SQLite points to is never freed: a store's threads may still close their files.
pub(super) struct Vfs {
    name: CString,
    registered: *mut sqlite3_vfs,
}

/// What SQLite hands back for each file; the system's own file follows it in the same memory.
#[repr(C)]
struct Handle {
    base: sqlite3_file,
    kept: *mut Kept,
}

struct Kept {
    disk: Arc<Disk>,
    path: PathBuf,
}

impl Vfs {
    /// Makes the disk known to SQLite.
    ///
    /// # Errors
    /// Fails when SQLite does not take it.
    pub(super) fn new(disk: &Arc<Disk>) -> Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = CString::new(format!("disk-{}", COUNT.fetch_add(1, Ordering::Relaxed)))?;
        let real = system();
        if real.is_null() {
            bail!("SQLite has no file system");
        }
        // SAFETY: SQLite's own description lives as long as the process. What is not replaced
        // here uses nothing of the description that it is called with.
        let mut vfs = unsafe { *real };
        vfs.szOsFile += size_of::<Handle>() as c_int;
        vfs.pNext = ptr::null_mut();
        vfs.zName = name.clone().into_raw();
        vfs.pAppData = Box::into_raw(Box::new(Arc::clone(disk))).cast();
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        vfs.xAccess = Some(access);
        let registered = Box::into_raw(Box::new(vfs));
        // SAFETY: the description is complete and never freed.
        if unsafe { sqlite3_vfs_register(registered, 0) } != ffi::SQLITE_OK {
            bail!("SQLite does not take another file system");
        }
        Ok(Self { name, registered })
    }

    /// Returns the name by which SQLite knows it.
    #[must_use]
    pub(super) fn name(&self) -> &str {
        self.name.to_str().unwrap_or_default()
    }
}

impl Drop for Vfs {
    fn drop(&mut self) {
        // SAFETY: it was registered and is not freed; who has a file open keeps using it.
        unsafe { sqlite3_vfs_unregister(self.registered) };
    }
}

fn system() -> *mut sqlite3_vfs {
    // SAFETY: a null name asks for the file system that SQLite uses by itself.
    unsafe { sqlite3_vfs_find(ptr::null()) }
}

fn code(mood: Mood) -> c_int {
    match mood {
        Mood::Full => ffi::SQLITE_FULL,
        Mood::SyncFails => ffi::SQLITE_IOERR_FSYNC,
        // What Linux says of a file system that was mounted again for reading only is no code of
        // SQLite's own.
        Mood::Sound | Mood::ReadOnly | Mood::Off => ffi::SQLITE_IOERR_WRITE,
    }
}

fn outcome(result: Result<(), Mood>) -> c_int {
    result.map_or_else(code, |()| ffi::SQLITE_OK)
}

/// # Safety
/// The name ends with a zero.
unsafe fn path<'a>(name: *const c_char) -> &'a Path {
    // SAFETY: as the caller promises.
    Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(name) }.to_bytes()))
}

/// # Safety
/// The file system is one that was registered here.
unsafe fn disk<'a>(vfs: *mut sqlite3_vfs) -> &'a Arc<Disk> {
    // SAFETY: registering has put such a pointer there, and it is never freed.
    unsafe { &*(*vfs).pAppData.cast::<Arc<Disk>>() }
}

/// # Safety
/// The file was opened here.
unsafe fn kept<'a>(file: *mut sqlite3_file) -> &'a Kept {
    // SAFETY: `open` has put it there, and `close` alone takes it away.
    unsafe { &*(*file.cast::<Handle>()).kept }
}

/// # Safety
/// The file has the room that was asked for.
unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: the system's file follows the handle, whose size is a multiple of its alignment.
    unsafe { file.cast::<Handle>().add(1).cast() }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands in what it was told to: our description, a name or none, the memory.
    unsafe {
        let system = system();
        let Some(system_open) = (*system).xOpen else { return ffi::SQLITE_CANTOPEN };
        if name.is_null() {
            // A temporary file dies with the process: no power cut can matter to it.
            return system_open(system, name, file, flags, out_flags);
        }
        (*file).pMethods = ptr::null();
        let disk = disk(vfs);
        let mut flags = flags;
        match disk.mood() {
            Mood::Off => return ffi::SQLITE_CANTOPEN,
            Mood::ReadOnly => {
                flags &= !(ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE);
                flags |= ffi::SQLITE_OPEN_READONLY;
            }
            Mood::Sound | Mood::Full | Mood::SyncFails => {}
        }
        let opened = system_open(system, name, real(file), flags, out_flags);
        if opened != ffi::SQLITE_OK {
            return opened;
        }
        let path = path(name).to_owned();
        (*file).pMethods = &raw const METHODS;
        let known = disk.opened(&path);
        let kept = Kept { disk: Arc::clone(disk), path };
        (*file.cast::<Handle>()).kept = Box::into_raw(Box::new(kept));
        // SQLite closes a file that has methods, also when it could not be opened.
        if known.is_err() { ffi::SQLITE_CANTOPEN } else { ffi::SQLITE_OK }
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: SQLite hands in our description and a name.
    unsafe {
        if disk(vfs).deleted(path(name)).is_err() {
            return ffi::SQLITE_IOERR_DELETE;
        }
        let system = system();
        (*system).xDelete.map_or(ffi::SQLITE_IOERR_DELETE, |delete| delete(system, name, sync))
    }
}

unsafe extern "C" fn access(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    answer: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands in our description, a name and room for the answer.
    unsafe {
        // A file that holds nothing is no file to SQLite; the real one may lag behind.
        if flags == ffi::SQLITE_ACCESS_EXISTS
            && let Some(len) = disk(vfs).len(path(name))
        {
            *answer = c_int::from(len > 0);
            return ffi::SQLITE_OK;
        }
        let system = system();
        let access = (*system).xAccess;
        access.map_or(ffi::SQLITE_IOERR_ACCESS, |access| access(system, name, flags, answer))
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once; nobody uses what was kept for it afterwards.
    unsafe {
        drop(Box::from_raw((*file.cast::<Handle>()).kept));
        let real = real(file);
        (*(*real).pMethods).xClose.map_or(ffi::SQLITE_OK, |close| close(real))
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    into: *mut c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite hands in a file that was opened here and a buffer of that size.
    let (kept, into) = unsafe { (kept(file), buffer(into, amount)) };
    match kept.disk.read(&kept.path, at as usize, into) {
        None => ffi::SQLITE_IOERR_READ,
        Some(filled) if filled < into.len() => ffi::SQLITE_IOERR_SHORT_READ,
        Some(_) => ffi::SQLITE_OK,
    }
}

/// # Safety
/// There are that many bytes, and nobody else uses them.
unsafe fn buffer<'a>(bytes: *mut c_void, amount: c_int) -> &'a mut [u8] {
    // SAFETY: as the caller promises.
    unsafe { slice::from_raw_parts_mut(bytes.cast(), amount.unsigned_abs() as usize) }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    amount: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite hands in a file that was opened here and that many bytes.
    let (kept, bytes) = unsafe {
        (kept(file), slice::from_raw_parts(from.cast::<u8>(), amount.unsigned_abs() as usize))
    };
    outcome(kept.disk.write(&kept.path, at as usize, bytes))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite hands in a file that was opened here.
    let kept = unsafe { kept(file) };
    outcome(kept.disk.truncate(&kept.path, size as usize))
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: SQLite hands in a file that was opened here.
    let kept = unsafe { kept(file) };
    outcome(kept.disk.sync(&kept.path))
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    // SAFETY: SQLite hands in a file that was opened here and room for the answer.
    unsafe {
        let kept = kept(file);
        let Some(len) = kept.disk.len(&kept.path) else { return ffi::SQLITE_IOERR_FSTAT };
        *size = len as sqlite3_int64;
    }
    ffi::SQLITE_OK
}

/// Defines a method that the system's file has and that no disk is needed for.
macro_rules! passed_on {
    ($name:ident, $method:ident, ($($argument:ident: $type:ty),*), $answer:ty, $missing:expr) => {
        unsafe extern "C" fn $name(file: *mut sqlite3_file, $($argument: $type),*) -> $answer {
            // SAFETY: SQLite hands in a file that was opened here; the rest is not touched.
            unsafe {
                let real = real(file);
                (*(*real).pMethods).$method.map_or($missing, |method| method(real, $($argument),*))
            }
        }
    };
}

passed_on!(lock, xLock, (level: c_int), c_int, ffi::SQLITE_IOERR_LOCK);
passed_on!(unlock, xUnlock, (level: c_int), c_int, ffi::SQLITE_IOERR_UNLOCK);
passed_on!(reserved, xCheckReservedLock, (answer: *mut c_int), c_int, ffi::SQLITE_IOERR_LOCK);
passed_on!(control, xFileControl, (op: c_int, with: *mut c_void), c_int, ffi::SQLITE_NOTFOUND);
passed_on!(sector_size, xSectorSize, (), c_int, 0);
passed_on!(characteristics, xDeviceCharacteristics, (), c_int, 0);
passed_on!(
    shm_map,
    xShmMap,
    (page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void),
    c_int,
    ffi::SQLITE_IOERR_SHMMAP
);
passed_on!(
    shm_lock,
    xShmLock,
    (offset: c_int, n: c_int, flags: c_int),
    c_int,
    ffi::SQLITE_IOERR_SHMLOCK
);
passed_on!(shm_barrier, xShmBarrier, (), (), ());
passed_on!(shm_unmap, xShmUnmap, (delete: c_int), c_int, ffi::SQLITE_OK);

/// The second version: files are not mapped into memory, or writes would go round the disk.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
