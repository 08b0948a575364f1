//! The self-hosted edge with a bucket: what is put there, and what the edge says of it.
//!
//! It must not know which test asks.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use xtask::{program, vendor, workspace};

use super::Server;
use crate::{
    contract::venue::{Answer, Host, SETUP_CODE, Venue},
    native::{Kind, Native},
};

/// An edge whose files are in a bucket; both end when this is dropped.
pub struct Site {
    /// The bucket's server.
    pub bucket: Server,
    /// The edge.
    pub edge: Native,
    venue: Venue,
    config: toml::Table,
    /// Where the edge keeps everything else.
    pub folder: TempDir,
}

impl Site {
    /// Starts a server and an edge that is told of it.
    ///
    /// # Errors
    /// Fails when one of them does not start.
    pub fn start() -> Result<Self> {
        vendor::ensure()?;
        let relais = program::build("device-gateway", "relais")?;
        let bucket = Server::start()?;
        let folder = tempfile::tempdir()?;
        let text = |path: &Path| toml::Value::String(path.display().to_string());
        let mut config = bucket.config();
        config.extend([
            ("data_dir".to_owned(), text(&folder.path().join("data"))),
            ("static_dir".to_owned(), text(&workspace::root().join("static"))),
            ("secret".to_owned(), "0123456789abcdef0123456789abcdef".into()),
            ("setup_code".to_owned(), SETUP_CODE.into()),
            ("contract".to_owned(), true.into()),
        ]);
        let edge = Native::start(&relais, Kind::Edge, config.clone(), folder.path())?;
        let url = format!("http://{}", edge.address());
        let venue = Venue::open(&Host { name: "native", url }, "bucket");
        Ok(Self { bucket, edge, venue, config, folder })
    }

    /// Asks for something of the place where files are.
    #[must_use]
    pub fn ask(&self, wanted: &Json) -> Answer {
        self.venue.post("/contract/blobs", wanted)
    }

    /// Keeps a file.
    #[must_use]
    pub fn put(&self, seed: &str) -> Answer {
        self.put_bytes(seed, 100_000)
    }

    /// Keeps a file of so many bytes.
    #[must_use]
    pub fn put_bytes(&self, seed: &str, bytes: usize) -> Answer {
        self.ask(&json!({"op": "put", "seed": seed, "bytes": bytes}))
    }

    /// Asks how long a file is.
    #[must_use]
    pub fn get(&self, id: &Json) -> Answer {
        self.ask(&json!({"op": "get", "id": id}))
    }

    /// Kills the edge and starts it again with another setting.
    ///
    /// # Errors
    /// Fails when it does not start.
    pub fn restart_with(&mut self, key: &str, value: toml::Value) -> Result<()> {
        let mut config = self.config.clone();
        config.insert(key.to_owned(), value);
        self.edge.kill()?;
        self.edge.configure(config);
        self.edge.restart()
    }
}
