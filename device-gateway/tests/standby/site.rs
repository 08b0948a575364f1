//! An edge, a gateway and its standby as processes, with data of their own, on loopback.
//!
//! It must not know what a test wants of them.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use app::csrf;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value as Json, json};

pub(crate) const SECRET: &str = "the gateways' common secret";
const SETUP_CODE: &str = "a set-up code of some length";
const WITHIN: Duration = Duration::from_secs(30);

/// What a host answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// One process of `relais`.
pub(crate) struct Node {
    arguments: &'static [&'static str],
    config: BTreeMap<&'static str, toml::Value>,
    folder: PathBuf,
    pub(crate) address: String,
    child: Option<Child>,
}

impl Drop for Node {
    fn drop(&mut self) {
        // A test that fails must not leave a process behind.
        if self.child.is_some() {
            self.kill();
        }
    }
}

impl Node {
    fn start(
        data: &tempfile::TempDir,
        name: &str,
        arguments: &'static [&'static str],
        more: &[(&'static str, &str)],
    ) -> Self {
        let folder = data.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let text = |text: &str| toml::Value::String(text.to_owned());
        let mut config = BTreeMap::from([
            ("data_dir", text(folder.to_str().unwrap())),
            ("static_dir", text(concat!(env!("CARGO_MANIFEST_DIR"), "/../static"))),
            ("contract", toml::Value::Boolean(true)),
        ]);
        config.extend(more.iter().map(|(key, value)| (*key, text(value))));
        let address = "127.0.0.1:0".to_owned();
        let mut node = Self { arguments, config, folder, address, child: None };
        node.restart();
        node
    }

    /// Starts it where it was, on the data that it left.
    pub(crate) fn restart(&mut self) {
        self.config.insert("listen", toml::Value::String(self.address.clone()));
        let lines = self.config.iter().map(|(key, value)| format!("{key} = {value}\n"));
        let file = self.folder.join("relais.toml");
        std::fs::write(&file, lines.collect::<String>()).unwrap();
        let log = OpenOptions::new().create(true).append(true).open(self.folder.join("log"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_relais"))
            .args(self.arguments)
            .arg("--config")
            .arg(&file)
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.child = Some(child);
        let address = line.trim().strip_prefix("listening http://");
        self.address = address.unwrap_or_else(|| panic!("{line} {}", self.log())).to_owned();
    }

    /// Where its data are.
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Ends it without a farewell.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Lets it stand still, or go on.
    pub(crate) fn freeze(&self, still: bool) {
        let signal = if still { Signal::STOP } else { Signal::CONT };
        kill_process(Pid::from_child(self.child.as_ref().unwrap()), signal).unwrap();
    }

    pub(crate) fn ask(&self, what: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let mut head = format!("{what} HTTP/1.1\r\nhost: chakri.be\r\nconnection: close\r\n");
        let cookie = headers.iter().find(|(name, _)| *name == "cookie").map(|(_, value)| *value);
        if let Some((_, token)) = cookie.and_then(|cookie| cookie.split_once('=')) {
            head += &format!("{}: {}\r\n", csrf::HEADER, csrf::of(token));
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut said = Vec::new();
        stream.read_to_end(&mut said).unwrap();
        let said = String::from_utf8_lossy(&said).into_owned();
        let (head, body) = said.split_once("\r\n\r\n").expect(&said);
        let status = head.get(9..12).and_then(|status| status.parse().ok()).expect(head);
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(crate) fn post(&self, path: &str, body: &Json) -> Answer {
        let headers = [("content-type", "application/json")];
        self.ask(&format!("POST {path}"), &headers, &body.to_string())
    }

    /// Places an order and returns its id.
    pub(crate) fn order(&self, number: u32) -> String {
        let basket = json!({
            "id": format!("00000000-0000-4000-8000-{number:012x}"),
            "mode": "eat_in",
            "lines": [{"product": "le-cheese-king", "quantity": 1}],
            "total_cents": 1150,
        });
        let answer = self.post("/api/orders", &basket);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn has(&self, order: &str) -> bool {
        self.ask(&format!("GET /api/orders/{order}"), &[], "").status == 200
    }

    /// Runs a statement on its store.
    pub(crate) fn sql(&self, op: &str, sql: &str) -> Json {
        let answer = self.post("/contract/sql", &json!({"op": op, "statements": [{"sql": sql}]}));
        answer.json()["ok"].clone()
    }

    /// Signs somebody of the staff in; returns the cookie.
    pub(crate) fn sign_in(&self) -> String {
        self.sign_in_as(&json!({"roles": ["counter", "manager"]})).0
    }

    /// Signs somebody in; returns the cookie, and who it is.
    pub(crate) fn sign_in_as(&self, wanted: &Json) -> (String, String) {
        let answer = self.post("/contract/sign-in", wanted);
        let (_, cookie) = answer.head.split_once("set-cookie: ").expect(&answer.head);
        let person = answer.json()["person"].as_str().unwrap().to_owned();
        (cookie.split(';').next().unwrap().to_owned(), person)
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap()
    }

    /// Counts rows of its store, beside the process or after its end.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        let store = rusqlite::Connection::open(self.folder.join("relais.db")).unwrap();
        store.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// The three of them, and what the gateway leased to itself.
pub(crate) struct Site {
    pub(crate) edge: Node,
    pub(crate) gateway: Node,
    pub(crate) standby: Node,
    _data: tempfile::TempDir,
}

impl Site {
    /// Starts them; the standby follows closely.
    pub(crate) fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let document = std::fs::read_to_string(DOCUMENT).unwrap();
        let secrets = [("secret", "the edge's own secret"), ("setup_code", SETUP_CODE)];
        let edge = Node::start(&data, "edge", &["edge"], &secrets);
        let code = format!("Bearer {SETUP_CODE}");
        let headers = [("content-type", "application/json"), ("authorization", code.as_str())];
        let enrolled = edge.ask("POST /api/setup/venues", &headers, &document).json();
        let said = |key: &str| enrolled[key].as_str().unwrap().to_owned();
        let edge_url = format!("http://{}", edge.address);
        let more = [
            ("secret", SECRET),
            ("venue", "chakri"),
            ("edge_url", &edge_url),
            ("device", &said("device")),
            ("device_key", &said("device_key")),
        ];
        let gateway = Node::start(&data, "gateway", &["gateway"], &more);
        let primary_url = format!("http://{}", gateway.address);
        let more = [("secret", SECRET), ("venue", "chakri"), ("primary_url", &primary_url)];
        let standby = Node::start(&data, "standby", &["gateway", "--standby"], &more);
        let site = Self { edge, gateway, standby, _data: data };
        // The gateway has no document of its own: it learns the menu from the edge.
        until("the menu arrives", || site.standby.ask("GET /menu", &[], "").body.contains("King"));
        site.until_followed();
        site
    }

    /// How the gateway says that its standby follows.
    pub(crate) fn follows(&self) -> String {
        let answer = self.gateway.post("/contract/lease", &json!({"op": "look"}));
        answer.json()["standby"]["state"].as_str().unwrap_or_default().to_owned()
    }

    /// Signs somebody in at the standby whom the gateway made known; returns the cookie.
    pub(crate) fn sign_in_at_standby(&self) -> String {
        let (_, person) = self.gateway.sign_in_as(&json!({"roles": ["counter"]}));
        let known = format!("SELECT count(*) FROM person WHERE id = '{person}'");
        until("the standby knows them", || self.standby.count(&known) == 1);
        self.standby.sign_in_as(&json!({"person": person})).0
    }

    /// Waits until the standby follows, and everyone was heard who must be before a sale.
    pub(crate) fn until_followed(&self) {
        until("the standby follows", || {
            let answer = self.gateway.post("/contract/lease", &json!({"op": "look"})).json();
            answer["standby"]["state"] == "closely" && answer["is_confirmed"] == true
        });
    }

    /// Issues a lease to the gateway and returns its id.
    pub(crate) fn lease(&self) -> String {
        let ask = json!({"op": "issue", "right": "door", "amount": 1_000, "total": 1_000});
        let answer = self.gateway.post("/contract/lease", &ask);
        answer.json()["lease"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    /// Sells something exclusive; returns how the standby follows then, and how long it took.
    pub(crate) fn sell(&self, lease: &str, key: &str) -> (String, Duration) {
        let ask = json!({"op": "spend", "lease": lease, "key": key, "amount": 1});
        let started = Instant::now();
        let answer = self.gateway.post("/contract/lease", &ask);
        let took = started.elapsed();
        assert_eq!(answer.status, 200, "{answer:?}");
        (answer.json()["standby"]["state"].as_str().unwrap().to_owned(), took)
    }
}

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/venues/chakri.json");

/// Looks until it is so.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < WITHIN, "{what}");
        std::thread::yield_now();
    }
}
