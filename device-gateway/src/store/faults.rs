//! What SQLite's errors mean to the application: a race, something that passes, the disk.
//!
//! It must not know what was asked.

use app::ports::{CommitFault, Fault};
use rusqlite::ErrorCode;

pub(super) fn commit_fault(error: &rusqlite::Error) -> CommitFault {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => CommitFault::Conflict,
        _ => CommitFault::Fault(fault(error)),
    }
}

/// Tells whether the disk is at fault: full, broken, read-only or out of reach.
pub(super) fn ails(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
        )
    )
}

pub(super) fn fault(error: &rusqlite::Error) -> Fault {
    let busy = [ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked];
    if ails(error) {
        return Fault::passing(format!("the disk is at fault: {error}"));
    }
    let retryable = error.sqlite_error_code().is_some_and(|code| busy.contains(&code));
    Fault { detail: error.to_string(), retryable }
}
