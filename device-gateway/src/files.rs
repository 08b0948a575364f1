//! Where a native host keeps files, and who takes away those that go.
//!
//! It must not know what they are.

use std::sync::Arc;

use app::{App, blobs, blobs::Shelf};

use crate::{config::Config, disk::Disk, limits};

/// Opens the place: a folder beside the store.
pub(crate) fn shelf(config: &Config) -> Result<Shelf, String> {
    let disk = Disk::open(&config.data_dir.join("files"))?;
    Ok(Shelf::new(Arc::new(disk), config.files.room_bytes))
}

/// Takes away what goes, at the start and now and then; handlers do so at once where they can.
pub(crate) async fn keep_swept(app: App) {
    loop {
        if let Err(fault) = blobs::sweep(&app, app::limits::BLOBS_AT_ONCE).await {
            tracing::warn!(detail = %fault.detail, "files wait to be deleted");
        }
        tokio::time::sleep(limits::SWEEP_EVERY).await;
    }
}
