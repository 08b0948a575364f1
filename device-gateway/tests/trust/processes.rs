//! The same with real processes: an edge and a gateway on loopback, each with its own secret.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value as Json;

const WITHIN: Duration = Duration::from_secs(30);
pub(crate) const SETUP_CODE: &str = "a set-up code of some length";

/// One process of `relais`; its log is read until it says what a test waits for.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: String,
    log: mpsc::Receiver<String>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // A test that fails must not leave a process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    pub(crate) fn start(command: &str, file: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_relais"))
            .args(command.split(' '))
            .arg("--config")
            .arg(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (line_said, log) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        // It ends with the process, or with whoever listens.
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|l| line_said.send(l)));
        let address = line.trim().strip_prefix("listening http://").expect(&line).to_owned();
        Self { child, address, log }
    }

    /// Reads the log up to a line that says this.
    pub(crate) fn says(&self, what: &str) -> String {
        let mut seen = Vec::new();
        loop {
            let line = self.log.recv_timeout(WITHIN);
            let line = line.unwrap_or_else(|_| panic!("it never said {what}: {seen:#?}"));
            if line.contains(what) {
                return line;
            }
            seen.push(line);
        }
    }
}

pub(crate) fn config(folder: &Path, name: &str, more: &str) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let data = folder.join(name);
    let text = format!(
        "listen = \"127.0.0.1:0\"\ndata_dir = {data:?}\nstatic_dir = \"{root}/static\"\n\
         contract = true\n{more}"
    );
    let file = folder.join(format!("{name}.toml"));
    std::fs::write(&file, text).unwrap();
    file
}

pub(crate) fn edge_config(folder: &Path, seeds: &str) -> PathBuf {
    let secret = format!("secret = \"the edge's secret\"\nsetup_code = \"{SETUP_CODE}\"\n{seeds}");
    config(folder, "edge", &secret)
}

fn gateway_config(folder: &Path, edge: &Process, key: &str) -> PathBuf {
    let more = format!(
        "secret = \"the gateway's secret\"\nvenue = \"chakri\"\nedge_url = \"http://{}\"\n\
         device = \"gateway\"\ndevice_key = \"{key}\"\n",
        edge.address
    );
    config(folder, "gateway", &more)
}

/// What a process answers: the headers as they came, and the body.
pub(crate) fn post(to: &Process, path: &str, headers: &str, body: &str) -> (String, Json) {
    let mut stream = TcpStream::connect(&to.address).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: chakri.be\r\nconnection: close\r\n\
         content-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    let (head, body) = said.split_once("\r\n\r\n").expect(&said);
    (head.to_owned(), serde_json::from_str(body).expect(&said))
}

/// Opens the venue at the edge; returns the gateway's key there.
pub(crate) fn open_venue(edge: &Process) -> String {
    let document = include_str!("../../../fixtures/venues/chakri.json");
    let setup = format!("authorization: Bearer {SETUP_CODE}\r\n");
    let (_, body) = post(edge, "/api/setup/venues", &setup, document);
    body["device_key"].as_str().expect("a key").to_owned()
}

/// What `relais trust` prints.
fn state(file: &Path) -> Json {
    let output = Command::new(env!("CARGO_BIN_EXE_relais"))
        .args(["trust", "--config"])
        .arg(file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{output:?}"))
}

#[test]
fn processes_certify_each_other_and_a_new_root_follows_the_old_one_only() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first_seed = "root_seed = \"the first root's seed\"\n";
    let edge = Process::start("edge", &edge_config(folder, first_seed));
    let key = open_venue(&edge);
    let file = gateway_config(folder, &edge, &key);
    let gateway = Process::start("gateway", &file);
    gateway.says("the edge certified this gateway");
    let first = state(&file);
    assert!(first["certificate"]["until_ms"].as_u64().unwrap() > 1_795_219_200_000, "{first}");
    assert_eq!(first["roots"].as_array().unwrap().len(), 1, "{first}");
    drop((gateway, edge));

    let second_seed = "root_seed = \"the second root's seed\"\n";
    let both = format!("{second_seed}root_seed_previous = \"the first root's seed\"\n");
    let edge = Process::start("edge", &edge_config(folder, &both));
    let file = gateway_config(folder, &edge, &key);
    let gateway = Process::start("gateway", &file);
    gateway.says("the edge certified this gateway");
    let second = state(&file);
    assert_eq!(second["key"], first["key"], "the gateway's own key stays");
    assert_eq!(second["roots"][1], first["roots"][0], "{second}");
    assert_ne!(second["certificate"]["id"], first["certificate"]["id"]);
    drop((gateway, edge));

    let edge = Process::start("edge", &edge_config(folder, "root_seed = \"nobody knows this\"\n"));
    let file = gateway_config(folder, &edge, &key);
    let gateway = Process::start("gateway", &file);
    let refused = gateway.says("no certificate from the edge");
    assert!(refused.contains("key_unknown"), "{refused}");
    assert_eq!(state(&file), second);
}

#[test]
fn a_gateway_that_was_never_started_has_nothing_to_tell() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        config(folder.path(), "gateway", "secret = \"the gateway's secret\"\nvenue = \"chakri\"\n");
    let output = Command::new(env!("CARGO_BIN_EXE_relais"))
        .args(["trust", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("never started"), "{said}");
    assert!(!folder.path().join("gateway").exists(), "asking makes no store");
}
