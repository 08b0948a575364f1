//! The self-hosted edge with a real SMTP server: what arrives, what waits, what a death costs.
//!
//! Owns the server's process, its certificate, and the edge that is told of it. It must not know
//! which test asks.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use xtask::{packages, program, vendor, workspace};

use crate::{
    contract::venue::{Host, SETUP_CODE, Venue},
    native::{Kind, Native},
};

/// Whom the server lets in.
pub const USER: &str = "relais";
const PASSWORD: &str = "a word; with: odd/characters%";

/// How long a mail is waited for: far longer than any takes.
const WITHIN: Duration = Duration::from_secs(30);

/// How a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// TLS from the first byte.
    Tls,
    /// TLS after a greeting.
    StartTls,
    /// No TLS at all.
    Plain,
}

/// A running SMTP server; it ends when this is dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its certificate, as PEM.
    pub certificate: String,
    process: Child,
    said: Receiver<Json>,
    came: Vec<Json>,
}

impl Server {
    /// Starts a server on a port that the system chooses.
    ///
    /// # Errors
    /// Fails when npm or the server does.
    pub fn start(speech: Speech) -> Result<Self> {
        let root = workspace::root();
        packages::ensure(&root)?;
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names)?;
        let certificate = made.cert.pem();
        let options = json!({
            "secure": speech == Speech::Tls,
            "starttls": speech == Speech::StartTls,
            "cert": certificate,
            "key": made.signing_key.serialize_pem(),
            "user": (speech != Speech::Plain).then_some(USER),
            "password": PASSWORD,
        });
        let mut process = Command::new("node")
            .arg(root.join("tests/smtp/server.mjs"))
            .arg(options.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("node cannot be started")?;
        let lines = BufReader::new(process.stdout.take().context("the server has no output")?);
        let (say, said) = channel();
        std::thread::spawn(move || {
            let lines = lines.lines().map_while(Result::ok);
            for line in lines.filter_map(|line| serde_json::from_str::<Json>(&line).ok()) {
                if say.send(line).is_err() {
                    break;
                }
            }
        });
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut server = Self { address, certificate, process, said, came: Vec::new() };
        let first = server.next(Instant::now() + WITHIN)?;
        let port = first["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        server.address.set_port(port.context("the server does not say where it listens")?);
        Ok(server)
    }

    fn next(&mut self, until: Instant) -> Result<Json> {
        let left = until.saturating_duration_since(Instant::now());
        let said = self.said.recv_timeout(left).context("the SMTP server says nothing")?;
        self.came.push(said.clone());
        Ok(said)
    }

    /// Waits until so many mails came for this receiver, and returns them.
    ///
    /// # Errors
    /// Fails when they do not come.
    pub fn mails(&mut self, to: &str, count: usize) -> Result<Vec<Json>> {
        let until = Instant::now() + WITHIN;
        loop {
            let is_for = |said: &&Json| said["to"] == json!([to]);
            let found: Vec<Json> = self.came.iter().filter(is_for).cloned().collect();
            if found.len() >= count {
                return Ok(found);
            }
            self.next(until).with_context(|| format!("{} mails of {count} came", found.len()))?;
        }
    }

    /// Returns everything that was said until now.
    pub fn everything(&mut self) -> &[Json] {
        self.came.extend(self.said.try_iter());
        &self.came
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended already is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A self-hosted edge that sends by a server, and one venue on it.
pub struct Sender {
    /// The process.
    pub edge: Native,
    /// The venue.
    pub venue: Venue,
    config: toml::Table,
    _folder: TempDir,
}

impl Sender {
    /// Starts an edge that reaches the server at this address, and trusts this certificate.
    ///
    /// # Errors
    /// Fails when it cannot be built or does not start.
    pub fn start(at: SocketAddr, scheme: &str, certificate: &str) -> Result<Self> {
        vendor::ensure()?;
        let relais = program::build("device-gateway", "relais")?;
        let folder = tempfile::tempdir()?;
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, certificate)?;
        let mut config = config(folder.path());
        let text = |path: &Path| toml::Value::String(path.display().to_string());
        config.insert("smtp_url".to_owned(), format!("{scheme}://{at}").into());
        if scheme != "smtp+plain" {
            config.insert("smtp_ca".to_owned(), text(&ca));
            config.insert("smtp_user".to_owned(), USER.into());
            config.insert("smtp_password".to_owned(), PASSWORD.into());
        }
        let edge = Native::start(&relais, Kind::Edge, config.clone(), folder.path())?;
        let url = format!("http://{}", edge.address());
        let venue = Venue::open(&Host { name: "native", url }, "mails");
        Ok(Self { edge, venue, config, _folder: folder })
    }

    /// Kills the edge and starts it again, where it was, so many minutes later by its clock.
    ///
    /// # Errors
    /// Fails when it does not start.
    pub fn die_for(&mut self, minutes: i64) -> Result<()> {
        self.edge.kill()?;
        self.config.insert("clock_wrong_by_ms".to_owned(), (minutes * 60_000).into());
        self.edge.configure(self.config.clone());
        self.edge.restart()
    }

    /// Leaves a mail; when this returns the edge has acknowledged it.
    ///
    /// # Errors
    /// Fails when the edge refuses.
    pub fn leave(&self, to: &str) -> Result<()> {
        let letter = json!({"kind": "reset", "path": "/account/reset?token=s3cret"});
        let wanted = json!({"to": to, "language": "fr", "letter": letter});
        let answer = self.venue.post("/contract/mail", &wanted);
        ensure!(answer.status == 200, "{}", answer.body);
        Ok(())
    }

    /// Asks the edge until its outbox says so.
    ///
    /// # Errors
    /// Fails when it does not.
    pub fn outbox(&self, is_so: impl Fn(&Json) -> bool) -> Result<Json> {
        let cookie = self.venue.sign_in("kitchen");
        let ends = Instant::now() + WITHIN;
        loop {
            let told = self.venue.send("GET", "/api/outbox", &[("cookie", &cookie)], b"").json();
            if is_so(&told) {
                return Ok(told);
            }
            if Instant::now() >= ends {
                bail!("the outbox says {told}; the log ends:\n{}", self.edge.log());
            }
        }
    }

    /// Has staff send again whatever waits.
    ///
    /// # Errors
    /// Fails when the edge refuses.
    pub fn retry(&self) -> Result<()> {
        let cookie = self.venue.sign_in("kitchen");
        let headers = [("cookie", cookie.as_str())];
        let answer = self.venue.post_with("/api/outbox/retry", &json!({}), &headers);
        ensure!(answer.status == 200, "{}", answer.body);
        Ok(())
    }
}

fn config(folder: &Path) -> toml::Table {
    let text = |path: &Path| toml::Value::String(path.display().to_string());
    [
        ("listen".to_owned(), "127.0.0.1:0".into()),
        ("data_dir".to_owned(), text(&folder.join("data"))),
        ("static_dir".to_owned(), text(&workspace::root().join("static"))),
        ("secret".to_owned(), "0123456789abcdef0123456789abcdef".into()),
        ("setup_code".to_owned(), SETUP_CODE.into()),
        ("contract".to_owned(), true.into()),
        ("link_base".to_owned(), "https://{domain}".into()),
        ("mail_from".to_owned(), "relais@mail.example".into()),
    ]
    .into_iter()
    .collect()
}
