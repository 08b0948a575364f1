//! A real S3 server that checks signatures, behind a line that can be cut.
//!
//! Owns the server's process. It must not know which host asks it.

mod site;

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, Stdio},
    sync::OnceLock,
};

use anyhow::{Context as _, Result};
use serde_json::{Value as Json, json};
use xtask::{
    packages,
    proxy::{Line, Mode},
    workspace,
};

pub use site::Site;

/// Where it is, as far as signatures count.
pub const REGION: &str = "eu-test-1";
/// As whom hosts ask.
pub const KEY_ID: &str = "RELAISTEST";
/// With what they sign.
pub const KEY: &str = "a/key+with=odd/characters";

/// A running server; it ends when this is dropped, or the process that holds it ends.
pub struct Server {
    /// The bucket's address.
    pub url: String,
    /// The server's.
    pub origin: String,
    /// What lies between it and whoever asks.
    pub line: Line,
    process: Child,
    _told: ChildStdin,
}

impl Server {
    /// Starts a server with one bucket on a port that the system chooses.
    ///
    /// # Errors
    /// Fails when npm or the server does.
    pub fn start() -> Result<Self> {
        let root = workspace::root();
        packages::ensure(&root)?;
        let options = json!({"bucket": "relais", "region": REGION, "id": KEY_ID, "key": KEY});
        let mut process = Command::new("node")
            .arg(root.join("tests/s3/server.mjs"))
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("node cannot be started")?;
        let told = process.stdin.take().context("the server has no input")?;
        let out = process.stdout.take().context("the server has no output")?;
        let mut first = String::new();
        BufReader::new(out).read_line(&mut first).context("the S3 server says nothing")?;
        let said: Json = serde_json::from_str(&first).context("the S3 server does not start")?;
        let port = said["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let port = port.context("the S3 server does not say where it listens")?;
        let line = Line::open(SocketAddr::from(([127, 0, 0, 1], port)), Mode::Pass)?;
        let origin = format!("http://{}", line.address());
        Ok(Self { url: format!("{origin}/relais"), origin, line, process, _told: told })
    }

    /// Returns what a native host is told of it.
    #[must_use]
    pub fn config(&self) -> toml::Table {
        toml::Table::from_iter([
            ("s3_url".to_owned(), self.url.as_str().into()),
            ("s3_region".to_owned(), REGION.into()),
            ("s3_key_id".to_owned(), KEY_ID.into()),
            ("s3_key".to_owned(), KEY.into()),
        ])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended already is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the server of this process.
///
/// # Panics
/// Panics when it does not start.
pub fn server() -> &'static Server {
    static STARTED: OnceLock<Server> = OnceLock::new();
    STARTED.get_or_init(|| Server::start().expect("the S3 server starts"))
}
