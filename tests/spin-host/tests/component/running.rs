//! A running `spin-host` with the guest component in it, and the HTTP client that asks it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use tempfile::TempDir;
use tokio::net::TcpStream;
use wasmtime_wasi_http::io::TokioIo;

/// The part of a manifest that all cases share; a case adds keys of `[component.guest]`.
const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "guest"
version = "1.0.0"
[variables]
greeting = { default = "hello" }
place = { required = true }
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = "guest.wasm"
sqlite_databases = ["default"]
"#;

/// A host process with a state directory of its own; both go with it.
pub(crate) struct Running {
    process: Child,
    address: String,
    home: TempDir,
}

impl Running {
    pub(crate) fn start() -> Self {
        Self::start_with("", |_, _| {})
    }

    /// Starts with more keys in the component's table, and with what `prepare` does to its home.
    pub(crate) fn start_with(keys: &str, prepare: impl FnOnce(&Path, &mut Command)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let manifest = home.path().join("spin.toml");
        std::fs::write(&manifest, format!("{MANIFEST}{keys}")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_spin-host"));
        command.arg("--manifest").arg(&manifest).arg("--component").arg(guest_component());
        command.args(["--listen", "127.0.0.1:0", "--variable", "place=world", "--state-dir"]);
        command.arg(home.path().join("state")).stdout(Stdio::piped());
        prepare(home.path(), &mut command);
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening http://").unwrap().to_owned();
        Self { process, address, home }
    }

    /// The file of the default database.
    pub(crate) fn database(&self) -> PathBuf {
        self.home.path().join("state/sqlite_db.db")
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        self.send(Request::get(path), "").await
    }

    /// Sends lines as the body, and expects success.
    pub(crate) async fn run(&self, lines: &[&str]) -> String {
        let (status, text) = self.post("/run", &lines.join("\n")).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        text
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> (StatusCode, String) {
        self.send(Request::post(path), body).await
    }

    /// One request on a connection of its own; dropping the future is a client that goes away.
    pub(crate) async fn send(
        &self,
        request: http::request::Builder,
        body: &str,
    ) -> (StatusCode, String) {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
        let request = request.header("host", &self.address).body(body).unwrap();
        let exchange = async {
            let response = sender.send_request(request).await.unwrap();
            let status = response.status();
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            (status, String::from_utf8(bytes.to_vec()).unwrap())
        };
        tokio::pin!(exchange, connection);
        tokio::select! {
            answer = &mut exchange => answer,
            // The connection may end first, with the whole answer already read from it.
            _ = &mut connection => exchange.await,
        }
    }

    /// Sends the signal that ends a service, and tells whether it ended well.
    pub(crate) fn terminate(&mut self) -> bool {
        let sent = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        assert!(sent.success());
        self.process.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already ended when the test ended it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Builds the guest unless it is fresh, into the target directory that the workspace shares.
fn guest_component() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "spin-host-guest"])
        .args(["--target", "wasm32-wasip2", "--profile", "edge"])
        .args(["--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the guest does not build");
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|message| message["target"]["name"] == "spin_host_guest")
        .find_map(|message| message["filenames"][0].as_str().map(PathBuf::from))
        .unwrap()
}
