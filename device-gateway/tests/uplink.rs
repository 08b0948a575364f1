//! A gateway whose edge answers anything at all: it goes on selling, and agrees when it can.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "this is a test: what does not hold panics"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::{Value as Json, json};
use sync_engine::{
    message::Response,
    seal::{hex, sign_answer},
    wire::{self, Asked},
};

const KEY: [u8; 32] = [7; 32];
const WITHIN: Duration = Duration::from_secs(30);

/// A message as the edge saw it.
struct Seen {
    at_ms: i64,
    nonce: String,
    message: Json,
}

/// How the edge answers one message.
enum Reply {
    /// Bytes on the wire; the connection closes after them.
    Raw(&'static str),
    /// A signed answer.
    Signed(u16, String),
    /// More bytes than anybody should read.
    Endless,
    /// What a sound edge without news says.
    Sound,
}

struct Gateway {
    child: Child,
    address: String,
    data: tempfile::TempDir,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // A test that fails must not leave a process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Gateway {
    fn start(edge: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let config = format!(
            "listen = \"127.0.0.1:0\"\ndata_dir = {:?}\nstatic_dir = \"{root}/static\"\n\
             secret = \"0123456789abcdef\"\ncontract = true\n\
             venue = \"chakri\"\nedge_url = \"{edge}\"\n\
             device = \"gateway\"\ndevice_key = \"{}\"\n\
             document = \"{root}/fixtures/venues/chakri.json\"\n",
            data.path().join("data"),
            hex(&KEY),
        );
        let file = data.path().join("gateway.toml");
        std::fs::write(&file, config).unwrap();
        // A write beyond the limit of a file's size is an error, and not the end.
        let start = "trap '' XFSZ; exec \"$0\" gateway --config \"$1\"";
        let mut child = Command::new("sh")
            .args(["-c", start, env!("CARGO_BIN_EXE_relais")])
            .arg(file)
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(data.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening http://").expect(&line).to_owned();
        Self { child, address, data }
    }

    /// Places an order, which rings the uplink; the gateway must take it whatever the edge does.
    fn order(&self, number: usize) {
        let answer = self.basket(number);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }

    fn basket(&self, number: usize) -> String {
        let basket = json!({
            "id": format!("00000000-0000-4000-8000-{number:012x}"),
            "mode": "take_away",
            "lines": [{"product": "le-cheese-king", "quantity": 1}],
            "total_cents": 1150,
        })
        .to_string();
        self.ask("POST /api/orders", "content-type: application/json\r\n", &basket)
    }

    fn ask(&self, what: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (host, length) = (&self.address, body.len());
        let rest = format!("content-length: {length}\r\nconnection: close\r\n\r\n{body}");
        write!(stream, "{what} HTTP/1.1\r\nhost: {host}\r\n{headers}{rest}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Signs in as the counter does; returns the header that proves it.
    fn sign_in(&self) -> String {
        let json = "content-type: application/json\r\n";
        let answer = self.ask("POST /contract/sign-in", json, "{\"roles\": [\"counter\"]}");
        let (_, cookie) = answer.split_once("set-cookie: ").expect(&answer);
        format!("cookie: {}\r\n", cookie.split(';').next().unwrap())
    }

    /// Lets the gateway's files grow, or not: what a full disk does.
    fn let_files_grow(&self, grow: bool) {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let current = if grow { None } else { Some(0) };
        let limit = Rlimit { current, maximum: None };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Fsize, limit).unwrap();
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join("log")).unwrap()
    }
}

/// Serves one message per connection; tells each to the test and waits for the reply to give.
fn edge(listener: &TcpListener, seen: &mpsc::Sender<Seen>, replies: &mpsc::Receiver<Reply>) {
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { return };
        let Some(message) = read_message(&mut stream) else {
            continue;
        };
        let nonce = message.nonce.clone();
        let own = message.message["streams"].clone();
        if seen.send(message).is_err() {
            return;
        }
        let Ok(reply) = replies.recv() else { return };
        // The gateway may hang up on us at any time: that is its good right.
        let _ = answer(&mut stream, &reply, &nonce, &own);
    }
}

fn read_message(stream: &mut TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut at_ms, mut nonce) = (0, 0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim().split_once(": ") else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "relais-at" => at_ms = value.parse().ok()?,
            "relais-nonce" => nonce = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let message = serde_json::to_value(wire::read_request(&body).ok()?).ok()?;
    Some(Seen { at_ms, nonce, message })
}

fn answer(stream: &mut TcpStream, reply: &Reply, nonce: &str, own: &Json) -> std::io::Result<()> {
    match reply {
        Reply::Raw(bytes) => stream.write_all(bytes.as_bytes()),
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
            (0..1_000).try_for_each(|_| stream.write_all(&[b'x'; 64 * 1024]))
        }
        Reply::Signed(status, body) => signed(stream, *status, body.as_bytes(), nonce),
        Reply::Sound => {
            // It holds whatever the gateway holds.
            let streams: Json = own
                .as_object()
                .unwrap()
                .iter()
                .map(|(purpose, part)| {
                    (purpose.clone(), json!({"have": part["have"], "changes": []}))
                })
                .collect::<serde_json::Map<_, _>>()
                .into();
            let body = json!({
                "protocol": 1, "replica": "edge", "generation": "e1", "now_ms": 0,
                "streams": streams, "more": false,
            });
            let response: Response = serde_json::from_value(body).unwrap();
            signed(stream, 200, &wire::write_response(response, &Asked::default()), nonce)
        }
    }
}

fn signed(stream: &mut TcpStream, status: u16, body: &[u8], nonce: &str) -> std::io::Result<()> {
    let signature = sign_answer(&KEY, nonce, status, body);
    write!(
        stream,
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         relais-answer: {signature}\r\nconnection: close\r\n\r\n",
        body.len(),
    )?;
    stream.write_all(body)
}

/// Starts a gateway whose edge answers as it is told, message by message.
fn beside_a_scripted_edge() -> (Gateway, mpsc::Receiver<Seen>, mpsc::Sender<Reply>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (seen_sender, seen) = mpsc::channel();
    let (replies, replies_receiver) = mpsc::channel();
    thread::spawn(move || edge(&listener, &seen_sender, &replies_receiver));
    (Gateway::start(&url), seen, replies)
}

#[test]
fn a_gateway_survives_every_answer_of_its_edge() {
    let (gateway, seen, replies) = beside_a_scripted_edge();

    let unsigned = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let stale = json!({"error": {"code": "request_stale", "message": "x", "subject": ["5000"]}});
    let foreign = json!({
        "protocol": 2, "replica": "edge", "generation": "e1", "now_ms": 0, "streams": {},
        "more": false,
    });
    let script = [
        Reply::Raw(""),
        Reply::Raw("this is not HTTP\r\n\r\n"),
        Reply::Raw("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{"),
        Reply::Raw(
            "HTTP/1.1 302 Found\r\nlocation: http://example.com/\r\ncontent-length: 0\r\n\r\n",
        ),
        Reply::Raw("HTTP/1.1 500 x\r\ncontent-length: 4\r\nconnection: close\r\n\r\noops"),
        Reply::Raw(unsigned),
        Reply::Endless,
        Reply::Signed(200, "[]".to_owned()),
        Reply::Signed(200, foreign.to_string()),
        Reply::Signed(503, "{\"error\": null}".to_owned()),
        Reply::Signed(401, stale.to_string()),
    ];
    let count = script.len();
    for (number, reply) in script.into_iter().enumerate() {
        seen.recv_timeout(WITHIN).unwrap_or_else(|_| panic!("message {number} comes"));
        replies.send(reply).unwrap();
        gateway.order(number);
    }
    // Told the edge's time, the gateway signs by it.
    let after_stale = seen.recv_timeout(WITHIN).expect("it asks again");
    assert!((4_000..65_000).contains(&after_stale.at_ms), "{}", after_stale.at_ms);
    replies.send(Reply::Sound).unwrap();
    let with_changes = seen.recv_timeout(WITHIN).expect("it comes back");
    // The document's tables stand in this stream as well.
    let held = with_changes.message["streams"]["orders"]["have"].as_object().unwrap();
    let mut own = held.iter().filter(|(writer, _)| writer.starts_with("gateway/"));
    assert_eq!(own.next().unwrap().1, count, "every order was kept");
    assert_eq!(own.next(), None);
    replies.send(Reply::Sound).unwrap();
}

#[test]
fn staff_and_log_say_why_an_edge_refuses() {
    let (gateway, seen, replies) = beside_a_scripted_edge();
    let cookie = gateway.sign_in();

    let revoked = json!({"error": {"code": "wrong_venue"}}).to_string();
    let unsigned = "HTTP/1.1 401 x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let ill = "HTTP/1.1 502 x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    let script = [
        (Reply::Signed(403, revoked.clone()), "refused"),
        (Reply::Signed(403, revoked), "refused"),
        (Reply::Raw(unsigned), "refused"),
        (Reply::Raw(ill), "down"),
        // A session may take a second message before both sides know that they agree; then they
        // compare some rows.
        (Reply::Sound, ""),
        (Reply::Sound, ""),
        (Reply::Sound, "up"),
    ];
    seen.recv_timeout(WITHIN).unwrap();
    for (number, (reply, expect)) in script.into_iter().enumerate() {
        replies.send(reply).unwrap();
        gateway.order(number);
        // The next message leaves when the answer to this one was noted.
        seen.recv_timeout(WITHIN).unwrap();
        let page = gateway.ask("GET /staff", &cookie, "");
        assert!(page.contains(&format!("link-panel\" data-link=\"{expect}")), "{number}: {page}");
    }
    let log = gateway.log();
    let warned =
        |text: &str| log.lines().filter(|l| l.contains("WARN") && l.contains(text)).count();
    assert_eq!(warned("the edge answered 403 wrong_venue"), 1, "once, not each time: {log}");
    assert_eq!(warned("an answer 401 is not signed"), 1, "{log}");
    assert_eq!(warned("an answer 502 is not signed"), 1, "{log}");
    assert!(!log.contains(&hex(&KEY)), "{log}");
}

#[test]
fn a_full_disk_is_told_and_passes() {
    let gateway = Gateway::start("http://127.0.0.1:9");
    let status = |what: &str| gateway.ask(what, "", "").get(9..12).unwrap().to_owned();
    gateway.order(1);
    assert_eq!(status("GET /healthz"), "200");
    gateway.let_files_grow(false);
    let refused = gateway.basket(2);
    assert!(refused.starts_with("HTTP/1.1 50"), "{refused}");
    assert_eq!(status("GET /healthz"), "503");
    assert_eq!(status("GET /menu"), "200");
    gateway.let_files_grow(true);
    assert_eq!(status("GET /healthz"), "200", "it looks again, and nothing has to be ordered");
    gateway.order(2);
}

#[test]
fn a_gateway_ends_cleanly_when_it_is_told_to() {
    let mut gateway = Gateway::start("http://127.0.0.1:9");
    let told = Command::new("kill").args(["-TERM", &gateway.child.id().to_string()]).status();
    assert!(told.unwrap().success());
    assert!(gateway.child.wait().unwrap().success());
}

#[test]
fn a_configuration_with_mistakes_names_them_all_and_starts_nothing() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("gateway.toml");
    std::fs::write(&file, "listen = \"everywhere\"\nedge_url = \"http://example.com\"\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_relais"))
        .args(["gateway", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    for key in ["listen", "secret", "data_dir", "static_dir", "venue", "edge_url", "device_key"] {
        assert!(said.contains(&format!("- {key}:")), "{key}: {said}");
    }
}
