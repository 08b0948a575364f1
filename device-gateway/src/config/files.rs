//! Where a native host keeps files, and how many.
//!
//! It must not open anything.

use super::Settings;

/// The keys that are read here.
pub(super) const KEYS: [&str; 1] = ["files_mb"];

/// What is needed to keep files.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    /// The bytes that all of them may take.
    pub(crate) room_bytes: u64,
}

impl Settings {
    /// Reads everything about files.
    pub(super) fn files(&mut self) -> Files {
        Files { room_bytes: self.room_bytes() }
    }

    fn room_bytes(&mut self) -> u64 {
        let Some(text) = self.take("files_mb") else { return app::limits::BLOB_ROOM_BYTES };
        match text.parse::<u32>() {
            Ok(megabytes) => u64::from(megabytes) * 1_000_000,
            Err(_) => {
                self.problem("files_mb: write how many megabytes all files may take, such as 1000");
                0
            }
        }
    }
}
