//! A stand-in for a mail service's HTTP API, and for any other server that a host asks.
//!
//! One per test process, on loopback, on a port that the system chooses. What it does depends on
//! the receiver's name or the path; it notes every mail that came. It must not know a case.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Condvar, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value as Json;

/// The key that hosts are given.
pub const KEY: &str = "contract-mail-key";
/// The sender's address that hosts are given.
pub const FROM: &str = "relais@mail.example";

/// How long a mail is waited for: far longer than any host takes.
const WITHIN: Duration = Duration::from_secs(30);

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Came {
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Json,
}

/// The stand-in.
pub struct MailService {
    /// Its origin.
    pub origin: String,
    came: Mutex<Vec<Came>>,
    bell: Condvar,
}

/// Returns the stand-in of this process.
///
/// # Panics
/// Panics when it cannot listen.
pub fn mail_service() -> &'static MailService {
    static STARTED: OnceLock<&'static MailService> = OnceLock::new();
    STARTED.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a port left");
        let address = listener.local_addr().expect("it listens");
        let service: &'static MailService = Box::leak(Box::new(MailService {
            origin: format!("http://{address}"),
            came: Mutex::default(),
            bell: Condvar::new(),
        }));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever hangs up has its reason.
                std::thread::spawn(move || drop(service.answer(&stream)));
            }
        });
        service
    })
}

impl MailService {
    /// Waits until so many requests came for this receiver, and returns them.
    ///
    /// # Panics
    /// Panics when they do not come.
    #[must_use]
    pub fn wait(&self, to: &str, count: usize) -> Vec<Came> {
        let ends = Instant::now() + WITHIN;
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let found = of(&came, to);
            if found.len() >= count {
                return found;
            }
            let left = ends.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{} of {count} requests for {to} came", found.len());
            let waited = self.bell.wait_timeout(came, left);
            came = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Returns how many requests came for this receiver.
    #[must_use]
    pub fn count(&self, to: &str) -> usize {
        of(&self.came.lock().unwrap_or_else(PoisonError::into_inner), to).len()
    }

    fn answer(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let first = line.trim().to_owned();
        let mut headers = BTreeMap::new();
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let text = body(&mut reader, &headers)?;
        let path = first.split(' ').nth(1).unwrap_or_default();
        let (status, extra, body) = match path {
            "/mails" => (self.take(headers, &text), String::new(), "{}".to_owned()),
            "/redirect" => {
                ("302 Found", format!("location: {}/echo\r\n", self.origin), String::new())
            }
            "/long" => ("200 OK", String::new(), "a".repeat(1_000)),
            "/slow" => {
                // Nothing is said until the other side hangs up.
                reader.read_to_end(&mut Vec::new())?;
                return Ok(());
            }
            _ => {
                let asked = headers.get("x-asked").map_or("", String::as_str);
                ("200 OK", "x-answered: yes\r\n".to_owned(), format!("{first}|{asked}|{text}"))
            }
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{extra}connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())
    }

    /// Notes a mail and decides by its receiver: `refused` never goes, `busy` not the first time.
    fn take(&self, headers: BTreeMap<String, String>, body: &str) -> &'static str {
        let body: Json = serde_json::from_str(body).unwrap_or_default();
        let to = body["to"][0].as_str().unwrap_or_default().to_owned();
        let mut came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        came.push(Came { headers, body });
        let count = of(&came, &to).len();
        self.bell.notify_all();
        match to.split('@').next() {
            Some("refused") => "422 Unprocessable Content",
            Some("busy") if count == 1 => "503 Service Unavailable",
            _ => "202 Accepted",
        }
    }
}

fn of(came: &[Came], to: &str) -> Vec<Came> {
    came.iter().filter(|came| came.body["to"][0] == to).cloned().collect()
}

/// Reads a body by its length or in chunks: hosts send both.
fn body(
    reader: &mut BufReader<&TcpStream>,
    headers: &BTreeMap<String, String>,
) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if headers.get("transfer-encoding").is_some_and(|how| how == "chunked") {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).unwrap_or_default();
            let mut chunk = vec![0; length + 2];
            reader.read_exact(&mut chunk)?;
            if length == 0 {
                break;
            }
            chunk.truncate(length);
            bytes.append(&mut chunk);
        }
    } else if let Some(length) = headers.get("content-length").and_then(|text| text.parse().ok()) {
        bytes = vec![0; length];
        reader.read_exact(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
