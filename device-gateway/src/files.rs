//! Where a native host keeps files.
//!
//! It must not know what they are.

use std::sync::Arc;

use app::{blobs::Shelf, outbound::Outbound, ports::Clock};

use crate::{
    config::{Config, Files},
    disk::Disk,
};

/// Opens the place: the bucket, or a folder beside the store.
pub(crate) fn shelf(
    config: &Config,
    (outbound, clock): (&Arc<Outbound>, Arc<dyn Clock>),
) -> Result<Shelf, String> {
    let Files { room_bytes, bucket } = &config.files;
    if let Some(shelf) = bucket.shelf((outbound.clone(), clock), *room_bytes) {
        return Ok(shelf);
    }
    let disk = Disk::open(&config.data_dir.join("files"))?;
    Ok(Shelf::new(Arc::new(disk), *room_bytes))
}
