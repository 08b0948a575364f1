//! Ten thousand passwords from one address: what they cost the host, and what others notice.
//!
//! It must not know how limits are kept.

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
};

use super::power::runtime;
use crate::{
    native::{Kind, Native},
    site,
};

/// Passwords that are tried.
pub const TRIES: usize = 10_000;
/// Connections over which they come.
const CONNECTIONS: usize = 8;
/// How many of them may reach the slow hash in a minute.
const REACH_A_MINUTE: usize = 20;
/// How long somebody else may wait for their login meanwhile.
const OTHERS_WITHIN: Duration = Duration::from_secs(2);
/// Logins of somebody else meanwhile.
const OTHERS: usize = 5;

/// What became of the tries.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Tries that were compared with a password.
    pub compared: usize,
    /// Tries that were told to wait.
    pub told_to_wait: usize,
    /// How long all of them took.
    pub took: Duration,
    /// The longest that somebody else waited.
    pub longest: Duration,
}

/// Floods the login of a self-hosted edge, and logs in from another address meanwhile.
///
/// # Errors
/// Fails when too many tries reach the hash, or somebody else waits too long.
pub fn endure(relais: &Path) -> Result<Outcome> {
    let folder = TempDir::new()?;
    let config = site::edge_config(&folder);
    let edge = Native::start(relais, Kind::Edge, config, folder.path())?;
    site::open_venue(edge.address(), &site::document()?)?;
    site::load_people(edge.address())?;
    let people: Vec<Json> = serde_json::from_str(&site::people()?)?;
    let kitchen = people.iter().find(|one| one["roles"][0] == "kitchen").context("a cook")?;
    let text = |name: &str| kitchen[name].as_str().context("a text").map(str::to_owned);
    let (email, password) = (text("email")?, text("password")?);
    let outcome = runtime()?.block_on(flood(edge.address(), (email, password)))?;
    let minutes = outcome.took.as_secs() as usize / 60 + 1;
    ensure!(outcome.compared <= REACH_A_MINUTE * minutes, "too many reach the hash: {outcome:?}");
    ensure!(
        outcome.compared + outcome.told_to_wait == TRIES,
        "some got another answer: {outcome:?}"
    );
    ensure!(outcome.longest < OTHERS_WITHIN, "somebody else waits: {outcome:?}");
    Ok(outcome)
}

async fn flood(at: SocketAddr, (email, password): (String, String)) -> Result<Outcome> {
    let began = Instant::now();
    let mut attackers = JoinSet::new();
    for attacker in 0..CONNECTIONS {
        let email = email.clone();
        attackers.spawn(async move {
            let mut line = Line::open(at, [127, 0, 0, 1]).await?;
            let mut statuses = Vec::new();
            for number in 0..TRIES / CONNECTIONS {
                // Half of them at one account that is there, half at any.
                let whom = format!("nobody-{attacker}-{number}@demo.example");
                let whom = if number % 2 == 0 { &email } else { &whom };
                statuses.push(line.log_in(whom, "wrong wrong wrong").await?);
            }
            anyhow::Ok(statuses)
        });
    }
    let mut outcome = Outcome::default();
    for _ in 0..OTHERS {
        let mut other = Line::open(at, [127, 0, 0, 2]).await?;
        let asked = Instant::now();
        let status = other.log_in(&email, &password).await?;
        ensure!(status == 303, "somebody else is answered {status}");
        outcome.longest = outcome.longest.max(asked.elapsed());
    }
    while let Some(statuses) = attackers.join_next().await {
        for status in statuses?? {
            match status {
                401 => outcome.compared += 1,
                429 => outcome.told_to_wait += 1,
                other => bail!("a wrong password is answered {other}"),
            }
        }
    }
    outcome.took = began.elapsed();
    Ok(outcome)
}

/// One connection from an address of this machine.
struct Line(TcpStream);

impl Line {
    async fn open(at: SocketAddr, from: [u8; 4]) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from((from, 0)))?;
        Ok(Self(socket.connect(at).await?))
    }

    /// Tries a password and returns the status.
    async fn log_in(&mut self, email: &str, password: &str) -> Result<u16> {
        let body = format!("email={}&password={}", email.replace('@', "%40"), password);
        let body = body.replace(' ', "+");
        let head = format!(
            "POST /login HTTP/1.1\r\nhost: chakri.be\r\ncontent-length: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\n\r\n",
            body.len(),
        );
        self.0.write_all(format!("{head}{body}").as_bytes()).await?;
        let mut read = Vec::new();
        loop {
            let mut chunk = [0; 4096];
            let count = self.0.read(&mut chunk).await?;
            ensure!(count > 0, "the host hung up");
            read.extend_from_slice(chunk.get(..count).unwrap_or_default());
            if let Some(status) = whole(&read) {
                return Ok(status);
            }
        }
    }
}

/// Returns the status once head and body are here.
fn whole(read: &[u8]) -> Option<u16> {
    let text = String::from_utf8_lossy(read);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let is_whole = body.len() >= length.trim().parse().ok()?;
    is_whole.then(|| head.get(9..12).and_then(|status| status.parse().ok())).flatten()
}
