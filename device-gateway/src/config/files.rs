//! Where a native host keeps files, and how many: in a folder, or in a bucket that speaks S3.
//!
//! It must not open anything.

use app::blobs::s3;

use super::Settings;

/// The keys that are read here.
pub(super) const KEYS: [&str; 5] = ["files_mb", "s3_url", "s3_region", "s3_key_id", "s3_key"];

/// What is needed to keep files.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    /// The bytes that all of them may take.
    pub(crate) room_bytes: u64,
    /// The bucket; where it is not set, they lie beside the store.
    pub(crate) bucket: s3::Settings,
}

impl Settings {
    /// Reads everything about files.
    pub(super) fn files(&mut self) -> Files {
        let bucket = s3::Settings {
            url: self.take("s3_url").unwrap_or_default(),
            region: self.take("s3_region").unwrap_or_default(),
            key_id: self.take("s3_key_id").unwrap_or_default(),
            key: self.take("s3_key").unwrap_or_default(),
        };
        let given = [&bucket.region, &bucket.key_id, &bucket.key];
        let count = given.iter().filter(|text| !text.is_empty()).count();
        if bucket.is_set() && count < given.len() {
            self.problem("s3_url: a bucket wants s3_region, s3_key_id and s3_key as well");
        } else if !bucket.is_set() && count > 0 {
            self.problem(
                "s3_url: missing; give the bucket's address, or remove the other s3_ keys",
            );
        }
        Files { room_bytes: self.room_bytes(), bucket }
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
